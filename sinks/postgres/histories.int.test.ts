// Whatever a ledger accepts, Postgres takes: random lives of funds, cut into transactions anywhere, end in the state of the ledger.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';
import type { AnyEvent } from '#domain/messages.ts';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import { inTransaction } from '#platform/postgres/transaction.ts';
import { loadCodec } from '#schemas/released.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { generatedLog } from '#tests/support/generated-funds.ts';
import { createFactTeller } from '#tests/support/life-log.ts';
import { beginning, commandOf, type Step } from '#tests/support/random-life.ts';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { addFact } from './add-fact.ts';
import { emptyBatch } from './batch.ts';
import { checksumPostgres } from './checksum.ts';
import { contentTables } from './content-tables.ts';
import { rowsOfState, rowsOfTables, writeEvents } from './ledger-rows.fixture.ts';
import type { SinkFact } from './log-item.ts';
import { migrateOperationalModel } from './migrations.ts';
import { writeBatch } from './write.ts';

let isolation: Isolation;
let pool: Pool;
beforeAll(async () => {
  isolation = await createIsolation({ stores: ['postgres'] });
  pool = createPostgresPool({
    databaseUrl: isolation.addresses.databaseUrl,
    applicationName: 'histories-test',
    connectionsMin: 0,
  });
  await migrateOperationalModel(pool);
});
afterAll(async () => {
  await pool.end();
  await isolation.drop();
});

const clear = async (): Promise<void> => {
  await pool.query(`TRUNCATE ${contentTables.map(({ name }) => name).join(', ')}`);
};

const number = fc.integer({ min: 0, max: 999 });
const step: fc.Arbitrary<Step> = fc.tuple(number, number, number, number, number, number);
const lives = fc.record({
  seed: number,
  steps: fc.array(step, { minLength: 60, maxLength: 150 }),
  sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 }),
});

describe('every history that a ledger accepts', () => {
  it(
    'applies without a violation and ends in the same rows, wherever transactions begin and end',
    { timeout: 240_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(lives, async ({ seed, steps, sizes }) => {
          const ledger = testLedger().given(...beginning(seed));
          steps.forEach((taken, index) => {
            const command = commandOf(ledger.state, taken, index + 1);
            if (command !== null) ledger.book(command);
          });
          await clear();
          await writeEvents(pool, ledger.events, () => ledger.events.length);
          expect(await rowsOfTables(pool)).toEqual(rowsOfState(ledger.state));
          const whole = await checksumPostgres(pool);
          await clear();
          await writeEvents(pool, ledger.events, (transaction) => sizes[transaction % sizes.length] ?? 1);
          expect(await checksumPostgres(pool)).toEqual(whole);
        }),
        { numRuns: Number(process.env['STRATCAP_LIVES'] ?? 12), endOnFailure: true },
      );
    },
  );

  it('applies with all facts of its processors, and the checks of the data find nothing', { timeout: 240_000 }, async () => {
    const codec = loadCodec();
    const log = await generatedLog({ funds: 3, investors: 4, years: 7 });
    const events = log.events.map(({ value }) => codec.decode(value ?? Buffer.alloc(0)) as unknown as AnyEvent);
    const told = createFactTeller({ codec, partitions: 1, topicPrefix: '' })
      .tell(
        log.events.map(({ key, value }) => ({ topic: 'events', partition: 0, key: Buffer.from(key), value })),
        100,
      )
      .map(({ value }) => codec.decode(value ?? Buffer.alloc(0)))
      .filter(({ type }) => type !== 'ProcessorProgress') as unknown as readonly SinkFact[];
    const writeAll = async (size: number): Promise<void> => {
      await clear();
      await writeEvents(pool, events, () => size);
      for (let at = 0; at < told.length; at += size) {
        const batch = emptyBatch();
        for (const fact of told.slice(at, at + size)) addFact(batch, fact);
        await inTransaction(pool, (client) => writeBatch(client, batch));
      }
    };
    await writeAll(2_000);
    const rows = async (table: string): Promise<number> => (await pool.query(`SELECT FROM ${table}`)).rowCount ?? 0;
    expect(await rows('quality_checks')).toBe(0);
    expect(await rows('(SELECT FROM trial_balances GROUP BY fund_id HAVING sum(balance) <> 0) AS unbalanced')).toBe(0);
    for (const table of [
      'capital_call_notices',
      'distribution_notices',
      'cash_flows',
      'fund_performance',
      'hypothetical_liquidations',
    ])
      expect(await rows(table)).toBeGreaterThan(30);
    const { rows: statuses } = await pool.query<{ status: string }>(
      'SELECT DISTINCT distribution_status AS status FROM distributions',
    );
    expect(statuses.map(({ status }) => status)).toContain('PAID');
    const whole = await checksumPostgres(pool);
    await writeAll(577);
    expect(await checksumPostgres(pool)).toEqual(whole);
  });
});
