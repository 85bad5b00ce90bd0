// The further worked cases (tests/cases/waterfall-further.json), each with the function that it exercises.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toEpochDay } from '../dates/local-date.ts';
import { formatMoney } from '../money/money.ts';
import { parseDecimalText } from '../numbers/decimal-text.ts';
import { type Fixed, fixedFromDecimal, fixedFromInteger, roundHalfEven, times } from '../numbers/fixed.ts';
import { createAnnualBalance } from './annual-balance.ts';
import { createPooledBalance } from './balance.ts';
import { createBalanceFactory } from './capital.ts';
import { finalClawback } from './clawback.ts';
import { type DayCount, yearFraction } from './day-count.ts';
import { cents, type FundRows, runFund, totalsPerDate } from './fund.fixture.ts';
import { type Accrual, createEarnings } from './growth.ts';
import { readTerms } from './read-terms.ts';
import type { Terms, WaterfallTerms } from './terms.ts';
import { payCarryTiers, startProgress } from './tiers.ts';

type Year = { readonly date: string; readonly lp: string; readonly gp: string };
type FurtherCase = {
  readonly id: string;
  readonly inputs: FundRows & {
    readonly terms: { readonly carry: string; readonly hurdleRate: string; readonly gpCatchUp: string };
  };
  readonly expected: { readonly [variant: string]: { readonly perYear: readonly Year[]; readonly gpCarry: string } };
};

