// The main job as a user meets it: a first start imports the shipped positions, every store and the API show the sums of
// the file to the cent, a rebuild gives the same content, a second start has everything, Ctrl-C leaves nothing behind.
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWarehouse } from '#platform/clickhouse/client.ts';
import { fileSumTexts } from '#tests/support/positions-file.ts';
import { removeStackFolder, runCommand, startOwnStack, type OwnStack } from '#tests/support/own-stack.ts';

const expected = fileSumTexts();
type Sums = Record<string, readonly string[]>;

describe('the first start', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'stratcap-first-'));
  let stack: OwnStack;
  beforeAll(async () => {
    stack = await startOwnStack({ dataFolder, args: [] });
  }, 400_000);
  afterAll(async () => {
    await stack.stop();
    removeStackFolder(dataFolder);
  });

  it('imports the shipped positions with a progress bar and ends with the addresses', () => {
    expect(stack.output()).toMatch(/Imported 1300 rows in .* 1300 booked, 0 booked before, 0 rejected, 508 findings/);
    for (const name of ['Page and API', 'ClickHouse', 'Postgres', 'Kafka', 'Schema registry'])
      expect(stack.output()).toContain(name);
  });
  it('keeps secrets for its owner alone', () => {
    for (const file of ['secrets.json', 'stack.json']) expect(statSync(join(dataFolder, file)).mode & 0o077, file).toBe(0);
  });
  it('shows the sums of the file by investor in Postgres, in ClickHouse and from the API, to the cent', async () => {
    expect((await runCommand(dataFolder, ['verify'])).stdout).toMatch(/^0 differences$/m);
    const env = stack.env();
    const client = new pg.Client({ connectionString: env['DATABASE_URL'] });
    await client.connect();
    const fromPostgres = (
      await client.query<Record<string, string>>(
        `SELECT i.investor_name, sum(committed_amount) AS committed, sum(called_amount) AS called, sum(distributed_amount) AS distributed, sum(remaining_value) AS remaining
       FROM capital_accounts a JOIN investors i USING (investor_id) GROUP BY 1`,
      )
    ).rows;
    const {
      rows: [counted],
    } = await client.query<{ commitments: string; multiple: string; vintage: string }>(
      `SELECT (SELECT count(*) FROM commitments) AS commitments, (SELECT count(*) FROM findings WHERE rule = 'reported-multiple-differs') AS multiple, (SELECT count(DISTINCT fund_id) FROM findings WHERE rule = 'vintage-differs') AS vintage`,
    );
    await client.end();
    const sums = (rows: readonly Record<string, string>[]): Sums =>
      Object.fromEntries(
        rows.map((row) => [
          String(row['investor_name']),
          [row['committed'], row['called'], row['distributed'], row['remaining']].map(String),
        ]),
      );
    expect(sums(fromPostgres)).toEqual(expected);
    expect(counted).toEqual({ commitments: '1300', multiple: '6', vintage: '34' });

    const warehouse = createWarehouse({
      url: env['CLICKHOUSE_URL'] ?? '',
      user: env['CLICKHOUSE_ANALYST_USER'] ?? '',
      password: env['CLICKHOUSE_ANALYST_PASSWORD'] ?? '',
      database: 'stratcap',
    });
    const fromClickHouse = await warehouse.query<Record<string, string>>(
      'SELECT investor_name, committed_capital AS committed, called_capital AS called, distributed_capital AS distributed, remaining_value AS remaining FROM commitment_summary',
    );
    await warehouse.close();
    expect(sums(fromClickHouse)).toEqual(expected);

    const base = `http://127.0.0.1:${stack.httpPort()}/v1`;
    const { investors } = (await (await fetch(`${base}/investors?limit=100`)).json()) as {
      investors: readonly { investor_name: string; totals: readonly Record<string, string>[] }[];
    };
    const fromApi: Sums = Object.fromEntries(
      investors.map(({ investor_name, totals: [total] }) => [
        investor_name,
        ['committed_amount', 'called_amount', 'distributed_amount', 'remaining_value'].map((field) => String(total?.[field])),
      ]),
    );
    expect(fromApi).toEqual(expected);
  });
  it.each(['postgres', 'clickhouse'])('gives equal content when %s is rebuilt from the log', async (store) => {
    const { code, stdout, stderr } = await runCommand(dataFolder, ['rebuild', store, '--json']);
    expect(code, stderr).toBe(0);
    const { before, after } = JSON.parse(stdout) as { before: unknown; after: unknown };
    expect(after).toEqual(before);
    await stack.untilReady();
    expect((await runCommand(dataFolder, ['verify'])).stdout).toMatch(/^0 differences$/m);
  });
  it('says how it is on one line of JSON', async () => {
    const { stdout } = await runCommand(dataFolder, ['status', '--json']);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ready: true,
      commitments: 1300,
      lag: 0,
      engines: { kafka: 'ready', postgres: 'ready', clickhouse: 'ready', registry: 'ready' },
      roles: { ledger: 'ready', 'sink-clickhouse': 'ready' },
    });
  });
  it('stops whole on Ctrl-C, and is up again with everything still there', async () => {
    const status = await stack.status();
    const pids = [...(status?.engines ?? []), ...(status?.roles ?? [])].map(({ pid }) => pid).filter((pid) => pid !== null);
    expect(pids.length).toBe(10);
    expect((await stack.stop()).code).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid, 0), String(pid)).toThrow('ESRCH');
    stack = await startOwnStack({ dataFolder, args: [] });
    expect(stack.output()).not.toContain('Importing');
    const { stdout } = await runCommand(dataFolder, ['verify']);
    expect(stdout).toContain('1300 commitments, USD 272854194811.00 committed');
    expect(stdout).toMatch(/^0 differences$/m);
  });
  it('refuses a second stack on the same folder and names the holder', async () => {
    const { code, stderr } = await runCommand(dataFolder, ['up', '--free-ports']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/A stack already runs on .* \(pid \d+\)/);
  });
});
