// Random series of dated amounts for the comparison of the two XIRRs: fund-like, of any signs, and with roots known beforehand.

import { seededRandom, type Random } from './random.ts';
import type { Flow } from './xirr.ts';

const dayAfter = (days: number): string => new Date(Date.UTC(2001, 0, 1) + days * 86_400_000).toISOString().slice(0, 10);

const fundLike = (random: Random): Flow[] => {
  const calls = Array.from({ length: random.whole(1, 6) }, () => ({
    date: dayAfter(random.whole(0, 1500)),
    amount: -BigInt(random.whole(1, 900_000_000)),
  }));
  const receipts = Array.from({ length: random.whole(1, 8) }, () => ({
    date: dayAfter(random.whole(300, 5000)),
    amount: BigInt(random.whole(1, 900_000_000)),
  }));
  return [...calls, ...receipts];
};

const anySigns = (random: Random): Flow[] =>
  Array.from({ length: random.whole(2, 8) }, () => ({
    date: dayAfter(random.whole(0, 2500)),
    amount: BigInt(random.whole(-50_000, 50_000)),
  }));

/** Flows 365 days apart whose rates are the given ones in per cent: the product of (x × (100 + rate) − 100) over them. */
export const withRates = (rates: readonly number[], everyDays: number): Flow[] => {
  let product = [1n];
  for (const rate of rates) {
    const next = Array.from({ length: product.length + 1 }, () => 0n);
    product.forEach((coefficient, i) => {
      next[i]! += coefficient * -100n;
      next[i + 1]! += coefficient * BigInt(100 + rate);
    });
    product = next;
  }
  return product.map((amount, i) => ({ date: dayAfter(i * everyDays), amount }));
};

const knownRates = (random: Random): Flow[] => {
  const first = random.whole(-60, 80);
  const second = random.chance(0.5) ? first : random.whole(-60, 80);
  const third = random.whole(-60, 80);
  const more = random.chance(0.25) && third !== first ? [third] : [];
  return withRates([first, second, ...more], random.pick([365, 91, 30, 1]));
};

/** The n-th random series of a seed. */
export const randomFlows = (seed: number): Flow[] => {
  const random = seededRandom(seed * 7919);
  return random.pick([fundLike, anySigns, anySigns, knownRates])(random);
};
