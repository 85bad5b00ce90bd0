import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareRationals, rational, type Rational, ZERO } from '../numbers/rational.ts';
import { allocate } from './allocate.ts';

const WEIGHTS = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 12 })
  .filter((weights) => weights.some((weight) => weight > 0n));
const CALLS = fc.array(fc.bigInt({ min: 0n, max: 10n ** 14n }), { minLength: 1, maxLength: 30 });

test('every call adds up to the cent, nobody gets less than nothing, and over the years each stays near the exact share', () => {
  fc.assert(
    fc.property(WEIGHTS, CALLS, (weights, calls) => {
      const sum = weights.reduce((total, weight) => total + weight, 0n);
      let residuals: readonly Rational[] = weights.map(() => ZERO);
      const given = weights.map(() => 0n);
      for (const call of calls) {
        const allocation = allocate(
          call,
          weights.map((weight, index) => ({ id: String(index).padStart(2, '0'), weight, residual: residuals[index] ?? ZERO })),
        );
        if (allocation.kind === 'error') throw new Error(allocation.reason);
        residuals = allocation.shares.map((share) => share.residual);
        allocation.shares.forEach((share, index) => {
          expect(share.minor >= 0n && (share.minor === 0n || (weights[index] ?? 0n) > 0n)).toBe(true);
          given[index] = (given[index] ?? 0n) + share.minor;
        });
        expect(allocation.shares.reduce((total, share) => total + share.minor, 0n)).toBe(call);
      }
      const called = calls.reduce((total, call) => total + call, 0n);
      weights.forEach((weight, index) => {
        const exact = rational(called * weight - (given[index] ?? 0n) * sum, sum);
        expect(compareRationals(exact, residuals[index] ?? ZERO)).toBe(0);
        expect(compareRationals(exact, rational(BigInt(weights.length), 1n))).toBeLessThan(0);
        expect(compareRationals(exact, rational(-BigInt(weights.length), 1n))).toBeGreaterThan(0);
      });
    }),
    { numRuns: 200 },
  );
});

test('another order of the partners changes nothing, since the id breaks ties', () => {
  fc.assert(
    fc.property(WEIGHTS, fc.bigInt({ min: 0n, max: 10n ** 14n }), (weights, total) => {
      const claims = weights.map((weight, index) => ({ id: `LP${index}`, weight, residual: ZERO }));
      const forward = allocate(total, claims);
      const backward = allocate(total, [...claims].reverse());
      if (forward.kind === 'error' || backward.kind === 'error') throw new Error('refused');
      expect([...backward.shares].reverse()).toEqual(forward.shares);
    }),
  );
});
