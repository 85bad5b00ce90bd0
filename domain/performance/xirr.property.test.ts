import fc from 'fast-check';
import { expect, test } from 'vitest';
import { xirr } from './xirr.ts';

const DAY = fc.integer({ min: 0, max: 6_000 });
const AMOUNT = fc.integer({ min: -1_000_000_00, max: 1_000_000_00 });
const FLOWS = fc.array(fc.record({ epochDay: DAY, amount: AMOUNT.map(BigInt) }), { minLength: 1, maxLength: 14 });

const valueAt = (flows: readonly { readonly epochDay: number; readonly amount: bigint }[], u: number): number => {
  const [first] = [...flows].sort((a, b) => a.epochDay - b.epochDay);
  return flows.reduce(
    (sum, flow) => sum + Number(flow.amount) * Math.exp((-u * (flow.epochDay - (first?.epochDay ?? 0))) / 365),
    0,
  );
};

test('every change of sign of the value on a fine grid has its root, and scale, time and sign change none', () => {
  fc.assert(
    fc.property(FLOWS, fc.integer({ min: 1, max: 3_000 }), (flows, shift) => {
      const { status, roots } = xirr(flows);
      let changes = 0;
      let before = valueAt(flows, -2.000_1);
      for (let u = -2; u <= 2; u += 0.01) {
        const value = valueAt(flows, u + 0.000_01);
        if (before * value < 0) changes += 1;
        before = value;
      }
      const inRange = roots.filter((root) => Number(root) > Math.exp(-2.000_1) - 1 && Number(root) < Math.exp(2.01) - 1);
      expect(inRange.length).toBeGreaterThanOrEqual(changes);
      expect(status === 'ok' || status === 'double_root').toBe(roots.length === 1);
      expect(xirr(flows.map(({ epochDay, amount }) => ({ epochDay: epochDay + shift, amount: amount * -100n }))).roots).toEqual(
        roots,
      );
      expect(xirr([...flows].reverse()).roots).toEqual(roots);
    }),
    { numRuns: 300 },
  );
});
