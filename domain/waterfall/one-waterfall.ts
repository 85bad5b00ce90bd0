// The waterfall of one set of flows under one set of terms, in the style of the fund: whole fund, deal by deal, or a pool of
// realised deals.
import type { EpochDay } from '../dates/local-date.ts';
import { type Fixed, fixedFromInteger, roundHalfEven } from '../numbers/fixed.ts';
import { createBalanceFactory } from './capital.ts';
import { type ClawbackResult, finalClawback } from './clawback.ts';
import { byDay, type Distribution, type Flows } from './flows.ts';
import {
  type DayDistribution,
  type PaidDistribution,
  type PoolResult,
  potentialClawbackOf,
  runPool,
  wholeCapital,
} from './pool.ts';
import { poolRealisation, WHOLE } from './realisation.ts';
import type { Terms } from './terms.ts';

/**
 * One waterfall in hundredths; K and P are null with hurdles, which have a balance each. `carry` is exact, before any clawback.
 */
export type OneWaterfall = {
  readonly paid: readonly PaidDistribution[];
  readonly lpMinor: bigint;
  readonly gpMinor: bigint;
  readonly unreturnedCapitalMinor: bigint | null;
  readonly unpaidPrefMinor: bigint | null;
  readonly interim: readonly { readonly day: EpochDay; readonly dueMinor: bigint }[];
  readonly clawback: ClawbackResult | null;
};

/**
 * Several distributions of a day are one, per key; tax distributions stay apart, since they take another way. The order is that
 * of the input.
 */
const mergeDays = (
  distributions: readonly Distribution[],
  keyOf: (distribution: Distribution) => string,
): readonly DayDistribution[] => {
  const merged = new Map<string, DayDistribution>();
  for (const distribution of [...distributions].sort(byDay)) {
    const isTax = distribution.kind === 'tax';
    const key = `${distribution.day} ${isTax} ${keyOf(distribution)}`;
    const same = merged.get(key);
    const deals = distribution.deal === null ? [] : [distribution.deal];
    merged.set(key, {
      day: distribution.day,
      minor: (same?.minor ?? 0n) + distribution.minor,
      deals: [...new Set([...(same?.deals ?? []), ...deals])],
      isTax,
    });
  }
  return [...merged.values()].sort((a, b) => a.day - b.day || Number(b.isTax) - Number(a.isTax));
};

const asTaxed = (terms: Terms, distributions: readonly Distribution[]): readonly Distribution[] =>
  terms.taxDistributions === 'advance-of-carry' && terms.hurdles === null
    ? distributions
    : distributions.map((entry) => ({ ...entry, kind: 'ordinary' as const }));

const finished = (
  terms: Terms,
  flows: Flows,
  paid: readonly PaidDistribution[],
  pools: readonly PoolResult[],
  lastDay: EpochDay,
): OneWaterfall => {
  const sum = (value: (pool: PoolResult) => Fixed): Fixed => pools.reduce((total, pool) => total + value(pool), 0n);
  const capital = wholeCapital(terms, flows.contributions);
  const contributed = capital.reduce((total, { amount }) => total + amount, 0n);
  const committed = terms.capitalReturned === 'committed' ? (terms.committedCapital ?? 0n) : 0n;
  const interim = pools.flatMap((pool) => pool.interim).sort(byDay);
  const hasOneBalance = terms.hurdles === null;
  return {
    paid,
    lpMinor: paid.reduce((total, entry) => total + entry.lpMinor, 0n),
    gpMinor: paid.reduce((total, entry) => total + entry.gpMinor, 0n),
    unreturnedCapitalMinor: hasOneBalance ? roundHalfEven(sum((pool) => pool.capital)) : null,
    unpaidPrefMinor: hasOneBalance ? roundHalfEven(sum((pool) => pool.pref)) : null,
    interim: interim.map(({ day, due }) => ({ day, dueMinor: roundHalfEven(due) })),
    clawback: finalClawback(terms, {
      carryPaid: sum((pool) => pool.progress.carry),
      distributed: sum((pool) => pool.progress.distributed),
      contributed: contributed > committed ? contributed : committed,
      capital,
      receipts: pools.flatMap((pool) => pool.receipts).sort(byDay),
      day: lastDay,
      make: createBalanceFactory(terms),
    }),
  };
};

/** Potential clawback of the whole fund after each distribution of its separate deals, in order. */
const acrossDeals = (terms: Terms, flows: Flows, paid: readonly PaidDistribution[]): readonly PaidDistribution[] => {
  let [carry, distributed]: [Fixed, bigint] = [0n, 0n];
  const realised = new Set<string>();
  return paid.map((entry) => {
    carry += entry.carry;
    distributed += entry.minor;
    for (const deal of entry.deals) realised.add(deal);
    const counted = flows.contributions.filter(({ deal, day }) => deal !== null && realised.has(deal) && day <= entry.day);
    const cost = wholeCapital(terms, counted).reduce((total, { amount }) => total + amount, 0n);
    return { ...entry, potentialClawback: potentialClawbackOf(terms, carry, fixedFromInteger(distributed), cost) };
  });
};

/** Every deal a waterfall of its own (american without lossCarryForward). */
const runDeals = (terms: Terms, flows: Flows, lastDay: EpochDay): OneWaterfall => {
  const distributions = mergeDays(flows.distributions, ({ deal }) => deal ?? '');
  const deals = [
    ...new Set([...flows.contributions, ...flows.distributions].flatMap(({ deal }) => (deal === null ? [] : [deal]))),
  ];
  const pools = deals.map((deal) =>
    runPool({
      terms,
      contributions: flows.contributions.filter((entry) => entry.deal === deal),
      distributions: distributions.filter((entry) => entry.deals.includes(deal)),
      realisation: WHOLE,
      lastDay,
    }),
  );
  const order = new Map(distributions.map((entry, index) => [`${entry.day} ${entry.isTax} ${entry.deals.join()}`, index]));
  const placeOf = (entry: DayDistribution): number => order.get(`${entry.day} ${entry.isTax} ${entry.deals.join()}`) ?? 0;
  const paid = pools.flatMap((pool) => pool.paid).sort((a, b) => placeOf(a) - placeOf(b));
  return finished(terms, flows, acrossDeals(terms, flows, paid), pools, lastDay);
};

/**
 * Runs the flows of a fund or of one partner. European: one pool of everything. American with lossCarryForward: one pool of the
 * realised deals; without: each deal by itself. Worked (case D51): deals of 20m, 15m, 25m sold at 50m, 3m, 35m: carry 6m on the
 * first, then potential clawback 2.4m and 0.4m, which is due at the end. What of a deal is realised is read from the flows of
 * the whole fund.
 */
export const runOneWaterfall = (terms: Terms, flows: Flows, fundFlows: Flows, lastDay: EpochDay): OneWaterfall => {
  const taxed: Flows = { ...flows, distributions: asTaxed(terms, flows.distributions) };
  if (terms.style === 'american' && !terms.lossCarryForward) return runDeals(terms, taxed, lastDay);
  const pool = runPool({
    terms,
    contributions: taxed.contributions,
    distributions: mergeDays(taxed.distributions, () => ''),
    realisation: terms.style === 'american' ? poolRealisation(terms, fundFlows) : WHOLE,
    lastDay,
  });
  return finished(terms, taxed, pool.paid, [pool], lastDay);
};
