// Accrued carried interest of a fund on a day, and whose accounts it is taken from: everything is sold at its value and distributed
// by the terms that hold on the day.
import type { EpochDay } from '../dates/local-date.ts';
import { waterfallOfCard } from '../ledger/terms.ts';
import { partnerNames } from '../ledger/waterfall-flows.ts';
import type { TierAmount } from '../messages.ts';
import { type Fixed, fixedFromInteger, over } from '../numbers/fixed.ts';
import type { Contribution, Distribution, Flows } from '../waterfall/flows.ts';
import { type HeldValue, liquidate } from '../waterfall/hypothetical.ts';
import type { WaterfallTerms } from '../waterfall/terms.ts';
import type { FundBook } from './book.ts';
import { closingOf, type DealRun, type FundRun } from './run.ts';
import { shareOut } from './share-out.ts';

export interface AccruedCarry {
  /** NAV before carried interest, in hundredths. */
  readonly navMinor: bigint;
  readonly lpNetMinor: bigint;
  readonly accruedMinor: bigint;
  /** Taken from each commitment, by its place; adds up to `accruedMinor`. */
  readonly byCommitment: readonly bigint[];
  /** 0: the terms of the fund's card. */
  readonly termsVersion: number;
  readonly tiers: readonly TierAmount[];
  /** Why the terms cannot be run on these flows; nothing is accrued then. */
  readonly error: string | null;
}

/** The share of a deal's cost that was realised up to a day, 0 to 1. */
const realisedShare = ({ costs }: DealRun, day: EpochDay): Fixed => {
  const upTo = costs.filter((move) => move.day <= day);
  const invested = upTo.reduce((sum, { minor }) => (minor > 0n ? sum + minor : sum), 0n);
  const realised = upTo.reduce((sum, { minor }) => (minor < 0n ? sum - minor : sum), 0n);
  return invested === 0n ? 0n : over(fixedFromInteger(realised), fixedFromInteger(invested));
};

/** The part of a deal's cost that each distribution stands for: what was realised since the one before it. */
const costShares = (run: FundRun): ReadonlyMap<string, Fixed> => {
  const reached = new Map<string, Fixed>();
  const shares = new Map<string, Fixed>();
  for (const { distribution, deal, day } of run.receipts) {
    const held = deal === null ? undefined : run.deals.get(deal);
    if (deal === null || held === undefined || shares.has(distribution)) continue;
    const share = realisedShare(held, day);
    const before = reached.get(deal) ?? 0n;
    shares.set(distribution, share > before ? share - before : 0n);
    reached.set(deal, share > before ? share : before);
  }
  return shares;
};

/** Adds flows up that differ in nothing but the amount, so that those of two thousand investors are a few. */
const merged = <Flow extends { readonly minor: bigint; readonly day: EpochDay }>(
  flows: readonly Flow[],
  keyOf: (flow: Flow) => string,
): readonly Flow[] => {
  const sums = new Map<string, Flow>();
  for (const flow of flows) {
    const key = keyOf(flow);
    const same = sums.get(key);
    sums.set(key, same === undefined ? flow : { ...same, minor: same.minor + flow.minor });
  }
  return [...sums.values()].sort((left, right) => left.day - right.day);
};

/**
 * Flows of a run in the vocabulary of the waterfall. Partners are investor ids where each has a waterfall of its own or is free of
 * carry; all others are one.
 */
export const waterfallFlows = (book: FundBook, run: FundRun, terms: WaterfallTerms): Flows => {
  const nameOf = partnerNames(terms);
  const partnerOf = (commitment: number): string => nameOf(book.commitments[commitment]?.investorId ?? '');
  const contributions = run.contributions.map(({ commitment, ...contribution }): Contribution => ({
    ...contribution,
    partner: partnerOf(commitment),
  }));
  const shares = terms.partialRealisation === 'cost-share' ? costShares(run) : null;
  const received = run.receipts.map(({ commitment, distribution, ...receipt }) => ({
    ...receipt,
    distribution,
    partner: partnerOf(commitment),
    costShare: shares?.get(distribution) ?? null,
  }));
  const writeOffs =
    terms.style === 'american'
      ? [...run.deals].flatMap(([deal, { writtenOff }]) =>
          writtenOff.map((day): Distribution => ({ day, minor: 0n, partner: null, deal, kind: 'ordinary', costShare: null })),
        )
      : [];
  const distributions: readonly Distribution[] = [
    ...merged(received, ({ partner, distribution }) => `${partner}|${distribution}`).map(
      ({ distribution: _distribution, ...rest }) => rest,
    ),
    ...writeOffs,
  ];
  return {
    contributions: merged(
      contributions,
      ({ partner, day, purpose, deal, dueDay }) => `${partner}|${day}|${purpose}|${deal ?? ''}|${dueDay ?? ''}`,
    ),
    distributions: [...distributions].sort((left, right) => left.day - right.day),
    valuations: run.valuations,
  };
};

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
  const lastSold = run.receipts.at(-1)?.deal ?? null;
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
  const { terms: waterfall, version } = waterfallOfCard(book.card, book.terms, day);
  const values = heldValues(run, navMinor, waterfall.style === 'american');
  const result = liquidate(waterfall, waterfallFlows(book, run, waterfall), { day, values });
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
  else {
    const places = Map.groupBy(all, (place) => book.commitments[place]?.investorId ?? '');
    for (const [partner, { accruedCarryMinor: minor }] of byPartner) take(minor, places.get(partner) ?? []);
  }
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
