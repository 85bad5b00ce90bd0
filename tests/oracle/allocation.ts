// Who gets which cent, from design.md 5 "Allocation", in exact fractions.

import { add, div, floorCents, fraction, less, mul, sub, sum, zero, type Fraction } from './fraction.ts';

export type Party = { id: string; weight: Fraction; residual: Fraction };
export type Share = { id: string; cents: bigint; residual: Fraction };

/**
 * Each gets the floor of amount × weight / sum of weights; spare cents go one each to the largest residual (old residual +
 * fraction), ties to the lower id. New residual = old + exact share − cents given. Weight 0 gets nothing and keeps its residual.
 */
export const allocate = (amount: bigint, parties: readonly Party[]): Share[] => {
  const whole = sum(parties.map((party) => party.weight));
  const shares = parties.map((party) => {
    const exact = div(mul(fraction(amount, 100n), party.weight), whole);
    const { cents, rest } = floorCents(exact);
    return { ...party, cents, owed: add(party.residual, rest) };
  });
  let spare = amount - shares.reduce((all, share) => all + share.cents, 0n);
  const order = shares
    .filter((share) => share.weight.over !== 0n)
    .toSorted((a, b) => (less(b.owed, a.owed) ? -1 : less(a.owed, b.owed) ? 1 : a.id < b.id ? -1 : 1));
  for (const share of order) {
    if (spare === 0n) break;
    share.cents += 1n;
    share.owed = sub(share.owed, fraction(1n));
    spare -= 1n;
  }
  return shares.map(({ id, cents, owed, weight, residual }) => ({ id, cents, residual: weight.over === 0n ? residual : owed }));
};

export const noResidual = zero;
