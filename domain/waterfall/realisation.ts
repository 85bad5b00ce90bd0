// Which part of each contribution counts at a distribution: all of it in a European fund and in a deal of its own, the realised
// part in an American pool.
import { type EpochDay } from '../dates/local-date.ts';
import { type Fixed, fixedFromInteger, larger, ONE, over, smaller, times } from '../numbers/fixed.ts';
import type { Contribution, Distribution, Flows } from './flows.ts';
import type { Terms } from './terms.ts';

/** The share (0 to 1) of a contribution that is in the pool on a day. */
export type Realisation = (contribution: Contribution, day: EpochDay) => Fixed;

export const WHOLE: Realisation = () => ONE;

const costOf = (contributions: readonly Contribution[], deal: string, day: EpochDay): Fixed =>
  contributions.reduce((sum, entry) => (entry.deal === deal && entry.day <= day ? sum + fixedFromInteger(entry.minor) : sum), 0n);

/** Realised from the first distribution on, 0.00 included; with cost shares as far as the distributions so far say. */
const soldShare = (terms: Terms, distributions: readonly Distribution[], deal: string, day: EpochDay): Fixed => {
  const own = distributions.filter((entry) => entry.deal === deal && entry.day <= day);
  if (terms.partialRealisation === 'whole-deal') return own.length > 0 ? ONE : 0n;
  return smaller(
    ONE,
    own.reduce<Fixed>((sum, entry) => sum + (entry.costShare ?? ONE), 0n),
  );
};

/** The part of the unsold cost that the last valuation that counts says is lost. */
const lostShare = (terms: Terms, { contributions, valuations }: Flows, deal: string, day: EpochDay, sold: Fixed): Fixed => {
  if (terms.writeDowns === 'none') return 0n;
  const counted = valuations.filter(
    (entry) => entry.deal === deal && entry.day <= day && (terms.writeDowns === 'lower-of-cost-or-market' || entry.permanent),
  );
  const last = counted.reduce<(typeof counted)[number] | null>(
    (latest, entry) => (latest === null || entry.day >= latest.day ? entry : latest),
    null,
  );
  const cost = costOf(contributions, deal, day);
  if (last === null || cost === 0n) return 0n;
  const unsold = times(cost, ONE - sold);
  return over(larger(0n, unsold - fixedFromInteger(last.minor)), cost);
};

/**
 * The pool of realised deals: a deal's capital counts from its first distribution (or by cost share), written-down capital of
 * an unrealised deal as lost, expenses of the whole fund at once, by the realised share of all deal costs, or not at all. Deals
 * of 60 and 40, the first one sold: of 10 of expenses 10, 6 or 0 are in the pool. Sources: design 5 "american" and "Further
 * terms"; domain 1.3, 9 (write-downs, Duane Morris clause).
 */
export const poolRealisation = (terms: Terms, flows: Flows): Realisation => {
  const memo = new Map<string, Fixed>();
  const dealShare = (deal: string, day: EpochDay): Fixed => {
    const key = `${day} ${deal}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const sold = soldShare(terms, flows.distributions, deal, day);
    const share = smaller(ONE, sold + lostShare(terms, flows, deal, day, sold));
    memo.set(key, share);
    return share;
  };
  const realisedShare = (day: EpochDay): Fixed => {
    const deals = [...new Set(flows.contributions.flatMap(({ deal }) => (deal === null ? [] : [deal])))];
    const costs = deals.map((deal) => ({ deal, cost: costOf(flows.contributions, deal, day) }));
    const all = costs.reduce((sum, { cost }) => sum + cost, 0n);
    return all === 0n
      ? 0n
      : over(
          costs.reduce((sum, { deal, cost }) => sum + times(cost, dealShare(deal, day)), 0n),
          all,
        );
  };
  return ({ deal }, day) => {
    if (deal !== null) return dealShare(deal, day);
    if (terms.expensesReturned === 'all') return ONE;
    return terms.expensesReturned === 'none' ? 0n : realisedShare(day);
  };
};
