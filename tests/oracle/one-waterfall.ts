// One waterfall over its flows in the order of design.md 5: by date, contributions before distributions, a day's distributions as one.

import { capitalOf, prefOf } from './balance.ts';
import { testBetween, yearEndsToTest } from './clawback.ts';
import { max, mul, parse, parseCents, printCents, sub, sum, zero, type Fraction } from './fraction.ts';
import type { Counted } from './realised.ts';
import { daysOf, type Receipt } from './replay.ts';
import { exactTotal, roundEntries, type PaidEntry } from './rounding.ts';
import type { Contribution, Distribution, Terms } from './terms.ts';
import { advanceTo, costBasis, distribute, emptyState, takeContribution, type State } from './tiers.ts';

/** A distribution as it is paid, to the cent. */
export type Paid = {
  date: string;
  amount: string;
  deals: string[];
  isAdvance: boolean;
  entries: PaidEntry[];
  potentialClawback?: Fraction;
};

/** All of a waterfall: what is exact goes on as receipts, what is rounded as paid. */
export type Run = { paid: Paid[]; receipts: Receipt[]; interim: Receipt[]; unreturnedCapital: Fraction; unpaidPref: Fraction };

/** Distributions of one day as one. */
export type DayFlow = { date: string; amount: string; deals: string[]; isAdvance: boolean };

export const sumOfAmounts = (flows: readonly { amount: string }[]): Fraction => sum(flows.map((flow) => parse(flow.amount)));

/** Distributions of a day as one, in the order of the days; an advance of carry stays by itself, before the others. */
export const oneADay = (terms: Terms, distributions: readonly Distribution[]): DayFlow[] => {
  const isAdvance = (flow: Distribution): boolean =>
    flow.kind === 'tax' && terms.taxDistributions === 'advance-of-carry' && terms.hurdles === undefined;
  return daysOf(distributions).flatMap((date) =>
    [true, false].flatMap((advance): DayFlow[] => {
      const same = distributions.filter((flow) => flow.date === date && isAdvance(flow) === advance);
      if (same.length === 0) return [];
      const amount = printCents(same.reduce((all, flow) => all + parseCents(flow.amount), 0n));
      const deals = [...new Set(same.flatMap((flow) => (flow.deal === undefined ? [] : [flow.deal])))];
      return [{ date, amount, deals, isAdvance: advance }];
    }),
  );
};

export const payOut = (state: State, flow: DayFlow): { paid: Paid; receipt: Receipt } => {
  const exact = distribute(state, flow.date, parse(flow.amount), flow.isAdvance);
  const receipt = { date: flow.date, lp: exactTotal(exact, 'lp'), gp: exactTotal(exact, 'gp') };
  return { paid: { ...flow, entries: roundEntries(exact, flow.amount, state.terms) }, receipt };
};

export const unreturned = (state: State): { unreturnedCapital: Fraction; unpaidPref: Fraction } => ({
  unreturnedCapital: capitalOf(state.balance),
  unpaidPref: prefOf(state.balance),
});

/** capitalReturned invested: fees and expenses are no capital to be returned, and no cost. */
export const returnable = (terms: Terms, contributions: readonly Contribution[]): Contribution[] =>
  contributions.filter((flow) => terms.capitalReturned !== 'invested' || (flow.purpose ?? 'investment') === 'investment');

/** Contributions that count whole. */
export const whole = (contributions: readonly Contribution[]): Counted[] =>
  contributions.map((flow) => ({ flow, amount: parse(flow.amount) }));

/** carry paid − carry × max(0, distributed − contributions of realised deals): potentialClawback. */
export const exposure = (terms: Terms, carryPaid: Fraction, distributed: Fraction, contributed: Fraction): Fraction =>
  max(zero, sub(carryPaid, mul(parse(terms.carry), max(zero, sub(distributed, contributed)))));

/** Runs the days of a waterfall: `enter` brings in the capital of a day, the rest is the same for a fund, a deal and a pool. */
export const runDays = (
  terms: Terms,
  distributions: readonly Distribution[],
  lastDay: string,
  pool: { state: () => State; enter: (date: string, receipts: readonly Receipt[]) => void; capital: (date: string) => Counted[] },
): Omit<Run, 'unreturnedCapital' | 'unpaidPref'> => {
  const [paid, receipts, interim]: [Paid[], Receipt[], Receipt[]] = [[], [], []];
  const test = (date: string): void => {
    const back = testBetween(pool.state(), pool.capital(date), costBasis(pool.state()), receipts, date);
    if (back === null) return;
    receipts.push(back);
    interim.push(back);
  };
  const yearEnds = yearEndsToTest(terms, distributions, lastDay);
  const flows = oneADay(terms, distributions);
  for (const date of [...new Set([...daysOf(flows), ...yearEnds])].toSorted()) {
    pool.enter(date, receipts);
    for (const flow of flows.filter((each) => each.date === date)) {
      const out = payOut(pool.state(), flow);
      receipts.push(out.receipt);
      const carryPaid = sum(receipts.map((each) => each.gp));
      paid.push({
        ...out.paid,
        potentialClawback: exposure(terms, carryPaid, sumOfAmounts([...paid, out.paid]), pool.state().contributed),
      });
    }
    const distributes = flows.some((each) => each.date === date);
    if (yearEnds.includes(date) || (distributes && terms.clawback?.when === 'each-distribution')) test(date);
  }
  pool.enter(lastDay, receipts);
  advanceTo(pool.state(), lastDay);
  return { paid, receipts, interim };
};

/** One waterfall over flows that all belong to it; totals are as of `lastDay`. */
export const runOne = (
  terms: Terms,
  all: readonly Contribution[],
  distributions: readonly Distribution[],
  lastDay: string,
): Run => {
  const contributions = returnable(terms, all);
  const state = emptyState(terms);
  const taken = new Set<Contribution>();
  const enter = (until: string): void => {
    for (const date of daysOf(contributions)) {
      for (const flow of contributions) {
        if (flow.date !== date || date > until || taken.has(flow)) continue;
        taken.add(flow);
        takeContribution(state, parse(flow.amount), flow);
      }
    }
  };
  const capital = (date: string): Counted[] => whole(contributions.filter((flow) => flow.date <= date));
  const run = runDays(terms, distributions, lastDay, { state: () => state, enter, capital });
  return { ...run, ...unreturned(state) };
};
