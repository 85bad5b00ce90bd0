// The terms on which funds differ, one by one, worked by hand.
import { describe, expect, test } from 'vitest';
import { toEpochDay } from '../dates/local-date.ts';
import { yearFraction } from './day-count.ts';
import { type FundRows, runFund, totalsPerDate } from './fund.fixture.ts';
import { roundTogether } from './tier-amounts.ts';
import type { WaterfallTerms } from './terms.ts';

const oneIn = (paidIn: string, out: readonly (readonly [string, string])[]): FundRows => ({
  contributions: [{ date: '2021-01-01', amount: paidIn }],
  distributions: out.map(([date, amount]) => ({ date, amount })),
});

describe('hurdles and tiers', () => {
  test('a hurdle tier sees what the same distribution paid before it (massing PR 107: promote half)', () => {
    const terms: WaterfallTerms = {
      hurdles: [
        { untilLpIrr: '0.08', gp: '0' },
        { untilLpIrr: '0.15', gp: '0.2' },
        { untilLpIrr: null, gp: '0.3' },
      ],
    };
    const result = runFund(terms, oneIn('100.00', [['2022-01-01', '200.00']]));
    expect(result.perDistribution?.[0]?.tiers).toEqual([
      { lp: '108.00', gp: '0.00' },
      { lp: '7.00', gp: '1.75' },
      { lp: '58.28', gp: '24.97' },
    ]);
    expect(result.totals).toEqual({ lp: '173.28', gpCarry: '26.72' });
  });

  test('a multiple, a GP share and the later of two ends part hurdle tiers too', () => {
    const rows = oneIn('100.00', [['2022-01-01', '300.00']]);
    const tiersOf = (hurdles: NonNullable<WaterfallTerms['hurdles']>): unknown =>
      runFund({ hurdles }, rows).perDistribution?.[0]?.tiers;
    expect(tiersOf([{ untilLpMoic: '1.5', gp: '0' }, { gp: '0.5' }])).toEqual([
      { lp: '150.00', gp: '0.00' },
      { lp: '75.00', gp: '75.00' },
    ]);
    expect(tiersOf([{ untilLpIrr: '0.08', untilLpMoic: '1.5', gp: '0' }, { gp: '0.5' }])).toMatchObject([{ lp: '108.00' }, {}]);
    expect(tiersOf([{ untilLpIrr: '0.08', untilLpMoic: '1.5', until: 'both', gp: '0' }, { gp: '0.5' }])).toMatchObject([
      { lp: '150.00' },
      {},
    ]);
    expect(tiersOf([{ untilLpIrr: '0.08', gp: '0' }, { untilGpShare: '0.2', gp: '0.99' }, { gp: '0.2' }])).toMatchObject([
      { lp: '108.00' },
      { lp: '0.02', gp: '2.01' },
      { lp: '151.98', gp: '37.99' },
    ]);
  });

  test('a hurdle tier that is all for the GP is a full catch-up, and ends at its share of all profit', () => {
    // 8 of pref ask for 8 × 0.2 / (1 − 0.2) = 2; the other 190 are split 80/20, so that the GP has 40 of 200.
    const hurdles = [{ untilLpIrr: '0.08', gp: '0' }, { untilGpShare: '0.2', gp: '1' }, { gp: '0.2' }];
    const result = runFund({ hurdles }, oneIn('100.00', [['2022-01-01', '300.00']]));
    expect(result.perDistribution?.[0]?.tiers).toEqual([
      { lp: '108.00', gp: '0.00' },
      { lp: '0.00', gp: '2.00' },
      { lp: '152.00', gp: '38.00' },
    ]);
  });

  test('hurdles on the gross flows of the deal are reached sooner than on what the LPs keep', () => {
    const hurdles = [{ untilLpIrr: '0.10', gp: '0.2' }, { gp: '0.5' }];
    const rows = oneIn('100.00', [['2022-01-01', '150.00']]);
    expect(runFund({ hurdles, hurdleFlows: 'deal-gross' }, rows).perDistribution?.[0]?.tiers).toEqual([
      { lp: '88.00', gp: '22.00' },
      { lp: '20.00', gp: '20.00' },
    ]);
    expect(runFund({ hurdles }, rows).perDistribution?.[0]?.tiers).toEqual([
      { lp: '110.00', gp: '27.50' },
      { lp: '6.25', gp: '6.25' },
    ]);
  });

  test('a later carry tier splits what is beyond it, or catches up to its share of all profit', () => {
    const carryTiers = [{ untilLpMoic: '1.5', carry: '0.2' }, { carry: '0.3' }];
    const rows = oneIn('100.00', [['2022-01-01', '300.00']]);
    expect(runFund({ hurdleRate: null, carryTiers }, rows).totals).toMatchObject({ gpCarry: '53.75' });
    expect(runFund({ hurdleRate: null, carryTiers, carryTierMode: 'full-catch-up' }, rows).totals).toMatchObject({
      gpCarry: '60.00',
    });
  });

  test('a catch-up no quicker than the carry never completes: all that remains goes through it', () => {
    const result = runFund({ catchUp: '0.1', carry: '0.2' }, oneIn('100.00', [['2022-01-01', '208.00']]));
    expect(result.perDistribution?.[0]?.tiers).toMatchObject({
      catchUp: { lp: '90.00', gp: '10.00' },
      split: { lp: '0.00', gp: '0.00' },
    });
  });

  test('with the pref first, an interim payment leaves more capital to earn', () => {
    const rows = oneIn('100.00', [
      ['2022-01-01', '10.00'],
      ['2023-01-01', '150.00'],
    ]);
    const simple: WaterfallTerms = { hurdleRate: '0.10', hurdleAccrual: 'simple', catchUp: '0' };
    expect(runFund({ ...simple, tierOrder: 'pref-first' }, rows).perDistribution?.[1]?.tiers).toMatchObject({
      returnOfCapital: { lp: '100.00' },
      preferredReturn: { lp: '10.00' },
    });
    expect(runFund(simple, rows).perDistribution?.[1]?.tiers).toMatchObject({
      returnOfCapital: { lp: '90.00' },
      preferredReturn: { lp: '19.00' },
    });
  });
});

