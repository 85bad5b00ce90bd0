// What the tests of the runtime against the real broker share: topics of their own, processors started and stopped, logs read back.
import { pino, type Logger } from 'pino';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { InboundRecord, KafkaPort } from '#platform/kafka/port.ts';
import { topicName, topicSpecs, type TopicName } from '#schemas/topics.ts';
import { readTo } from '../read-to.ts';
import { startProcessor, type ProcessorDeps, type RunningProcessor } from '../runtime.ts';
import type { Processor } from '../topology.ts';

export interface RuntimeBench {
  readonly kafka: KafkaPort;
  readonly topicPrefix: string;
  readonly partitions: number;
  start<State>(processor: Processor<State>, settings?: Partial<ProcessorDeps>): Promise<RunningProcessor>;
  /** Appends values to one partition of a topic under the key `k`. */
  send(topic: TopicName, partition: number, values: readonly (string | Buffer)[]): Promise<void>;
  /** Committed records of one partition, up to its high watermark. */
  read(topic: TopicName, partition: number): Promise<readonly InboundRecord[]>;
  texts(topic: TopicName, partition: number): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const silent: Logger = pino({ level: process.env['STRATCAP_TEST_LOG'] ?? 'silent' }, pino.destination(2));

/** Creates the topics of a deployment of its own on the shared broker. */
export const openBench = async ({
  brokers,
  topicPrefix,
  partitions = 2,
}: {
  readonly brokers: string;
  readonly topicPrefix: string;
  readonly partitions?: number;
}): Promise<RuntimeBench> => {
  const kafka = await connectKafka({ brokers, clientId: 'runtime-test' });
  await kafka.admin.ensureTopics(topicSpecs(topicPrefix, partitions));
  const producer = kafka.producer();
  const started = new Set<RunningProcessor>();
  const read = async (topic: TopicName, partition: number): Promise<readonly InboundRecord[]> => {
    const name = topicName(topicPrefix, topic);
    const { low, high } = (await kafka.admin.watermarks(name)).find((entry) => entry.partition === partition) ?? {
      low: 0n,
      high: 0n,
    };
    const records: InboundRecord[] = [];
    await readTo(kafka, {
      topic: name,
      partition,
      from: low,
      to: high,
      onRecord: (record) => records.push(record),
      signal: AbortSignal.timeout(60_000),
    });
    return records;
  };
  return {
    kafka,
    topicPrefix,
    partitions,
    start: async (processor, settings = {}) => {
      const running = await startProcessor(processor, {
        kafka,
        topicPrefix,
        partitions,
        logger: silent,
        transactionTimeoutMs: 10_000,
        ...settings,
      });
      started.add(running);
      return running;
    },
    send: async (topic, partition, values) => {
      const name = topicName(topicPrefix, topic);
      await producer.send(
        values.map((value) => ({
          topic: name,
          partition,
          key: Buffer.from('k'),
          value: typeof value === 'string' ? Buffer.from(value) : value,
        })),
      );
    },
    read,
    texts: async (topic, partition) => (await read(topic, partition)).map(({ value }) => value?.toString('utf8') ?? ''),
    close: async () => {
      await Promise.all([...started].map((running) => running.stop()));
      await kafka.close();
    },
  };
};

/** Waits until the condition holds. @throws when it does not within the time. */
export const until = async (what: string, holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> => {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
