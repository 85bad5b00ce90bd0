// One waterfall over its flows in the order of design.md 5: by date, contributions before distributions, a day's distributions as one.

import { capitalOf, prefOf } from './balance.ts';
import { parse, parseCents, printCents, sum, type Fraction } from './fraction.ts';
import { advanceTo, distribute, emptyState, takeContribution, type Entry, type State } from './tiers.ts';
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
};

export type Run = { paid: Paid[]; unreturnedCapital: Fraction; unpaidPref: Fraction };

export const daysOf = (flows: readonly { date: string }[]): string[] => [...new Set(flows.map((flow) => flow.date))].toSorted();

export const sumOfAmounts = (flows: readonly { amount: string }[]): Fraction => sum(flows.map((flow) => parse(flow.amount)));

/** Distributions of a day as one, in the order of the days. */
export const oneADay = (distributions: readonly Distribution[]): Distribution[] =>
  daysOf(distributions).map((date) => {
    const same = distributions.filter((flow) => flow.date === date);
    const amount = printCents(same.reduce((all, flow) => all + parseCents(flow.amount), 0n));
    const deals = [...new Set(same.map((flow) => flow.deal).filter((deal) => deal !== undefined))];
    return { ...same[0]!, date, amount, ...(deals.length > 0 && { deal: deals.join('+') }) };
  });

export const paidOut = (state: State, flow: Distribution): Paid => {
  const exact = distribute(state, flow.date, parse(flow.amount));
  return {
    date: flow.date,
    amount: flow.amount,
    ...(flow.deal !== undefined && { deal: flow.deal }),
    exact,
    entries: roundEntries(exact, flow.amount),
  };
};

/** What counts as capital to be returned (capitalReturned). */
export const isReturned = (terms: Terms, flow: Contribution): boolean =>
  terms.capitalReturned !== 'invested' || (flow.purpose ?? 'investment') === 'investment';

export const runOne = (
  terms: Terms,
  contributions: readonly Contribution[],
  distributions: readonly Distribution[],
  lastDay: string,
): Run => {
  const state = emptyState(terms);
  const paid: Paid[] = [];
  for (const date of daysOf([...contributions, ...distributions])) {
    for (const flow of contributions)
      if (flow.date === date && isReturned(terms, flow)) takeContribution(state, parse(flow.amount), flow);
    for (const flow of oneADay(distributions)) if (flow.date === date) paid.push(paidOut(state, flow));
  }
  advanceTo(state, lastDay);
  return { paid, ...unreturned(state) };
};

export const unreturned = (state: State): { unreturnedCapital: Fraction; unpaidPref: Fraction } => ({
  unreturnedCapital: capitalOf(state.balance),
  unpaidPref: prefOf(state.balance),
});
