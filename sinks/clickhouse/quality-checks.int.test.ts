// Each check of the data finds the fault that it is there for, planted in the warehouse of a generated fund.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testId } from '#tests/support/commands.ts';
import { generatedLog } from '#tests/support/generated-funds.ts';
import { openWarehouse, type TestWarehouse } from './warehouse.fixture.ts';

let test: TestWarehouse;
/** Version of planted rows: later than any of the log. */
const planted = '18446744073709551615';

beforeAll(async () => {
  test = await openWarehouse();
  const { events } = await generatedLog({ funds: 3, investors: 3, years: 6 });
  await test.log.append(events);
  await test.catchUp();
}, 240_000);
afterAll(async () => await test.close());

/** Writes a row that differs from one of the table, says which checks fail, and takes it out again. */
const failing = async (table: string, where: string, fault: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
  const [row] = await test.rows<Record<string, unknown>>(`SELECT * FROM ${table} FINAL WHERE ${where} LIMIT 1`);
  if (row === undefined) throw new Error(`${table} has no row where ${where}`);
  await test.warehouse.insert(table, [{ ...row, ...fault, _version: planted }]);
  const failed = await test.rows<{ check_name: string }>(
    'SELECT DISTINCT check_name FROM quality_check_failures ORDER BY check_name',
  );
  await test.warehouse.command(`DELETE FROM ${table} WHERE _version = ${planted}`);
  return failed.map(({ check_name }) => check_name);
};

describe('the checks of the data', () => {
  it('find nothing in what the log says', async () => {
    expect(await test.rows('SELECT * FROM quality_check_failures')).toEqual([]);
  });

  it.each([
    [
      'commitments far above the size of the fund',
      'fact_commitments',
      '1',
      { commitment_amount: '99999999999.00' },
      'COMMITMENT_CONSISTENCY',
    ],
    [
      'a notice of a call that asks for another amount',
      'fact_capital_call_notices',
      "call_id IN (SELECT call_id FROM fact_capital_calls WHERE status = 'SETTLED')",
      { call_amount: '0.01' },
      'CAPITAL_CALL_RECONCILIATION',
    ],
    [
      'a notice of a distribution that pays another amount',
      'fact_distribution_notices',
      "distribution_id IN (SELECT distribution_id FROM fact_distributions WHERE status = 'PAID')",
      { net_distribution: '0.01' },
      'DISTRIBUTION_RECONCILIATION',
    ],
    [
      'tiers that give the general partner another amount',
      'fact_distributions_history',
      "status = 'DECLARED'",
      {
        tier_gp_amounts: ['0.01'],
        tier_lp_amounts: ['0.00'],
        tiers: ['SPLIT'],
        tier_places: [0],
        tier_partners: [''],
        tier_deals: [''],
        event_version: 99,
      },
      'DISTRIBUTION_RECONCILIATION',
    ],
    ['a roll with other income', 'fact_nav_rolls', 'is_fund_total', { other_income: '123456.78' }, 'NAV_ROLL'],
    [
      'an investor with another value',
      'fact_fund_performance',
      "subject = 'INVESTOR' AND origin = 'PERFORMANCE'",
      { nav: '0.01' },
      'FUND_TOTAL',
    ],
    ['a journal line with another debit', 'fact_journal_lines', 'debit > 0', { debit: '0.01' }, 'JOURNAL_BALANCE'],
    [
      'a payment recorded twice',
      'fact_capital_call_payments',
      'NOT is_reversed',
      { payment_id: testId('twice') },
      'DUPLICATE_RECORDS',
    ],
    [
      'a cash flow of a fund that is not known',
      'fact_cash_flows',
      '1',
      { cash_flow_id: testId('stray'), fund_id: testId('nowhere') },
      'ORPHANED_RECORDS',
    ],
    [
      'a payment on a notice that is not known',
      'fact_capital_call_payments',
      'NOT is_reversed',
      { notice_id: testId('nowhere') },
      'ORPHANED_RECORDS',
    ],
  ] as const)('find %s', async (_what, table, where, fault, check) => {
    expect(await failing(table, where, fault)).toContain(check);
  });

  it('tell which of them fail, and that the others pass', async () => {
    const [flow] = await test.rows('SELECT * FROM fact_cash_flows FINAL LIMIT 1');
    await test.warehouse.insert('fact_cash_flows', [{ ...flow, cash_flow_id: testId('lost'), fund_id: testId('nowhere') }]);
    expect(await test.rows('SELECT check_name, failures FROM quality_checks WHERE NOT is_passed')).toEqual([
      { check_name: 'ORPHANED_RECORDS', failures: '1' },
    ]);
    expect(await test.rows('SELECT count() AS n FROM quality_checks WHERE is_passed')).toEqual([{ n: '7' }]);
  });
});
