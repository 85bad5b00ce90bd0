import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocateList } from '../allocation/allocate.ts';
import { shareOut } from './share-out.ts';

const cents = fc.bigInt({ min: 0n, max: 10n ** 14n });
const weights = fc.array(fc.oneof(fc.constant(0n), fc.constant(1n), cents), { minLength: 1, maxLength: 30 });

test('shares are those of the allocation rule, spare cents included', () => {
  fc.assert(
    fc.property(cents, weights, (total, list) => {
      const allocation = allocateList(total, list);
      const hasWeight = list.some((weight) => weight > 0n);
      expect(shareOut(total, list)).toEqual(hasWeight && allocation.kind === 'ok' ? allocation.minor : null);
    }),
  );
});

test('a loss is the mirror of a gain', () => {
  expect(shareOut(-10_000n, [1n, 1n, 1n])).toEqual([-3_334n, -3_333n, -3_333n]);
});
