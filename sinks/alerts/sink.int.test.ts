// Alerts against a real broker and a real receiver.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { QualityFinding } from '#domain/messages.ts';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { createLogger } from '#platform/observability/logger.ts';
import { loadCodec } from '#schemas/released.ts';
import { topicName, topicSpecs } from '#schemas/topics.ts';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { startAlerts } from './sink.ts';

const codec = loadCodec();
let isolation: Isolation;
let kafka: KafkaPort;
const received: { readonly key: string | undefined; readonly body: { readonly message: string } }[] = [];
let answer = 204;
const receiver = createServer((request, reply) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    if (answer < 300)
      received.push({
        key: request.headers['idempotency-key'] as string | undefined,
        body: JSON.parse(text) as { readonly message: string },
      });
    reply.writeHead(answer).end();
  });
});

beforeAll(async () => {
  isolation = await createIsolation({ stores: [] });
  kafka = await connectKafka({ brokers: isolation.addresses.kafkaBrokers, clientId: 'alerts-test' });
  await kafka.admin.ensureTopics(topicSpecs(isolation.topicPrefix, 1));
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
}, 60_000);
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await kafka.close();
  await isolation.drop();
});

const finding = (message: string): QualityFinding => ({
  finding_id: '00000000-0000-4000-8000-000000000001',
  check_name: 'NAV_ROLL',
  fund_id: null,
  subject_id: null,
  severity: 'ERROR',
  status: 'OPEN',
  message,
  expected: '1.00',
  actual: '2.00',
  source_event: { aggregate_id: '00000000-0000-4000-8000-000000000002', event_version: 1 },
  position: { partition: 0, offset: 7 },
  recorded_at: 1_700_000_000_000_000,
});
const tell = async (message: string): Promise<void> => {
  const producer = kafka.producer();
  await producer.send([
    {
      topic: topicName(isolation.topicPrefix, 'quality'),
      partition: 0,
      key: Buffer.from(message),
      value: codec.encode('stratcap.fact.QualityFinding', finding(message)),
    },
  ]);
  await producer.close();
};
const start = async () =>
  await startAlerts({
    kafka,
    codec,
    topicPrefix: isolation.topicPrefix,
    partitions: 1,
    webhookUrl: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    logger: createLogger({ role: 'alerts', level: 'silent' }),
  });

it('posts every finding once, waits for a receiver that is away, and goes on where it ended', async () => {
  await tell('first');
  const alerts = await start();
  await vi.waitFor(() => expect(received.map(({ body }) => body.message)).toEqual(['first']), 10_000);
  expect(received[0]?.key).toBe('00000000-0000-4000-8000-000000000001:0:7');

  answer = 503;
  await tell('second');
  await vi.waitFor(() => expect(alerts.health()).toMatchObject({ state: 'waiting', detail: 'the webhook answered 503' }), 10_000);
  await alerts.stop();

  answer = 200;
  const again = await start();
  await vi.waitFor(() => expect(received.map(({ body }) => body.message)).toEqual(['first', 'second']), 10_000);
  expect(again.health()).toMatchObject({ state: 'running', posted: 1 });
  await again.stop();
}, 60_000);
