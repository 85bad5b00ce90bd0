// Where a process gets its Kafka: the one place that chooses the client behind the port.
import { createWorker } from './client/worker.ts';
import type { ClientSettings, CompressionSettings, KafkaLogger, KafkaSecurity, Route } from './client/settings.ts';
import { createAdmin } from './client/admin.ts';
import { Cluster } from './client/cluster.ts';
import { createReader } from './client/reader.ts';
import { createRecordProducer } from './client/record-producer.ts';

import { createTransactionalProducer } from './client/transactional-producer.ts';

import type { KafkaPort } from './port.ts';

export interface KafkaOptions {
  /** `host:port[,host:port]` or a list of `host:port`. */
  readonly brokers: string | readonly string[];
  readonly clientId: string;
  /** A pino logger fits. Silent unless given: what matters is thrown. */
  readonly logger?: KafkaLogger;
  /** How long a call waits for a broker that is away before it throws `unavailable`; 30 s unless given. */
  readonly patienceMs?: number;
  /** How long one request may take before its connection is given up; 10 s unless given. */
  readonly requestTimeoutMs?: number;
  /** Bytes of a record batch before compression; 700,000 unless given. Above the topic's max.message.bytes the broker refuses. */
  readonly batchBytesMax?: number;
  /** zstd from 1 KiB on unless given. */
  readonly compression?: CompressionSettings;
  /** TLS and SASL; plain text unless given. */
  readonly security?: KafkaSecurity;
  /** Where to connect for an address that a broker advertises; the same address unless given. */
  readonly route?: Route;
}

const SILENT: KafkaLogger = { debug: () => undefined, warn: () => undefined };

interface Closeable {
  close(): Promise<void>;
}

/**
 * Connects to Kafka. Readers and producers have connections of their own, so that a slow one holds up no other.
 * @throws KafkaError `unavailable` when no broker answers within `patienceMs`.
 */
export const connectKafka = async (options: KafkaOptions): Promise<KafkaPort> => {
  const brokers =
    typeof options.brokers === 'string' ? options.brokers.split(',').map((broker) => broker.trim()) : options.brokers;
  const wrong = brokers.find((broker) => !/^[^:\s]+:\d+$/.test(broker));
  if (brokers.length === 0 || wrong !== undefined) {
    throw new Error(
      `Kafka brokers "${wrong ?? ''}" are not host:port; set KAFKA_BROKERS to a list such as 127.0.0.1:9092,127.0.0.1:9093`,
    );
  }
  const settings: ClientSettings = {
    brokers,
    clientId: options.clientId,
    logger: options.logger ?? SILENT,
    patienceMs: options.patienceMs ?? 30_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    batchBytesMax: options.batchBytesMax ?? 700_000,
    compression: options.compression ?? { codec: 'zstd', fromBytes: 1_024 },
    security: options.security ?? {},
    route: options.route ?? ((advertised) => advertised),
  };
  const open = new Set<Closeable>();
  const track = <Part extends Closeable>(part: Part): Part => {
    open.add(part);
    const close = part.close.bind(part);
    part.close = () => {
      open.delete(part);
      return close();
    };
    return part;
  };
  const admin = createAdmin(new Cluster(settings));
  try {
    await admin.describeCluster();
  } catch (error) {
    await admin.close();
    throw error;
  }
  return {
    admin,
    reader: (reader) => track(createReader(settings, reader)),
    transactionalProducer: (producer) => track(createTransactionalProducer(settings, producer)),
    worker: (worker) => {
      const made = createWorker(settings, worker);
      const closeable = { close: made.leave.bind(made) };
      open.add(closeable);
      return Object.assign(made, {
        leave: () => {
          open.delete(closeable);
          return closeable.close();
        },
      });
    },
    producer: () => track(createRecordProducer(settings)),
    close: async () => {
      await Promise.all([...open].map((part) => part.close()));
      await admin.close();
    },
  };
};
