// The balances built anew from the beginning: what look-back pools and the hurdle-shortfall test ask for.

import { receive } from './balance.ts';
import type { Fraction } from './fraction.ts';
import type { Counted } from './realised.ts';
import type { Terms } from './terms.ts';
import { advanceTo, emptyState, lowerHurdles, takeContribution, type State } from './tiers.ts';

/** What LPs and GP received on a day, exact; carry that went back is { lp: +, gp: − }. */
export type Receipt = { date: string; lp: Fraction; gp: Fraction };

export const daysOf = (flows: readonly { date: string }[]): string[] => [...new Set(flows.map((flow) => flow.date))].toSorted();

/** Contributions and LP receipts, each at its own date, contributions first. */
export const replay = (terms: Terms, contributions: readonly Counted[], receipts: readonly Receipt[]): State => {
  const state = emptyState(terms);
  for (const day of daysOf([...contributions.map((each) => each.flow), ...receipts])) {
    for (const { flow, amount } of contributions) if (flow.date === day) takeContribution(state, amount, flow);
    for (const receipt of receipts) {
      if (receipt.date !== day) continue;
      advanceTo(state, day);
      receive(state.balance, day, receipt.lp);
      lowerHurdles(state, receipt);
    }
  }
  return state;
};
