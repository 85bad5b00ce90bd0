import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, temporaryFolder } from '#platform/clickhouse-server/start-for-tests.ts';
import type { TestServer } from '#platform/clickhouse-server/start-for-tests.ts';
import { createWarehouse } from './client.ts';
import type { Warehouse } from './client.ts';

const { folder, remove } = temporaryFolder();
let server: TestServer;
let warehouse: Warehouse;
let reader: Warehouse;

beforeAll(async () => {
  server = await startTestServer(folder);
  warehouse = createWarehouse({ url: server.url, user: 'ingest', password: 'ingest-secret', database: 'stratcap' });
  reader = createWarehouse({ url: server.url, user: 'analyst', password: 'analyst-secret', database: 'stratcap' });
});
afterAll(async () => {
  await Promise.all([warehouse.close(), reader.close()]);
  await server.stop();
  remove();
});

describe('rows', () => {
  it('carry amounts and large integers as strings, to the last digit', async () => {
    await warehouse.command(
      "CREATE TABLE flows (id UInt64, amount Decimal(20, 2), multiple Nullable(Decimal(38, 10)), on_day Date32, at DateTime64(6, 'UTC'), note String) ENGINE = ReplacingMergeTree ORDER BY id",
    );
    const rows = [
      {
        id: '18446744073709551615',
        amount: '123456789012345678.91',
        multiple: null,
        on_day: '1900-01-01',
        at: '2024-02-29 23:59:59.999999',
        note: "a\n\n;DROP TABLE flows'",
      },
      {
        id: '9007199254740993',
        amount: '-0.10',
        multiple: '1.2345678901',
        on_day: '2299-12-31',
        at: '2024-01-01 00:00:00.000000',
        note: '',
      },
    ];
    await warehouse.insert('flows', rows);
    expect(await reader.query('SELECT * FROM flows FINAL ORDER BY id DESC')).toEqual(rows);
    expect(
      await reader.query(
        'SELECT sum(amount) AS total, count() AS rows, amount / 3 AS third FROM flows GROUP BY amount ORDER BY amount',
      ),
    ).toEqual([
      { total: '-0.10', rows: '1', third: '-0.03' },
      { total: '123456789012345678.91', rows: '1', third: '41152263004115226.30' },
    ]);
  });

  it('take instants as ISO 8601', async () => {
    await warehouse.insert('flows', [
      { id: '1', amount: '1.00', on_day: '2024-01-01', at: '2024-03-01T10:20:30.123456Z', note: '' },
    ]);
    expect(await reader.query('SELECT at FROM flows WHERE id = 1')).toEqual([{ at: '2024-03-01 10:20:30.123456' }]);
  });

  it('with a key that is no column are refused whole', async () => {
    await expect(warehouse.insert('flows', [{ id: '2', amount: '1.00', amuont: '1.00' }])).rejects.toMatchObject({ code: '16' });
    expect(await reader.query('SELECT count() AS rows FROM flows WHERE id = 2')).toEqual([{ rows: '0' }]);
  });

  it('sent again with the same token are written once', async () => {
    await warehouse.command(
      'CREATE TABLE once (n UInt8) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100',
    );
    for (let round = 0; round < 3; round += 1) await warehouse.insert('once', [{ n: 1 }], { token: 'batch-1' });
    await warehouse.insert('once', [{ n: 1 }], { token: 'batch-2' });
    expect(await reader.query('SELECT count() AS rows FROM once')).toEqual([{ rows: '2' }]);
  });

  it('none are no request', async () => {
    await expect(warehouse.insert('there_is_no_such_table', [])).resolves.toBeUndefined();
  });
});

describe('a query', () => {
  it('takes its values as parameters', async () => {
    expect(
      await reader.query('SELECT {text:String} AS text, {list:Array(UInt32)} AS list, {amount:Decimal(20, 2)} AS amount', {
        text: "it's\t{x}",
        list: [1, 2],
        amount: '123456789012345678.91',
      }),
    ).toEqual([{ text: "it's\t{x}", list: [1, 2], amount: '123456789012345678.91' }]);
  });

  it('ends at its time limit with a typed error, and the next one is not limited by it', async () => {
    const slow = 'SELECT count() AS rows FROM numbers(100000000000) WHERE sipHash64(number) = 1';
    await expect(reader.query(slow, {}, { maxExecutionSeconds: 1 })).rejects.toMatchObject({
      code: '159',
      type: 'TIMEOUT_EXCEEDED',
    });
    expect(await reader.query("SELECT getSetting('max_execution_time') AS limit")).toEqual([{ limit: 30 }]);
  });

  it('gives no rows as an empty list and errors with code and type', async () => {
    expect(await reader.query('SELECT 1 AS n WHERE 0')).toEqual([]);
    await expect(reader.query('SELECT * FROM no_table')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    await expect(reader.command('DROP TABLE flows')).rejects.toMatchObject({ code: '497' });
  });
});

describe('ping', () => {
  it('says that the server answers and takes the credentials', async () => {
    await expect(warehouse.ping()).resolves.toBeUndefined();
  });

  it('names the address and the user when it does not', async () => {
    const stranger = createWarehouse({ url: server.url, user: 'ingest', password: 'wrong', database: 'stratcap' });
    await expect(stranger.ping()).rejects.toThrow(/does not answer as user ingest: .*password is incorrect/);
    await stranger.close();
    const nowhere = createWarehouse({ url: 'http://127.0.0.1:1', user: 'ingest', password: 'x', database: 'stratcap' });
    await expect(nowhere.ping()).rejects.toThrow(/ClickHouse at http:\/\/127\.0\.0\.1:1 does not answer/);
    await nowhere.close();
  });
});
