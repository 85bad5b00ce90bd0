// The embedded stack itself, on real engines that this file owns: started, killed one by one, stopped, and started again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { processStart } from '#platform/process/process-tree.ts';
import { ownEnvironment } from '#tests/support/environment.ts';
import type { StackAddresses } from './addresses.ts';
import type { EngineName, EngineProgress } from './engine.ts';
import { startEngines, type RunningEngines } from './engines.ts';

const ENV = ownEnvironment(process.env);
let folder = '';
let stack: RunningEngines;
const told: EngineProgress[] = [];
const start = (env: NodeJS.ProcessEnv = ENV): Promise<RunningEngines> =>
  startEngines({ dataFolder: folder, ports: 'free', env, onProgress: (progress) => told.push(progress) });
const pids = (): number[] => stack.engines.map(({ pid }) => pid ?? 0);
const areGone = (list: readonly number[]): boolean => list.every((pid) => processStart(pid) === null);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stratcap-engines-'));
  stack = await start();
  await writeMarks(stack.addresses);
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const onPostgres = async (addresses: StackAddresses, query: string): Promise<string[]> => {
  const client = new pg.Client({ connectionString: addresses.databaseUrl, connectionTimeoutMillis: 3000 });
  await client.connect();
  const { rows } = await client.query<string[]>({ text: query, rowMode: 'array' });
  await client.end();
  return rows.flat();
};
const onClickhouse = async (addresses: StackAddresses, query: string, user: 'ingest' | 'analyst' = 'ingest'): Promise<string> => {
  const { user: username, password } = user === 'ingest' ? addresses.clickhouseIngest : addresses.clickhouseAnalyst;
  const client = createClient({ url: addresses.clickhouseUrl, username, password, request_timeout: 5000 });
  try {
    if (!query.startsWith('SELECT')) return (await client.command({ query })).query_id;
    return (await (await client.query({ query, format: 'TabSeparated' })).text()).trim();
  } finally {
    await client.close();
  }
};
const onKafka = (addresses: StackAddresses): Kafka => {
  const retry = { initialRetryTime: 50, retries: 20 };
  return new Kafka({ brokers: [addresses.kafkaBrokers], clientId: 'engines-test', logLevel: logLevel.NOTHING, retry });
};