describe('accrual', () => {
  const pref = (terms: WaterfallTerms, rows: FundRows): string | undefined => runFund(terms, rows).totals?.unpaidPref;

  test('a whole year earns the rate whatever its days; 29 February comes round on the 28th', () => {
    const annual: WaterfallTerms = { hurdleRate: '0.08', hurdleAccrual: 'annual' };
    const from = (start: string, end: string): FundRows => ({
      contributions: [{ date: start, amount: '10000.00' }],
      distributions: [{ date: end, amount: '0.00' }],
    });
    expect(pref(annual, from('2023-06-01', '2024-06-01'))).toBe('800.00');
    expect(pref(annual, from('2020-02-29', '2021-02-28'))).toBe('800.00');
    expect(pref(annual, from('2020-02-29', '2021-02-27'))).toBe('797.81');
    expect(pref({ ...annual, stub: 'exponent' }, from('2021-01-01', '2021-07-02'))).toBe('391.21');
    expect(pref({ ...annual, compoundingDate: 'year-end' }, from('2021-07-01', '2022-12-31'))).toBe('1233.18');
  });

  test('capital repaid within the year earns until that day, and the rest the whole year', () => {
    const rows = oneIn('10000.00', [
      ['2021-07-02', '5000.00'],
      ['2022-01-01', '0.00'],
    ]);
    expect(pref({ hurdleRate: '0.08', hurdleAccrual: 'annual' }, rows)).toBe('599.45');
  });

  test('another contribution does not break the year of the first one, and the oldest is repaid first', () => {
    const annual: WaterfallTerms = { hurdleRate: '0.08', hurdleAccrual: 'annual' };
    const contributions = [
      { date: '2021-01-01', amount: '10000.00' },
      { date: '2021-07-02', amount: '10000.00' },
    ];
    expect(pref(annual, { contributions, distributions: [{ date: '2022-01-01', amount: '0.00' }] })).toBe('1201.10');
    expect(
      pref(annual, {
        contributions,
        distributions: [
          { date: '2022-01-01', amount: '10000.00' },
          { date: '2022-07-02', amount: '0.00' },
        ],
      }),
    ).toBe('1631.91');
  });

  test('the pref runs from the receipt, the due date, or the later of both', () => {
    const rows: FundRows = {
      contributions: [{ date: '2021-01-01', amount: '10000.00', due: '2021-07-02' }],
      distributions: [{ date: '2022-01-01', amount: '0.00' }],
    };
    const simple: WaterfallTerms = { hurdleRate: '0.10', hurdleAccrual: 'simple' };
    expect([
      pref(simple, rows),
      pref({ ...simple, prefStart: 'due' }, rows),
      pref({ ...simple, prefStart: 'later-of-both' }, rows),
    ]).toEqual(['1000.00', '501.37', '501.37']);
  });

  test('fees come back without pref where the pref is on investments only, and not at all where only invested capital does', () => {
    const rows: FundRows = {
      contributions: [
        { date: '2021-01-01', amount: '100.00' },
        { date: '2021-01-01', amount: '10.00', purpose: 'fee' },
      ],
      distributions: [{ date: '2022-01-01', amount: '0.00' }],
    };
    const simple: WaterfallTerms = { hurdleRate: '0.10', hurdleAccrual: 'simple' };
    expect(runFund(simple, rows).totals).toMatchObject({ unreturnedCapital: '110.00', unpaidPref: '11.00' });
    expect(runFund({ ...simple, prefBase: 'investments' }, rows).totals).toMatchObject({
      unreturnedCapital: '110.00',
      unpaidPref: '10.00',
    });
    expect(runFund({ ...simple, hurdleAccrual: 'annual', prefBase: 'investments' }, rows).totals).toMatchObject({
      unpaidPref: '10.00',
    });
    expect(runFund({ ...simple, capitalReturned: 'invested' }, rows).totals).toMatchObject({
      unreturnedCapital: '100.00',
      unpaidPref: '10.00',
    });
  });

  test('30/360 ends a 31st on the 30th only when it began on one', () => {
    const days = (from: string, to: string): bigint => yearFraction('30/360', toEpochDay(from), toEpochDay(to)).numerator;
    expect([
      days('2024-01-31', '2024-03-31'),
      days('2024-01-30', '2024-03-31'),
      days('2024-01-29', '2024-03-31'),
      days('2024-02-28', '2024-03-31'),
    ]).toEqual([60n, 60n, 62n, 33n]);
  });
});

