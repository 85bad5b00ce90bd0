import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, temporaryFolder } from '#platform/clickhouse-server/start-for-tests.ts';
import type { TestServer } from '#platform/clickhouse-server/start-for-tests.ts';
import { createWarehouse } from './client.ts';
import type { Warehouse } from './client.ts';
import { migrateWarehouse } from './migrate.ts';

const { folder, remove } = temporaryFolder();
let server: TestServer;
let warehouse: Warehouse;
let migrations: string;
let databases = 0;

beforeAll(async () => {
  server = await startTestServer(path.join(folder, 'data'));
});
beforeEach(async () => {
  databases += 1;
  const database = `stratcap_migrate_${String(databases)}`;
  await server.send('ingest', `CREATE DATABASE ${database}`);
  warehouse = createWarehouse({ url: server.url, user: 'ingest', password: 'ingest-secret', database });
  migrations = path.join(folder, database);
  mkdirSync(migrations);
  return async () => warehouse.close();
});
afterAll(async () => {
  await server.stop();
  remove();
});

const write = (name: string, text: string): void => writeFileSync(path.join(migrations, name), text);

const FIRST = `-- The flows.
CREATE TABLE IF NOT EXISTS flows (id UInt64, note String DEFAULT ';;') ENGINE = MergeTree ORDER BY id
;;

CREATE OR REPLACE VIEW v_flows AS SELECT id FROM flows
;;
-- only a comment
`;

describe('migrations of the warehouse', () => {
  it('are applied in the order of their numbers, each once', async () => {
    write('0002_add.sql', 'ALTER TABLE flows ADD COLUMN IF NOT EXISTS amount Decimal(20, 2)');
    write('0001_flows.sql', FIRST);
    write('notes.txt', 'not a migration');
    expect(await migrateWarehouse(warehouse, migrations)).toEqual(['0001_flows.sql', '0002_add.sql']);
    expect(await migrateWarehouse(warehouse, migrations)).toEqual([]);
    write('0003_more.sql', 'CREATE TABLE IF NOT EXISTS more (n UInt8) ENGINE = MergeTree ORDER BY n');
    expect(await migrateWarehouse(warehouse, migrations)).toEqual(['0003_more.sql']);
    expect(
      await warehouse.query(
        'SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
        { table: 'flows' },
      ),
    ).toEqual([{ name: 'id' }, { name: 'note' }, { name: 'amount' }]);
  });

  it('stop at a released file that was edited, by its name', async () => {
    write('0001_flows.sql', FIRST);
    await migrateWarehouse(warehouse, migrations);
    write('0001_flows.sql', FIRST.replaceAll('\n', '\r\n'));
    expect(await migrateWarehouse(warehouse, migrations)).toEqual([]);
    write('0001_flows.sql', FIRST.replace('UInt64', 'UInt32'));
    await expect(migrateWarehouse(warehouse, migrations)).rejects.toMatchObject({
      code: 'migration-edited',
      message: expect.stringMatching(/^0001_flows\.sql was edited .* new file with the next number$/),
    });
  });

  it('stop at a released file that is gone', async () => {
    write('0001_flows.sql', FIRST);
    await migrateWarehouse(warehouse, migrations);
    rmSync(path.join(migrations, '0001_flows.sql'));
    await expect(migrateWarehouse(warehouse, migrations)).rejects.toMatchObject({ code: 'migration-missing' });
  });

  it('name the statement that failed, and go on from that file when it is mended', async () => {
    write('0001_flows.sql', `${FIRST};;\nCREATE TABLE IF NOT EXISTS broken (n NoSuchType) ENGINE = MergeTree ORDER BY n\n`);
    await expect(migrateWarehouse(warehouse, migrations)).rejects.toMatchObject({
      code: 'migration-failed',
      message: expect.stringMatching(/^statement 3 of 0001_flows\.sql failed: .*NoSuchType/),
    });
    write('0001_flows.sql', FIRST);
    expect(await migrateWarehouse(warehouse, migrations)).toEqual(['0001_flows.sql']);
  });

  it.each([
    ['1_flows.sql', undefined, /name it like 0001_what_it_does\.sql/],
    ['0001_Flows.sql', undefined, /name it like/],
    ['0001_a.sql', '0001_b.sql', /same number/],
  ])('refuse the names %s %s', async (name, second, message) => {
    write(name, 'SELECT 1');
    if (second !== undefined) write(second, 'SELECT 1');
    await expect(migrateWarehouse(warehouse, migrations)).rejects.toMatchObject({
      code: 'migration-name',
      message: expect.stringMatching(message),
    });
  });
});
