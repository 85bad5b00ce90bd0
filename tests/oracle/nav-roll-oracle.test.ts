// The NAV roll of the book of a fund against the oracle's, row by row and at 0.00, and the oracle's own tie-outs.

import { describe, expect, it } from 'vitest';
import { toEpochDay } from '#domain/dates/local-date.ts';
import type { FundBooks } from '#domain/fund-book/book.ts';
import { figuresOf } from '#domain/fund-book/figures.ts';
import { foldFundBooks } from '#domain/fund-book/fold.ts';
import { emptyRun, runTo } from '#domain/fund-book/run.ts';
import type { AnyEvent, NavRoll } from '#domain/messages.ts';
import { fundId, id } from '../../domain/fund-book/events.fixture.ts';
import { netAssets, rollOf, type NavEvent, type Rows } from './nav-roll.ts';
import { tieOut } from './nav-tie-out.ts';
import { accruedCarry, gp, randomLife, shareBy, type Life } from './random-lives.ts';

const LIVES = 100;

const engineRolls = (events: readonly AnyEvent[], date: string): ReadonlyMap<string | null, NavRoll> => {
  const books: FundBooks = new Map();
  for (const event of events) foldFundBooks(books, event);
  const book = books.get(fundId)!;
  const run = emptyRun(book);
  runTo(book, run, toEpochDay(date));
  const source = {
    source_event: { aggregate_id: fundId, event_version: 1 },
    position: { partition: 0, offset: 0 },
    recorded_at: 0,
  };
  const figures = figuresOf(book, run, toEpochDay(date), { tells: ['NavRoll'], fundOnly: false }, source);
  return new Map(
    figures.flatMap((figure) => (figure.type === 'NavRoll' ? [[figure.value.investor_id, figure.value] as const] : [])),
  );
};

/** The rows of the engine that the oracle has too, by the engine's names. */
const named = (rows: Rows) => ({
  contributions: rows.contributions,
  distributions: rows.distributions,
  management_fees: rows.managementFees,
  expenses: rows.partnershipExpenses,
  interest_income: rows.interestIncome,
  dividend_income: rows.dividendIncome,
  other_income: rows.otherIncome,
  interest_expense: rows.interestExpense,
  realised_gain_loss: rows.realised,
  unrealised_change: rows.unrealised,
  transfers: rows.transfers,
  carried_interest_paid: -rows.carryPaid,
  closing_nav: rows.endingNavGross,
  accrued_carried_interest: rows.accruedEnding,
  net_nav: rows.endingNav,
});

/** The plain events of a life up to a day, with the carry that is accrued on it. */
const withAccrual = ({ plain, flows, paidInOn }: Life, date: string): NavEvent[] => {
  const upTo = plain.filter((event) => event.date <= date);
  const paidIn = paidInOn.findLast((each) => each.date <= date)?.paidIn;
  const accrued = accruedCarry(flows, date, netAssets(upTo, date));
  return [...upTo, { date, kind: 'carry-accrued', balances: paidIn === undefined ? {} : shareBy(paidIn, accrued) }];
};

const quarterEnds = ['03-31', '06-30', '09-30', '12-31'];
const quarters = [2020, 2021, 2022, 2023, 2024, 2025].flatMap((year) => quarterEnds.map((end) => `${year}-${end}`));
const dayAfter = (date: string): string => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
const periods = quarters.map((to, i) => ({ from: i === 0 ? '2020-01-01' : dayAfter(quarters[i - 1]!), to }));

describe('the NAV roll', () => {
  const lives = Array.from({ length: LIVES }, (_, i) => ({ seed: i + 1, life: randomLife(i + 1) }));

  it("of the book of a fund is the oracle's, for the fund and for each investor", { timeout: 180_000 }, () => {
    for (const { seed, life } of lives) {
      for (const date of ['2020-12-30', '2022-06-30', '2026-12-31']) {
        const plain = withAccrual(life, date);
        const rolls = engineRolls(life.events, date);
        const oracle = (parties: readonly string[]) => named(rollOf(plain, '2020-01-01', date, { parties, gp }));
        expect(rolls.get(null), `seed ${seed} on ${date}, the fund`).toMatchObject(oracle(life.investors));
        for (const investor of life.investors)
          expect(rolls.get(id(investor)), `seed ${seed} on ${date}, investor ${investor}`).toMatchObject(oracle([investor]));
      }
    }
  });

  it('ties at 0.00: LP and GP give the fund, quarters give all, and NAV is what the fund holds', { timeout: 180_000 }, () => {
    for (const { seed, life } of lives.slice(0, 10)) {
      const plain = life.plain.toSorted((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date)));
      const accruals = quarters.map((to) => withAccrual(life, to).at(-1)!);
      const all = [...plain, ...accruals].toSorted((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date)));
      expect(tieOut(all, life.investors, gp, periods), `seed ${seed}`).toEqual([]);
    }
  });

  it('of two LPs and a GP, by hand', () => {
    const events: NavEvent[] = [
      { date: '2021-01-01', kind: 'commitment', by: { A: 600_00n, B: 400_00n } },
      { date: '2021-01-01', kind: 'contribution', by: { A: 60_00n, B: 40_00n } },
      { date: '2021-01-02', kind: 'investment', deal: 'D', cost: 90_00n },
      { date: '2021-03-31', kind: 'result', row: 'managementFees', by: { A: 3_00n, B: 2_00n } },
      { date: '2021-12-31', kind: 'valuation', deal: 'D', fair: 200_00n, by: { A: 66_00n, B: 44_00n } },
      { date: '2021-12-31', kind: 'carry-accrued', balances: { A: 12_60n, B: 8_40n } },
    ];
    const year = (parties: string[]) => rollOf(events, '2021-01-01', '2021-12-31', { parties, gp: 'GP' });
    expect(year(['A', 'B'])).toMatchObject({
      contributions: 100_00n,
      managementFees: -5_00n,
      unrealised: 110_00n,
      incentiveAllocation: -21_00n,
      endingNav: 184_00n,
      endingNavGross: 205_00n,
      endingUnfunded: 900_00n,
    });
    expect(year(['GP'])).toMatchObject({ incentiveAllocation: 21_00n, endingNav: 21_00n, contributions: 0n });
    expect(year(['A', 'B', 'GP'])).toMatchObject({ incentiveAllocation: 0n, endingNav: 205_00n });
    expect(netAssets(events, '2021-12-31')).toBe(205_00n);
  });

  it('that does not tie says where', () => {
    const events: NavEvent[] = [
      { date: '2021-01-01', kind: 'contribution', by: { A: 10_00n } },
      { date: '2021-01-02', kind: 'investment', deal: 'D', cost: 10_00n },
      { date: '2021-01-03', kind: 'valuation', deal: 'D', fair: 12_00n, by: { A: 1_00n } },
    ];
    expect(tieOut(events, ['A'], 'GP', [{ from: '2021-01-01', to: '2021-12-31' }])).toEqual([
      '2021-12-31 NAV and net assets: 1100 and 1200 cents',
    ]);
  });
});