describe('clawback', () => {
  const SHORT: FundRows = {
    contributions: [
      { date: '2021-01-01', amount: '100.00' },
      { date: '2023-01-01', amount: '50.00' },
    ],
    distributions: [
      { date: '2022-01-01', amount: '130.00' },
      { date: '2024-01-01', amount: '5.00' },
    ],
  };
  const simple: WaterfallTerms = { hurdleRate: '0.10', hurdleAccrual: 'simple' };

  test('a shortfall beyond all carry is capped by it and stays a shortfall: restored is not what the cap made equal (massing PR 136)', () => {
    expect(runFund({ ...simple, clawback: { test: 'hurdle-shortfall' } }, SHORT)).toMatchObject({
      totals: { lp: '129.00', gpCarry: '6.00' },
      clawback: { due: '6.00', lpAfter: '135.00', gpAfter: '0.00', unrecovered: '28.60' },
    });
  });

  test('tests at each distribution and at year ends take back at once what is too much then', () => {
    const rows: FundRows = {
      contributions: [
        { date: '2021-01-01', amount: '100.00' },
        { date: '2022-06-01', amount: '50.00' },
      ],
      distributions: [
        { date: '2022-01-01', amount: '150.00' },
        { date: '2023-06-01', amount: '10.00' },
      ],
    };
    const terms = (when: 'annual' | 'each-distribution'): WaterfallTerms => ({
      hurdleRate: null,
      clawback: { test: 'excess-carry', when },
    });
    expect(runFund(terms('each-distribution'), rows).clawback).toMatchObject({
      interim: [{ date: '2023-06-01', due: '8.00' }],
      due: '0.00',
      lpAfter: '158.00',
      gpAfter: '2.00',
    });
    expect(runFund(terms('annual'), rows).clawback).toMatchObject({
      interim: [{ date: '2022-12-31', due: '10.00' }],
      due: '0.00',
      gpAfter: '0.00',
    });
  });
});

