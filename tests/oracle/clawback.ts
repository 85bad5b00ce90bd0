// The clawback of design.md 5: at the last flow over all contributions, or at tests between times over what counts by then.

import {
  add,
  fraction,
  halfEvenCents,
  less,
  max,
  min,
  mul,
  one,
  parse,
  printCents,
  sub,
  sum,
  zero,
  type Fraction,
} from './fraction.ts';
import { accrueTo, capitalOf, lower, payDue, prefOf } from './balance.ts';
import { yearOf } from './days.ts';
import type { Counted } from './realised.ts';
import { replay, type Receipt } from './replay.ts';
import type { Terms } from './terms.ts';
import { advanceTo, lowerHurdles, type State } from './tiers.ts';

const distributedBy = (receipts: readonly Receipt[]): Fraction => sum(receipts.map((each) => add(each.lp, each.gp)));
const carryPaidBy = (receipts: readonly Receipt[]): Fraction => sum(receipts.map((each) => each.gp));

/** `cost` is what profit is counted from. */
export type ClawbackTest = {
  terms: Terms;
  capital: readonly Counted[];
  cost: Fraction;
  receipts: readonly Receipt[];
  day: string;
};

/** What the test finds, before the cap. */
const testedFigure = ({ terms, capital, cost, receipts, day }: ClawbackTest): Fraction => {
  const excess = sub(carryPaidBy(receipts), mul(parse(terms.carry), max(zero, sub(distributedBy(receipts), cost))));
  const { balance } = replay(terms, capital, receipts);
  accrueTo(balance, day);
  const shortfall = add(capitalOf(balance), prefOf(balance));
  const test = terms.clawback!.test;
  return max(zero, test === 'excess-carry' ? excess : test === 'hurdle-shortfall' ? shortfall : max(excess, shortfall));
};

/** Never above carry paid × (1 − taxRate). */
const dueOf = (test: ClawbackTest): Fraction =>
  min(testedFigure(test), mul(carryPaidBy(test.receipts), sub(one, parse(test.terms.clawback!.taxRate ?? '0'))));

export const finalClawback = (test: ClawbackTest, booked: { lp: bigint; gp: bigint }, interim: readonly Receipt[]) => {
  const { clawback } = test.terms;
  const carryPaid = carryPaidBy(test.receipts);
  const [tested, exactDue] = [testedFigure(test), dueOf(test)];
  const due = halfEvenCents(exactDue);
  const returned = interim.reduce((all, each) => all + halfEvenCents(each.lp), 0n);
  const escrow = mul(carryPaid, parse(clawback!.escrowRate ?? '0'));
  const fromEscrow = halfEvenCents(min(escrow, exactDue));
  return {
    due: printCents(due),
    lpAfter: printCents(booked.lp + returned + due),
    gpAfter: printCents(booked.gp - returned - due),
    unrecovered: printCents(halfEvenCents(sub(tested, exactDue))),
    ...(clawback!.escrowRate !== undefined && {
      fromEscrow: printCents(fromEscrow),
      fromGp: printCents(due - fromEscrow),
      escrowReleased: printCents(halfEvenCents(escrow) - fromEscrow),
    }),
    ...(interim.length > 0 && { interim: interim.map((each) => ({ date: each.date, due: printCents(halfEvenCents(each.lp)) })) }),
  };
};

/** clawback.when annual: the year ends from the first distribution to before the last day. */
export const yearEndsToTest = (terms: Terms, distributions: readonly { date: string }[], lastDay: string): string[] => {
  const first = distributions.map((flow) => flow.date).toSorted()[0];
  if (terms.clawback?.when !== 'annual' || first === undefined) return [];
  const ends: string[] = [];
  for (let year = yearOf(first); `${year}-12-31` < lastDay; year += 1) ends.push(`${year}-12-31`);
  return ends;
};

/** A test between times is no flow unless something is due: that goes back to the LPs that day, pays what is due to them, and lowers K only under look-back. */
export const testBetween = (
  state: State,
  capital: readonly Counted[],
  cost: Fraction,
  receipts: readonly Receipt[],
  day: string,
): Receipt | null => {
  const due = dueOf({ terms: state.terms, capital, cost, receipts, day });
  // Powers are cut at 60 decimals: what is less than 10^-30 is nothing.
  if (less(due, fraction(1n, 10n ** 30n))) return null;
  advanceTo(state, day);
  const back = { date: day, lp: due, gp: sub(zero, due) };
  state.lpPaid = add(state.lpPaid, back.lp);
  state.gpPaid = add(state.gpPaid, back.gp);
  lowerHurdles(state, back);
  const { capital: toCapital, pref } = payDue(state.balance, due);
  if (state.terms.overDistribution !== 'floor') lower(state.balance, sub(sub(due, toCapital), pref));
  return back;
};
