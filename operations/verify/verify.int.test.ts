// `verify` on real engines: nothing to say about a true store, and every change by hand named by its row and field.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topicName } from '#schemas/topics.ts';
import { testCommand, testFund, testId } from '#tests/support/commands.ts';
import { startPipeline, type Pipeline } from '#tests/support/pipeline.ts';
import type { Difference } from './model.ts';
import { ownLife, takenCommitment, takenFund, takenInvestor, takenOver } from './story.fixture.ts';

const named = (differences: readonly Difference[]): readonly string[] => [
  ...new Set(differences.map(({ where, table, field }) => `${where} ${table} ${field}`)),
];

/** A cent or a word of every row of these columns, by table; `others` change with them because a constraint ties them. */
const inPostgres: readonly (readonly [string, string, string, string])[] = [
  ['waterfall_configs', 'terms_version', 'terms_version + 1', 'terms_version - 1'],
  ['commitment_modifications', 'paid_in_moved', 'paid_in_moved + 0.01', 'paid_in_moved - 0.01'],
  ['capital_calls', 'paid_amount', 'paid_amount + 0.01', 'paid_amount - 0.01'],
  ['capital_call_notices', 'unfunded_before', 'unfunded_before + 0.01', 'unfunded_before - 0.01'],
  ['capital_call_payments', 'expenses_portion', 'expenses_portion + 0.01', 'expenses_portion - 0.01'],
  ['distributions', 'recallable_amount', 'recallable_amount + 0.01', 'recallable_amount - 0.01'],
  ['distribution_notices', 'recallable_amount', 'recallable_amount + 0.01', 'recallable_amount - 0.01'],
  ['investments', 'realised_proceeds', 'realised_proceeds + 0.01', 'realised_proceeds - 0.01'],
  ['investment_valuations', 'unrealised_gain_loss', 'unrealised_gain_loss + 0.01', 'unrealised_gain_loss - 0.01'],
  ['fund_transactions', 'amount', 'amount + 0.01', 'amount - 0.01'],
  ['exchange_rates', 'exchange_rate', 'exchange_rate + 0.01', 'exchange_rate - 0.01'],
  ['chart_of_accounts', 'is_active', 'NOT is_active', 'NOT is_active'],
  ['system_configurations', 'is_active', 'NOT is_active', 'NOT is_active'],
  ['business_dates', 'business_date', 'business_date + 1', 'business_date - 1'],
  ['cash_flows', 'net_cash_flow', 'net_cash_flow + 0.01', 'net_cash_flow - 0.01'],
  ['journal_entries', 'debit', 'debit + 0.01', 'debit - 0.01'],
  ['nav_rolls', 'currency', "'EUR'", "'USD'"],
  ['fund_performance', 'distributed_capital', 'distributed_capital + 0.01', 'distributed_capital - 0.01'],
  ['hypothetical_liquidations', 'lp_net', 'lp_net + 0.01', 'lp_net - 0.01'],
  ['quality_findings', 'severity', "'INFO'", "'WARNING'"],
];
const inClickHouse: readonly (readonly [string, string])[] = [
  ['fact_commitment_changes', 'change_amount'],
  ['fact_capital_calls_history', 'total_call_amount'],
  ['fact_capital_call_notices', 'call_amount'],
  ['fact_capital_call_payments', 'amount'],
  ['fact_distributions_history', 'carried_interest'],
  ['fact_distribution_notices', 'net_distribution'],
  ['dim_exchange_rate', 'exchange_rate'],
  ['fact_cash_flows', 'net_cash_flow'],
  ['fact_cash_flows_history', 'distribution_amount'],
  ['fact_journal_lines', 'credit'],
  ['fact_fund_performance', 'committed_capital'],
  ['fact_fund_performance_history', 'committed_capital'],
  ['fact_nav_rolls', 'closing_nav'],
  ['fact_nav_rolls_history', 'contributions'],
  ['fact_hypothetical_liquidations', 'lp_net'],
  ['fact_hypothetical_liquidations_history', 'nav'],
];
const inClickHouseWords: readonly (readonly [string, string])[] = [
  ['dim_investment_history', 'portfolio_company'],
  ['dim_account', 'account_name'],
  ['fact_quality_findings', 'message'],
  ['fact_quality_findings_history', 'message'],
];

