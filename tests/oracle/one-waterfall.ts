// One waterfall over its flows in the order of design.md 5: by date, contributions before distributions, a day's distributions as one.

import { capitalOf, prefOf } from './balance.ts';
import { min, negative, parse, parseCents, printCents, sub, sum, zero, type Fraction } from './fraction.ts';
import { addUndrawn, advanceTo, distribute, emptyState, takeContribution, type Entry, type State } from './tiers.ts';
import { roundEntries, type PaidEntry } from './rounding.ts';
import type { Contribution, Distribution, Terms } from './terms.ts';

/** A distribution as it came out: exact for what follows, rounded for what is paid. */
export type Paid = {
  date: string;
  amount: string;
  deal?: string;
  exact: Entry[];
  entries: PaidEntry[];
  potentialClawback?: Fraction;
  isAdvance: boolean;
};

export type Run = { paid: Paid[]; unreturnedCapital: Fraction; unpaidPref: Fraction };

export const daysOf = (flows: readonly { date: string }[]): string[] => [...new Set(flows.map((flow) => flow.date))].toSorted();

export const sumOfAmounts = (flows: readonly { amount: string }[]): Fraction => sum(flows.map((flow) => parse(flow.amount)));

const isAdvance = (terms: Terms, flow: Distribution): boolean =>
  flow.kind === 'tax' && terms.taxDistributions === 'advance-of-carry';

/** Distributions of a day as one, in the order of the days; an advance of carry stays by itself, before the others. */
export const oneADay = (terms: Terms, distributions: readonly Distribution[]): Distribution[] =>
  daysOf(distributions).flatMap((date) => {
    const same = distributions.filter((flow) => flow.date === date);
    const apart = (flow: Distribution): boolean => isAdvance(terms, flow);
    return [same.filter(apart), same.filter((flow) => !apart(flow))]
      .filter((group) => group.length > 0)
      .map((group) => {
        const amount = printCents(group.reduce((all, flow) => all + parseCents(flow.amount), 0n));
        const deals = [...new Set(group.map((flow) => flow.deal).filter((deal) => deal !== undefined))];
        return { ...group[0]!, amount, ...(deals.length > 0 && { deal: deals.join('+') }) };
      });
  });

export const paidOut = (state: State, flow: Distribution): Paid => {
  const exact = distribute(state, flow.date, parse(flow.amount), flow.kind === 'tax');
  const entries = roundEntries(exact, flow.amount);
  return {
    date: flow.date,
    amount: flow.amount,
    ...(flow.deal !== undefined && { deal: flow.deal }),
    exact,
    entries,
    isAdvance: isAdvance(state.terms, flow),
  };
};

export const unreturned = (state: State): { unreturnedCapital: Fraction; unpaidPref: Fraction } => ({
  unreturnedCapital: capitalOf(state.balance),
  unpaidPref: prefOf(state.balance),
});

/** One waterfall over flows that all belong to it; totals are as of `lastDay`. */
export const runOne = (
  terms: Terms,
  contributions: readonly Contribution[],
  distributions: readonly Distribution[],
  lastDay: string,
): Run => {
  const state = emptyState(terms);
  const paid: Paid[] = [];
  let undrawn = terms.capitalReturned === 'committed' ? parse(terms.committedCapital ?? '0') : zero;
  for (const date of daysOf([...contributions, ...distributions])) {
    if (state.balance.at === '') addUndrawn(state, date, undrawn);
    for (const flow of contributions) {
      if (flow.date !== date) continue;
      const amount = parse(flow.amount);
      const taken = min(amount, undrawn);
      takeContribution(state, amount, flow);
      addUndrawn(state, date, negative(taken));
      undrawn = sub(undrawn, taken);
    }
    for (const flow of oneADay(terms, distributions)) if (flow.date === date) paid.push(paidOut(state, flow));
  }
  advanceTo(state, lastDay);
  return { paid, ...unreturned(state) };
};
