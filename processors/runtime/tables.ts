// Compacted topics read whole into memory and kept current in the background, one copy per process for all of its tasks.
import type { Logger } from 'pino';
import type { InboundRecord, KafkaPort, PartitionOffset, PartitionReader } from '#platform/kafka/port.ts';
import { topicName, type TopicName } from '#schemas/topics.ts';
import type { TableLookup } from './topology.ts';
import { pause } from './waiting.ts';

const POLL_WAIT_MS = 250;
const RETRY_MS = 500;
/** A dead process may hold a transaction open over the end; after this long the task that waits starts anew and tells of it. */
const CATCH_UP_MS_MAX = 30_000;

export interface TableStore extends TableLookup {
  /** Resolves when every table was read to the end that it had when this was called; at once for topics that are no tables. */
  catchUp(topics: readonly TopicName[]): Promise<void>;
  /** A task of this process commits records of the table, or has: the next look-up sees them (read your own writes). */
  markWritten(topic: TopicName): void;
  /** Tables with commits of this process that the reader has perhaps not seen yet. */
  stale(): readonly TopicName[];
  stop(): Promise<void>;
}

interface Waiter {
  readonly topic: string;
  readonly ends: ReadonlyMap<number, bigint>;
  readonly resolve: () => void;
}

export const startTables = ({
  kafka,
  topicPrefix,
  topics,
  logger,
}: {
  readonly kafka: KafkaPort;
  readonly topicPrefix: string;
  readonly topics: readonly TopicName[];
  readonly logger: Logger;
}): TableStore => {
  const stopping = new AbortController();
  const names = new Map(topics.map((topic) => [topicName(topicPrefix, topic), topic]));
  const values = new Map<TopicName, Map<string, Buffer>>(topics.map((topic) => [topic, new Map()]));
  const positions = new Map<string, PartitionOffset>();
  const waiters = new Set<Waiter>();
  // Commits of this process by table, and how many of them a finished catch-up has covered.
  const commits = new Map<TopicName, number>();
  const covered = new Map<TopicName, number>();

  const apply = ({ topic, key, value }: InboundRecord): void => {
    const table = values.get(names.get(topic) ?? 'snapshots');
    if (table === undefined || key === null) return;
    // Copied, since a value may be a slice of a whole fetch.
    if (value === null) table.delete(key.toString('utf8'));
    else table.set(key.toString('utf8'), Buffer.from(value));
  };
  const hasReached = ({ topic, ends }: Waiter): boolean =>
    [...ends].every(([partition, end]) => (positions.get(`${topic}|${partition}`)?.offset ?? -1n) >= end);
  const wake = (): void => {
    for (const waiter of waiters) {
      if (!hasReached(waiter)) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  };

  const follow = async (): Promise<void> => {
    for (const name of names.keys()) {
      for (const { partition, low } of await kafka.admin.watermarks(name)) {
        const at = positions.get(`${name}|${partition}`);
        if (at === undefined || at.offset < low) positions.set(`${name}|${partition}`, { topic: name, partition, offset: low });
      }
    }
    const reader: PartitionReader = kafka.reader({ positions: [...positions.values()] });
    try {
      wake();
      while (!stopping.signal.aborted) {
        const moved = await reader.poll(POLL_WAIT_MS);
        for (const { topic, partition, records, nextOffset } of moved) {
          for (const record of records) apply(record);
          positions.set(`${topic}|${partition}`, { topic, partition, offset: nextOffset });
        }
        if (moved.length > 0) wake();
      }
    } finally {
      await reader.close();
    }
  };
  const followForEver = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await follow();
      } catch (error) {
        logger.warn({ err: error }, 'the reader of the tables failed and starts again where it was');
        await pause(RETRY_MS, stopping.signal);
      }
    }
  };
  const following = topics.length === 0 ? Promise.resolve() : followForEver();

  const reach = async (topic: string): Promise<void> => {
    const ends = new Map((await kafka.admin.watermarks(topic)).map(({ partition, high }) => [partition, high]));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { topic, ends, resolve };
    const timer = setTimeout(
      () =>
        reject(
          new Error(
            `table ${topic} was not read to its end within ${CATCH_UP_MS_MAX} ms; a transaction of a dead process may be open on it`,
          ),
        ),
      CATCH_UP_MS_MAX,
    );
    if (hasReached(waiter)) resolve();
    else waiters.add(waiter);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      waiters.delete(waiter);
    }
  };

  return {
    get: (topic, key) => values.get(topic)?.get(key) ?? null,
    catchUp: async (wanted) => {
      const tables = wanted.filter((topic) => values.has(topic));
      const before = tables.map((topic) => [topic, commits.get(topic) ?? 0] as const);
      await Promise.all(tables.map((topic) => reach(topicName(topicPrefix, topic))));
      for (const [topic, count] of before) covered.set(topic, Math.max(covered.get(topic) ?? 0, count));
    },
    markWritten: (topic) => {
      if (values.has(topic)) commits.set(topic, (commits.get(topic) ?? 0) + 1);
    },
    stale: () => [...commits].filter(([topic, count]) => count > (covered.get(topic) ?? 0)).map(([topic]) => topic),
    stop: async () => {
      stopping.abort();
      await following;
      for (const waiter of waiters) waiter.resolve();
    },
  };
};
