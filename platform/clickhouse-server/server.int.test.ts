import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, temporaryFolder } from './start-for-tests.ts';
import type { TestServer } from './start-for-tests.ts';

const { folder, remove } = temporaryFolder();
let server: TestServer;
let ingest: ClickHouseClient;
let analyst: ClickHouseClient;

beforeAll(async () => {
  server = await startTestServer(folder);
  ingest = server.client('ingest');
  analyst = server.client('analyst');
  await createTable('kept', 's String');
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  remove();
});

async function createTable(name: string, columns: string): Promise<void> {
  await ingest.command({ query: `CREATE TABLE ${name} (${columns}) ENGINE = MergeTree ORDER BY tuple()` });
}

async function rowsOf<T>(client: ClickHouseClient, query: string, params: Record<string, unknown> = {}): Promise<T[]> {
  return await (await client.query({ query, format: 'JSONEachRow', query_params: params })).json<T>();
}

describe('parameters', () => {
  it('arrive as values and never as SQL', async () => {
    const [row] = await rowsOf<{ s: string; list: string[]; day: string; n: string; nothing: null }>(
      analyst,
      'SELECT {s:String} AS s, {list:Array(String)} AS list, toString({day:Date32}) AS day, toString({n:Decimal(20, 2)}) AS n, {nothing:Nullable(String)} AS nothing',
      {
        s: "tab\tquote' back\\slash\n\n; DROP TABLE kept",
        list: ["it's", 'b\\'],
        day: '2024-02-29',
        n: '123456789012345678.91',
        nothing: null,
      },
    );
    expect(row).toEqual({
      s: "tab\tquote' back\\slash\n\n; DROP TABLE kept",
      list: ["it's", 'b\\'],
      day: '2024-02-29',
      n: '123456789012345678.91',
      nothing: null,
    });
  });

  it('of one caller are not there for the next', async () => {
    await Promise.all(
      Array.from({ length: 12 }, () => rowsOf(analyst, 'SELECT {secret:String} AS s', { secret: 'of the first caller' })),
    );
    await expect(rowsOf(analyst, 'SELECT {secret:String} AS s')).rejects.toMatchObject({ code: '456' });
  });

  it('are kept apart when many ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => rowsOf<{ n: number }>(analyst, 'SELECT {n:UInt32} AS n', { n })),
    );
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });
});

