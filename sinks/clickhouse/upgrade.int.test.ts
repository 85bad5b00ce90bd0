// A warehouse of the release before: its content is read again from the log, because its tables of performance are made anew.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWarehouse, type Warehouse } from '#platform/clickhouse/client.ts';
import { migrateWarehouse } from '#platform/clickhouse/migrate.ts';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { migrateStarSchema } from './rebuild.ts';
import { currentGeneration, readWatermarks } from './watermark.ts';

let isolation: Isolation;
let warehouse: Warehouse;
let folder: string;

beforeAll(async () => {
  isolation = await createIsolation({ stores: ['clickhouse'] });
  const { clickhouseUrl, clickhouseIngest } = isolation.addresses;
  warehouse = createWarehouse({ url: clickhouseUrl, ...clickhouseIngest, database: isolation.clickhouseDatabase });
  folder = await mkdtemp(join(tmpdir(), 'stratcap-migrations-'));
  for (const name of ['0001_star_schema.sql', '0002_views.sql'])
    await copyFile(new URL(`./migrations/${name}`, import.meta.url), join(folder, name));
  await migrateWarehouse(warehouse, folder);
}, 60_000);
afterAll(async () => {
  await warehouse.close();
  await isolation.drop();
  await rm(folder, { recursive: true, force: true });
});

it('a warehouse with content begins a new generation, so that the sink reads the log from its first event', async () => {
  const mark = { source: 'events', kind: 'read', partition: 0, topic_id: 'topic', epoch: 1, next_offset: '7', recorded_at: null };
  await warehouse.insert('watermark', [{ generation: 0, ...mark }]);
  const applied = await migrateStarSchema(warehouse);
  expect(applied[0]).toBe('0003_fund_figures.sql');
  const generation = await currentGeneration(warehouse);
  expect(generation).toBe(1);
  expect(await readWatermarks(warehouse, generation)).toEqual([]);
});

it('the newest schema stays as it is when it is asked for again', async () => {
  expect(await migrateStarSchema(warehouse)).toEqual([]);
  expect(await currentGeneration(warehouse)).toBe(1);
});