/** One thing in each engine that must still be there later. */
const writeMarks = async (addresses: StackAddresses): Promise<void> => {
  await onPostgres(addresses, 'create table mark (text text)');
  await onPostgres(addresses, "insert into mark values ('kept by postgres')");
  await onClickhouse(addresses, 'CREATE TABLE stratcap.mark (text String) ENGINE = MergeTree ORDER BY text');
  await onClickhouse(addresses, "INSERT INTO stratcap.mark VALUES ('kept by clickhouse')");
  const schema = { schema: '{"type":"record","name":"Mark","fields":[]}' };
  const answer = await fetch(`${addresses.schemaRegistryUrl}/subjects/mark/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(schema),
  });
  expect(answer.status).toBe(200);
  const kafka = onKafka(addresses);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'mark', numPartitions: 1 }] });
  await admin.disconnect();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic: 'mark', acks: -1, messages: [{ value: 'kept by kafka' }] });
  await producer.disconnect();
};

const READ_MARK: Readonly<Record<EngineName, (addresses: StackAddresses) => Promise<unknown>>> = {
  postgres: (addresses) => onPostgres(addresses, 'select text from mark'),
  clickhouse: (addresses) => onClickhouse(addresses, 'SELECT text FROM stratcap.mark', 'analyst'),
  registry: async (addresses) => (await fetch(`${addresses.schemaRegistryUrl}/subjects`)).json(),
  kafka: async (addresses) => {
    const admin = onKafka(addresses).admin();
    await admin.connect();
    const [partition] = await admin.fetchTopicOffsets('mark');
    await admin.disconnect();
    return partition?.high;
  },
};
const MARKS = { postgres: ['kept by postgres'], clickhouse: 'kept by clickhouse', registry: ['mark'], kafka: '1' };

test('all four engines answer at their addresses, on loopback, each with its own log', async () => {
  expect(stack.engines.map(({ name, kind, state }) => [name, kind, state])).toEqual([
    ['postgres', 'embedded', 'ready'],
    ['kafka', 'embedded', 'ready'],
    ['clickhouse', 'embedded', 'ready'],
    ['registry', 'embedded', 'ready'],
  ]);
  for (const name of Object.keys(MARKS) as EngineName[]) expect(await READ_MARK[name](stack.addresses)).toEqual(MARKS[name]);
  for (const { logFile } of stack.engines) expect(statSync(logFile ?? '').isFile()).toBe(true);
});

test('nothing of the stack listens on another address than loopback', () => {
  const ours = new Set(pids().flatMap((pid) => socketInodes(pid)));
  const foreign = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && ours.has(fields[9] ?? '') && !isLoopback(fields[1] ?? '')),
  );
  expect(foreign).toEqual([]);
});

test('Postgres decodes logically, Kafka makes no topic by itself and forgets no offset', async () => {
  expect(await onPostgres(stack.addresses, 'show wal_level')).toEqual(['logical']);
  const admin = onKafka(stack.addresses).admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 4, name: '1' }] });
  await admin.disconnect();
  const settings = Object.fromEntries(
    resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? [],
  );
  expect(settings).toMatchObject({
    'auto.create.topics.enable': 'false',
    'offsets.retention.minutes': '2147483647',
    'log.retention.ms': '-1',
  });
});

test('a second stack on the same folder is refused and told the pid of the first', async () => {
  await expect(start()).rejects.toThrow(`A stack already runs on ${folder} (pid ${process.pid})`);
});

test.each(['postgres', 'kafka', 'clickhouse', 'registry'] as const)(
  '%s that is killed comes back by itself with its data',
  async (name) => {
    const engine = stack.engines.find((candidate) => candidate.name === name);
    const pid = engine?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => engine?.state === 'ready' && engine.pid !== pid, { timeout: 60_000, interval: 50 });
    expect(engine?.restarts).toBe(1);
    await vi.waitFor(async () => expect(await READ_MARK[name](stack.addresses)).toEqual(MARKS[name]), {
      timeout: 20_000,
      interval: 200,
    });
    expect(told.find((progress) => progress.engine === name && progress.kind === 'died')?.message).toMatch(
      /died: it was ended by SIGKILL/,
    );
  },
);

test('a stop leaves no process and no pid file, and a second start is quick and has everything', async () => {
  const before = pids();
  await stack.stop();
  expect(areGone(before)).toBe(true);
  expect(existsSync(join(folder, 'run', 'kafka.pid.json'))).toBe(false);
  const begun = performance.now();
  stack = await start();
  // Well under 10 s on a machine of its own; the tests share theirs.
  expect(performance.now() - begun).toBeLessThan(30_000);
  for (const name of Object.keys(MARKS) as EngineName[]) expect(await READ_MARK[name](stack.addresses)).toEqual(MARKS[name]);
});

test('a server that a variable names is used, not started; one that does not answer is named, and nothing is left half started', async () => {
  const other = mkdtempSync(join(tmpdir(), 'stratcap-engines-'));
  try {
    const { databaseUrl } = stack.addresses;
    const options = { dataFolder: other, ports: 'free', onProgress: () => undefined, only: ['postgres', 'kafka'] } as const;
    const dead = startEngines({ ...options, env: { ...ENV, DATABASE_URL: databaseUrl, KAFKA_BROKERS: '127.0.0.1:1' } });
    await expect(dead).rejects.toThrow('KAFKA_BROKERS is 127.0.0.1:1, and it does not answer');
    const pass = await startEngines({ ...options, only: ['postgres'], env: { ...ENV, DATABASE_URL: databaseUrl } });
    expect(pass.engines).toMatchObject([{ name: 'postgres', kind: 'external', pid: null, state: 'ready' }]);
    expect(pass.engines[0]?.address).not.toContain('stratcap:');
    await pass.stop();
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test('a busy port stops the start before anything runs, and the folder is free again', async () => {
  const other = mkdtempSync(join(tmpdir(), 'stratcap-engines-'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const options = { dataFolder: other, ports: 'default', onProgress: () => undefined, only: ['postgres'] } as const;
  const env = { ...ENV, STRATCAP_POSTGRES_PORT: String(port) };
  try {
    await expect(startEngines({ ...options, env })).rejects.toThrow(`Port ${port} of Postgres is in use`);
    await new Promise((resolve) => server.close(resolve));
    const started = await startEngines({ ...options, env });
    expect(started.ports.postgres).toBe(port);
    await started.stop();
  } finally {
    server.close();
    rmSync(other, { recursive: true, force: true });
  }
});

test('a start that is interrupted ends what it has started and gives the folder free', async () => {
  const other = mkdtempSync(join(tmpdir(), 'stratcap-engines-'));
  const abort = new AbortController();
  const started: number[] = [];
  const onProgress = ({ message }: EngineProgress): void => {
    const pid = /\(pid (\d+)\)/.exec(message)?.[1];
    if (pid) started.push(Number(pid));
    if (started.length === 2) abort.abort(new Error('Interrupted by Ctrl-C.'));
  };
  try {
    const options = { dataFolder: other, ports: 'free', env: ENV, onProgress } as const;
    await expect(startEngines({ ...options, signal: abort.signal })).rejects.toThrow('Interrupted by Ctrl-C.');
    expect(started.length).toBeGreaterThanOrEqual(2);
    expect(areGone(started)).toBe(true);
    const again = await startEngines({ ...options, only: ['postgres'] });
    await again.stop();
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test('when the process that holds the stack is killed -9, its engines end, and the next start works', async () => {
  const other = mkdtempSync(join(tmpdir(), 'stratcap-engines-'));
  try {
    const code = `import { startEngines } from ${JSON.stringify(new URL('./engines.ts', import.meta.url).href)};
      const stack = await startEngines({ dataFolder: ${JSON.stringify(other)}, ports: 'free', env: process.env, onProgress() {}, only: ['postgres', 'clickhouse'] });
      console.log(JSON.stringify(stack.engines.map(({ pid }) => pid)));`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: ENV,
    });
    const [text] = (await once(holder.stdout, 'data', { signal: AbortSignal.timeout(100_000) })) as [Buffer];
    const engines = JSON.parse(text.toString()) as number[];
    expect(engines.map((pid) => processStart(pid) !== null)).toEqual([true, true]);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const next = startEngines({
      dataFolder: other,
      ports: 'free',
      env: ENV,
      onProgress: () => undefined,
      only: ['postgres', 'clickhouse'],
    });
    const started = await next;
    expect(areGone(engines)).toBe(true);
    await started.stop();
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

const isLoopback = (address: string): boolean =>
  address.startsWith('0100007F:') || /^0{8}0{8}(0{8}01000000|FFFF00000100007F):/.test(address);

/** Inodes of the sockets that a process has open. */
const socketInodes = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      // Closed between the two calls.
      return [];
    }
  });
