// A store that goes away under the real roles: the pipeline goes on deciding, the sink waits and says so, and catches up by itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { topicSpecs } from '#schemas/topics.ts';
import { testCommand, testCommitment, testFund, testInvestor } from '#tests/support/commands.ts';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { createIntake, type Intake } from '../producers/commands/intake.ts';
import { migrateStarSchema } from '../sinks/clickhouse/rebuild.ts';
import { migrateOperationalModel } from '../sinks/postgres/migrations.ts';
import { runVerify } from './commands/verify.ts';
import { lagsOf } from './commands/status.ts';
import { contextOf } from './context.fixture.ts';
import { logEpoch, type Context } from './context.ts';
import { readLag } from './lag.ts';
import type { RoleName } from './role-names.ts';
import { startRole } from './roles.ts';

type Role = Awaited<ReturnType<typeof startRole>>;

/** A door before a store, which can be shut: connections are cut and none is let in. */
interface Door {
  readonly port: number;
  shut(): void;
  open(): void;
  close(): Promise<void>;
}

const doorTo = async (target: { readonly host: string; readonly port: number }): Promise<Door> => {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server: Server = createServer((client) => {
    if (!isOpen) return void client.destroy();
    const store = connect(target.port, target.host);
    for (const [from, to] of [
      [client, store],
      [store, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as { readonly port: number }).port,
    shut: () => {
      isOpen = false;
      cut();
    },
    open: () => {
      isOpen = true;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const partitions = 2;
let isolation: Isolation;
let folder: string;
let postgres: Door;
let clickhouse: Door;
/** What the roles see: both stores behind a door. */
let behind: Context;
let intake: Intake;
const roles = new Map<RoleName, Role>();
let counter = 0;

beforeAll(async () => {
  isolation = await createIsolation();
  folder = mkdtempSync(join(tmpdir(), 'outage-'));
  const pg = new URL(isolation.addresses.databaseUrl);
  const ch = new URL(isolation.addresses.clickhouseUrl);
  postgres = await doorTo({ host: pg.hostname, port: Number(pg.port) });
  clickhouse = await doorTo({ host: ch.hostname, port: Number(ch.port) });
  pg.host = `127.0.0.1:${postgres.port}`;
  ch.host = `127.0.0.1:${clickhouse.port}`;
  behind = contextOf(isolation, partitions, { DATABASE_URL: pg.href, CLICKHOUSE_URL: ch.origin, STRATCAP_DATA: folder });
  const kafka = await behind.kafka();
  await kafka.admin.ensureTopics(topicSpecs(isolation.topicPrefix, partitions));
  await migrateOperationalModel(behind.pool());
  await migrateStarSchema(behind.warehouse());
  for (const name of ['ledger', 'capital-accounts', 'accounting', 'sink-postgres', 'sink-clickhouse'] as const)
    roles.set(name, await startRole(name, behind));
  intake = await createIntake({
    kafka,
    codec: behind.codec,
    topicPrefix: isolation.topicPrefix,
    partitions,
    epoch: logEpoch,
    logger: behind.logger,
  });
});
afterAll(async () => {
  postgres?.open();
  clickhouse?.open();
  await intake?.close();
  await Promise.all([...roles.values()].map((role) => role.stop()));
  await behind?.close();
  await Promise.all([postgres?.close(), clickhouse?.close()]);
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  await isolation?.drop();
});

/** Books a commitment of a new investor to a new fund. */
const book = async (): Promise<void> => {
  counter += 1;
  const name = `Outage ${counter}`;
  for (const command of [
    testCommand('CreateInvestor', { investor: testInvestor(name) }),
    testCommand('CreateFund', { fund: testFund(name) }),
    testCommitment(name, name, 1_000_00n),
    testCommand('CloseFund', { fund_id: testFund(name).fund_id, final_close_date: '2026-01-02' }),
  ]) {
    const submission = await intake.submit(command, { timeoutMs: 20_000 });
    expect(submission).toMatchObject({ kind: 'decided', outcome: { kind: 'ACCEPTED' } });
  }
};
const role = (name: RoleName): Role => {
  const found = roles.get(name);
  if (found === undefined) throw new Error(`${name} does not run`);
  return found;
};
const readiness = (name: RoleName): Promise<number> =>
  new Promise((resolve) => {
    const asked = request({ socketPath: join(folder, 'run', `${name}.sock`), path: '/readyz' }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', () => resolve(0));
    asked.end();
  });
const health = (name: RoleName) =>
  role(name).health() as { readonly state: string; readonly lag: number; readonly detail?: string };
const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  await expect.poll(holds, { timeout: 30_000, interval: 100 }).toBe(true);
};

test.each([
  ['sink-clickhouse', () => clickhouse, 'ClickHouse does not answer'],
  ['sink-postgres', () => postgres, 'Postgres does not answer'],
] as const)(
  '%s waits, unready and behind, while its store is away, drops nothing, and catches up by itself',
  async (name, door, unknown) => {
    await book();
    await until(async () => (await readLag(behind)).roles.every(({ lag }) => lag === 0));
    expect(await readiness(name)).toBe(200);

    door().shut();
    await book();
    await until(async () => (await readiness(name)) === 503);
    expect(health(name)).toMatchObject({ state: 'waiting', detail: expect.any(String) });
    const first = health(name).lag;
    expect(first).toBeGreaterThan(0);
    // Decisions do not wait for a store, and the lag grows while it is away.
    await book();
    await until(() => health(name).lag > first);
    const measured = (await readLag(behind)).roles;
    expect(measured.find((one) => one.role === name)).toMatchObject({ lag: null, unknown });
    const said = [{ name, state: 'waiting', pid: 1, restarts: 0, status: health(name) }];
    expect(lagsOf(measured, said)).toMatchObject({ ledger: 0, [name]: health(name).lag });

    door().open();
    await until(async () => (await readiness(name)) === 200 && health(name).lag === 0);
    await until(async () => (await readLag(behind)).roles.every(({ lag }) => lag === 0));
    expect((await runVerify(behind)).differences).toEqual([]);
  },
);

test('a role that is asked to stop is unready at once, also while its store is away, and stops within seconds', async () => {
  clickhouse.shut();
  await book();
  await until(() => health('sink-clickhouse').state === 'waiting');
  clickhouse.open();
  const name = 'ledger';
  expect(await readiness(name)).toBe(200);
  const began = performance.now();
  const stopped = Promise.all([role(name).stop(), role('sink-clickhouse').stop()]);
  expect([503, 0]).toContain(await readiness(name));
  expect(role(name).ready()).toBe(false);
  await stopped;
  expect(performance.now() - began).toBeLessThan(10_000);
  roles.delete(name);
  roles.delete('sink-clickhouse');
});
