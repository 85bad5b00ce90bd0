// Deal by deal, worked by hand: no pref, full catch-up, carry 20 %, unless the test says otherwise.
import { describe, expect, test } from 'vitest';
import { type FundRows, runFund, totalsPerDate } from './fund.fixture.ts';
import type { WaterfallTerms } from './terms.ts';

const AMERICAN: WaterfallTerms = { style: 'american', hurdleRate: null, carry: '0.2' };
const HALF = 5n * 10n ** 59n;

/** Deal A 100 sold at 150, B 100 written off, C 10 sold at 100. */
const LOSS_AFTER_GAIN: FundRows = {
  contributions: [
    { date: '2021-01-01', amount: '100.00', deal: 'A' },
    { date: '2021-01-01', amount: '100.00', deal: 'B' },
    { date: '2022-06-01', amount: '10.00', deal: 'C' },
  ],
  distributions: [
    { date: '2022-01-01', amount: '150.00', deal: 'A' },
    { date: '2023-01-01', amount: '0.00', deal: 'B' },
    { date: '2024-01-01', amount: '100.00', deal: 'C' },
  ],
};

describe('a loss after a gain', () => {
  test('each deal alone: the loss takes nothing from the carry of the others, only the clawback does', () => {
    const result = runFund({ ...AMERICAN, lossCarryForward: false, clawback: { test: 'excess-carry' } }, LOSS_AFTER_GAIN);
    expect(totalsPerDate(result)).toEqual([
      ['2022-01-01', '140.00', '10.00'],
      ['2023-01-01', '0.00', '0.00'],
      ['2024-01-01', '82.00', '18.00'],
    ]);
    expect(result.perDistribution?.map(({ deal, potentialClawback }) => [deal, potentialClawback])).toEqual([
      ['A', '0.00'],
      ['B', '10.00'],
      ['C', '20.00'],
    ]);
    expect(result.totals).toEqual({ lp: '222.00', gpCarry: '28.00', unreturnedCapital: '100.00', unpaidPref: '0.00' });
    expect(result.clawback).toMatchObject({ due: '20.00', lpAfter: '242.00', gpAfter: '8.00' });
  });

  test('carried forward under floor: the lost capital comes back first, in full', () => {
    const result = runFund(AMERICAN, LOSS_AFTER_GAIN);
    expect(totalsPerDate(result).at(-1)).toEqual(['2024-01-01', '100.00', '0.00']);
    expect(result.totals).toMatchObject({ unreturnedCapital: '10.00' });
  });

  test('carried forward under look-back: what the LPs had beyond their capital counts against the loss', () => {
    const result = runFund({ ...AMERICAN, overDistribution: 'look-back' }, LOSS_AFTER_GAIN);
    expect(result.perDistribution?.at(-1)).toMatchObject({
      tiers: { returnOfCapital: { lp: '70.00' }, catchUp: { lp: '0.00', gp: '0.00' }, split: { lp: '24.00', gp: '6.00' } },
      potentialClawback: '8.00',
    });
  });

  test('look-back, guarded: the LPs get all until the GP is back at its share', () => {
    const result = runFund({ ...AMERICAN, overDistribution: 'look-back-guarded' }, LOSS_AFTER_GAIN);
    expect(result.perDistribution?.at(-1)).toMatchObject({
      tiers: { returnOfCapital: { lp: '70.00' }, catchUp: { lp: '30.00', gp: '0.00' } },
      potentialClawback: '2.00',
    });
  });
});

test('a deal joins the pool with the pref since its own date', () => {
  const rows: FundRows = {
    contributions: [
      { date: '2021-01-01', amount: '100.00', deal: 'A' },
      { date: '2021-01-01', amount: '100.00', deal: 'B' },
    ],
    distributions: [
      { date: '2022-01-01', amount: '110.00', deal: 'A' },
      { date: '2023-01-01', amount: '120.00', deal: 'B' },
    ],
  };
  const result = runFund({ style: 'american', hurdleRate: '0.10', hurdleAccrual: 'simple', catchUp: '0' }, rows);
  expect(result.perDistribution?.map(({ tiers }) => tiers)).toMatchObject([
    { returnOfCapital: { lp: '100.00' }, preferredReturn: { lp: '10.00' } },
    { returnOfCapital: { lp: '100.00' }, preferredReturn: { lp: '20.00' } },
  ]);
});

test('two deals that pay on one day are one distribution of the pool, and two of separate deals', () => {
  const rows: FundRows = {
    contributions: [
      { date: '2021-01-01', amount: '100.00', deal: 'A' },
      { date: '2021-01-01', amount: '100.00', deal: 'B' },
    ],
    distributions: [
      { date: '2022-01-01', amount: '150.00', deal: 'A' },
      { date: '2022-01-01', amount: '60.00', deal: 'B' },
    ],
  };
  expect(runFund(AMERICAN, rows).perDistribution).toMatchObject([{ deal: ['A', 'B'], amount: '210.00', gpTotal: '2.00' }]);
  expect(runFund({ ...AMERICAN, lossCarryForward: false }, rows).perDistribution).toMatchObject([
    { deal: 'A', amount: '150.00', gpTotal: '10.00', potentialClawback: '0.00' },
    { deal: 'B', amount: '60.00', gpTotal: '0.00', potentialClawback: '8.00' },
  ]);
});

test('a partial sale with its cost share returns that share of the cost, a whole-deal term all of it', () => {
  const rows: FundRows = {
    contributions: [{ date: '2021-01-01', amount: '100.00', deal: 'A' }],
    distributions: [{ date: '2022-01-01', amount: '60.00', deal: 'A', costShare: HALF }],
  };
  expect(runFund({ ...AMERICAN, partialRealisation: 'cost-share' }, rows).totals).toMatchObject({ lp: '58.00', gpCarry: '2.00' });
  expect(runFund(AMERICAN, rows).totals).toMatchObject({ lp: '60.00', gpCarry: '0.00' });
});

test.each([
  ['none', '10.00'],
  ['permanent', '6.00'],
  ['lower-of-cost-or-market', '4.00'],
] as const)('unrealised losses under write-downs %s leave a carry of %s', (writeDowns, gpCarry) => {
  const rows: FundRows = {
    contributions: [
      { date: '2021-01-01', amount: '100.00', deal: 'A' },
      { date: '2021-01-01', amount: '100.00', deal: 'B' },
    ],
    distributions: [{ date: '2022-01-01', amount: '150.00', deal: 'A' }],
    valuations: [
      { date: '2021-06-30', deal: 'B', amount: '80.00', permanent: true },
      { date: '2021-12-31', deal: 'B', amount: '70.00' },
    ],
  };
  expect(runFund({ ...AMERICAN, writeDowns }, rows).totals?.gpCarry).toBe(gpCarry);
});

test.each([
  ['all', '6.00'],
  ['realised-share', '6.80'],
  ['none', '8.00'],
] as const)('expenses returned %s: a carry of %s', (expensesReturned, gpCarry) => {
  const rows: FundRows = {
    contributions: [
      { date: '2021-01-01', amount: '60.00', deal: 'A' },
      { date: '2021-01-01', amount: '40.00', deal: 'B' },
      { date: '2021-01-01', amount: '10.00', purpose: 'expense' },
    ],
    distributions: [{ date: '2022-01-01', amount: '100.00', deal: 'A' }],
  };
  expect(runFund({ ...AMERICAN, expensesReturned }, rows).totals?.gpCarry).toBe(gpCarry);
});
