// `verify` on real engines: nothing to say about a true store, and every planted fault named by its row and field.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyCommand } from '#domain/messages.ts';
import type { Codec } from '#schemas/codec.ts';
import { loadCodec } from '#schemas/released.ts';
import { topicName } from '#schemas/topics.ts';
import {
  testCommand,
  testCommitment,
  testFund,
  testId,
  testInvestor,
  testOpening,
  testValuation,
} from '#tests/support/commands.ts';
import { startPipeline, type Pipeline, type PipelineFaults } from '#tests/support/pipeline.ts';
import { ledgerProcessor } from '../../processors/ledger/processor.ts';
import type { Difference } from './model.ts';

const alpha = testId('fund Alpha');
const plan = testId('investor Plan');
const commitment = testId('commitment Alpha Plan');
const story = (): readonly AnyCommand[] => [
  testCommand('CreateInvestor', { investor: testInvestor('Plan') }),
  testCommand('CreateFund', {
    fund: testFund('Alpha', {
      fund_size: 1_000_000_00n,
      terms: [
        {
          term_id: testId('term'),
          term_type: 'WATERFALL',
          term_name: 'Carry',
          term_value: '{"carry":"0.2"}',
          effective_date: '2026-01-01',
          expiry_date: null,
        },
      ],
    }),
  }),
  testCommitment('Alpha', 'Plan', 600_000_00n),
  testCommitment('Alpha', 'Plan', 600_000_00n, { commitment_id: testId('too much') }),
  testOpening(
    'Alpha',
    'Plan',
    { called: 700_000_00n, distributed: 100_000_01n, remaining: null },
    { reported_irr: '0.1250', reported_multiple: '1.4' },
  ),
  testValuation('Alpha', 'Plan', 800_000_00n),
  testCommand('CloseFund', { fund_id: alpha, final_close_date: '2026-02-01' }),
];
const named = (differences: readonly Difference[]): readonly string[] => [
  ...new Set(differences.map(({ where, table, field }) => `${where} ${table} ${field}`)),
];

/** A codec that reads one message type wrongly: the fault of a mapping that looks at the wrong value. */
const misreading = (type: string, change: (value: Record<string, unknown>) => Record<string, unknown>): Codec => {
  const codec = loadCodec();
  return {
    ...codec,
    decode: (bytes) => {
      const message = codec.decode(bytes);
      return message.type === type ? { ...message, value: change(message.value as Record<string, unknown>) } : message;
    },
  };
};

