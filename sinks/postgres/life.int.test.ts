// The life of a fund over the real log: what stands in the tables of calls, distributions, investments, terms and facts afterwards.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { availableCash } from '#domain/journal/balances.ts';
import { formatMoney } from '#domain/money/money.ts';
import { testId } from '#tests/support/commands.ts';
import { callId, commitmentId, dealId, distributionId, investorId, lifeFund } from '#tests/support/fund-commands.ts';
import { appendLedgerEvents } from '#tests/support/life-log.ts';
import type { TestLedger } from '#tests/support/ledger.ts';
import { rowsOfState, rowsOfTables } from './ledger-rows.fixture.ts';
import { liveLedger } from './life.fixture.ts';
import { changesChannel } from './notify.ts';
import { createSinkFixture, partitions, type SinkFixture } from './sink.fixture.ts';

let fixture: SinkFixture;
let ledger: TestLedger;
const heard: string[] = [];

beforeAll(async () => {
  fixture = await createSinkFixture();
  const listener = new pg.Client({ connectionString: fixture.databaseUrl });
  await listener.connect();
  listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
  await listener.query(`LISTEN ${changesChannel}`);
  ledger = liveLedger(partitions);
  appendLedgerEvents(fixture.book, ledger.events);
  await fixture.publishWithFacts();
  const sink = await fixture.start();
  await fixture.level(sink);
  await sink.stop();
  await listener.end();
});
afterAll(() => fixture.drop());

type Row = Readonly<Record<string, unknown>>;
const rowsOf = async (sql: string, ...values: readonly unknown[]): Promise<readonly Row[]> =>
  (await fixture.pool.query<Row>(sql, [...values])).rows;
const only = async (sql: string, ...values: readonly unknown[]): Promise<Row> => {
  const rows = await rowsOf(sql, ...values);
  expect(rows).toHaveLength(1);
  return rows[0] ?? {};
};

