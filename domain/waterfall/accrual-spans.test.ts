// Over which days capital earns: found where the independent oracle (tests/oracle) and the engine differed, worked by hand.
import { describe, expect, test } from 'vitest';
import { runFund } from './fund.fixture.ts';
import type { WaterfallTerms } from './terms.ts';

describe('pref accrues from flow to flow', () => {
  test.each(['final', 'annual'] as const)(
    'a clawback test (%s) that finds nothing due is no flow and moves no day of 30/360',
    (when) => {
      // 15 December to 15 January is 30 days of 30/360; parted on 31 December it would be 16 + 15. 30 days × 800.00 = 24,000.00.
      const terms: WaterfallTerms = { hurdleAccrual: 'simple', dayCount: '30/360', clawback: { test: 'excess-carry', when } };
      const result = runFund(terms, {
        contributions: [{ date: '2020-12-15', amount: '3600000.00' }],
        distributions: [
          { date: '2020-12-15', amount: '0.00' },
          { date: '2021-01-15', amount: '4000000.00' },
        ],
      });
      expect(result.perDistribution?.[1]?.tiers).toMatchObject({ preferredReturn: { lp: '24000.00' } });
    },
  );
});

describe('capital that does not earn yet', () => {
  test('is repaid oldest first: what is left belongs to the later call and earns from its due date on', () => {
    // Both calls are paid early; 547,500 repays the first and half of the second. 182,500 × 0.08 × 60 / 365 = 2,400.00 from 4 March.
    const result = runFund(
      { hurdleAccrual: 'simple', prefStart: 'later-of-both' },
      {
        contributions: [
          { date: '2021-01-01', amount: '365000.00', due: '2021-02-01' },
          { date: '2021-01-02', amount: '365000.00', due: '2021-03-04' },
        ],
        distributions: [
          { date: '2021-01-10', amount: '547500.00' },
          { date: '2021-05-03', amount: '200000.00' },
        ],
      },
    );
    expect(result.perDistribution?.[1]?.tiers).toMatchObject({
      returnOfCapital: { lp: '182500.00' },
      preferredReturn: { lp: '2400.00' },
    });
  });

  test('does not wake the fees that never earn when it begins to', () => {
    // 200,000 repays the older call first: 165,000 of it is left and starts on its due date, × 0.08 × 73 / 365; the fee never does.
    const result = runFund(
      { hurdleAccrual: 'simple', prefStart: 'due', prefBase: 'investments' },
      {
        contributions: [
          { date: '2021-01-01', amount: '365000.00', due: '2021-02-01' },
          { date: '2021-01-02', amount: '100000.00', purpose: 'fee' },
        ],
        distributions: [
          { date: '2021-01-10', amount: '200000.00' },
          { date: '2021-04-15', amount: '300000.00' },
        ],
      },
    );
    expect(result.perDistribution?.[1]?.tiers).toMatchObject({ preferredReturn: { lp: '2640.00' } });
  });
});