describe('a true store', () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await startPipeline();
    const outcomes = await pipeline.book(...takenOver(), ...ownLife(pipeline.partitions));
    // One commitment of the story is more than its fund has room for.
    expect(outcomes.filter(({ kind }) => kind === 'REJECTED')).toHaveLength(1);
  });
  afterAll(async () => {
    await pipeline.stop();
    await pipeline.isolation.drop();
  });
  const after = async (damage: () => Promise<unknown>, mend: () => Promise<unknown>): Promise<readonly string[]> => {
    await damage();
    try {
      return named((await pipeline.verify()).differences);
    } finally {
      await mend();
    }
  };
  const sql = async (text: string): Promise<unknown> => await pipeline.pool.query(text);

  it('has no differences', async () => {
    expect((await pipeline.verify()).differences).toEqual([]);
  });
  it.each([
    [
      'capital_accounts',
      'remaining_value',
      `UPDATE capital_accounts SET remaining_value = remaining_value + 0.01 WHERE investor_id = '${takenInvestor}'`,
      `UPDATE capital_accounts SET remaining_value = remaining_value - 0.01 WHERE investor_id = '${takenInvestor}'`,
    ],
    [
      'commitments',
      'commitment_amount',
      `UPDATE commitments SET commitment_amount = commitment_amount + 0.01 WHERE commitment_id = '${takenCommitment}'`,
      `UPDATE commitments SET commitment_amount = commitment_amount - 0.01 WHERE commitment_id = '${takenCommitment}'`,
    ],
    [
      'opening_balances',
      'distributed_amount',
      `UPDATE opening_balances SET distributed_amount = distributed_amount - 0.01`,
      `UPDATE opening_balances SET distributed_amount = distributed_amount + 0.01`,
    ],
    [
      'funds',
      'fund_size',
      `UPDATE funds SET fund_size = fund_size + 0.01 WHERE fund_id = '${takenFund}'`,
      `UPDATE funds SET fund_size = fund_size - 0.01 WHERE fund_id = '${takenFund}'`,
    ],
    [
      'event_store',
      'event_data',
      `UPDATE event_store SET event_data = jsonb_set(event_data, '{commitment_amount}', '"600000.01"') WHERE event_data->>'commitment_id' = '${takenCommitment}' AND event_type = 'CommitmentMade'`,
      `UPDATE event_store SET event_data = jsonb_set(event_data, '{commitment_amount}', '"600000.00"') WHERE event_data->>'commitment_id' = '${takenCommitment}' AND event_type = 'CommitmentMade'`,
    ],
    [
      'audit_trail',
      'reason',
      `UPDATE audit_trail SET reason = 'x' WHERE event_type = 'FundCreated'`,
      `UPDATE audit_trail SET reason = NULL WHERE event_type = 'FundCreated'`,
    ],
  ])('names %s.%s when a cent or a word is changed by hand in Postgres', async (table, field, damage, mend) => {
    expect(
      await after(
        async () => await sql(damage),
        async () => await sql(mend),
      ),
    ).toEqual([`postgres ${table} ${field}`]);
  });
  it('names the row when one cent is changed by hand in ClickHouse, and when a row is taken out or put in', async () => {
    const { warehouse } = pipeline;
    const own = `commitment_id = '${takenCommitment}'`;
    const [row] = await warehouse.query<Record<string, unknown>>(`SELECT * FROM fact_commitments FINAL WHERE ${own}`);
    const write = async (changes: object): Promise<void> => await warehouse.insert('fact_commitments', [{ ...row, ...changes }]);
    const mend = async (): Promise<void> => {
      await warehouse.command(`DELETE FROM fact_commitments WHERE ${own} OR commitment_id = '${testId('ghost')}'`);
      await write({});
    };
    expect(
      await after(async () => {
        await warehouse.command(`DELETE FROM fact_commitments WHERE ${own}`);
        await write({ commitment_amount: '600000.01' });
      }, mend),
    ).toEqual(['clickhouse fact_commitments commitment_amount']);
    expect(await after(async () => await write({ commitment_id: testId('ghost') }), mend)).toEqual([
      'clickhouse fact_commitments (row)',
    ]);
    expect(await after(async () => await warehouse.command(`DELETE FROM fact_commitments WHERE ${own}`), mend)).toEqual([
      'clickhouse fact_commitments (row)',
    ]);
    expect((await pipeline.verify()).differences).toEqual([]);
  });
  it('names every table of the life of a fund in which a cent or a word is changed by hand in Postgres', async () => {
    const client = await pipeline.pool.connect();
    const change = async (to: 2 | 3): Promise<void> => {
      // Triggers of the store would refuse what is to be found here.
      await client.query('BEGIN; SET LOCAL session_replication_role = replica');
      for (const row of inPostgres) await client.query(`UPDATE ${row[0]} SET ${row[1]} = ${row[to]}`);
      await client.query('COMMIT');
    };
    const found = await after(
      async () => await change(2),
      async () => await change(3),
    );
    client.release();
    expect([...found].sort()).toEqual(inPostgres.map(([table, column]) => `postgres ${table} ${column}`).sort());
  });
  it('names every table of the life of a fund in which a cent or a word is changed by hand in ClickHouse', async () => {
    // Of rows of one version the one that was written last counts.
    const rewrite = async (table: string, column: string, changed: string): Promise<void> =>
      await pipeline.warehouse.command(`INSERT INTO ${table} SELECT * REPLACE (${changed} AS ${column}) FROM ${table} FINAL`);
    const change = async (amount: (column: string) => string, word: (column: string) => string): Promise<void> => {
      for (const [table, column] of inClickHouse) await rewrite(table, column, amount(column));
      for (const [table, column] of inClickHouseWords) await rewrite(table, column, word(column));
    };
    const found = await after(
      async () =>
        await change(
          (column) => `${column} + toDecimal128('0.01', 2)`,
          (column) => `concat(${column}, '!')`,
        ),
      async () =>
        await change(
          (column) => `${column} - toDecimal128('0.01', 2)`,
          (column) => `substring(${column}, 1, length(${column}) - 1)`,
        ),
    );
    expect([...found].sort()).toEqual(
      [...inClickHouse, ...inClickHouseWords].map(([table, column]) => `clickhouse ${table} ${column}`).sort(),
    );
    expect((await pipeline.verify()).differences).toEqual([]);
  });
  it('names the place on the log when an event is put in that the ledger did not write', async () => {
    const events = topicName(pipeline.isolation.topicPrefix, 'events');
    const [last] = await pipeline.book(testCommand('CreateFund', { fund: testFund('Gamma') }));
    const forged = pipeline.codec.encode('stratcap.event.FundClosed', {
      fund_id: testId('fund Gamma'),
      final_close_date: '2026-03-01',
      envelope: {
        chain_hash: Buffer.alloc(32),
        event_id: testId('forged'),
        tenant_id: testId('tenant'),
        aggregate_type: 'FUND',
        aggregate_id: testId('fund Gamma'),
        event_version: 2,
        effective_date: '2026-03-01',
        recorded_at: last!.decided_at,
        actor: { user_id: testId('forger'), user_role: 'none' },
        origin: { channel: 'API', ip: null, user_agent: null, session_id: null },
        reason: null,
        correlation_id: testId('c'),
        causation_id: testId('forged'),
        depends_on: [],
        findings: [],
      },
    });
    const producer = pipeline.kafka.producer();
    await producer.send([{ topic: events, partition: last!.partition, key: Buffer.from(testId('fund Gamma')), value: forged }]);
    await producer.close();
    expect(named((await pipeline.verify()).differences)).toEqual(['log events chain_hash']);
  });
});
