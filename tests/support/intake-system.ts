// The intake and the ledger over the shared broker, each test file with topics of its own: for tests of what enters the log.
import { mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import type { EventEnvelope } from '#domain/messages.ts';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { InboundRecord, KafkaPort } from '#platform/kafka/port.ts';
import { openKeyStore, type KeyStore } from '#platform/keys/key-store.ts';
import { ledgerProcessor } from '#processors/ledger/processor.ts';
import { startProcessor } from '#processors/runtime/runtime.ts';
import { bookingGuard } from '#producers/commands/booking-guard.ts';
import { createIntake, type Intake } from '#producers/commands/intake.ts';
import { commandRoutes } from '#producers/commands/routes.ts';
import { loadCodec } from '#schemas/released.ts';
import { topicName, topicSpecs } from '#schemas/topics.ts';
import { uniquePrefix, useStack } from './stack.ts';

export const partitions = 4;
export const tenantId = '00000000-0000-4000-8000-000000000001';
export const bookingToken = 'booking-token-of-the-test';
export const cookieSecret = 'cookie-secret-of-the-test';
/** Host header of the requests. */
export const host = '127.0.0.1:8080';

/** An event on the log with what all events have. */
export interface LoggedEvent {
  readonly type: string;
  readonly value: { readonly envelope: EventEnvelope };
  readonly record: InboundRecord;
}

export interface IntakeSystem {
  readonly kafka: KafkaPort;
  readonly topicPrefix: string;
  readonly intake: Intake;
  readonly keyStore: KeyStore;
  /** The HTTP server with guard, routes and a page at `/`. */
  readonly app: FastifyInstance;
  /** Another server over another intake or patience; the caller closes it. */
  server(options: { readonly intake?: Intake; readonly timeoutMs: number }): Promise<FastifyInstance>;
  post(name: string, body: unknown, headers?: Record<string, string>, app?: FastifyInstance): Promise<LightMyRequestResponse>;
  commandsOnLog(): Promise<readonly InboundRecord[]>;
  eventsOnLog(): Promise<readonly LoggedEvent[]>;
  /** Record names of the events that a command led to. */
  bookedFor(commandId: string): Promise<readonly string[]>;
  startLedger(): Promise<void>;
  stopLedger(): Promise<void>;
  stop(): Promise<void>;
}

const codec = loadCodec();
const logger = pino({ level: 'silent' });

/** Starts everything; call `stop` in afterAll. */
export const startIntakeSystem = async (): Promise<IntakeSystem> => {
  const topicPrefix = uniquePrefix();
  const folder = await mkdtemp(join(tmpdir(), 'intake-'));
  const kafka = await connectKafka({ brokers: useStack().kafkaBrokers, clientId: 'intake-test' });
  await kafka.admin.ensureTopics(topicSpecs(topicPrefix, partitions));
  const startLedger = () => startProcessor(ledgerProcessor({ codec, partitions }), { kafka, topicPrefix, partitions, logger });
  let ledger: Awaited<ReturnType<typeof startLedger>> | null = await startLedger();
  const keyStore = await openKeyStore({ folder: join(folder, 'keys'), masterKey: '00'.repeat(32) });
  const intake = await createIntake({ kafka, codec, topicPrefix, partitions, epoch: 1, logger });
  const server: IntakeSystem['server'] = async (options) => {
    const app = Fastify();
    await app.register(bookingGuard, { token: bookingToken, cookieSecret, pagePaths: ['/'] });
    await app.register(commandRoutes, {
      intake,
      keyStore,
      clock: () => Date.now() * 1000,
      ids: randomUUID,
      tenantId,
      ...options,
    });
    app.get('/', () => 'page');
    await app.ready();
    return app;
  };
  const app = await server({ timeoutMs: 10_000 });

  const readTopic = async (name: 'events' | 'commands'): Promise<readonly InboundRecord[]> => {
    const ends = await kafka.admin.watermarks(topicName(topicPrefix, name));
    const reader = kafka.reader({
      positions: ends.map(({ topic, partition, low }) => ({ topic, partition, offset: low })),
    });
    const open = new Map(ends.filter(({ low, high }) => high > low).map(({ partition, high }) => [partition, high]));
    const records: InboundRecord[] = [];
    while (open.size > 0) {
      for (const moved of await reader.poll(500)) {
        records.push(...moved.records);
        if (moved.nextOffset >= (open.get(moved.partition) ?? 0n)) open.delete(moved.partition);
      }
    }
    await reader.close();
    return records;
  };
  const eventsOnLog = async (): Promise<readonly LoggedEvent[]> =>
    (await readTopic('events')).map((record) => {
      const { type, value } = codec.decode(record.value);
      return { type, value: value as LoggedEvent['value'], record };
    });
  const stopLedger = async (): Promise<void> => {
    await ledger?.stop();
    ledger = null;
  };
  return {
    kafka,
    topicPrefix,
    intake,
    keyStore,
    app,
    server,
    post: (name, body, headers = {}, at = app) =>
      at.inject({
        method: 'POST',
        url: `/v1/commands/${name}`,
        headers: { host, authorization: `Bearer ${bookingToken}`, 'content-type': 'application/json', ...headers },
        payload: JSON.stringify(body),
      }),
    commandsOnLog: () => readTopic('commands'),
    eventsOnLog,
    bookedFor: async (commandId) =>
      (await eventsOnLog()).filter(({ value }) => value.envelope.causation_id === commandId).map(({ type }) => type),
    startLedger: async () => {
      ledger = await startLedger();
    },
    stopLedger,
    stop: async () => {
      await app.close();
      await intake.close();
      await stopLedger();
      await kafka.admin.deleteTopics(topicSpecs(topicPrefix, partitions).map(({ name }) => name));
      await kafka.close();
      await rm(folder, { recursive: true });
    },
  };
};

/** A valid body of create-fund, with other fields as given. */
export const fundBody = (fund: object = {}) => ({
  fund: { fund_name: 'Harbor Growth I', fund_type: 'PE', base_currency: 'USD', inception_date: '2020-01-01', ...fund },
});
/** A valid body of create-investor, its check approved. */
export const investorBody = (investor: object = {}) => ({
  investor: {
    investor_name: 'Endowment of the Test',
    investor_type: 'ENDOWMENT',
    kyc_status: 'APPROVED',
    kyc_source: 'test',
    ...investor,
  },
});
/** Id of the aggregate that an accepted reply names first. */
export const idOf = (reply: LightMyRequestResponse): string =>
  reply.json<{ events: { aggregate_id: string }[] }>().events[0]?.aggregate_id ?? '';
/** A valid body of make-commitment, over a fund and an investor that are made for it. */
export const commitmentBody = async ({ post }: IntakeSystem, commitment_amount: string) => ({
  fund_id: idOf(await post('create-fund', fundBody())),
  investor_id: idOf(await post('create-investor', investorBody())),
  commitment_amount,
  currency: 'USD',
  commitment_date: '2020-03-31',
});
