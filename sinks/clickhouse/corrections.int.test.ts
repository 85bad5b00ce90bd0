// What a correction leaves in the warehouse: exactly the rows that are true now as current, every version in the history, and an answer to
// what was known before.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyCommand } from '#domain/messages.ts';
import { testCommand } from '#tests/support/commands.ts';
import {
  commitmentId,
  draftCall,
  fundWith,
  invest,
  issueCall,
  lifeFund,
  pay,
  transact,
  value,
} from '#tests/support/fund-commands.ts';
import { testLedger, type TestLedger } from '#tests/support/ledger.ts';
import { checksumClickHouse, emptyStarSchema } from './rebuild.ts';
import { openWarehouse, recordsOf, type TestWarehouse } from './warehouse.fixture.ts';

const million = 1_000_000_00n;
let test: TestWarehouse;
let ledger: TestLedger;
let written = 0;

/** Books at a moment, writes the events and their facts, and lets the sink catch up. */
const book = async (at: string, ...commands: readonly AnyCommand[]): Promise<void> => {
  const issuedAt = Date.parse(at) * 1_000;
  ledger.given(
    ...commands.map(
      ({ type, value: body }) => ({ type, value: { ...body, header: { ...body.header, issued_at: issuedAt } } }) as AnyCommand,
    ),
  );
  await test.log.append(recordsOf(ledger.events.slice(written)));
  written = ledger.events.length;
  await test.catchUp();
};

const opening = (investor: string, called: bigint, remaining: bigint): AnyCommand =>
  testCommand(
    'RecordOpeningBalance',
    {
      commitment_id: commitmentId(investor),
      fund_id: lifeFund,
      called_amount: called,
      distributed_amount: 0n,
      remaining_value: remaining,
      reported_irr: null,
      reported_multiple: null,
      reported_vintage_year: null,
      source: 'test',
    },
    { effective_date: '2020-03-31' },
  );
const statement = (investor: string, remaining: bigint): AnyCommand =>
  testCommand(
    'RecordValuation',
    { commitment_id: commitmentId(investor), fund_id: lifeFund, remaining_value: remaining, valuation_source: null },
    { effective_date: '2020-06-30' },
  );
const totals = async (): Promise<readonly (readonly unknown[])[]> =>
  (
    await test.rows(
      'SELECT toString(as_of_date) AS day, origin, nav FROM fact_fund_performance FINAL WHERE is_fund_total ORDER BY as_of_date',
    )
  ).map((row) => [row['day'], row['origin'], row['nav']]);

beforeAll(async () => {
  test = await openWarehouse();
  ledger = testLedger();
  await book(
    '2020-07-01T08:00:00Z',
    ...fundWith({ Ada: 60n * million, Bert: 40n * million }),
    opening('Ada', 6n * million, 7n * million),
    opening('Bert', 4n * million, 5n * million),
    statement('Ada', 8n * million),
    statement('Bert', 6n * million),
  );
}, 60_000);
afterAll(async () => await test.close());

