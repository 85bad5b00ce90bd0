// Results of design.md 5 to the cent: the entries of a distribution together, by largest remainder.

import {
  add,
  floorCents,
  less,
  mul,
  div,
  fraction,
  parseCents,
  positive,
  printCents,
  sum,
  zero,
  type Fraction,
} from './fraction.ts';
import type { Terms } from './terms.ts';
import type { Entry } from './tiers.ts';

/** Whole cents that add up to `total`: each share down, spare cents to the largest remainders, ties to the earlier. */
export const largestRemainder = (shares: readonly Fraction[], total: bigint): bigint[] => {
  const floors = shares.map(floorCents);
  const cents = floors.map((share) => share.cents);
  let spare = total - cents.reduce((a, b) => a + b, 0n);
  const order = floors
    .map((_, i) => i)
    .toSorted((a, b) => {
      const [x, y] = [floors[a]!.rest, floors[b]!.rest];
      return less(y, x) ? -1 : less(x, y) ? 1 : a - b;
    });
  if (spare < 0n || spare > BigInt(order.length)) throw new Error(`shares do not add up: ${spare} cents are left of ${total}`);
  for (const i of order) {
    if (spare === 0n) break;
    cents[i]! += 1n;
    spare -= 1n;
  }
  return cents;
};

/** `total` cents by weights, largest remainder, ties to the earlier. */
export const apportion = (total: bigint, weights: readonly Fraction[]): bigint[] => {
  const whole = sum(weights);
  if (!positive(whole)) throw new Error('nothing to apportion by');
  return largestRemainder(
    weights.map((weight) => div(mul(weight, fraction(total, 100n)), whole)),
    total,
  );
};

export type PaidEntry = { lp: bigint; gp: bigint };

/** The entries of a distribution to the cent. Ties go to the earlier tier (pref under pref-first), lp before gp. */
export const roundEntries = (entries: readonly Entry[], amount: string, terms: Terms): PaidEntry[] => {
  const prefFirst = terms.tierOrder === 'pref-first' && terms.hurdles === undefined;
  const order = entries.map((_, i) => (prefFirst && i < 2 ? 1 - i : i));
  const inOrder = order.map((i) => entries[i]!);
  const cents = largestRemainder(
    inOrder.flatMap((entry) => [entry.lp, entry.gp]),
    parseCents(amount),
  );
  return order.map((i) => ({ lp: cents[2 * i]!, gp: cents[2 * i + 1]! }));
};

const printEntry = (entry: PaidEntry) => ({ lp: printCents(entry.lp), gp: printCents(entry.gp) });

const names = ['returnOfCapital', 'preferredReturn', 'catchUp', 'split'] as const;

export const printTiers = (entries: readonly PaidEntry[], hurdles: boolean) =>
  hurdles ? entries.map(printEntry) : Object.fromEntries(names.map((name, i) => [name, printEntry(entries[i]!)]));

export const total = (entries: readonly PaidEntry[], side: 'lp' | 'gp'): bigint =>
  entries.reduce((all, entry) => all + entry[side], 0n);

export const exactTotal = (entries: readonly Entry[], side: 'lp' | 'gp'): Fraction =>
  entries.reduce((all, entry) => add(all, entry[side]), zero);
