// The XIRR of domain/performance against a second one that bisects all roots: 500 random series, several and double roots among them.

import { describe, expect, it } from 'vitest';
import { Decimal } from 'decimal.js';
import { xirr } from '#domain/performance/xirr.ts';
import { daysBetween } from './days.ts';
import { randomFlows, withRates } from './random-flows.ts';
import { oracleXirr, RATE_SCALE, type Flow } from './xirr.ts';

const SERIES = 500;
const Precise = Decimal.clone({ precision: 120 });

const engine = (flows: readonly Flow[]): { status: string; roots: readonly string[] } =>
  xirr(flows.map(({ date, amount }) => ({ epochDay: daysBetween('1970-01-01', date), amount })));

/** Whether a root of the engine is the oracle's to a part of the rate: half a unit of its 15 printed digits, and a little. */
const isSame = (ours: string, exact: bigint, part = '6e-15'): boolean => {
  const rate = new Precise(exact.toString()).div(RATE_SCALE.toString());
  const allowed = rate.abs().times(part).plus('1e-30');
  return new Precise(ours).minus(rate).abs().lte(allowed);
};

describe('the rate of return and the oracle', () => {
  const all = Array.from({ length: SERIES }, (_, i) => {
    const flows = randomFlows(i + 1);
    return { seed: i + 1, flows, oracle: oracleXirr(flows) };
  });

  it('meet series without a root, with one, with a double one and with several', () => {
    const seen = (status: string): number => all.filter(({ oracle }) => oracle.status === status).length;
    for (const status of ['ok', 'double_root', 'multiple_roots', 'no_root'])
      expect(seen(status), status).toBeGreaterThanOrEqual(20);
  });

  it('find the same roots, and call them the same', () => {
    const differing = all.flatMap(({ seed, flows, oracle }) => {
      const { status, roots } = engine(flows);
      const same =
        status === oracle.status &&
        roots.length === oracle.roots.length &&
        roots.every((root, i) => isSame(root, oracle.roots[i]!));
      return same ? [] : [`seed ${seed}: ${oracle.status} ${status} ${roots.join(' ')}`];
    });
    expect(differing).toEqual([]);
  });

  it('find a triple root, a change of sign like any other, to 12 digits', () => {
    for (const rate of [-40, 8, 20, 75]) {
      const flows = withRates([rate, rate, rate], 365);
      const [oracle, { status, roots }] = [oracleXirr(flows), engine(flows)];
      expect([oracle.status, status, roots.length]).toEqual(['ok', 'ok', 1]);
      expect(isSame(roots[0]!, oracle.roots[0]!, '1e-12'), `${rate} % is ${roots[0]}`).toBe(true);
    }
  });
});