const { cases } = JSON.parse(readFileSync(new URL('../../tests/cases/waterfall-further.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly FurtherCase[];
};
const named = (id: string): FurtherCase => {
  const found = cases.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`case ${id} is not in tests/cases/waterfall-further.json`);
  return found;
};

const rate = (text: string): Fixed => fixedFromDecimal(parseDecimalText(text) ?? { units: 0n, decimals: 0 });
const amount = (text: string): Fixed => fixedFromInteger(cents(text));
const money = (value: Fixed): string => formatMoney(roundHalfEven(value));
const termsOf = (written: WaterfallTerms): Terms => {
  const read = readTerms(written);
  if (read.kind === 'error') throw new Error(read.message);
  return read.terms;
};

test.each([
  ['P05-kirkland-catchup-100pct', '1.0', '0.00', '2500000.00', '2500000.00'],
  ['P05-kirkland-catchup-50pct', '0.5', '3333333.33', '3333333.33', '6666666.67'],
  ['P05-kirkland-catchup-80pct', '0.8', '666666.67', '2666666.67', '3333333.33'],
])('%s: the catch-up lasts until the GP has its share of the profit, the catch-up included', (_id, catchUp, lp, gp, total) => {
  const terms = termsOf({ catchUp, carry: '0.2' });
  const progress = { ...startProgress(), distributed: amount('10000000.00'), lpReceipts: amount('10000000.00') };
  const tiers = payCarryTiers(
    terms,
    createPooledBalance(() => 0n, true),
    amount('20000000.00'),
    progress,
  );
  if (tiers.kind !== 'carry') throw new Error('no carry tiers');
  expect([money(tiers.catchUp.lp), money(tiers.catchUp.gp), money(tiers.catchUp.lp + tiers.catchUp.gp)]).toEqual([lp, gp, total]);
});

test('D01: a full catch-up on fees and capital of four years is a quarter of the pref, not a cut series', () => {
  const result = runFund({ hurdleAccrual: 'annual' }, named('D01-lee-locke-exact').inputs);
  expect(result.perDistribution?.[0]?.tiers).toEqual({
    returnOfCapital: { lp: '116000000.00', gp: '0.00' },
    preferredReturn: { lp: '30743971.84', gp: '0.00' },
    catchUp: { lp: '0.00', gp: '7685992.96' },
    split: { lp: '36456028.16', gp: '9114007.04' },
  });
  expect(result.totals).toMatchObject({ lp: '183200000.00', gpCarry: '16800000.00' });
});

test('D03: a clawback is capped by the tax on the carry, and the escrow pays first', () => {
  const terms = termsOf({ clawback: { test: 'excess-carry', taxRate: '0.4', escrowRate: '0.3' } });
  const state = {
    carryPaid: amount('16000000.00'),
    distributed: amount('100000000.00'),
    contributed: amount('100000000.00'),
    capital: [],
    receipts: [],
    day: 0,
  };
  expect(finalClawback(terms, { ...state, make: createBalanceFactory(terms) })).toEqual({
    dueMinor: cents('9600000.00'),
    unrecoveredMinor: cents('6400000.00'),
    escrow: { fromEscrowMinor: cents('4800000.00'), fromGpMinor: cents('4800000.00'), escrowReleasedMinor: 0n },
  });
});

test('P09: carry above committed capital at 20 % and above invested capital at 18 % meet at 280m', () => {
  const paidIn = (proceeds: string): FundRows => ({
    contributions: [
      { date: '2021-01-01', amount: '80000000.00' },
      { date: '2021-01-01', amount: '20000000.00', purpose: 'fee' },
    ],
    distributions: [{ date: '2031-01-01', amount: proceeds }],
  });
  const carryOf = (terms: WaterfallTerms, proceeds: string): string | undefined =>
    runFund({ hurdleRate: null, ...terms }, paidIn(proceeds)).totals?.gpCarry;
  const committed: WaterfallTerms = { carry: '0.2', capitalReturned: 'committed', committedCapital: '100000000.00' };
  const invested: WaterfallTerms = { carry: '0.18', capitalReturned: 'invested' };
  expect([carryOf(committed, '200000000.00'), carryOf(invested, '200000000.00')]).toEqual(['20000000.00', '21600000.00']);
  expect([carryOf(committed, '280000000.00'), carryOf(invested, '280000000.00')]).toEqual(['36000000.00', '36000000.00']);
});

describe.each(['P10-metrick-100m-8pct', 'P11-fund-iii-250m-25pct-carry', 'P12-fund-iii-variant-c', 'P13-fund-ix-500m'])(
  '%s',
  (id) => {
    const { inputs, expected } = named(id);
    test.each(Object.entries(expected))('%s', (variant, { perYear, gpCarry }) => {
      const terms: WaterfallTerms = {
        hurdleRate: inputs.terms.hurdleRate,
        carry: inputs.terms.carry,
        hurdleAccrual: variant.startsWith('simple') ? 'simple' : 'effective',
        catchUp: variant.endsWith('no_catchup') ? '0' : '1.0',
      };
      const result = runFund(terms, inputs);
      expect(totalsPerDate(result)).toEqual(perYear.map(({ date, lp, gp }) => [date, lp, gp]));
      expect(result.totals?.gpCarry).toBe(gpCarry);
    });
  },
);

test('P14: deal by deal, profit below the hurdle earns no carry, so 160m above it earn 32m', () => {
  const deal = (
    name: string,
    cost: string,
    proceeds: string,
  ): readonly [FundRows['contributions'][number], FundRows['distributions'][number]] => [
    { date: '2021-01-01', amount: cost, deal: name },
    { date: '2026-01-01', amount: proceeds, deal: name },
  ];
  const rows = [
    deal('1', '40000000.00', '100000000.00'),
    deal('2', '40000000.00', '90000000.00'),
    deal('3', '40000000.00', '50000000.00'),
    deal('4', '40000000.00', '90000000.00'),
    deal('5', '40000000.00', '30000000.00'),
  ];
  const result = runFund(
    { style: 'american', lossCarryForward: false, clawback: { test: 'excess-carry' } },
    { contributions: rows.map(([paidIn]) => paidIn), distributions: rows.map(([, proceeds]) => proceeds) },
  );
  expect(result.totals?.gpCarry).toBe('32000000.00');
  // The source takes back 20 % of the loss of deal 5 (30m stay); a whole-fund test takes back nothing, since 20 % of 160m are
  // 32m.
  expect(result.clawback).toMatchObject({ due: '0.00' });
});

test('P15: once the catch-up completes, the GP has its share of all profit whatever the pref', () => {
  const rows: FundRows = {
    contributions: [{ date: '2021-01-01', amount: '1000000.00' }],
    distributions: [{ date: '2023-01-01', amount: '1450000.00' }],
  };
  for (const hurdleRate of ['0', '0.05', '0.08', '0.15'])
    expect(runFund({ hurdleRate }, rows).totals).toMatchObject({ lp: '1360000.00', gpCarry: '90000.00' });
});

test('P16: a soft hurdle pays 10.0m, a hard one 7.5m', () => {
  const { inputs } = named('P16-hurdle-soft-vs-hard');
  expect(runFund({ hurdleRate: '0.25', catchUp: '1.0' }, inputs).totals?.gpCarry).toBe('10000000.00');
  expect(runFund({ hurdleRate: '0.25', catchUp: '0' }, inputs).totals?.gpCarry).toBe('7500000.00');
});

test.each([
  ['receipt', '1227239.60', '554552.08', '13445447.92'],
  ['facility-draw', '1666459.64', '466708.07', '13533291.93'],
] as const)('D55, D56: with a subscription line the pref runs from %s', (prefStart, pref, gpCarry, lp) => {
  const result = runFund(
    { prefStart, catchUp: '0' },
    {
      contributions: [{ date: '2020-07-01', amount: '10000000.00', facilityDraw: '2020-01-01' }],
      distributions: [{ date: '2022-01-01', amount: '14000000.00' }],
    },
  );
  expect(result.perDistribution?.[0]?.tiers).toMatchObject({ preferredReturn: { lp: pref } });
  expect(result.totals).toMatchObject({ gpCarry, lp });
});

describe('D57: one million for 1139 days at 8 %', () => {
  const [from, to] = [toEpochDay('2020-01-31'), toEpochDay('2023-03-15')];
  test.each<readonly [Accrual, DayCount, string]>([
    ['simple', 'act/365f', '249643.84'],
    ['effective', 'act/365f', '271453.35'],
    ['simple', 'act/360', '253111.11'],
    ['effective', 'act/360', '275701.45'],
    ['simple', '30/360', '250000.00'],
    ['effective', '30/360', '271889.07'],
    ['simple', 'act/act', '249442.62'],
    ['effective', 'act/act', '271207.26'],
    ['quarterly', 'act/365f', '280409.81'],
    ['monthly', 'act/365f', '282505.22'],
    ['daily', 'act/365f', '283533.06'],
    ['continuous', 'act/365f', '283568.17'],
  ])('%s %s earns %s', (accrual, dayCount, pref) => {
    expect(money(times(amount('1000000.00'), createEarnings(accrual, rate('0.08'), dayCount)(from, to)))).toBe(pref);
  });

  test.each([
    ['anniversary', '271584.35'],
    ['year-end', '272349.62'],
  ] as const)('compounded on each %s, stubs simple: %s', (compoundingDate, pref) => {
    const balance = createAnnualBalance({
      rate: rate('0.08'),
      stub: createEarnings('simple', rate('0.08'), 'act/365f'),
      compoundingDate,
    });
    balance.deposit({ day: from, amount: amount('1000000.00'), earnsFrom: from });
    balance.accrueTo(to);
    expect(money(balance.pref())).toBe(pref);
  });
});

test('M01, E03, F01: fee stubs, equalisation and default interest use the same day counts', () => {
  const interest = (principal: string, yearly: string, dayCount: DayCount, from: string, to: string): string =>
    money(times(amount(principal), createEarnings('simple', rate(yearly), dayCount)(toEpochDay(from), toEpochDay(to))));
  expect(yearFraction('30/360', toEpochDay('2024-02-15'), toEpochDay('2024-04-01')).numerator).toBe(46n);
  const stub = (dayCount: DayCount): string => interest('200000000.00', '0.02', dayCount, '2024-02-15', '2024-04-01');
  expect([stub('act/365f'), stub('act/360'), stub('act/act'), stub('30/360')]).toEqual([
    '504109.59',
    '511111.11',
    '502732.24',
    '511111.11',
  ]);
  expect(interest('10000000.00', '0.08', 'act/365f', '2023-02-01', '2023-08-01')).toBe('396712.33');
  expect(interest('2500000.00', '0.12', 'act/365f', '2024-01-01', '2024-01-24')).toBe('18904.11');
});