describe('errors', () => {
  it('are typed for the client', async () => {
    await expect(rowsOf(analyst, 'SELECT nothing_of_that_name')).rejects.toMatchObject({
      code: '47',
      type: 'UNKNOWN_IDENTIFIER',
    });
    await expect(rowsOf(analyst, 'SELECT 1 FROM no_table')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    await expect(rowsOf(analyst, 'SELEC 1')).rejects.toMatchObject({ code: '497', type: 'ACCESS_DENIED' });
    for (const unfinished of ['SELECT 1 +', 'SELECT 1 FROM', 'SELECT (1', 'SELECT 1 WHERE', 'SELECT 1)'])
      expect((await server.send('analyst', unfinished)).text).toMatch(/^Code: 62\. .*\(SYNTAX_ERROR\)/s);
    await expect(ingest.command({ query: 'CREATE TABLE x (a' })).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' });
  });

  it('name the row of the data and nothing of this machine', async () => {
    await createTable('typed', 'n UInt8');
    const answer = await server.send('ingest', '{"n":1}\n{"n":"x"}\n', { query: 'INSERT INTO typed FORMAT JSONEachRow' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('(at row 2)');
    expect(answer.text).not.toContain(folder);
    expect(await rowsOf(analyst, 'SELECT n FROM typed')).toEqual([]);
  });

  it('leave a clean connection: the next answer holds nothing of the failed query', async () => {
    for (const format of ['TabSeparated', 'JSONCompact', 'CSVWithNames'])
      for (let round = 0; round < 8; round += 1) {
        const failed = await server.send(
          'analyst',
          `SELECT number, throwIf(number = 90000) FROM numbers(100000) FORMAT ${format}`,
          { wait_end_of_query: '1' },
        );
        expect(failed.status).toBe(500);
        expect(failed.text).toMatch(/^Code: 395\. /);
        expect((await server.send('analyst', 'SELECT 1')).text).toBe('1\n');
      }
  });

  it('in the middle of a stream reach the client as errors, not as a short result', async () => {
    await expect(
      rowsOf(
        analyst,
        'SELECT number, throwIf(number = 1500000) AS t FROM numbers(2000000) SETTINGS max_block_size = 1000, max_threads = 1',
      ),
    ).rejects.toMatchObject({ code: '395' });
    expect(await rowsOf(analyst, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('for a body that is not what its Content-Encoding says', async () => {
    const answer = await server.send(
      'ingest',
      'not gzip at all',
      { query: 'INSERT INTO kept FORMAT TSV' },
      { headers: { 'content-encoding': 'gzip' } },
    );
    expect(answer).toMatchObject({ status: 400, text: expect.stringMatching(/^Code: 354\./) });
    expect(readdirSync(path.join(folder, 'spool'))).toEqual([]);
  });
});

describe('limits', () => {
  it('stop a query at its time limit', async () => {
    const startedAt = Date.now();
    await expect(
      rowsOf(analyst, 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1 SETTINGS max_execution_time = 1'),
    ).rejects.toMatchObject({ code: '159', type: 'TIMEOUT_EXCEEDED' });
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  it('stop a query at its memory limit', async () => {
    await expect(
      rowsOf(analyst, 'SELECT uniqExact(number) FROM numbers(100000000) SETTINGS max_memory_usage = 50000000'),
    ).rejects.toMatchObject({ code: '241' });
  });

  it('refuse to hold a result that cannot be streamed and is too large', async () => {
    const answer = await server.send(
      'analyst',
      'SELECT repeat(toString(number % 10), 3000) FROM numbers(50000) FORMAT JSONCompact',
    );
    expect(answer).toMatchObject({ status: 400, text: expect.stringMatching(/^Code: 396\. /) });
  });

  it('refuse a statement above one megabyte', async () => {
    const answer = await server.send('analyst', `SELECT '${'x'.repeat(2 ** 20)}'`);
    expect(answer).toMatchObject({ status: 413, text: expect.stringMatching(/Max query size exceeded/) });
  });

  it('take VALUES above one megabyte as plain values, so that no expression in them is evaluated', async () => {
    await createTable('many_values', 's String');
    const plain = Array.from({ length: 60_000 }, (_, n) => `('row ${String(n)} padded with some text')`).join(',');
    expect((await server.send('ingest', `INSERT INTO many_values VALUES ${plain}`)).status).toBe(200);
    const hidden = await server.send('ingest', `INSERT INTO many_values VALUES ${plain}, (file('/etc/passwd'))`);
    expect(hidden.text).toMatch(/^Code: 344\. .*Interpreting expressions is disabled/);
    const evaluated = await server.send('ingest', `INSERT INTO many_values VALUES ${plain}, (upper('x'))`);
    expect(evaluated.text).toMatch(/^Code: 344\. /);
  });
});

describe('a reader that goes away', () => {
  it('frees its connection within seconds, streaming or not', async () => {
    for (const sql of [
      'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1',
      'SELECT number FROM numbers(100000000000) FORMAT JSONEachRow',
      'SELECT (SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1) FORMAT JSONEachRow',
    ]) {
      // Every analyst connection is taken.
      const controller = new AbortController();
      const calls = Array.from({ length: 4 }, () =>
        server.send('analyst', sql, {}, { signal: controller.signal }).catch((error: unknown) => error),
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      controller.abort();
      await Promise.all(calls);
      const startedAt = Date.now();
      expect((await server.send('analyst', 'SELECT 1')).text).toBe('1\n');
      expect(Date.now() - startedAt).toBeLessThan(5000);
    }
    // The inserts have their own connections.
    expect((await server.send('ingest', 'SELECT 1')).text).toBe('1\n');
  });

  it('by KILL QUERY from a driver, only for queries of the same user', async () => {
    const long = server.send('analyst', 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1', {
      query_id: 'long-one',
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await server.send('ingest', "KILL QUERY WHERE query_id = 'long-one'")).text).toBe('');
    expect((await server.send('analyst', "KILL QUERY WHERE query_id = 'long-one'")).text).toBe('waiting\tlong-one\tanalyst\t\n');
    expect(await long).toMatchObject({ status: 500, text: expect.stringMatching(/^Code: 394\./) });
  });
});

describe('who may call', () => {
  it.each([
    ['a wrong password', { authorization: `Basic ${btoa('analyst:wrong')}` }],
    ['an unknown user', { authorization: `Basic ${btoa('default:')}` }],
    ['no credentials', { authorization: '' }],
    ['the password of the other user', { authorization: `Basic ${btoa('analyst:ingest-secret')}` }],
  ])('not with %s', async (_, headers) => {
    const answer = await server.send('analyst', 'SELECT 1', {}, { headers });
    expect(answer).toMatchObject({ status: 403, text: expect.stringMatching(/^Code: 516\. /) });
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('516');
  });

  it.each([{ user: 'analyst', password: 'analyst-secret' }])('by user and password in the address', async (search) => {
    expect((await server.send('analyst', 'SELECT 1', search, { headers: { authorization: '' } })).text).toBe('1\n');
  });

  it('by the headers of ClickHouse', async () => {
    expect(
      (
        await server.send(
          'analyst',
          'SELECT 1',
          {},
          { headers: { authorization: '', 'x-clickhouse-user': 'analyst', 'x-clickhouse-key': 'analyst-secret' } },
        )
      ).text,
    ).toBe('1\n');
  });

  it('not under a name that is not ours (DNS rebinding), nor from a page elsewhere', async () => {
    expect(await server.raw('SELECT 1', { headers: { host: 'rebound.example:8123' } })).toMatchObject({ status: 403 });
    expect(await server.raw('SELECT 1', { headers: { origin: 'https://elsewhere.example' } })).toMatchObject({ status: 403 });
    expect(await server.raw('SELECT 1', { headers: { host: 'localhost:1' } })).toMatchObject({ status: 200 });
  });

  it('and GET only reads', async () => {
    const url = `${server.url}/?${new URLSearchParams({ query: 'TRUNCATE TABLE kept' }).toString()}`;
    const answer = await fetch(url, { headers: { authorization: `Basic ${btoa('ingest:ingest-secret')}` } });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toMatch(/^Code: 164\./);
  });
});

describe('the interface', () => {
  it('answers ping without credentials, HEAD and OPTIONS', async () => {
    expect(await (await fetch(`${server.url}/ping`)).text()).toBe('Ok.\n');
    expect((await fetch(server.url, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(server.url, { method: 'OPTIONS' })).status).toBe(204);
    const head = await server.raw('SELECT 1', { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  it('echoes the query id and says how many rows', async () => {
    const answer = await server.send('analyst', 'SELECT number FROM numbers(3)', {
      query_id: 'my-id',
      default_format: 'JSONEachRow',
    });
    expect(answer.headers.get('x-clickhouse-query-id')).toBe('my-id');
    expect(answer.headers.get('x-clickhouse-format')).toBe('JSONEachRow');
    expect(JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '{}')).toMatchObject({ result_rows: '3', read_rows: '3' });
    expect(await server.send('analyst', 'SELECT 1', { query_id: 'a b\r\nx: y' })).toMatchObject({ status: 400 });
  });

  it('takes settings from the address, for this query only, and formats in every place', async () => {
    expect((await server.send('analyst', "SELECT getSetting('max_block_size')", { max_block_size: '7' })).text).toBe('7\n');
    expect((await server.send('analyst', "SELECT getSetting('max_block_size')")).text).not.toBe('7\n');
    expect((await server.send('analyst', 'SELECT 1 AS x FORMAT JSONEachRow SETTINGS max_threads = 1;')).text).toBe('{"x":1}\n');
    expect((await server.send('analyst', 'SELECT 1 AS x SETTINGS max_threads = 1 FORMAT JSONEachRow')).text).toBe('{"x":1}\n');
    expect(
      (await server.send('analyst', "SELECT 'FORMAT TSV' AS x -- FORMAT XML\n", { default_format: 'JSONEachRow' })).text,
    ).toBe('{"x":"FORMAT TSV"}\n');
    expect(await server.send('analyst', 'SELECT 1', { no_such_setting: '1' })).toMatchObject({
      status: 404,
      text: expect.stringMatching(/^Code: 115\./),
    });
    expect(await server.send('analyst', 'SELECT 1', { "x'; DROP": '1' })).toMatchObject({ status: 404 });
    expect(await server.send('analyst', 'SELECT 1', { profile: 'default', role: 'ingest', readonly: '0' })).toMatchObject({
      status: 200,
    });
  });

  it('streams a large result in constant memory and whole', async () => {
    const stream = (await analyst.query({ query: 'SELECT number AS n FROM numbers(1000000)', format: 'JSONEachRow' })).stream<{
      n: number;
    }>();
    let rows = 0;
    let sum = 0;
    for await (const batch of stream)
      for (const row of batch) {
        rows += 1;
        sum += row.json<{ n: number }>().n;
      }
    expect([rows, sum]).toEqual([1_000_000, 499_999_500_000]);
  });

  it('gives the analyst what drivers ask the system tables, and the ingest user DDL in databases of this project', async () => {
    for (const table of ['tables', 'columns', 'databases', 'functions', 'settings', 'view_refreshes'])
      expect((await server.send('analyst', `SELECT count() >= 0 FROM system.${table}`)).text).toBe('1\n');
    expect((await server.send('ingest', 'CREATE DATABASE stratcap_other')).status).toBe(200);
    expect((await server.send('ingest', 'CREATE TABLE t (a Int8) ENGINE = Memory', { database: 'stratcap_other' })).status).toBe(
      200,
    );
    expect((await server.send('analyst', 'SELECT count() FROM t', { database: 'stratcap_other' })).text).toBe('0\n');
    expect((await server.send('ingest', 'DROP DATABASE stratcap_other SYNC')).status).toBe(200);
    expect(await server.send('analyst', 'SELECT 1', { database: 'stratcap_no_such' })).toMatchObject({
      status: 404,
      text: expect.stringMatching(/^Code: 81\./),
    });
    expect((await server.send('analyst', 'SELECT 1')).text).toBe('1\n');
  });

  it('refreshes a mart on request and waits for it', async () => {
    await createTable('base', 'amount Decimal(20, 2)');
    await server.send(
      'ingest',
      'CREATE MATERIALIZED VIEW mart REFRESH EVERY 1 YEAR ENGINE = MergeTree ORDER BY tuple() EMPTY AS SELECT sum(amount) AS total FROM base',
    );
    await server.send('ingest', 'INSERT INTO base VALUES (1.25), (2.50)');
    expect((await server.send('ingest', 'SYSTEM REFRESH VIEW mart')).text).toBe('');
    expect((await server.send('ingest', 'SYSTEM WAIT VIEW mart')).text).toBe('');
    expect((await server.send('analyst', 'SELECT total FROM mart')).text).toBe('3.75\n');
  });

  it('syncs inserts to disk and knows UTC only', async () => {
    expect(
      (
        await server.send(
          'analyst',
          "SELECT name, value FROM system.merge_tree_settings WHERE name IN ('fsync_after_insert', 'fsync_part_directory') ORDER BY name",
        )
      ).text,
    ).toBe('fsync_after_insert\t1\nfsync_part_directory\t1\n');
    expect((await server.send('analyst', 'SELECT timezone()')).text).toBe('UTC\n');
  });

  it('runs INSERT .. SELECT, DELETE and ALTER with a settings list in the address', async () => {
    await createTable('edited', 'n UInt32');
    const once = { max_threads: '1' };
    expect((await server.send('ingest', 'INSERT INTO edited (n) SELECT number FROM numbers(10)', once)).text).toBe('');
    expect((await server.send('ingest', 'DELETE FROM edited WHERE n >= 5', { ...once, mutations_sync: '1' })).text).toBe('');
    expect((await server.send('ingest', 'ALTER TABLE edited ADD COLUMN s String', once)).text).toBe('');
    expect((await server.send('analyst', 'SELECT count() FROM edited')).text).toBe('5\n');
  });
});
