// american: what part of a contribution counts on a day, because its deal is realised, sold in part, written down or shared out.

import { add, div, max, min, mul, one, parse, positive, sub, sum, zero, type Fraction } from './fraction.ts';
import type { Contribution, Distribution, Terms, Valuation } from './terms.ts';

/** What is realised is read from the flows of the whole fund, also for one partner. */
export type Fund = { terms: Terms; contributions: Contribution[]; distributions: Distribution[]; valuations: Valuation[] };

/** A contribution, or the part of one that counts. */
export type Counted = { flow: Contribution; amount: Fraction };

export const dealOf = (flow: { deal?: string }): string => flow.deal ?? '';

/** A deal is realised from its first distribution (whole-deal), or by the cost sold so far (cost-share). */
const soldPart = ({ terms, distributions }: Fund, deal: string, date: string): Fraction => {
  const own = distributions.filter((flow) => dealOf(flow) === deal && flow.date <= date);
  if (own.length === 0) return zero;
  if (terms.partialRealisation === 'whole-deal') return one;
  return min(one, sum(own.map((flow) => parse(flow.costShare ?? '1'))));
};

/** writeDowns: the loss on what is not sold, by the last valuation, as a part of the deal's cost. */
const writtenDownPart = (fund: Fund, deal: string, date: string, sold: Fraction): Fraction => {
  if (fund.terms.writeDowns === 'none') return zero;
  const valuations = fund.valuations.filter((each) => each.deal === deal && each.date <= date);
  const counting = fund.terms.writeDowns === 'permanent' ? valuations.filter((each) => each.permanent === true) : valuations;
  const last = counting.toSorted((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date))).at(-1);
  const cost = sum(
    fund.contributions.filter((flow) => dealOf(flow) === deal && flow.date <= date).map((flow) => parse(flow.amount)),
  );
  if (last === undefined || !positive(cost)) return zero;
  const unsold = mul(sub(one, sold), cost);
  return div(max(zero, sub(unsold, parse(last.value))), cost);
};

const dealPart = (fund: Fund, deal: string, date: string): Fraction => {
  const sold = soldPart(fund, deal, date);
  return add(sold, writtenDownPart(fund, deal, date, sold));
};

/** expensesReturned: what part of the contributions without a deal counts. */
const expensePart = (fund: Fund, date: string): Fraction => {
  if (fund.terms.expensesReturned === 'all') return one;
  if (fund.terms.expensesReturned === 'none') return zero;
  const inDeals = fund.contributions.filter((flow) => flow.deal !== undefined && flow.date <= date);
  const all = sum(inDeals.map((flow) => parse(flow.amount)));
  if (!positive(all)) return zero;
  return div(sum(inDeals.map((flow) => mul(parse(flow.amount), dealPart(fund, dealOf(flow), date)))), all);
};

/** The part of a contribution that counts on a day, 0 to 1. */
export const partOf = (fund: Fund, flow: Contribution, date: string): Fraction =>
  flow.deal === undefined ? expensePart(fund, date) : dealPart(fund, flow.deal, date);

export const counted = (fund: Fund, contributions: readonly Contribution[], date: string): Counted[] =>
  contributions
    .filter((flow) => flow.date <= date)
    .map((flow) => ({ flow, amount: mul(parse(flow.amount), partOf(fund, flow, date)) }))
    .filter((each) => each.amount.over !== 0n);
