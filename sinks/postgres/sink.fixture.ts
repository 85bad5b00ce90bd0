// A corner of the shared engines for tests of the sink: topics of its own, an empty operational model, and a sink to start and stop.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { KafkaPort, OutboundRecord } from '#platform/kafka/port.ts';
import { createLogger } from '#platform/observability/logger.ts';
import { createMetrics } from '#platform/observability/metrics.ts';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import type { Codec } from '#schemas/codec.ts';
import { loadCodec } from '#schemas/released.ts';
import { topics, topicName } from '#schemas/topics.ts';
import { createEventBook, type EventBook } from '#tests/support/events.ts';
import { createFactTeller } from '#tests/support/life-log.ts';
import { createIsolation } from '#tests/support/stack.ts';
import { contentTables } from './content-tables.ts';
import { migrateOperationalModel } from './migrations.ts';
import { sources } from './positions.ts';
import { startPostgresSink, type PostgresSink, type PostgresSinkDeps } from './sink.ts';

export const partitions = 3;

export interface SinkFixture {
  readonly kafka: KafkaPort;
  readonly pool: Pool;
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly databaseUrl: string;
  readonly deps: PostgresSinkDeps;
  readonly book: EventBook;
  /** Writes everything the book has made since the last call. */
  publish(): Promise<void>;
  /** The same, with the facts that the processors tell of it; in use from the first event of the book on, or not at all. */
  publishWithFacts(): Promise<void>;
  send(records: readonly OutboundRecord[]): Promise<void>;
  start(over?: Partial<PostgresSinkDeps>): Promise<PostgresSink>;
  /** Waits until a sink has written everything that is on the topics. */
  level(sink: PostgresSink): Promise<void>;
  /** Empties the tables and positions. */
  clear(): Promise<void>;
  drop(): Promise<void>;
}

/** Waits until `holds`, or fails with what it waited for. */
export const eventually = async (what: string, holds: () => Promise<boolean> | boolean, withinMs = 20_000): Promise<void> => {
  for (const until = Date.now() + withinMs; !(await holds()); await sleep(10)) {
    if (Date.now() > until) throw new Error(`${what}: not within ${withinMs} ms`);
  }
};

const makeTopics = (kafka: KafkaPort, prefix: string): Promise<void> =>
  kafka.admin.ensureTopics(
    sources.map((name) => ({
      name: topicName(prefix, name),
      partitions,
      config: topics[name].config,
    })),
  );

export const createSinkFixture = async (): Promise<SinkFixture> => {
  const isolation = await createIsolation({ stores: ['postgres'] });
  const { databaseUrl, kafkaBrokers } = isolation.addresses;
  const kafka = await connectKafka({ brokers: kafkaBrokers, clientId: 'sink-test' });
  await makeTopics(kafka, isolation.topicPrefix);
  const pool = createPostgresPool({ databaseUrl, applicationName: 'sink-test', connectionsMin: 0, connectionsMax: 5 });
  await migrateOperationalModel(pool);
  const codec = loadCodec();
  const book = createEventBook({ codec, partitions });
  const teller = createFactTeller({ codec, partitions, topicPrefix: isolation.topicPrefix });
  const producer = kafka.producer();
  const sinks = new Set<PostgresSink>();
  const deps: PostgresSinkDeps = {
    kafka,
    pool,
    codec,
    partitions,
    topicPrefix: isolation.topicPrefix,
    epoch: 1,
    logger: createLogger({ role: 'sink-test', level: 'silent' }),
    metrics: createMetrics('sink-test'),
  };
  const send = async (records: readonly OutboundRecord[]): Promise<void> => {
    await producer.send(records);
  };
  return {
    kafka,
    pool,
    codec,
    book,
    deps,
    databaseUrl,
    send,
    topicPrefix: isolation.topicPrefix,
    publish: () => send(book.take(isolation.topicPrefix)),
    publishWithFacts: async () => {
      const records = book.take(isolation.topicPrefix);
      await send(records);
      await send(teller.tell(records));
    },
    start: async (over = {}) => {
      const sink = await startPostgresSink({ ...deps, metrics: createMetrics('sink-test'), ...over });
      sinks.add(sink);
      return sink;
    },
    level: async (sink) => {
      const ends = await Promise.all(sources.map((name) => kafka.admin.watermarks(topicName(isolation.topicPrefix, name))));
      const wanted = ends.flat().reduce((sum, { high }) => sum + high, 0n);
      await eventually(`the sink writes all ${wanted} records`, async () => {
        const health = sink.health();
        if (health.state === 'failed') throw new Error(`the sink failed: ${health.detail ?? ''}`);
        const { rows } = await pool.query<{ reached: string | null }>('SELECT sum(source_next_offset) AS reached FROM positions');
        return health.state === 'ready' && BigInt(rows[0]?.reached ?? '0') >= wanted;
      });
    },
    clear: async () => {
      await pool.query(`TRUNCATE ${contentTables.map(({ name }) => name).join(', ')}, positions`);
    },
    drop: async () => {
      await Promise.all([...sinks].map((sink) => sink.stop()));
      await producer.close();
      await kafka.close();
      await pool.end();
      await isolation.drop();
    },
  };
};