describe('partners and kinds of distribution', () => {
  test('a side letter changes carry, pref and catch-up of its partner alone', () => {
    const rows: FundRows = {
      contributions: [
        { date: '2021-01-01', amount: '100.00', partner: 'A' },
        { date: '2021-01-01', amount: '100.00', partner: 'B' },
      ],
      distributions: [{ date: '2022-01-01', amount: '300.00' }],
    };
    const result = runFund({ partnerTerms: { B: { carry: '0.1', hurdleRate: '0.20', catchUp: '0' } } }, rows);
    expect(result.perPartner).toMatchObject({
      A: { lpTotal: '140.00', gpTotal: '10.00' },
      B: { lpTotal: '147.00', gpTotal: '3.00' },
    });
    expect(result.gpCarryTotal).toBe('13.00');
  });

  test('a partner that comes later shares only later distributions', () => {
    const rows: FundRows = {
      contributions: [
        { date: '2021-01-01', amount: '100.00', partner: 'A' },
        { date: '2022-06-01', amount: '100.00', partner: 'B' },
      ],
      distributions: [
        { date: '2022-01-01', amount: '50.00' },
        { date: '2023-01-01', amount: '50.00' },
      ],
    };
    expect(runFund({ aggregation: 'partner' }, rows).perPartner).toMatchObject({
      A: [{ amount: '50.00' }, { amount: '25.00' }],
      B: [{ amount: '0.00' }, { amount: '25.00' }],
    });
  });

  test('tax paid to the GP is carry ahead of time: the LPs go first until it is made good', () => {
    const rows: FundRows = {
      contributions: [{ date: '2021-01-01', amount: '100.00' }],
      distributions: [
        { date: '2022-01-01', amount: '5.00', kind: 'tax' },
        { date: '2023-01-01', amount: '150.00' },
      ],
    };
    const result = runFund({ hurdleRate: null }, rows);
    expect(result.perDistribution).toMatchObject([
      { kind: 'tax', gpTotal: '5.00' },
      { tiers: { returnOfCapital: { lp: '100.00' }, catchUp: { lp: '20.00', gp: '0.00' }, split: { lp: '24.00', gp: '6.00' } } },
    ]);
    expect(totalsPerDate(runFund({ hurdleRate: null, taxDistributions: 'none' }, rows))[0]).toEqual([
      '2022-01-01',
      '5.00',
      '0.00',
    ]);
  });
});

test('spare cents go to the largest remainders, ties to the earlier tier, LP before GP', () => {
  const half = 10n ** 60n / 2n;
  const third = 10n ** 60n / 3n;
  expect(roundTogether([half, half], 1n)).toEqual([1n, 0n]);
  expect(roundTogether([third, 10n ** 60n - third], 1n)).toEqual([0n, 1n]);
  // A whole cent that computing missed by its error is a whole cent.
  expect(roundTogether([2n * 10n ** 60n - 1n, half, half + 1n], 3n)).toEqual([2n, 1n, 0n]);
  expect(() => roundTogether([half], 5n)).toThrow(/defect/);
});
