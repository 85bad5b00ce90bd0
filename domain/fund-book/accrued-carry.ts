// Accrued carried interest of a fund on a day, and whose accounts it is taken from: everything is sold at its value and distributed
// by the terms that hold on the day.
import { type EpochDay } from '../dates/local-date.ts';
import type { TierAmount } from '../messages.ts';
import { waterfallOn } from '../waterfall/agreed-terms.ts';
import type { Flows } from '../waterfall/flows.ts';
import { type HeldValue, liquidate } from '../waterfall/hypothetical.ts';
import type { FundBook } from './book.ts';
import { closingOf, type FundRun } from './run.ts';
import { shareOut } from './share-out.ts';

export interface AccruedCarry {
  /** NAV before carried interest, in hundredths. */
  readonly navMinor: bigint;
  readonly lpNetMinor: bigint;
  readonly accruedMinor: bigint;
  /** Taken from each commitment, by its place; adds up to `accruedMinor`. */
  readonly byCommitment: readonly bigint[];
  /** 0 without agreed terms. */
  readonly termsVersion: number;
  readonly tiers: readonly TierAmount[];
  /** Why the terms cannot be run on these flows; nothing is accrued then. */
  readonly error: string | null;
}

/** Flows of a run in the vocabulary of the waterfall; partners are investor ids. */
export const waterfallFlows = (book: FundBook, run: FundRun): Flows => ({
  contributions: run.contributions.map(({ commitment, ...contribution }) => ({
    ...contribution,
    partner: book.commitments[commitment]?.investorId ?? null,
  })),
  distributions: run.distributions,
  valuations: run.valuations,
});

/**
 * What would be sold. An American fund sells deal by deal: what is not in a deal (cash less debts) goes with its largest one, and
 * deals of no value are left out, since a sale for nothing would write them off.
 */
const heldValues = (run: FundRun, navMinor: bigint, isByDeal: boolean): readonly HeldValue[] => {
  if (navMinor <= 0n) return [];
  if (!isByDeal) return [{ deal: null, minor: navMinor }];
  const held = [...run.deals]
    .map(([deal, { fairMinor }]) => ({ deal, minor: fairMinor }))
    .filter(({ minor }) => minor > 0n)
    .sort((left, right) => (left.minor === right.minor ? (left.deal < right.deal ? -1 : 1) : left.minor > right.minor ? -1 : 1));
  const lastSold = run.distributions.at(-1)?.deal ?? null;
  const [largest] = held;
  if (largest === undefined) return lastSold === null ? [] : [{ deal: lastSold, minor: navMinor }];
  let outside = navMinor - held.reduce((sum, { minor }) => sum + minor, 0n);
  if (outside >= 0n) return held.map((value) => (value === largest ? { ...value, minor: value.minor + outside } : value));
  return held.flatMap(({ deal, minor }) => {
    const left = minor + outside;
    outside = left < 0n ? left : 0n;
    return left > 0n ? [{ deal, minor: left }] : [];
  });
};

/** Accrued carried interest after a run, as of its day. */
export const accruedCarryOf = (book: FundBook, run: FundRun, day: EpochDay): AccruedCarry => {
  const navMinor = run.commitments.reduce((sum, { rows }) => sum + closingOf(rows), closingOf(run.unshared));
  const nothing = (termsVersion: number, error: string | null): AccruedCarry => ({
    navMinor,
    lpNetMinor: navMinor,
    accruedMinor: 0n,
    byCommitment: run.commitments.map(() => 0n),
    termsVersion,
    tiers: [],
    error,
  });
  const agreed = waterfallOn(book.terms, day);
  if (agreed === null) return nothing(0, null);
  const { waterfall, version } = agreed;
  const values = heldValues(run, navMinor, waterfall.style === 'american');
  const result = liquidate(waterfall, waterfallFlows(book, run), { day, values });
  if (result.kind === 'error') return nothing(version, `${result.reason}: ${result.message}`);
  const { accruedCarryMinor, byPartner } = result.liquidation;
  const free = new Set(waterfall.carryFreePartners);
  const weights = run.commitments.map(({ paidInMinor }, place) =>
    free.has(book.commitments[place]?.investorId ?? '') ? 0n : paidInMinor,
  );
  const byCommitment = run.commitments.map(() => 0n);
  const take = (minor: bigint, places: readonly number[]): void => {
    shareOut(
      minor,
      places.map((place) => weights[place] ?? 0n),
    )?.forEach((share, index) => {
      const place = places[index] ?? 0;
      byCommitment[place] = (byCommitment[place] ?? 0n) + share;
    });
  };
  const all = run.commitments.map((_, place) => place);
  if (byPartner.size === 0) take(accruedCarryMinor, all);
  for (const [partner, { accruedCarryMinor: minor }] of byPartner)
    take(
      minor,
      all.filter((place) => book.commitments[place]?.investorId === partner),
    );
  const accruedMinor = byCommitment.reduce((sum, minor) => sum + minor, 0n);
  return {
    navMinor,
    lpNetMinor: navMinor - accruedMinor,
    accruedMinor,
    byCommitment,
    termsVersion: version,
    tiers: [],
    error: null,
  };
};
