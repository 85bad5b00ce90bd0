// A warehouse of one's own on the shared engines, with a log of one partition that a test writes and a sink that reads it.
import pino from 'pino';
import type { AnyEvent } from '#domain/messages.ts';
import { createWarehouse, type Warehouse } from '#platform/clickhouse/client.ts';
import { connectKafka } from '#platform/kafka/connect.ts';
import { loadCodec } from '#schemas/released.ts';
import { createIsolation } from '#tests/support/stack.ts';
import { createFactLog, type FactLog } from '#tests/support/written-facts.ts';
import type { PipedRecord } from '../../processors/runtime/test-driver.ts';
import { migrateStarSchema } from './rebuild.ts';
import { startClickHouseSink } from './sink.ts';

export interface TestWarehouse {
  readonly warehouse: Warehouse;
  readonly log: FactLog;
  /** Runs a sink until it has written everything that stands on the log. */
  catchUp(): Promise<void>;
  /** The rows of a SELECT. */
  rows<T = Record<string, string | null>>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<readonly T[]>;
  close(): Promise<void>;
}

const codec = loadCodec();

/** Events as records of the log. */
export const recordsOf = (events: readonly AnyEvent[]): readonly PipedRecord[] =>
  events.map(({ type, value }) => ({
    topic: 'events',
    key: 'key',
    value: codec.encode(`stratcap.event.${type}`, { ...value, envelope: { ...value.envelope, chain_hash: new Uint8Array(32) } }),
  }));

/** Opens it, empty and of the newest schema. */
export const openWarehouse = async (): Promise<TestWarehouse> => {
  const isolation = await createIsolation({ stores: ['clickhouse'] });
  const { addresses, topicPrefix } = isolation;
  const kafka = await connectKafka({ brokers: addresses.kafkaBrokers, clientId: 'warehouse-test' });
  const warehouse = createWarehouse({
    url: addresses.clickhouseUrl,
    ...addresses.clickhouseIngest,
    database: isolation.clickhouseDatabase,
  });
  await migrateStarSchema(warehouse);
  return {
    warehouse,
    log: await createFactLog({ kafka, codec, topicPrefix }),
    catchUp: async () => {
      const logger = pino({ level: 'fatal' });
      const sink = await startClickHouseSink({ kafka, warehouse, codec, topicPrefix, partitions: 1, epoch: 1, logger });
      for (;;) {
        const { state, lag, detail } = sink.health();
        if (state === 'failed') throw new Error(`the sink stopped: ${String(detail)}`);
        if (lag === 0) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await sink.stop();
    },
    rows: async (sql, params) => await warehouse.query(sql, params),
    close: async () => {
      await warehouse.close();
      await kafka.close();
      await isolation.drop();
    },
  };
};
