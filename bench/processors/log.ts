// The log of the measured stack, from outside: topics made anew, events appended, groups followed until they have read everything.
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { KafkaPort, RecordProducer } from '#platform/kafka/port.ts';
import { topicName, topicSpecs, type TopicName } from '#schemas/topics.ts';
import type { EventSource } from './events.ts';

export interface BenchLog {
  readonly kafka: KafkaPort;
  readonly topicPrefix: string;
  readonly partitions: number;
  full(topic: TopicName): string;
  /** Appends events in portions; `say` hears of it now and then. */
  append(source: EventSource, events: number, say?: (text: string) => void): Promise<void>;
  /** Appends one event to each partition. */
  appendOneEach(source: EventSource): Promise<void>;
  /** Deletes topics and groups and makes the topics anew, empty. */
  renew(topics: readonly TopicName[], groups: readonly string[]): Promise<void>;
  /** Makes a topic with the settings of one of ours. */
  make(name: string, like: TopicName): Promise<void>;
  remove(topicsThat: (name: string) => boolean, groups: readonly string[]): Promise<void>;
  /** Offsets of a topic that a group has still to commit. */
  lag(group: string, topic: string): Promise<number>;
  /** Waits until a group has committed everything and all outputs are decided; gives the moment. `check` may throw meanwhile. */
  untilRead(options: {
    readonly group: string;
    readonly topic: string;
    readonly output: string;
    readonly timeoutMs: number;
    readonly check: () => void;
  }): Promise<number>;
  close(): Promise<void>;
}

/** As often the broker is asked how far a group is: every figure in seconds is late by at most this. */
const askEveryMs = 20;
const portion = 5_000;

/** Connects to the log of a stack. */
export const openLog = async (brokers: string, topicPrefix: string, partitions: number): Promise<BenchLog> => {
  const kafka = await connectKafka({ brokers, clientId: 'stratcap-bench' });
  const admin: Admin = new Kafka({ brokers: brokers.split(','), clientId: 'stratcap-bench', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  let producer: RecordProducer | null = null;
  const full = (topic: TopicName): string => topicName(topicPrefix, topic);
  const send = async (records: ReturnType<EventSource['next']>): Promise<void> => {
    producer ??= kafka.producer();
    await producer.send(records);
  };
  const specs = topicSpecs(topicPrefix, partitions);
  const lag = async (group: string, topic: string): Promise<number> => {
    const [ends, [committed]] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId: group, topics: [topic] }),
    ]);
    const at = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
    return ends.reduce((sum, { partition, high }) => sum + Number(high) - (at.get(partition) ?? 0), 0);
  };
  const deleteGroups = async (groups: readonly string[]): Promise<void> => {
    for (const group of groups) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          await admin.deleteGroups([group]);
          break;
        } catch (error) {
          const { groups: failed } = error as { readonly groups?: readonly { readonly errorCode: number }[] };
          const code = failed?.[0]?.errorCode ?? 0;
          // 69: there is no such group.
          if (code === 69) break;
          // 14 to 16: its coordinator is not there yet; 68: a member that was killed is still in it.
          if (![14, 15, 16, 68].includes(code) || attempt > 600) throw error;
          await sleep(100);
        }
      }
    }
  };
  /** All records of a topic are committed or aborted: what a committed reader sees is the end. */
  const isDecided = async (topic: string): Promise<boolean> => {
    const positions = (await kafka.admin.watermarks(topic)).flatMap(({ partition, high, low }) =>
      high > low ? [{ topic, partition, offset: high - 1n }] : [],
    );
    const reader = kafka.reader({ positions });
    try {
      const decided = new Set<number>();
      for (let attempt = 0; decided.size < positions.length && attempt < 5; attempt += 1)
        for (const fetched of await reader.poll(20)) {
          if (fetched.lastStableOffset >= fetched.highWatermark) decided.add(fetched.partition);
          reader.remove(fetched);
        }
      return decided.size === positions.length;
    } finally {
      await reader.close();
    }
  };
  return {
    kafka,
    topicPrefix,
    partitions,
    full,
    lag,
    append: async (source, events, say) => {
      let sending = Promise.resolve();
      let saidAt = Date.now();
      for (let done = 0; done < events; done += portion) {
        const records = source.next(Math.min(portion, events - done));
        await sending;
        sending = send(records);
        if (Date.now() - saidAt > 10_000) {
          saidAt = Date.now();
          say?.(`${done} of ${events} events are on the log.`);
        }
      }
      await sending;
    },
    appendOneEach: async (source) => await send(source.oneEach()),
    renew: async (topics, groups) => {
      await deleteGroups(groups);
      const names = new Set(topics.map(full));
      await kafka.admin.deleteTopics([...names]);
      await kafka.admin.ensureTopics(specs.filter(({ name }) => names.has(name)));
    },
    make: async (name, like) => {
      const config = specs.find((spec) => spec.name === full(like))?.config ?? {};
      await kafka.admin.ensureTopics([{ name, partitions, config }]);
    },
    remove: async (topicsThat, groups) => {
      await deleteGroups(groups);
      await kafka.admin.deleteTopics((await kafka.admin.topicNames()).filter(topicsThat));
    },
    untilRead: async ({ group, topic, output, timeoutMs, check }) => {
      const until = Date.now() + timeoutMs;
      for (;;) {
        check();
        if ((await lag(group, topic)) === 0 && (await isDecided(output))) return Date.now();
        if (Date.now() > until) throw new Error(`${group} has not read ${topic} within ${timeoutMs} ms`);
        await sleep(askEveryMs);
      }
    },
    close: async () => {
      await producer?.close();
      await admin.disconnect();
      await kafka.close();
    },
  };
};
