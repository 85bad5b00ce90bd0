// The pool against a real server: what its sessions are set to, what comes back, and what a transaction leaves behind.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg, { type Pool } from 'pg';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { isPostgresUnavailable } from './errors.ts';
import { createPostgresPool, poolStatistics } from './pool.ts';
import { inTransaction } from './transaction.ts';

let isolation: Isolation;
let pool: Pool;
beforeAll(async () => {
  isolation = await createIsolation({ stores: ['postgres'] });
  pool = createPostgresPool({ databaseUrl: isolation.addresses.databaseUrl, applicationName: 'pool-test', connectionsMin: 0 });
});
afterAll(async () => {
  await pool.end();
  await isolation.drop();
});

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('the pool', () => {
  it('gives decimals, big integers, dates and instants as text with all their digits, in UTC whatever the machine says', async () => {
    const { rows } = await pool.query(
      "SELECT 99999999999999999.99::numeric(20,2) AS money, 9223372036854775807::int8 AS big, date '2026-03-31' AS day, timestamptz '2026-03-31 01:02:03.123456+02' AS instant, date '2026-03-31' AS again",
    );
    expect(rows).toEqual([
      {
        money: '99999999999999999.99',
        big: '9223372036854775807',
        day: '2026-03-31',
        instant: '2026-03-30T23:02:03.123456Z',
        again: '2026-03-31',
      },
    ]);
  });

  it('opens its sessions with the settings of the platform and tells how full it is', async () => {
    const names = ['jit', 'work_mem', 'max_parallel_workers_per_gather', 'statement_timeout', 'application_name'];
    const { rows } = await pool.query<{ name: string; setting: string }>(
      'SELECT name, current_setting(name) AS setting FROM pg_settings WHERE name = ANY($1)',
      [names],
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      jit: 'off',
      work_mem: '64MB',
      max_parallel_workers_per_gather: '2',
      statement_timeout: '30s',
      application_name: 'pool-test',
    });
    const bounds = createPostgresPool({ databaseUrl: isolation.addresses.databaseUrl, applicationName: 'bounds' });
    await Promise.all(Array.from({ length: 7 }, () => bounds.query('SELECT pg_sleep(0.05)')));
    expect(poolStatistics(bounds)).toEqual({ size: 7, idle: 7, waiting: 0, min: 5, max: 20 });
    await bounds.end();
  });

  it('cancels a statement that takes too long, which is worth trying again', async () => {
    const hasty = createPostgresPool({
      databaseUrl: isolation.addresses.databaseUrl,
      applicationName: 'hasty',
      statementTimeoutMs: 50,
    });
    const error = await errorOf(hasty.query('SELECT pg_sleep(5)'));
    expect(error).toMatchObject({ code: '57014' });
    expect(isPostgresUnavailable(error)).toBe(true);
    await hasty.end();
  });

  it('lives on when its idle connections are cut, and opens new ones', async () => {
    const told: Error[] = [];
    const cut = createPostgresPool({
      databaseUrl: isolation.addresses.databaseUrl,
      applicationName: 'cut',
      onIdleError: (error) => told.push(error),
    });
    await cut.query('SELECT 1');
    await pool.query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'cut'");
    await expect.poll(() => told.length).toBe(1);
    expect((await cut.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
    await cut.end();
  });
});

describe('a transaction', () => {
  it('fails at its next statement, and not the process, when its connection is cut between two statements', async () => {
    const lost = await errorOf(
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await pool.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
        await sleep(50);
        await client.query('SELECT 1');
      }),
    );
    expect(isPostgresUnavailable(lost)).toBe(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('leaves nothing of a failed piece of work, gives the connection back, and finds names in the schema that it was given', async () => {
    await pool.query('CREATE SCHEMA other; CREATE TABLE other.notes (note text)');
    const failure = new Error('no');
    await expect(
      inTransaction(
        pool,
        async (client) => {
          await client.query("INSERT INTO notes VALUES ('lost')");
          throw failure;
        },
        { schema: 'other' },
      ),
    ).rejects.toBe(failure);
    await inTransaction(pool, (client) => client.query("INSERT INTO notes VALUES ('kept')"), { schema: 'other' });
    expect((await pool.query('SELECT note FROM other.notes')).rows).toEqual([{ note: 'kept' }]);
    await expect(pool.query('SELECT FROM notes')).rejects.toThrow('does not exist');
    expect(poolStatistics(pool).idle).toBe(poolStatistics(pool).size);
  });
});

describe('a failure of Postgres', () => {
  it('is worth waiting for when the server is away or cuts the connection, and is a defect when the statement is wrong', async () => {
    const nobody = createPostgresPool({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'nobody' });
    expect(isPostgresUnavailable(await errorOf(nobody.query('SELECT 1')))).toBe(true);
    await nobody.end();
    const client = new pg.Client({ connectionString: isolation.addresses.databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    expect(isPostgresUnavailable(await errorOf(client.query('SELECT pg_terminate_backend(pg_backend_pid())')))).toBe(true);
    expect(isPostgresUnavailable(await errorOf(client.query('SELECT 1')))).toBe(true);
    expect(isPostgresUnavailable(await errorOf(pool.query('SELECT 1 / 0')))).toBe(false);
    expect(isPostgresUnavailable(await errorOf(pool.query('SELECT nothing')))).toBe(false);
    expect(isPostgresUnavailable(new Error('some defect'))).toBe(false);
  });
});
