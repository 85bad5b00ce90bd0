// american of design.md 5: each deal alone, or the realised deals as one pool (floor joins, look-back replays).

import { add, max, mul, parse, positive, sub, sum, zero, type Fraction } from './fraction.ts';
import { accrueTo, contribute, emptyBalance, join, type Balance } from './balance.ts';
import { exposure, returnable, runDays, runOne, sumOfAmounts, unreturned, type Run } from './one-waterfall.ts';
import { counted, dealOf, partOf, type Counted, type Fund } from './realised.ts';
import { replay, type Receipt } from './replay.ts';
import type { Contribution, Distribution, Terms } from './terms.ts';
import { advanceTo, emptyState, takeContribution, takeOver } from './tiers.ts';

const byDate = (a: { date: string }, b: { date: string }): number => (a.date < b.date ? -1 : Number(a.date > b.date));

/** Flows of one waterfall: of the fund, or of a partner in it. */
export type Flows = { contributions: Contribution[]; distributions: Distribution[]; lastDay: string };

/** Each deal a waterfall of its own. */
export const runDealsAlone = (terms: Terms, { contributions, distributions, lastDay }: Flows): Run => {
  const deals = [...new Set([...contributions, ...distributions].map(dealOf))];
  const own = <T extends { deal?: string }>(flows: readonly T[], deal: string): T[] =>
    flows.filter((flow) => dealOf(flow) === deal);
  const runs = deals.map((deal) => runOne(terms, own(contributions, deal), own(distributions, deal), lastDay));
  // Of one day: in the order in which the distributions were given, advances of carry first.
  const order = (deal: string, date: string): number =>
    distributions.findIndex((flow) => flow.date === date && flow.deal === deal);
  const all = runs.flatMap((run) =>
    run.paid.map((paid, i) => ({ paid, gp: run.receipts.filter((each) => each.gp.over >= 0n || each.lp.over <= 0n)[i]! })),
  );
  all.sort(
    (a, b) =>
      byDate(a.paid, b.paid) ||
      Number(b.paid.isAdvance) - Number(a.paid.isAdvance) ||
      order(a.paid.deals[0]!, a.paid.date) - order(b.paid.deals[0]!, b.paid.date),
  );
  const paid = all.map((each, i) => {
    const soFar = all.slice(0, i + 1);
    const realised = new Set(soFar.flatMap((one) => one.paid.deals));
    const capital = returnable(terms, contributions).filter((flow) => flow.date <= each.paid.date && realised.has(dealOf(flow)));
    const carryPaid = sum(soFar.map((one) => one.gp.gp));
    return {
      ...each.paid,
      potentialClawback: exposure(terms, carryPaid, sumOfAmounts(soFar.map((one) => one.paid)), sumOfAmounts(capital)),
    };
  });
  return {
    paid,
    receipts: runs.flatMap((run) => run.receipts).toSorted(byDate),
    interim: runs.flatMap((run) => run.interim).toSorted(byDate),
    unreturnedCapital: sum(runs.map((run) => run.unreturnedCapital)),
    unpaidPref: sum(runs.map((run) => run.unpaidPref)),
  };
};

/** One contribution with the pref that it earned since its own date. */
const ownBalance = (terms: Terms, flow: Contribution, amount: Fraction, date: string): Balance => {
  const balance = emptyBalance(terms);
  contribute(balance, amount, flow);
  accrueTo(balance, date);
  return balance;
};

/** Realised deals as one pool. Hurdle balances look back by nature, so a pool with hurdles is always replayed. */
export const runPool = (terms: Terms, { contributions, distributions, lastDay }: Flows, fund: Fund): Run => {
  const own = returnable(terms, contributions).toSorted(byDate);
  const replays = terms.overDistribution !== 'floor' || terms.hurdles !== undefined;
  let state = emptyState(terms);
  const inPool = new Map<Contribution, Fraction>();
  const enterByReplay = (date: string, receipts: readonly Receipt[]): void => {
    const { lpPaid, gpPaid, advance } = state;
    state = { ...replay(terms, counted(fund, own, date), receipts), lpPaid, gpPaid, advance };
  };
  let entered = '';
  const enterByJoining = (date: string): void => {
    const more = (flow: Contribution): Fraction => max(zero, sub(partOf(fund, flow, date), inPool.get(flow) ?? zero));
    const arriving = own.filter((flow) => flow.date <= date && positive(more(flow)));
    const take = (flow: Contribution, enter: (amount: Fraction) => void): void => {
      const part = more(flow);
      inPool.set(flow, add(inPool.get(flow) ?? zero, part));
      enter(mul(part, parse(flow.amount)));
    };
    // What joins of earlier capital joins on this day with its pref; what is new since enters at its own date.
    const later = arriving.filter((flow) => flow.date >= entered);
    for (const flow of later) take(flow, (amount) => takeContribution(state, amount, flow));
    for (const flow of arriving.filter((each) => !later.includes(each))) {
      take(flow, (amount) => {
        advanceTo(state, date);
        join(state.balance, ownBalance(terms, flow, amount, date));
        takeOver(state, amount);
      });
    }
    entered = date;
  };
  const capital = (date: string): Counted[] =>
    replays ? counted(fund, own, date) : [...inPool].map(([flow, part]) => ({ flow, amount: mul(part, parse(flow.amount)) }));
  const run = runDays(terms, distributions, lastDay, {
    state: () => state,
    enter: replays ? enterByReplay : enterByJoining,
    capital,
  });
  return { ...run, ...unreturned(state) };
};
