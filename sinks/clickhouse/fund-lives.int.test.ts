// Generated lives of funds through the processors of facts into the real ClickHouse: what stands there is what the facts say.
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CashFlow, JournalEntry, NavRoll, Performance } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { generatedLog } from '#tests/support/generated-funds.ts';
import { checksumClickHouse, emptyStarSchema } from './rebuild.ts';
import { openWarehouse, type TestWarehouse } from './warehouse.fixture.ts';

const folder = new URL('./queries/', import.meta.url);
const queries = readdirSync(folder).filter((name) => name.endsWith('.sql'));
let test: TestWarehouse;
const total = (amounts: readonly bigint[]): string => formatMoney(amounts.reduce((sum, minor) => sum + minor, 0n));

beforeAll(async () => {
  test = await openWarehouse();
  const { events } = await generatedLog({ funds: 4, investors: 4, years: 6, withSurroundings: true });
  await test.log.append(events);
  await test.catchUp();
}, 240_000);

afterAll(async () => await test.close());

describe('the star schema of generated fund lives', () => {
  it('has every dated flow once, with the sums that the facts say', async () => {
    const flows = test.log.facts<CashFlow>('cash-flows', 'CashFlow');
    expect(flows.length).toBeGreaterThan(300);
    const [row] = await test.rows<Record<string, string>>(
      "SELECT count() AS n, sum(net_cash_flow) AS net, sum(capital_call_amount) AS paid, sum(distribution_amount) AS received FROM fact_cash_flows FINAL WHERE cash_flow_type != 'OPENING_BALANCE'",
    );
    expect(row).toEqual({
      n: String(flows.length),
      net: total(flows.map(({ net_cash_flow }) => net_cash_flow)),
      paid: total(flows.map(({ capital_call_amount }) => capital_call_amount)),
      received: total(flows.map(({ distribution_amount }) => distribution_amount)),
    });
  });

  it('has the latest performance of each subject and day, and nothing else', async () => {
    const facts = test.log.facts<Performance>('performance', 'Performance');
    const none = '00000000-0000-0000-0000-000000000000';
    const latest = new Map(
      facts.map((fact) => [
        `${fact.fund_id}|${fact.investor_id ?? none}|${fact.investment_id ?? none}|${fact.as_of_date}`,
        [
          formatMoney(fact.nav ?? 0n),
          formatMoney(fact.called_capital ?? 0n),
          fact.irr,
          fact.irr_status,
          fact.tvpi,
          fact.gross_irr,
          fact.dpi,
        ],
      ]),
    );
    const rows = await test.rows<Record<string, string | null>>(
      "SELECT * FROM fact_fund_performance FINAL WHERE origin = 'PERFORMANCE'",
    );
    const found = new Map(
      rows.map((row) => [
        `${row['fund_id']}|${row['investor_id']}|${row['investment_id']}|${row['as_of_date']}`,
        [row['nav'], row['called_capital'], row['irr'], row['irr_status'], row['tvpi'], row['gross_irr'], row['dpi']],
      ]),
    );
    expect(found.size).toBeGreaterThan(500);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(latest));
  });

  it('keeps every version in the history', async () => {
    const facts = test.log.facts<Performance>('performance', 'Performance');
    const [row] = await test.rows<{ n: string }>(
      "SELECT count() AS n FROM fact_fund_performance_history FINAL WHERE origin = 'PERFORMANCE'",
    );
    expect(row?.n).toBe(String(facts.length));
  });

  it('has the journal line by line, balanced', async () => {
    const lines = test.log.facts<JournalEntry>('cash-flows', 'JournalEntry').flatMap((entry) => entry.lines);
    const [row] = await test.rows<Record<string, string>>(
      'SELECT count() AS n, sum(debit) AS debit, sum(credit) AS credit FROM fact_journal_lines FINAL',
    );
    const debit = total(lines.map((line) => line.debit));
    expect(row).toEqual({ n: String(lines.length), debit, credit: debit });
    expect(await test.rows('SELECT fund_id FROM trial_balance GROUP BY fund_id HAVING sum(balance) != 0')).toEqual([]);
  });

  it('has the roll of the net asset value of the last day of each fund', async () => {
    const rolls = new Map(
      test.log
        .facts<NavRoll>('performance', 'NavRoll')
        .filter(({ investor_id }) => investor_id === null)
        .map((roll) => [`${roll.fund_id}|${roll.as_of_date}`, [formatMoney(roll.closing_nav), formatMoney(roll.net_nav)]]),
    );
    const rows = await test.rows<Record<string, string>>('SELECT * FROM fact_nav_rolls FINAL WHERE is_fund_total');
    expect(
      Object.fromEntries(rows.map((row) => [`${row['fund_id']}|${row['as_of_date']}`, [row['closing_nav'], row['net_nav']]])),
    ).toEqual(Object.fromEntries(rolls));
  });

  it('passes every check of the data', async () => {
    const checks = await test.rows<{ check_name: string; is_passed: boolean }>(
      'SELECT check_name, is_passed FROM quality_checks',
    );
    expect(await test.rows('SELECT * FROM quality_check_failures LIMIT 20')).toEqual([]);
    expect(checks.length).toBe(8);
    expect(checks.every(({ is_passed }) => is_passed)).toBe(true);
  });

  it.each(queries)('answers %s', async (name) => {
    const [question = '', ...lines] = (await readFile(new URL(name, folder), 'utf8')).split('\n');
    expect(question).toMatch(/^-- .+[?.]$/);
    const parameters = Object.fromEntries(
      lines.flatMap((line) =>
        [...line.matchAll(/^-- (\w+) = (\S+)$/g)].map(([, parameter = '', given = '']) => [parameter, given]),
      ),
    );
    const rows = await test.rows(lines.filter((line) => !line.startsWith('--')).join('\n'), parameters);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('adds flows up by vintage and year to what the facts say', async () => {
    const query = await readFile(new URL('capital-by-vintage-and-year.sql', folder), 'utf8');
    const rows = await test.rows<Record<string, string>>(query.replace(/^--.*$/gm, ''));
    const flows = test.log.facts<CashFlow>('cash-flows', 'CashFlow').filter(({ investor_id }) => investor_id !== null);
    const of2024 = flows.filter(({ flow_date }) => flow_date.startsWith('2024'));
    const sumOf = (column: string, year?: number): number =>
      rows
        .filter((row) => year === undefined || Number(row['year']) === year)
        .reduce((sum, row) => sum + Number(row[column]) * 100, 0);
    expect(Math.round(sumOf('net_cash_flow'))).toBe(Number(flows.reduce((sum, { net_cash_flow }) => sum + net_cash_flow, 0n)));
    expect(Math.round(sumOf('distributed', 2024))).toBe(
      Number(of2024.reduce((sum, { distribution_amount }) => sum + distribution_amount, 0n)),
    );
  });

  it('shows the J-curve, the statement of the roll and the tiers with the sums of their facts', async () => {
    const [curve] = await test.rows(
      'SELECT sum(net_cash_flow) AS net FROM cash_flow_j_curve UNION ALL SELECT sum(last) AS net FROM (SELECT argMax(cumulative_net_cash_flow, quarter_end) AS last FROM cash_flow_j_curve GROUP BY fund_id)',
    );
    const flows = test.log.facts<CashFlow>('cash-flows', 'CashFlow').filter(({ investor_id }) => investor_id !== null);
    expect(curve?.['net']).toBe(total(flows.map(({ net_cash_flow }) => net_cash_flow)));
    const rolls = await test.rows(
      "SELECT fund_id FROM nav_roll_statement(from_date = '2022-01-01', to_date = '2022-12-31') WHERE opening_nav + contributions + distributions + management_fees + expenses + interest_income + dividend_income + other_income + interest_expense + realised_gain_loss + unrealised_change + transfers + carried_interest_paid != closing_nav",
    );
    expect(rolls).toEqual([]);
    const unequal = await test.rows(
      "SELECT d.distribution_id FROM (SELECT * FROM fact_distributions WHERE status != 'CANCELLED') AS d LEFT JOIN (SELECT distribution_id, sum(gp_amount) AS gp FROM waterfall_by_tier WHERE waterfall = 'DISTRIBUTION' GROUP BY distribution_id) AS t ON t.distribution_id = d.distribution_id WHERE t.gp != d.carried_interest",
    );
    expect(unequal).toEqual([]);
  });

  it('says of every table, view and column what it is', async () => {
    expect(
      await test.rows(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table != 'schema_migrations' AND comment = ''",
      ),
    ).toEqual([]);
    expect(
      await test.rows(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name != 'schema_migrations' AND comment = ''",
      ),
    ).toEqual([]);
  });

  it('has returns that ClickHouse finds as well, but where a history changed hands', async () => {
    const query = (await readFile(new URL('irr-cross-check.sql', folder), 'utf8')).replace(/^--.*$/gm, '');
    const rows = await test.rows<{ subject: string; has_transfer: number; compared: string; agreeing: string }>(
      `SELECT subject, has_transfer, count() AS compared, countIf(abs(irr - irr_by_clickhouse) <= 1e-7) AS agreeing FROM (${query}) GROUP BY subject, has_transfer ORDER BY subject, has_transfer`,
    );
    const dated = rows.filter(({ has_transfer }) => has_transfer === 0);
    expect(dated.map(({ subject }) => subject)).toEqual(['FUND', 'INVESTMENT', 'INVESTOR']);
    for (const { subject, compared, agreeing } of dated) expect({ subject, agreeing }).toEqual({ subject, agreeing: compared });
    const [ok] = await test.rows<{ n: string }>(
      "SELECT count() AS n FROM fact_fund_performance FINAL WHERE origin = 'PERFORMANCE' AND if(subject = 'INVESTMENT', gross_irr_status, irr_status) = 'OK'",
    );
    expect(rows.reduce((sum, { compared }) => sum + Number(compared), 0)).toBe(Number(ok?.n));
  });

  it('is the same after a rebuild', async () => {
    const before = await checksumClickHouse(test.warehouse);
    await emptyStarSchema(test.warehouse);
    await test.catchUp();
    expect(await checksumClickHouse(test.warehouse)).toEqual(before);
  });
});
