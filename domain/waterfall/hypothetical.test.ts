import { expect, test } from 'vitest';
import { toEpochDay } from '../dates/local-date.ts';
import { lessBooked } from './booked.ts';
import { cents, flowsOf, type FundRows } from './fund.fixture.ts';
import { type HeldValue, liquidate, type Liquidation } from './hypothetical.ts';
import type { TierMinor, TiersMinor } from './tier-amounts.ts';
import type { WaterfallTerms } from './terms.ts';

const liquidated = (terms: WaterfallTerms, rows: FundRows, date: string, values: readonly HeldValue[]): Liquidation => {
  const run = liquidate(terms, flowsOf(rows), { day: toEpochDay(date), values });
  if (run.kind === 'error') throw new Error(run.message);
  return run.liquidation;
};

const CALLED: FundRows = { contributions: [{ date: '2021-01-01', amount: '100.00' }], distributions: [] };

test('a fund worth twice its cost after a year owes the GP a fifth of the profit', () => {
  expect(liquidated({}, CALLED, '2022-01-01', [{ deal: null, minor: cents('200.00') }])).toMatchObject({
    accruedCarryMinor: cents('20.00'),
    lpNetMinor: cents('180.00'),
  });
});

test('a fund worth less than capital and pref owes none', () => {
  expect(liquidated({}, CALLED, '2022-01-01', [{ deal: null, minor: cents('107.00') }])).toMatchObject({
    accruedCarryMinor: 0n,
    lpNetMinor: cents('107.00'),
  });
});

test('where the rest has lost its value, the carry already paid is an accrued clawback', () => {
  const rows: FundRows = {
    contributions: [
      { date: '2021-01-01', amount: '100.00', deal: 'A' },
      { date: '2021-01-01', amount: '100.00', deal: 'B' },
    ],
    distributions: [{ date: '2022-01-01', amount: '150.00', deal: 'A' }],
  };
  const terms: WaterfallTerms = { style: 'american', hurdleRate: null, clawback: { test: 'excess-carry' } };
  expect(liquidated(terms, rows, '2022-06-30', [{ deal: 'B', minor: cents('20.00') }])).toMatchObject({
    accruedCarryMinor: cents('-10.00'),
    lpNetMinor: cents('30.00'),
  });
});

test('with a waterfall per partner each accrues by its own terms', () => {
  const rows: FundRows = {
    contributions: [
      { date: '2021-01-01', amount: '100.00', partner: 'A' },
      { date: '2021-01-01', amount: '100.00', partner: 'B' },
      { date: '2021-01-01', amount: '50.00', partner: 'GP' },
    ],
    distributions: [],
  };
  const { byPartner, gpCommitmentMinor } = liquidated(
    { carryByPartner: { B: '0.1' }, carryFreePartners: ['GP'] },
    rows,
    '2022-01-01',
    [{ deal: null, minor: cents('500.00') }],
  );
  expect(gpCommitmentMinor).toBe(cents('100.00'));
  expect(byPartner.get('A')?.accruedCarryMinor).toBe(cents('20.00'));
  expect(byPartner.get('B')?.accruedCarryMinor).toBe(cents('10.00'));
});

test('terms that cannot be run are refused with their field', () => {
  expect(liquidate({ carry: '2' }, flowsOf(CALLED), { day: 0, values: [] })).toMatchObject({
    kind: 'error',
    field: 'terms.carry',
  });
});

const tiers = (...entries: readonly (readonly [bigint, bigint])[]): TiersMinor => {
  const [returnOfCapital, preferredReturn, catchUp, split] = entries.map(([lpMinor, gpMinor]): TierMinor => ({
    lpMinor,
    gpMinor,
  }));
  const none = { lpMinor: 0n, gpMinor: 0n };
  return {
    kind: 'carry',
    returnOfCapital: returnOfCapital ?? none,
    preferredReturn: preferredReturn ?? none,
    catchUp: catchUp ?? none,
    split: split ?? none,
  };
};

test('a second distribution of a day receives the day less what was booked, never below zero', () => {
  expect(
    lessBooked(tiers([10_000n, 0n], [0n, 0n], [0n, 0n], [0n, 2_500n]), [tiers([6_000n, 0n], [0n, 0n], [0n, 0n], [0n, 1_500n])]),
  ).toEqual(tiers([4_000n, 0n], [0n, 0n], [0n, 0n], [0n, 1_000n]));
  expect(lessBooked(tiers([10n, 1n]), [tiers([5n, 2n])])).toEqual(tiers([4n, 0n]));
  expect(() => lessBooked(tiers([1n, 0n]), [tiers([2n, 0n])])).toThrow(/defect of the ledger/);
});