describe('a true store', () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await startPipeline();
    await pipeline.book(...story());
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
      `UPDATE capital_accounts SET remaining_value = remaining_value + 0.01 WHERE investor_id = '${plan}'`,
      `UPDATE capital_accounts SET remaining_value = remaining_value - 0.01 WHERE investor_id = '${plan}'`,
    ],
    [
      'commitments',
      'commitment_amount',
      `UPDATE commitments SET commitment_amount = commitment_amount + 0.01`,
      `UPDATE commitments SET commitment_amount = commitment_amount - 0.01`,
    ],
    [
      'opening_balances',
      'distributed_amount',
      `UPDATE opening_balances SET distributed_amount = distributed_amount - 0.01`,
      `UPDATE opening_balances SET distributed_amount = distributed_amount + 0.01`,
    ],
    ['funds', 'fund_size', `UPDATE funds SET fund_size = fund_size + 0.01`, `UPDATE funds SET fund_size = fund_size - 0.01`],
    [
      'event_store',
      'event_data',
      `UPDATE event_store SET event_data = jsonb_set(event_data, '{commitment_amount}', '"600000.01"') WHERE event_type = 'CommitmentMade'`,
      `UPDATE event_store SET event_data = jsonb_set(event_data, '{commitment_amount}', '"600000.00"') WHERE event_type = 'CommitmentMade'`,
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
    const [row] = await warehouse.query<Record<string, unknown>>('SELECT * FROM fact_commitments FINAL');
    const write = async (changes: object): Promise<void> => await warehouse.insert('fact_commitments', [{ ...row, ...changes }]);
    const mend = async (): Promise<void> => {
      await warehouse.command('DELETE FROM fact_commitments WHERE 1');
      await write({});
    };
    expect(
      await after(async () => {
        await warehouse.command('DELETE FROM fact_commitments WHERE 1');
        await write({ commitment_amount: '600000.01' });
      }, mend),
    ).toEqual(['clickhouse fact_commitments commitment_amount']);
    expect(await after(async () => await write({ commitment_id: testId('ghost') }), mend)).toEqual([
      'clickhouse fact_commitments (row)',
    ]);
    expect(
      await after(
        async () => await warehouse.command(`DELETE FROM fact_commitments WHERE commitment_id = '${commitment}'`),
        mend,
      ),
    ).toEqual(['clickhouse fact_commitments (row)']);
    expect((await pipeline.verify()).differences).toEqual([]);
  });
  it('names the place on the log when an event is put in that the ledger did not write', async () => {
    const events = topicName(pipeline.isolation.topicPrefix, 'events');
    const [last] = await pipeline.book(testCommand('CreateFund', { fund: testFund('Beta') }));
    const forged = pipeline.codec.encode('stratcap.event.FundClosed', {
      fund_id: testId('fund Beta'),
      final_close_date: '2026-03-01',
      envelope: {
        chain_hash: Buffer.alloc(32),
        event_id: testId('forged'),
        tenant_id: testId('tenant'),
        aggregate_type: 'FUND',
        aggregate_id: testId('fund Beta'),
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
    await producer.send([{ topic: events, partition: last!.partition, key: Buffer.from(testId('fund Beta')), value: forged }]);
    await producer.close();
    expect(named((await pipeline.verify()).differences)).toEqual(['log events chain_hash']);
  });
});

describe('a planted fault', () => {
  const found = async (faults: PipelineFaults): Promise<readonly string[]> => {
    const pipeline = await startPipeline(faults);
    try {
      await pipeline.book(...story());
      return named((await pipeline.verify()).differences);
    } finally {
      await pipeline.stop();
      await pipeline.isolation.drop();
    }
  };
  const plus =
    (field: string) =>
    (value: Record<string, unknown>): Record<string, unknown> => ({ ...value, [field]: (value[field] as bigint) + 1n });
  const card =
    (name: string, changes: object) =>
    (value: Record<string, unknown>): Record<string, unknown> => ({
      ...value,
      [name]: { ...(value[name] as object), ...changes },
    });
  it.each<readonly [string, PipelineFaults, string]>([
    [
      'the fund mapping of Postgres',
      { postgresCodec: misreading('FundCreated', card('fund', { geography: 'Nowhere' })) },
      'postgres funds geography',
    ],
    [
      'the investor mapping of Postgres',
      { postgresCodec: misreading('InvestorCreated', card('investor', { kyc_status: 'PENDING' })) },
      'postgres investors kyc_status',
    ],
    [
      'the commitment mapping of Postgres',
      { postgresCodec: misreading('CommitmentMade', plus('commitment_amount')) },
      'postgres commitments commitment_amount',
    ],
    [
      'the opening balance mapping of Postgres',
      { postgresCodec: misreading('OpeningBalanceRecorded', plus('called_amount')) },
      'postgres opening_balances called_amount',
    ],
    [
      'the valuation mapping of Postgres',
      { postgresCodec: misreading('ValuationRecorded', plus('remaining_value')) },
      'postgres valuations remaining_value',
    ],
    [
      'the capital account mapping of Postgres',
      { postgresCodec: misreading('CapitalAccount', plus('committed_amount')) },
      'postgres capital_accounts committed_amount',
    ],
    [
      'the fund mapping of ClickHouse',
      { clickhouseCodec: misreading('FundCreated', card('fund', { fund_manager: 'Nobody' })) },
      'clickhouse dim_fund_history fund_manager',
    ],
    [
      'the investor mapping of ClickHouse',
      { clickhouseCodec: misreading('InvestorCreated', card('investor', { industry: 'None' })) },
      'clickhouse dim_investor_history industry',
    ],
    [
      'the cash flow mapping of ClickHouse',
      { clickhouseCodec: misreading('OpeningBalanceRecorded', plus('distributed_amount')) },
      'clickhouse fact_cash_flows distribution_amount',
    ],
    [
      'the performance mapping of ClickHouse',
      { clickhouseCodec: misreading('CapitalAccount', (value) => ({ ...value, tvpi: '9.9999999999' })) },
      'clickhouse fact_fund_performance tvpi',
    ],
    [
      'the capital accounts processor',
      { accountsCodec: misreading('ValuationRecorded', plus('remaining_value')) },
      'postgres capital_accounts remaining_value',
    ],
  ])('in %s is named', async (_name, faults, expected) => {
    expect(await found(faults)).toContain(expected);
  });
  it('in the fold of the ledger is named', async () => {
    const first = await startPipeline();
    await first.book(...story().slice(0, 3));
    await first.stop();
    const codec = loadCodec();
    const sound = ledgerProcessor({ codec, partitions: first.partitions });
    // A ledger that forgets commitments when it restores gives their next event a version that is taken.
    const forgetful = {
      ...sound,
      stateVersion: 2,
      evolve: (state: Parameters<typeof sound.evolve>[0], record: Parameters<typeof sound.evolve>[1]) => {
        sound.evolve(state, record);
        for (const commitmentState of state.ledger.commitments.values()) commitmentState.version = 0;
      },
    };
    const second = await startPipeline({ ledger: forgetful }, first.isolation);
    try {
      await second.book(testValuation('Alpha', 'Plan', 1n));
      expect(named((await second.verify()).differences)).toContain('log events event_version');
    } finally {
      await second.stop();
      await first.isolation.drop();
    }
  });
});
