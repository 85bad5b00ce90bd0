// Whatever a ledger accepts, Postgres takes: random lives of funds, cut into transactions anywhere, end in the state of the ledger.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { beginning, commandOf, type Step } from '#tests/support/random-life.ts';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { checksumPostgres } from './checksum.ts';
import { contentTables } from './content-tables.ts';
import { rowsOfState, rowsOfTables, writeEvents } from './ledger-rows.fixture.ts';
import { migrateOperationalModel } from './migrations.ts';

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
});
