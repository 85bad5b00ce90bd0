// The clawback of design.md 5, at the last flow, over all contributions.

import { add, halfEvenCents, max, min, mul, one, parse, printCents, sub, zero, type Fraction } from './fraction.ts';
import { replay } from './american.ts';
import { capitalOf, prefOf } from './balance.ts';
import { sumOfAmounts, type Paid } from './one-waterfall.ts';
import { exactTotal, total } from './rounding.ts';
import type { Contribution, Terms } from './terms.ts';

/** What the test finds due, before any cap. */
const testedFigure = (terms: Terms, contributions: readonly Contribution[], paid: readonly Paid[], lastDay: string): Fraction => {
  const carryPaid = paid.map((each) => exactTotal(each.exact, 'gp')).reduce(add, zero);
  const profit = sub(sumOfAmounts(paid), sumOfAmounts(contributions));
  const excess = sub(carryPaid, mul(parse(terms.carry), max(zero, profit)));
  const all = contributions.map((flow) => ({ flow, amount: parse(flow.amount) }));
  const { balance } = replay(terms, all, paid, lastDay);
  const shortfall = add(capitalOf(balance), prefOf(balance));
  const test = terms.clawback!.test;
  const figure = test === 'excess-carry' ? excess : test === 'hurdle-shortfall' ? shortfall : max(excess, shortfall);
  return max(zero, figure);
};

export const clawbackOf = (terms: Terms, contributions: readonly Contribution[], paid: readonly Paid[], lastDay: string) => {
  const carryPaid = paid.map((each) => exactTotal(each.exact, 'gp')).reduce(add, zero);
  const tested = testedFigure(terms, contributions, paid, lastDay);
  const cap = mul(carryPaid, sub(one, parse(terms.clawback!.taxRate ?? '0')));
  const due = halfEvenCents(min(tested, cap));
  const escrow = mul(carryPaid, parse(terms.clawback!.escrowRate ?? '0'));
  const lp = paid.reduce((all, each) => all + total(each.entries, 'lp'), 0n);
  const gp = paid.reduce((all, each) => all + total(each.entries, 'gp'), 0n);
  const escrowCents = halfEvenCents(escrow);
  const fromEscrow = due < escrowCents ? due : escrowCents;
  return {
    due: printCents(due),
    lpAfter: printCents(lp + due),
    gpAfter: printCents(gp - due),
    unrecovered: printCents(halfEvenCents(sub(tested, min(tested, cap)))),
    ...(terms.clawback!.escrowRate !== undefined && {
      fromEscrow: printCents(fromEscrow),
      fromGp: printCents(due - fromEscrow),
      escrowReleased: printCents(escrowCents - fromEscrow),
    }),
  };
};
