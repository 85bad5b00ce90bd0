// A log of one partition with the facts of every processor on its topics: what a sink reads, without running the processors as roles.
import type { KafkaPort, OutboundRecord } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { topicName, type TopicName, topicSpecs } from '#schemas/topics.ts';
import { capitalAccountsProcessor } from '../../processors/capital-accounts/processor.ts';
import { cashFlowsProcessor } from '../../processors/cash-flows/processor.ts';
import { performanceProcessor } from '../../processors/performance/processor.ts';
import { qualityProcessor } from '../../processors/quality/processor.ts';
import { createTestDriver, type PipedRecord, type TestDriver } from '../../processors/runtime/test-driver.ts';
import { waterfallsProcessor } from '../../processors/waterfalls/processor.ts';

export const factTopics = ['capital-accounts', 'cash-flows', 'performance', 'waterfalls', 'quality'] as const;
export type FactTopic = (typeof factTopics)[number];

export interface FactLog {
  /** Appends events and the facts that follow from them, `batch` events a transaction. */
  append(events: readonly PipedRecord[], batch?: number): Promise<void>;
  /** Every fact so far of a type, in order. */
  facts<Fact>(topic: FactTopic, type: string): readonly Fact[];
  /** Number of events so far: the offset of the next one. */
  length(): number;
}

/** Creates the topics under a prefix; everything stands in partition 0, at the offsets that the facts name. */
export const createFactLog = async ({
  kafka,
  codec,
  topicPrefix,
}: {
  readonly kafka: KafkaPort;
  readonly codec: Codec;
  readonly topicPrefix: string;
}): Promise<FactLog> => {
  await kafka.admin.ensureTopics(topicSpecs(topicPrefix, 1));
  const producer = kafka.producer();
  const drivers: Readonly<Record<FactTopic, Pick<TestDriver<unknown>, 'pipeBatch' | 'outputs'>>> = {
    'capital-accounts': createTestDriver(capitalAccountsProcessor({ codec })),
    'cash-flows': createTestDriver(cashFlowsProcessor({ codec })),
    performance: createTestDriver(performanceProcessor({ codec })),
    waterfalls: createTestDriver(waterfallsProcessor({ codec })),
    quality: createTestDriver(qualityProcessor({ codec })),
  };
  const sent = new Map<TopicName, number>();
  let events = 0;
  const send = async (topic: TopicName, records: readonly { readonly key: Buffer | string; readonly value: Buffer | null }[]) => {
    const outbound = records.map(({ key, value }): OutboundRecord => ({
      topic: topicName(topicPrefix, topic),
      partition: 0,
      key: Buffer.from(key),
      value,
    }));
    for (let at = 0; at < outbound.length; at += 2_000) await producer.send(outbound.slice(at, at + 2_000));
  };
  return {
    append: async (added, batch = 300) => {
      for (let at = 0; at < added.length; at += batch) {
        const transaction = added.slice(at, at + batch);
        for (const topic of factTopics) drivers[topic].pipeBatch(transaction);
      }
      events += added.length;
      await send('events', added);
      for (const topic of factTopics) {
        const outputs = drivers[topic].outputs(topic);
        await send(topic, outputs.slice(sent.get(topic) ?? 0));
        sent.set(topic, outputs.length);
      }
    },
    facts: <Fact>(topic: FactTopic, type: string) =>
      drivers[topic]
        .outputs(topic)
        .map(({ value }) => codec.decode(value))
        .filter((fact) => fact.type === type)
        .map(({ value }) => value as Fact),
    length: () => events,
  };
};
