// What the GP must give back: carry that was right when it was paid and is too much in the end (or at a test between times).
import { calendarDayOf, type EpochDay, epochDayOf } from '../dates/local-date.ts';
import { type Fixed, larger, ONE, roundHalfEven, smaller, times } from '../numbers/fixed.ts';
import { type BalanceFactory, type Capital, type Receipt, replayBalances } from './capital.ts';
import type { Terms } from './terms.ts';

/** Where the waterfall stands at the test; `carryPaid` is what the GP got and has not given back. */
export type ClawbackState = {
  readonly carryPaid: Fixed;
  readonly distributed: Fixed;
  readonly contributed: Fixed;
  readonly capital: readonly Capital[];
  readonly receipts: readonly Receipt[];
  readonly day: EpochDay;
  readonly make: BalanceFactory;
};

/** Figures in hundredths; the escrow figures are null without an escrow. */
export type ClawbackResult = {
  readonly dueMinor: bigint;
  readonly unrecoveredMinor: bigint;
  readonly escrow: {
    readonly fromEscrowMinor: bigint;
    readonly fromGpMinor: bigint;
    readonly escrowReleasedMinor: bigint;
  } | null;
};

/** K + P at the day with every LP receipt taken off at its date, below zero too. */
const hurdleShortfall = (terms: Terms, { capital, receipts, day, make }: ClawbackState): Fixed => {
  const [balance] = replayBalances(make, terms, capital, receipts);
  if (balance === undefined) return 0n;
  balance.accrueTo(day);
  return balance.capital() + balance.pref();
};

/** The test's figure, before any limit. */
const tested = (terms: Terms, state: ClawbackState): Fixed => {
  const excess = (): Fixed => state.carryPaid - times(terms.carry, larger(0n, state.distributed - state.contributed));
  switch (terms.clawback?.test) {
    case 'excess-carry':
      return excess();
    case 'hurdle-shortfall':
      return hurdleShortfall(terms, state);
    case 'greater':
      return larger(excess(), hurdleShortfall(terms, state));
    case undefined:
      return 0n;
  }
};

/**
 * The clawback at the last flow. Worked (cases P08, D03): five deals of 20m, four sold at 40m: carry 16m against a profit of
 * 60m: 16m − 0.2 × 60m = 4m. A sixth deal of 60m written off makes the profit 0: 16m would be due, a tax rate of 0.4 caps it at
 * 9.6m (unrecovered 6.4m), an escrow of 0.3 pays 4.8m first. Source: design 5 "clawback"; ILPA Principles 3.0. That it is never
 * a rate of capital, and the shortfall never inferred from the capped figure, are the bugs of domain 1.4.
 */
export const finalClawback = (terms: Terms, state: ClawbackState): ClawbackResult | null => {
  const { clawback } = terms;
  if (clawback === null) return null;
  const wanted = larger(0n, tested(terms, state));
  const due = smaller(wanted, times(state.carryPaid, ONE - clawback.taxRate));
  const dueMinor = roundHalfEven(due);
  const held = clawback.escrowRate === null ? null : times(state.carryPaid, clawback.escrowRate);
  const fromEscrowMinor = held === null ? 0n : roundHalfEven(smaller(held, due));
  return {
    dueMinor,
    unrecoveredMinor: roundHalfEven(wanted - due),
    escrow:
      held === null
        ? null
        : {
            fromEscrowMinor,
            fromGpMinor: dueMinor - fromEscrowMinor,
            escrowReleasedMinor: roundHalfEven(held) - fromEscrowMinor,
          },
  };
};

/** What is due at a test between times, within the same limits. */
export const interimClawback = (terms: Terms, state: ClawbackState): Fixed => {
  if (terms.clawback === null) return 0n;
  return smaller(larger(0n, tested(terms, state)), times(larger(0n, state.carryPaid), ONE - terms.clawback.taxRate));
};

/** The year ends from the first distribution until before the last day, for `when: annual`. */
export const interimDays = (
  terms: Terms,
  distributions: readonly { readonly day: EpochDay }[],
  lastDay: EpochDay,
): readonly EpochDay[] => {
  if (terms.clawback?.when !== 'annual' || distributions.length === 0) return [];
  const first = distributions.reduce((least, { day }) => Math.min(least, day), lastDay);
  const days: EpochDay[] = [];
  for (let { year } = calendarDayOf(first); ; year += 1) {
    const end = epochDayOf({ year, month: 12, day: 31 });
    if (end >= lastDay) return days;
    days.push(end);
  }
};
