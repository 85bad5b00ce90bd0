// A corner of the shared broker for one test file: a connection, topics under a prefix of its own, and transactions left open.
import { uniquePrefix, useStack } from '#tests/support/stack.ts';
import { connectKafka } from '../connect.ts';
import type { KafkaOptions } from '../connect.ts';
import { openTransaction } from './open-transaction.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { InboundRecord, KafkaPort, OutboundRecord, PartitionOffset, PartitionReader } from '../port.ts';

export interface KafkaCorner {
  readonly brokers: string;
  readonly kafka: KafkaPort;
  readonly prefix: string;
  /** Makes a topic and gives its full name. */
  topic(name: string, partitions: number, config?: Readonly<Record<string, string>>): Promise<string>;
  /** Another connection, closed with the corner. */
  connect(options?: Partial<KafkaOptions>): Promise<KafkaPort>;
  /** A transaction that a test may leave open or abort. */
  openTransaction(transactionalId: string): Promise<OpenTransaction>;
  close(): Promise<void>;
}

/** Opens a corner on the brokers of the test run, or on `brokers`. */
export const openKafkaCorner = async (brokers = useStack().kafkaBrokers): Promise<KafkaCorner> => {
  const prefix = uniquePrefix();
  const connections: { close(): Promise<void> }[] = [];
  const connect = async (options: Partial<KafkaOptions> = {}): Promise<KafkaPort> => {
    const kafka = await connectKafka({ brokers, clientId: `${prefix}test`, ...options });
    connections.push(kafka);
    return kafka;
  };
  const kafka = await connect();
  return {
    brokers,
    kafka,
    prefix,
    connect,
    topic: async (name, partitions, config = {}) => {
      await kafka.admin.ensureTopics([{ name: `${prefix}${name}`, partitions, config }]);
      return `${prefix}${name}`;
    },
    openTransaction: async (transactionalId) => {
      const { transaction, close } = await openTransaction(brokers, transactionalId);
      connections.push({ close });
      return transaction;
    },
    close: async () => {
      const names = (await kafka.admin.topicNames()).filter((name) => name.startsWith(prefix));
      await kafka.admin.deleteTopics(names);
      for (const connection of connections.reverse()) await connection.close();
    },
  };
};

/** Reads until every partition of `ends` has reached its end, the way state is restored. @throws Error after `withinMs`. */
export const readTo = async (
  reader: PartitionReader,
  ends: readonly PartitionOffset[],
  withinMs = 10_000,
): Promise<readonly InboundRecord[]> => {
  const missing = new Map(ends.map(({ topic, partition, offset }) => [`${topic} ${partition}`, offset]));
  const records: InboundRecord[] = [];
  for (const until = Date.now() + withinMs; missing.size > 0;) {
    if (Date.now() > until)
      throw new Error(`not at its end after ${withinMs} ms: ${[...missing].map(([key, end]) => `${key}@${end}`).join(', ')}`);
    for (const fetched of await reader.poll(200)) {
      records.push(...fetched.records);
      const key = `${fetched.topic} ${fetched.partition}`;
      if (fetched.nextOffset >= (missing.get(key) ?? fetched.nextOffset + 1n)) missing.delete(key);
    }
  }
  return records;
};

/** Short way to a record of text. */
export const textRecord = (
  topic: string,
  partition: number,
  value: string,
  key: string | Buffer | null = null,
): OutboundRecord => ({
  topic,
  partition,
  key: typeof key === 'string' ? Buffer.from(key) : key,
  value: Buffer.from(value),
});

export const valuesOf = (records: readonly InboundRecord[]): readonly (string | undefined)[] =>
  records.map(({ value }) => value?.toString());
