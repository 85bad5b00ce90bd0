import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { ClickHouseClient } from '@clickhouse/client';
import { compressFrameSync } from 'lz4-napi';
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

/** Data that breaks an INSERT whose rows stand inside the statement. */
const HOSTILE = [
  'a;b',
  'nul\0inside',
  'blank\n\nline',
  '\n\n;DROP TABLE hostile',
  "'); DROP TABLE hostile; --",
  '`"\'\\',
  '\u0000\u0001\u001f',
  'naïve “quotes” 🏦',
  '/* open',
  '-- x\n',
  'FORMAT TSV\n\n',
  '{x:String}',
  '',
  ' ',
  '\r\n\r\n',
  '\\N',
  'NULL',
];

describe('rows come back exactly as they were sent', () => {
  it('whatever their text holds, as JSONEachRow', async () => {
    await createTable('hostile', 'n UInt32, s String');
    await ingest.insert({ table: 'hostile', values: HOSTILE.map((s, n) => ({ n, s })), format: 'JSONEachRow' });
    expect(await rowsOf(analyst, 'SELECT n, s FROM hostile ORDER BY n')).toEqual(HOSTILE.map((s, n) => ({ n, s })));
  });

  it.each(['TabSeparated', 'CSV', 'JSONCompactEachRow', 'RowBinary', 'Native', 'Parquet'])(
    'read out and sent in again as %s',
    async (format) => {
      const table = `again_${format.toLowerCase()}`;
      await createTable(table, 'n UInt32, s String');
      const { body } = await server.raw(`SELECT n, s FROM hostile ORDER BY n FORMAT ${format}`);
      expect((await server.send('ingest', body, { query: `INSERT INTO ${table} FORMAT ${format}` })).text).toBe('');
      expect(await rowsOf(analyst, `SELECT n, s FROM ${table} ORDER BY n`)).toEqual(HOSTILE.map((s, n) => ({ n, s })));
    },
  );

  it('as TSV in one body with the statement, where a blank line would end inline data', async () => {
    await createTable('inline', 's String');
    const answer = await server.send('ingest', 'INSERT INTO inline FORMAT TSV\na\n\n;DROP TABLE inline\nb\n');
    expect(JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '{}')).toMatchObject({ written_rows: '4' });
    expect(await rowsOf(analyst, 'SELECT s FROM inline')).toEqual([
      { s: 'a' },
      { s: '' },
      { s: ';DROP TABLE inline' },
      { s: 'b' },
    ]);
  });

  it('as random bytes in RowBinary, 20,000 rows in one body', async () => {
    await createTable('binary', 'n UInt32, s FixedString(12)');
    const rows = Array.from({ length: 20_000 }, (_, n) => {
      const row = Buffer.alloc(16);
      row.writeUInt32LE(n);
      randomBytes(12).copy(row, 4);
      return row;
    });
    const bytes = Buffer.concat(rows);
    expect((await server.send('ingest', bytes, { query: 'INSERT INTO binary FORMAT RowBinary' })).status).toBe(200);
    const back = await server.raw('SELECT n, s FROM binary ORDER BY n FORMAT RowBinary');
    expect(back.body.equals(bytes)).toBe(true);
  });

  it('as VALUES with expressions, quotes and blank lines', async () => {
    await createTable('literal', 'n UInt32, s String, d Decimal(20, 2)');
    await ingest.command({
      query:
        "INSERT INTO literal (n, s, d) VALUES (1, 'a\n\n;DROP TABLE literal', 1.50), (1 + 1, upper('x;y'), toDecimal64('2.25', 2));",
    });
    expect(await rowsOf(analyst, 'SELECT n, s, toString(d) AS d FROM literal ORDER BY n')).toEqual([
      { n: 1, s: 'a\n\n;DROP TABLE literal', d: '1.5' },
      { n: 2, s: 'X;Y', d: '2.25' },
    ]);
  });

  it('with amounts of 20 digits kept to the cent', async () => {
    const amounts = ['123456789012345678.91', '-999999999999999999.99', '0.01', '12.50', '999999999999999999.99'];
    await createTable('amounts', 'n UInt8, amount Decimal(20, 2), big UInt64');
    await ingest.insert({
      table: 'amounts',
      values: amounts.map((amount, n) => ({ n, amount, big: '18446744073709551615' })),
      format: 'JSONEachRow',
    });
    const rows = await rowsOf(
      analyst,
      'SELECT amount, big, (SELECT sum(amount) FROM amounts) AS total FROM amounts ORDER BY n SETTINGS output_format_json_quote_decimals = 1, output_format_decimal_trailing_zeros = 1, output_format_json_quote_64bit_integers = 1',
    );
    expect(rows).toEqual(amounts.map((amount) => ({ amount, big: '18446744073709551615', total: '123456789012345691.42' })));
  });

  it('with amounts as JSON numbers, which ClickHouse reads digit by digit', async () => {
    await createTable('numbers_in', 'amount Decimal(20, 2)');
    await server.send('ingest', '{"amount":123456789012345678.91}\n', { query: 'INSERT INTO numbers_in FORMAT JSONEachRow' });
    expect((await server.send('analyst', 'SELECT amount FROM numbers_in')).text).toBe('123456789012345678.91\n');
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['lz4', compressFrameSync],
  ])('when the body is packed with %s, in one part or in two, or it is refused', async (encoding, pack) => {
    const table = `packed_${encoding}`;
    await createTable(table, 'n UInt32');
    const lines = (from: number): Buffer => Buffer.from(Array.from({ length: 5000 }, (_, n) => `${String(from + n)}\n`).join(''));
    const send = async (body: Buffer): Promise<number> =>
      (
        await server.send(
          'ingest',
          body,
          { query: `INSERT INTO ${table} FORMAT TSV` },
          { headers: { 'content-encoding': encoding } },
        )
      ).status;
    expect(await send(pack(lines(0)))).toBe(200);
    const status = await send(Buffer.concat([pack(lines(5000)), pack(lines(10_000))]));
    const rows = status === 200 ? 15_000 : 5000;
    expect([status, rows]).toEqual([['gzip', 'lz4'].includes(encoding) ? 200 : 400, rows]);
    expect(await rowsOf(analyst, `SELECT count() AS rows, uniqExact(n) AS different FROM ${table}`)).toEqual([
      { rows, different: rows },
    ]);
    expect(await send(pack(lines(0)).subarray(0, -3))).toBe(400);
  });

  it('when the body is packed with gzip, and packs the answer when asked', async () => {
    await createTable('packed', 's String');
    const sent = await server.send(
      'ingest',
      gzipSync('{"s":"x\\n\\n;"}\n'),
      { query: 'INSERT INTO packed FORMAT JSONEachRow' },
      { headers: { 'content-encoding': 'gzip' } },
    );
    expect(sent.status).toBe(200);
    const raw = await server.raw('SELECT s FROM packed FORMAT JSONEachRow', {
      search: { enable_http_compression: '1' },
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(raw.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(raw.body).toString()).toBe('{"s":"x\\n\\n;"}\n');
    const zipped = server.client('analyst');
    expect(
      await rowsOf(zipped, 'SELECT count() AS rows FROM packed SETTINGS output_format_json_quote_64bit_integers = 1'),
    ).toEqual([{ rows: '1' }]);
  });

  it('leaves nothing in the spool', () => {
    expect(readdirSync(path.join(folder, 'spool'))).toEqual([]);
  });
});
