// Compacted topics read whole into memory and kept current in the background, one copy per worker for all of its partitions, with what
// the worker wrote itself laid over it.
import type { Logger } from 'pino';
import type { InboundRecord, KafkaPort, PartitionOffset, PartitionReader } from '#platform/kafka/port.ts';
import { topicName, type TopicName } from '#schemas/topics.ts';
import type { LogEnds } from './log-ends.ts';
import { createTableOverlay } from './table-overlay.ts';
import type { TableLookup } from './topology.ts';
import { pause } from './waiting.ts';

const POLL_WAIT_MS = 250;
const RETRY_MS = 500;
/** How often the reader is asked whether it has passed what the worker committed. */
const RETIRE_MS = 100;
/** A dead process may hold a transaction open over the end; after this long whoever waits is told. */
const CATCH_UP_MS_MAX = 30_000;

/** A record that a step wrote to a table. */
export interface TableWrite {
  readonly topic: TopicName;
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly partition: number;
  /** The worker's transactions in their order. */
  readonly sequence: number;
}

export interface TableStore extends TableLookup {
  /** Resolves when every table was read to the end that it had when this was called; at once for topics that are no tables. */
  catchUp(topics: readonly TopicName[]): Promise<void>;
  /** Seen at once by the steps of this worker, and by nobody else: it shares their transaction, or that transaction's fate. */
  write(record: TableWrite): void;
  /** This transaction and all before it are committed. */
  committed(sequence: number): void;
  /** Nothing that was not committed may be seen any more; with a partition: another worker may have written since. */
  forget(partition?: number): void;
  /** Tables whose values may be older than what this worker wrote: to be caught up with before a look-up. */
  isStale(topic: TopicName): boolean;
  stop(): Promise<void>;
}

interface Waiter {
  readonly topic: string;
  readonly ends: ReadonlyMap<number, bigint>;
  readonly resolve: () => void;
}

export const startTables = ({
  kafka,
  ends,
  topicPrefix,
  topics,
  logger,
}: {
  readonly kafka: KafkaPort;
  readonly ends: LogEnds;
  readonly topicPrefix: string;
  readonly topics: readonly TopicName[];
  readonly logger: Logger;
}): TableStore => {
  const stopping = new AbortController();
  const names = new Map(topics.map((topic) => [topicName(topicPrefix, topic), topic]));
  const values = new Map<TopicName, Map<string, Buffer>>(topics.map((topic) => [topic, new Map()]));
  const positions = new Map<string, PartitionOffset>();
  const waiters = new Set<Waiter>();
  const overlay = createTableOverlay();
  // When a table became stale, in a count that only grows: a catch-up covers what came before it.
  const staleSince = new Map<TopicName, number>();
  let staleMarks = 0;
  let committedTo = 0;
  let retiredTo = 0;
  let retiring = false;

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
      for (const { partition, low } of await ends(name)) {
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
    const target = new Map((await ends(topic)).map(({ partition, high }) => [partition, high]));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { topic, ends: target, resolve };
    const timer = setTimeout(
      () =>
        reject(
          new Error(
            `table ${topic} was not read to its end within ${CATCH_UP_MS_MAX} ms; a transaction of a dead process may be open on it`,
          ),
        ),
      CATCH_UP_MS_MAX,
    );
    if (hasReached(waiter) || stopping.signal.aborted) resolve();
    else waiters.add(waiter);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      waiters.delete(waiter);
    }
  };
  const catchUp = async (wanted: readonly TopicName[]): Promise<void> => {
    const tables = wanted.filter((topic) => values.has(topic));
    const before = tables.map((topic) => [topic, staleSince.get(topic)] as const);
    await Promise.all(tables.map((topic) => reach(topicName(topicPrefix, topic))));
    for (const [topic, count] of before) if (staleSince.get(topic) === count) staleSince.delete(topic);
  };

  /** What is committed leaves the overlay when the reader has passed it: from then on the tables know it, or something newer. */
  const retireCommitted = async (): Promise<void> => {
    retiring = true;
    while (committedTo > retiredTo && !stopping.signal.aborted) {
      await pause(RETIRE_MS, stopping.signal);
      const sequence = committedTo;
      try {
        await catchUp(overlay.topics());
      } catch (error) {
        logger.warn({ err: error }, 'the tables are behind what was committed');
        continue;
      }
      if (stopping.signal.aborted) break;
      overlay.retire(sequence);
      retiredTo = sequence;
    }
    retiring = false;
  };

  return {
    get: (topic, key) => {
      const own = overlay.get(topic, key);
      return own === undefined ? (values.get(topic)?.get(key) ?? null) : own;
    },
    catchUp,
    write: ({ topic, key, value, partition, sequence }) => {
      if (values.has(topic)) overlay.write({ topic, key: key.toString('utf8'), value, partition, sequence });
    },
    committed: (sequence) => {
      committedTo = sequence;
      if (!retiring && overlay.topics().length > 0) void retireCommitted();
    },
    forget: (partition) => {
      for (const topic of overlay.forget(partition)) {
        staleMarks += 1;
        staleSince.set(topic, staleMarks);
      }
    },
    isStale: (topic) => staleSince.has(topic),
    stop: async () => {
      stopping.abort();
      await following;
      for (const waiter of waiters) waiter.resolve();
    },
  };
};