describe('the life of a fund in the operational model', () => {
  it('is what the ledger knows: commitments, calls, notices, payments, distributions, investments, transactions', async () => {
    expect(await rowsOfTables(fixture.pool)).toEqual(rowsOfState(ledger.state));
  });

  it('has no finding of its own checks', async () => {
    expect(await rowsOf('SELECT * FROM quality_checks')).toEqual([]);
  });

  it('keeps every version of the terms, of the waterfalls the last one of a scope in use', async () => {
    expect(await rowsOf('SELECT terms_version, investor_id, is_active FROM waterfall_configs ORDER BY terms_version')).toEqual([
      { terms_version: 1, investor_id: null, is_active: false },
      { terms_version: 2, investor_id: null, is_active: true },
      { terms_version: 3, investor_id: investorId('Cleo'), is_active: true },
    ]);
    expect(await rowsOf('SELECT FROM fund_terms WHERE fund_id = $1 AND terms_version IS NOT NULL', lifeFund)).toHaveLength(3);
  });

  it('says how a waterfall came to its figures: terms, flows, source events and tiers to the cent', async () => {
    const { calculation } = ledger.last('DistributionDeclared');
    const first = ledger.all('DistributionDeclared')[0];
    const row = await only('SELECT * FROM calculation_results WHERE result_id = $1', first?.calculation.calculation_id);
    expect(row).toMatchObject({
      calculation_type: 'WATERFALL',
      fund_id: lifeFund,
      calculation_status: 'COMPLETED',
      terms_version: first?.calculation.terms_version,
      input_parameters: {
        terms: JSON.parse(first?.calculation.terms ?? 'null') as unknown,
        source_events: first?.calculation.inputs,
        contributions: JSON.parse(first?.calculation.contributions ?? 'null') as unknown,
      },
      calculation_result: {
        lp_total: formatMoney(first?.calculation.lp_total ?? 0n),
        tiers: first?.calculation.tiers.map((tier) => ({ ...tier, lp: formatMoney(tier.lp), gp: formatMoney(tier.gp) })),
      },
    });
    expect(await rowsOf('SELECT FROM calculation_results WHERE result_id = $1', calculation.calculation_id)).toHaveLength(1);
    const clawedBack = ledger.last('CarryClawedBack');
    expect(await only('SELECT due, calculation_id FROM carry_clawbacks')).toEqual({
      due: formatMoney(clawedBack.due),
      calculation_id: clawedBack.calculation.calculation_id,
    });
  });

  it('has the net asset value of each fact date as a calculation, with the event that it is true after', async () => {
    const [{ dates, results } = {}] =
      await rowsOf(`SELECT count(*) AS dates, count(r.result_id) AS results FROM hypothetical_liquidations h
      LEFT JOIN calculation_results r ON r.calculation_type = 'NAV' AND r.fund_id = h.fund_id AND r.calculation_date = h.as_of_date
        AND r.calculation_result->>'lp_net' = h.lp_net::text AND r.input_parameters->>'nav' = h.nav::text`);
    expect(Number(dates)).toBeGreaterThan(10);
    expect(results).toBe(dates);
  });

  it('counts the events of an investment by their dates, back-dated values included', async () => {
    expect(await only('SELECT * FROM investments WHERE investment_id = $1', dealId('Two'))).toMatchObject({
      investment_amount: '10000000.00',
      remaining_cost: '0.00',
      current_fair_value: '0.00',
      realised_gain_loss: '-10000000.00',
      investment_status: 'WRITTEN_OFF',
    });
    expect(await only('SELECT * FROM investments WHERE investment_id = $1', dealId('One'))).toMatchObject({
      investment_amount: '22000000.00',
      realised_proceeds: '60000000.00',
      last_valuation_date: '2020-12-31',
    });
    expect(await rowsOf('SELECT FROM investment_valuations WHERE investment_id = $1', dealId('One'))).toHaveLength(2);
  });

  it('has the flows in months made ahead of them, up to three beyond the business date, and none in the rest', async () => {
    const parts = await rowsOf(
      "SELECT relname FROM pg_class WHERE relname ~ '^cash_flows_[0-9]{4}_[0-9]{2}$' AND relkind = 'r' ORDER BY 1",
    );
    const names = parts.map((row) => row['relname']);
    expect(names.at(-1)).toBe('cash_flows_2022_04');
    expect(names[0]).toBe('cash_flows_2020_01');
    expect(names).toHaveLength(28);
    expect(await rowsOf('SELECT FROM cash_flows_other')).toEqual([]);
    expect((await rowsOf('SELECT FROM cash_flows')).length).toBeGreaterThan(15);
  });

  it('has a balanced journal whose cash is the cash of the ledger', async () => {
    const balances = ledger.state.funds.get(lifeFund)?.life?.balances ?? new Map<string, bigint>();
    expect(
      await only(
        "SELECT sum(debit) = sum(credit) AS balanced, sum(balance) FILTER (WHERE account_code = '1000') AS cash FROM trial_balances",
      ),
    ).toEqual({ balanced: true, cash: formatMoney(availableCash(balances)) });
  });

  it('shows capital accounts of the latest fact date, whole fund and investors, with their commitments', async () => {
    expect(
      await rowsOf(`SELECT a.investor_id FROM capital_accounts a JOIN fund_performance p ON p.fund_id = a.fund_id AND p.investor_id IS NOT DISTINCT FROM a.investor_id
        AND p.investment_id IS NULL AND p.as_of_date = a.as_of_date AND p.nav = a.remaining_value AND p.called_capital = a.called_amount AND p.tvpi IS NOT DISTINCT FROM a.tvpi
        WHERE NOT EXISTS (SELECT FROM fund_performance later WHERE later.fund_id = a.fund_id AND later.investor_id IS NOT DISTINCT FROM a.investor_id
          AND later.investment_id IS NULL AND later.as_of_date > a.as_of_date)`),
    ).toHaveLength(5);
    expect(await only('SELECT commitments FROM capital_accounts WHERE investor_id IS NULL')).toEqual({ commitments: 3 });
    expect(await only('SELECT commitments FROM capital_accounts WHERE investor_id = $1', investorId('Cleo'))).toEqual({
      commitments: 0,
    });
    const [{ fund, investors } = {}] = await rowsOf(
      'SELECT sum(remaining_value) FILTER (WHERE investor_id IS NULL) AS fund, sum(remaining_value) FILTER (WHERE investor_id IS NOT NULL) AS investors FROM capital_accounts',
    );
    expect(investors).toBe(fund);
  });

  it('keeps the aggregate at every tenth version', async () => {
    expect(
      await only('SELECT * FROM event_snapshots WHERE aggregate_id = $1 AND snapshot_version = 10', callId(1)),
    ).toMatchObject({
      aggregate_type: 'CAPITAL_CALL',
      snapshot_data: { call_id: callId(1), version: 10, call_status: 'SETTLED', call_number: 1 },
    });
    const due = ledger.events.filter(
      ({ type, value }) => type !== 'BusinessDateAdvanced' && value.envelope.event_version % 10 === 0,
    );
    expect(await rowsOf('SELECT FROM event_snapshots')).toHaveLength(due.length);
  });

  it('says who changed what: amounts before and after, also where the event names only what came of it', async () => {
    const changes = async (type: string): Promise<unknown> =>
      (await rowsOf('SELECT field_changes FROM audit_trail WHERE event_type = $1 ORDER BY "timestamp"', type)).at(-1)?.[
        'field_changes'
      ];
    expect(await changes('CommitmentAmountChanged')).toEqual([
      { field: 'commitment_amount', old_value: '60000000.00', new_value: '65000000.00' },
    ]);
    expect(await changes('CapitalCallPaymentReversed')).toEqual(
      expect.arrayContaining([
        { field: 'notice_paid_amount', old_value: '1000000.00', new_value: '0.00' },
        { field: 'notice_status', old_value: 'OVERDUE', new_value: 'OVERDUE' },
      ]),
    );
    expect(await changes('ExchangeRateSet')).toContainEqual({
      field: 'exchange_rate',
      old_value: '1.08450000',
      new_value: '1.09',
    });
    expect(await rowsOf("SELECT DISTINCT action_type FROM audit_trail WHERE event_type = 'ExchangeRateSet' ORDER BY 1")).toEqual([
      { action_type: 'CREATE' },
      { action_type: 'UPDATE' },
    ]);
    expect(await rowsOf("SELECT FROM audit_trail WHERE field_changes IS NULL OR field_changes = '[]'")).toEqual([]);
  });

  it('gives each notice of a payment that was in default its former status', async () => {
    const [last] = await rowsOf(
      'SELECT field_changes FROM audit_trail WHERE event_type = \'CapitalCallPaymentReceived\' AND entity_id = $1 ORDER BY "timestamp" DESC LIMIT 1',
      callId(1),
    );
    expect(last?.['field_changes']).toContainEqual({ field: 'notice_status', old_value: 'DEFAULTED', new_value: 'PAID' });
  });

  it('wakes the pages of every fund and investor, for facts as for events', () => {
    const named = heard.map((payload) => JSON.parse(payload) as { source: string; funds?: string[]; investors?: string[] });
    for (const source of ['events', 'cash-flows', 'performance', 'waterfalls'])
      expect(named.filter((notice) => notice.source === source).flatMap(({ funds = [] }) => funds)).toContain(lifeFund);
    expect(named.filter(({ source }) => source === 'performance').flatMap(({ investors = [] }) => investors)).toContain(
      investorId('Dora'),
    );
  });

  it('has a transfer with the share of the history that moved', async () => {
    const moved = ledger.last('CommitmentTransferred');
    expect(await only("SELECT * FROM commitment_modifications WHERE modification_type = 'TRANSFER'")).toMatchObject({
      commitment_id: commitmentId('Cleo'),
      to_commitment_id: testId('commitment of Dora'),
      called_inside_moved: formatMoney(moved.called_inside_moved),
      paid_in_moved: formatMoney(moved.paid_in_moved),
    });
    expect(
      await only('SELECT distribution_status, payment_date FROM distributions WHERE distribution_id = $1', distributionId(1)),
    ).toEqual({
      distribution_status: 'PAID',
      payment_date: '2021-01-26',
    });
  });
});
