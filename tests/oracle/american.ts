// american of design.md 5: each deal alone, or the realised deals as one pool (floor joins, look-back replays).

import { add, max, mul, parse, sub, zero, type Fraction } from './fraction.ts';
import { accrueTo, contribute, emptyBalance, join, receive, type Balance } from './balance.ts';
import { advanceTo, emptyState, type State } from './tiers.ts';
import { daysOf, oneADay, paidOut, runOne, sumOfAmounts, unreturned, type Paid, type Run } from './one-waterfall.ts';
import { exactTotal } from './rounding.ts';
import type { Contribution, Distribution, Terms } from './terms.ts';

const dealOf = (flow: { deal?: string }): string => flow.deal ?? '';

/** Each deal a waterfall of its own. */
const runDealsAlone = (
  terms: Terms,
  contributions: readonly Contribution[],
  distributions: readonly Distribution[],
  lastDay: string,
): Run => {
  const deals = [...new Set([...contributions, ...distributions].map(dealOf))];
  const runs = deals.map((deal) =>
    runOne(
      terms,
      contributions.filter((flow) => dealOf(flow) === deal),
      distributions.filter((flow) => dealOf(flow) === deal),
      lastDay,
    ),
  );
  const all = runs.flatMap((run) => run.paid);
  // Of one day: in the order in which the distributions were given.
  const order = (paid: Paid): number => distributions.findIndex((flow) => flow.date === paid.date && flow.deal === paid.deal);
  const paid = daysOf(all).flatMap((date) => all.filter((one) => one.date === date).toSorted((a, b) => order(a) - order(b)));
  return {
    paid,
    unreturnedCapital: runs.map((run) => run.unreturnedCapital).reduce(add, zero),
    unpaidPref: runs.map((run) => run.unpaidPref).reduce(add, zero),
  };
};

/** The deals that have had a distribution (one of 0.00 too) up to a day. */
const realisedBy = (distributions: readonly Distribution[], date: string): Set<string> =>
  new Set(distributions.filter((flow) => flow.date <= date).map(dealOf));

/** A deal's capital with the pref that it earned since its own dates. */
const dealBalance = (terms: Terms, contributions: readonly Contribution[], date: string): Balance => {
  const balance = emptyBalance(terms);
  for (const flow of contributions) contribute(balance, parse(flow.amount), flow);
  accrueTo(balance, date);
  return balance;
};

/** Contributions of realised deals and earlier LP receipts, each at its own date. */
export const replay = (
  terms: Terms,
  contributions: readonly Contribution[],
  receipts: readonly Paid[],
  date: string,
): Balance => {
  const balance = emptyBalance(terms);
  for (const day of daysOf([...contributions, ...receipts])) {
    for (const flow of contributions) if (flow.date === day) contribute(balance, parse(flow.amount), flow);
    for (const paid of receipts) if (paid.date === day) receive(balance, day, exactTotal(paid.exact, 'lp'));
  }
  accrueTo(balance, date);
  return balance;
};

const byDate = (a: { date: string }, b: { date: string }): number => (a.date < b.date ? -1 : Number(a.date > b.date));

/** Realised deals as one pool. */
const runPool = (
  terms: Terms,
  contributions: readonly Contribution[],
  distributions: readonly Distribution[],
  lastDay: string,
): Run => {
  const sorted = contributions.toSorted(byDate);
  const state = emptyState(terms);
  const joined = new Set<string>();
  const paid: Paid[] = [];
  const floor = terms.overDistribution === 'floor';
  for (const date of daysOf([...contributions, ...distributions])) {
    advanceTo(state, date);
    const known = sorted.filter((flow) => flow.date <= date);
    // Later capital of a deal that is realised already joins when it is paid in.
    for (const flow of known)
      if (flow.date === date && joined.has(dealOf(flow))) enter(state, dealBalance(terms, [flow], date), parse(flow.amount));
    for (const deal of realisedBy(distributions, date)) {
      if (joined.has(deal)) continue;
      joined.add(deal);
      const own = known.filter((flow) => dealOf(flow) === deal);
      enter(state, dealBalance(terms, own, date), sumOfAmounts(own));
    }
    for (const flow of oneADay(distributions.filter((one) => one.date === date))) {
      if (!floor)
        state.balance = replay(
          terms,
          known.filter((one) => joined.has(dealOf(one))),
          paid,
          date,
        );
      paid.push(paidOut(state, flow));
    }
  }
  if (!floor)
    state.balance = replay(
      terms,
      sorted.filter((one) => joined.has(dealOf(one))),
      paid,
      lastDay,
    );
  advanceTo(state, lastDay);
  return { paid, ...unreturned(state) };
};

const enter = (state: State, balance: Balance, amount: Fraction): void => {
  join(state.balance, balance);
  state.contributed = add(state.contributed, amount);
};

/** carry paid so far − carry × max(0, distributed so far − contributions of realised deals), after each distribution. */
const withPotentialClawback = (
  run: Run,
  terms: Terms,
  contributions: readonly Contribution[],
  distributions: readonly Distribution[],
): Run => {
  let [distributed, carryPaid] = [zero, zero];
  const paid = run.paid.map((one) => {
    distributed = add(distributed, parse(one.amount));
    carryPaid = add(carryPaid, exactTotal(one.exact, 'gp'));
    const realised = realisedBy(distributions, one.date);
    const cost = sumOfAmounts(contributions.filter((flow) => flow.date <= one.date && realised.has(dealOf(flow))));
    return { ...one, potentialClawback: max(zero, sub(carryPaid, mul(parse(terms.carry), max(zero, sub(distributed, cost))))) };
  });
  return { ...run, paid };
};

export const runAmerican = (
  terms: Terms,
  contributions: readonly Contribution[],
  distributions: readonly Distribution[],
  lastDay: string,
): Run => {
  const run = terms.lossCarryForward ? runPool : runDealsAlone;
  return withPotentialClawback(run(terms, contributions, distributions, lastDay), terms, contributions, distributions);
};