describe('a fund that was taken over', () => {
  it('stands with its sums until it has flows of its own', async () => {
    expect(await totals()).toEqual([
      ['2020-01-01', 'CAPITAL_ACCOUNT', '0.00'],
      ['2020-03-31', 'CAPITAL_ACCOUNT', '12000000.00'],
      ['2020-06-30', 'CAPITAL_ACCOUNT', '14000000.00'],
    ]);
  });

  it('leaves none of its sums as current from the day on from which flows tell its figures', async () => {
    await book('2020-07-02T08:00:00Z', draftCall(1, 10n * million, '2020-05-04'), issueCall(1));
    expect((await totals()).map(([day, origin]) => [day, origin])).toEqual([
      ['2020-01-01', 'CAPITAL_ACCOUNT'],
      ['2020-03-31', 'CAPITAL_ACCOUNT'],
      ['2020-05-04', 'PERFORMANCE'],
    ]);
    const statements = await test.rows<{ origin: string }>(
      'SELECT DISTINCT origin FROM (SELECT * FROM fact_fund_performance FINAL ORDER BY fund_id, investor_id, investment_id, as_of_date DESC LIMIT 1 BY fund_id, investor_id, investment_id)',
    );
    expect(statements).toEqual([{ origin: 'PERFORMANCE' }]);
    expect(await test.rows('SELECT count() AS n FROM capital_account_statement')).toEqual([{ n: '3' }]);
  });

  it('still answers for days before, and as it was known before', async () => {
    const asOf = async (day: string) =>
      await test.rows('SELECT origin, nav FROM fund_performance_as_of(as_of = {day:Date32}) WHERE subject = {subject:String}', {
        day,
        subject: 'FUND',
      });
    const knownAt = async (day: string, at: string) =>
      await test.rows(
        'SELECT origin, nav FROM fund_performance_known_at(as_of = {day:Date32}, known_at = {at:String}) WHERE subject = {subject:String}',
        { day, at, subject: 'FUND' },
      );
    expect(await asOf('2020-04-30')).toEqual([{ origin: 'CAPITAL_ACCOUNT', nav: '12000000.00' }]);
    expect(await knownAt('2020-12-31', '2020-07-01 23:59:59')).toEqual([{ origin: 'CAPITAL_ACCOUNT', nav: '14000000.00' }]);
    expect((await knownAt('2020-12-31', '2020-07-02 23:59:59')).map((row) => row['origin'])).toEqual(['PERFORMANCE']);
    expect(await knownAt('2020-12-31', '2020-06-30 00:00:00')).toEqual([]);
  });
});

describe('a booking that is dated back', () => {
  it('replaces the figures of its day and of every later one, and keeps the former in the history', async () => {
    const [ada, bert] = ledger.last('CapitalCallIssued').notices;
    await book(
      '2020-08-03T08:00:00Z',
      pay(1, ada?.notice_id ?? '', 6n * million, '2020-05-25'),
      pay(1, bert?.notice_id ?? '', 4n * million, '2020-05-25'),
      invest('Deal', 9n * million, '2020-06-01'),
      value('Deal', 12n * million, '2020-09-30'),
    );
    const before = await totals();
    await book('2020-10-05T08:00:00Z', transact('EXPENSE_ACCRUED', 100_000_00n, '2020-07-15'));
    const after = await totals();
    expect(before.map(([day]) => day).filter((day) => String(day) > '2020-07-15')).toEqual(['2020-09-30']);
    const navOf = (rows: readonly (readonly unknown[])[], day: string): number => Number(rows.find((row) => row[0] === day)?.[2]);
    expect(navOf(before, '2020-09-30') - navOf(after, '2020-09-30')).toBeGreaterThan(0);
    expect(navOf(before, '2020-06-01')).toBe(navOf(after, '2020-06-01'));
    expect(after.map(([day]) => day)).toContain('2020-07-15');
    const versions = await test.rows<{ nav: string }>(
      "SELECT nav FROM fact_fund_performance_history FINAL WHERE is_fund_total AND as_of_date = '2020-09-30' ORDER BY _version",
    );
    expect(versions.map(({ nav }) => Number(nav))).toEqual([navOf(before, '2020-09-30'), navOf(after, '2020-09-30')]);
    const known = await test.rows<{ nav: string }>(
      "SELECT nav FROM fund_performance_known_at(as_of = '2020-09-30', known_at = '2020-10-01 00:00:00') WHERE subject = 'FUND'",
    );
    expect(known.map(({ nav }) => Number(nav))).toEqual([navOf(before, '2020-09-30')]);
    expect(await test.rows('SELECT * FROM quality_check_failures')).toEqual([]);
  });

  it('gives the same content when it is read from the first event', async () => {
    const before = await checksumClickHouse(test.warehouse);
    await emptyStarSchema(test.warehouse);
    await test.catchUp();
    expect(await checksumClickHouse(test.warehouse)).toEqual(before);
  });
});
