// Both examples read a real log with the real registry: every committed event once, exactly, and nothing of an aborted transaction.
import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { ensureReleased } from '#schemas/registry/ensure.ts';
import { loadCodec } from '#schemas/released.ts';
import { topicName, topicSpecs } from '#schemas/topics.ts';
import { fundCard, investorCard } from '#tests/support/cards.ts';
import { createEventBook } from '#tests/support/events.ts';
import type { Isolation } from '#tests/support/stack.ts';
import { createIsolation } from '#tests/support/stack.ts';

const run = promisify(execFile);
const partitions = 2;
const folder = fileURLToPath(new URL('.', import.meta.url));
const events = 5;
let isolation: Isolation;
let kafka: KafkaPort;
let environment: NodeJS.ProcessEnv;
let python: string;
let python3Folder: string;

beforeAll(async () => {
  isolation = await createIsolation({ stores: [] });
  const { addresses, topicPrefix } = isolation;
  await ensureReleased({ url: addresses.schemaRegistryUrl, topicPrefix });
  kafka = await connectKafka({ brokers: addresses.kafkaBrokers, clientId: 'subscribe-test' });
  await kafka.admin.ensureTopics(topicSpecs(topicPrefix, partitions));

  const codec = loadCodec();
  const booked = createEventBook({ codec, partitions });
  const fund = fundCard('Café Growth I');
  const investor = investorCard('Oregon');
  booked.fundCreated(fund);
  booked.investorCreated(investor);
  const commitment = booked.commitmentMade(fund, investor, 12_345_678_901_234_567_89n);
  booked.openingBalance(commitment, { distributed_amount: -50n, called_amount: null });
  booked.valuation(commitment, 1n, '2026-03-31');
  const records = booked.take(topicPrefix).filter((record) => record.topic === topicName(topicPrefix, 'events'));
  expect(records).toHaveLength(events);

  const aborted = createEventBook({ codec, partitions });
  aborted.fundCreated(fundCard('Never booked'));
  const producer = new kafkajs.Kafka({ brokers: addresses.kafkaBrokers.split(','), logLevel: kafkajs.logLevel.NOTHING }).producer(
    { transactionalId: `${topicPrefix}aborted`, idempotent: true, maxInFlightRequests: 1 },
  );
  await producer.connect();
  const transaction = await producer.transaction();
  for (const { topic, partition, key, value } of aborted.take(topicPrefix))
    await transaction.send({ topic, messages: [{ partition, key, value }] });
  await transaction.abort();
  await producer.disconnect();
  await kafka.producer().send(records);

  environment = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    KAFKA_BROKERS: addresses.kafkaBrokers,
    SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
    TOPIC: topicName(topicPrefix, 'events'),
  };
  // Kept between runs: the packages are large, and their versions are pinned.
  python3Folder = join(tmpdir(), 'stratcap-subscribe-py-2.16.0');
  python = join(python3Folder, 'bin', 'python');
  if (!existsSync(join(python3Folder, 'ready'))) {
    rmSync(python3Folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', python3Folder]);
    await run(python, ['-m', 'pip', 'install', '-q', 'confluent-kafka[avro,schemaregistry]==2.16.0']);
    await run(python, ['-c', `open(${JSON.stringify(join(python3Folder, 'ready'))}, 'w').close()`]);
  }
});
afterAll(async () => {
  await kafka?.close();
  await isolation?.drop();
});

interface Line {
  readonly partition: number;
  readonly offset: number | string;
  readonly type: string;
  readonly event: Readonly<Record<string, unknown>>;
}
const linesOf = (output: string): readonly Line[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const expectEvents = (lines: readonly Line[]): void => {
  expect(lines.map((line) => line.type).sort()).toEqual([
    'CommitmentMade',
    'FundCreated',
    'InvestorCreated',
    'OpeningBalanceRecorded',
    'ValuationRecorded',
  ]);
  const of = (type: string): Readonly<Record<string, unknown>> => lines.find((line) => line.type === type)?.event ?? {};
  expect(of('CommitmentMade')).toMatchObject({
    commitment_amount: '12345678901234567.89',
    currency: 'USD',
    envelope: { event_version: 1, aggregate_type: 'COMMITMENT' },
  });
  expect(of('OpeningBalanceRecorded')).toMatchObject({ distributed_amount: '-0.50', called_amount: null });
  expect(of('ValuationRecorded')).toMatchObject({ remaining_value: '0.01', envelope: { effective_date: '2026-03-31' } });
  expect(of('FundCreated')).toMatchObject({ fund: { fund_name: 'Café Growth I' } });
};

test('the Python example prints every committed event as it was booked', async () => {
  const { stdout } = await run(python, [join(folder, 'subscribe.py'), String(events)], {
    env: { ...environment, PYTHONIOENCODING: 'utf-8' },
    timeout: 60_000,
  });
  expectEvents(linesOf(stdout));
});

test('the kafkajs example prints every committed event as it was booked', async () => {
  const { stdout } = await run(process.execPath, [join(folder, 'subscribe.ts'), String(events)], {
    env: environment,
    timeout: 60_000,
  });
  expectEvents(linesOf(stdout));
});
