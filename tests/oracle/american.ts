// american of design.md 5: each deal alone, or the realised deals as one pool (floor joins, look-back replays).

import { add, max, mul, parse, sub, sum, zero, type Fraction } from './fraction.ts';
import { accrueTo, contribute, emptyBalance, join, receive, type Balance } from './balance.ts';
import { counted, dealOf, partOf, type Counted, type Fund } from './realised.ts';
import { advanceTo, emptyState, lowerHurdles, takeContribution, type State } from './tiers.ts';
import { daysOf, oneADay, paidOut, runOne, unreturned, type Paid, type Run } from './one-waterfall.ts';
import { exactTotal } from './rounding.ts';
import type { Contribution, Terms } from './terms.ts';

const byDate = (a: { date: string }, b: { date: string }): number => (a.date < b.date ? -1 : Number(a.date > b.date));

/** carry paid − carry × max(0, distributed − capital): what the GP would owe if nothing more came. */
const exposure = (terms: Terms, paid: readonly Paid[], capital: Fraction): Fraction => {
  const carryPaid = sum(paid.map((each) => exactTotal(each.exact, 'gp')));
  const profit = sub(sum(paid.map((each) => parse(each.amount))), capital);
  return max(zero, sub(carryPaid, mul(parse(terms.carry), max(zero, profit))));
};

/** Each deal a waterfall of its own. */
const runDealsAlone = (fund: Fund, lastDay: string): Run => {
  const deals = [...new Set([...fund.contributions, ...fund.distributions].map(dealOf))];
  const own = <T extends { deal?: string }>(flows: readonly T[], deal: string): T[] =>
    flows.filter((flow) => dealOf(flow) === deal);
  const runs = deals.map((deal) => runOne(fund.terms, own(fund.contributions, deal), own(fund.distributions, deal), lastDay));
  const all = runs.flatMap((run) => run.paid);
  // Of one day: in the order in which the distributions were given.
  const order = (paid: Paid): number =>
    fund.distributions.findIndex((flow) => flow.date === paid.date && flow.deal === paid.deal);
  const inOrder = daysOf(all).flatMap((date) => all.filter((each) => each.date === date).toSorted((a, b) => order(a) - order(b)));
  const paid = inOrder.map((each, i) => {
    const soFar = inOrder.slice(0, i + 1);
    const realised = new Set(soFar.map(dealOf));
    const capital = fund.contributions.filter((flow) => flow.date <= each.date && realised.has(dealOf(flow)));
    return { ...each, potentialClawback: exposure(fund.terms, soFar, sum(capital.map((flow) => parse(flow.amount)))) };
  });
  return {
    paid,
    unreturnedCapital: sum(runs.map((run) => run.unreturnedCapital)),
    unpaidPref: sum(runs.map((run) => run.unpaidPref)),
  };
};

/** Contributions and earlier LP receipts, each at its own date, from the beginning. */
export const replay = (terms: Terms, contributions: readonly Counted[], receipts: readonly Paid[], date: string): State => {
  const state = emptyState(terms);
  for (const day of daysOf([...contributions.map((each) => each.flow), ...receipts])) {
    for (const { flow, amount } of contributions) if (flow.date === day) takeContribution(state, amount, flow);
    for (const paid of receipts) {
      if (paid.date !== day) continue;
      advanceTo(state, day);
      receive(state.balance, day, exactTotal(paid.exact, 'lp'));
      lowerHurdles(state, { lp: exactTotal(paid.exact, 'lp'), gp: exactTotal(paid.exact, 'gp') });
    }
  }
  advanceTo(state, date);
  return state;
};

/** One contribution with the pref that it earned since its own date. */
const ownBalance = (terms: Terms, flow: Contribution, amount: Fraction, date: string): Balance => {
  const balance = emptyBalance(terms);
  contribute(balance, amount, flow);
  accrueTo(balance, date);
  return balance;
};

/** Realised deals as one pool. */
const runPool = (fund: Fund, lastDay: string): Run => {
  const { terms } = fund;
  const sorted = { ...fund, contributions: fund.contributions.toSorted(byDate) };
  const replays = terms.overDistribution !== 'floor' || terms.hurdles !== undefined;
  let state = emptyState(terms);
  const inPool = new Map<Contribution, Fraction>();
  const paid: Paid[] = [];
  const enter = (date: string): void => {
    if (replays) {
      const before = state;
      state = {
        ...replay(terms, counted(sorted, date), paid, date),
        lpPaid: before.lpPaid,
        gpPaid: before.gpPaid,
        advance: before.advance,
      };
      return;
    }
    advanceTo(state, date);
    for (const flow of sorted.contributions.filter((each) => each.date <= date)) {
      const more = sub(partOf(sorted, flow, date), inPool.get(flow) ?? zero);
      if (more.over <= 0n) continue;
      const amount = mul(more, parse(flow.amount));
      inPool.set(flow, add(more, inPool.get(flow) ?? zero));
      join(state.balance, ownBalance(terms, flow, amount, date));
      state.contributed = add(state.contributed, amount);
    }
  };
  for (const flow of oneADay(terms, fund.distributions)) {
    enter(flow.date);
    const each = paidOut(state, flow);
    paid.push({ ...each, potentialClawback: exposure(terms, [...paid, each], state.contributed) });
  }
  enter(lastDay);
  return { paid, ...unreturned(state) };
};

export const runAmerican = (fund: Fund, lastDay: string): Run =>
  (fund.terms.lossCarryForward ? runPool : runDealsAlone)(fund, lastDay);
