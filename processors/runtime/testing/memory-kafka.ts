// A log in memory behind the port, for unit tests of the worker's loop: every commit waits for the test's word, partitions are given
// and taken as the test says. What it claims is shown again against the real broker by the int tests.
import {
  KafkaError,
  type InboundRecord,
  type KafkaPort,
  type PartitionReader,
  type RecordHeaders,
  type TransactionDraft,
  type Worker,
  type WorkerListener,
} from '#platform/kafka/port.ts';
import { topicName, topics, type TopicName } from '#schemas/topics.ts';

interface MemoryRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

/** A commit that waits for the test. */
export interface PendingCommit {
  readonly positions: ReadonlyMap<number, bigint>;
  readonly records: readonly MemoryRecord[];
  succeed(): void;
  /** Nothing of it is written; the worker then tells that everything is lost and gives it again. */
  fail(error?: Error): void;
}

export interface MemoryKafka {
  readonly kafka: KafkaPort;
  /** Appends to the log as a client would. */
  send(topic: TopicName, partition: number, ...values: readonly string[]): void;
  /** Appends a record under its key, as another worker would. */
  put(topic: TopicName, partition: number, key: string, value: string): void;
  /** Values on the log; control records do not exist here. */
  texts(topic: TopicName, partition: number): readonly string[];
  /** The commit that waits, oldest first. */
  nextCommit(): Promise<PendingCommit>;
  /** Commits succeed by themselves from now on. */
  commitAll(): void;
  readonly commits: number;
  assign(...partitions: readonly number[]): void;
  revoke(...partitions: readonly number[]): Promise<void>;
  lose(...partitions: readonly number[]): void;
  committed(partition: number): bigint | null;
}

const bytes = (view: Uint8Array | null): Buffer | null => (view === null ? null : Buffer.from(view));
const unused = (what: string) => (): never => {
  throw new Error(`the memory log has no ${what}`);
};

export const createMemoryKafka = (topicPrefix: string, partitions: number): MemoryKafka => {
  const log = new Map<string, InboundRecord[]>();
  const committed = new Map<number, bigint>();
  let arrivals: readonly (() => void)[] = [];
  const pending: PendingCommit[] = [];
  const waiting: ((commit: PendingCommit) => void)[] = [];
  /** Each stay of a partition has its number: what was given to commit in a former one never gets there. */
  const held = new Map<number, number>();
  let stays = 0;
  let listener: WorkerListener | null = null;
  let automatic = false;
  let broken = false;
  let commits = 0;
  const of = (topic: string, partition: number): InboundRecord[] => {
    const name = `${topic}|${partition}`;
    const records = log.get(name) ?? [];
    log.set(name, records);
    return records;
  };
  const append = ({ topic, partition, key, value, headers }: MemoryRecord): void => {
    const records = of(topic, partition);
    records.push({ topic, partition, offset: BigInt(records.length), key, value, headers, timestampMs: Date.now() });
  };
  const arrived = (): void => {
    for (const wake of arrivals) wake();
  };

  const reader: KafkaPort['reader'] = ({ positions }) => {
    const at = new Map(positions.map(({ topic, partition, offset }) => [`${topic}|${partition}`, { topic, partition, offset }]));
    let closed = false;
    let wake: () => void = () => undefined;
    const take: PartitionReader['poll'] = async (maxWaitMs) => {
      const moved = [...at.values()].flatMap(({ topic, partition, offset }) => {
        const records = of(topic, partition).slice(Number(offset));
        const end = BigInt(of(topic, partition).length);
        if (records.length === 0) return [];
        at.set(`${topic}|${partition}`, { topic, partition, offset: end });
        return [{ topic, partition, records, nextOffset: end, highWatermark: end, lastStableOffset: end, logStartOffset: 0n }];
      });
      if (moved.length > 0 || closed || maxWaitMs <= 0) return closed ? [] : moved;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, maxWaitMs);
        wake = () => {
          clearTimeout(timer);
          arrivals = arrivals.filter((other) => other !== wake);
          resolve();
        };
        arrivals = [...arrivals, wake];
      });
      return take(0);
    };
    return {
      poll: take,
      seek: ({ topic, partition, offset }) => {
        at.set(`${topic}|${partition}`, { topic, partition, offset });
        wake();
      },
      remove: ({ topic, partition }) => void at.delete(`${topic}|${partition}`),
      close: () => {
        closed = true;
        wake();
        return Promise.resolve();
      },
    };
  };

  const hold = (partition: number): void => {
    stays += 1;
    held.set(partition, stays);
  };
  const resetAfter = (error: Error): void => {
    const gone = [...held.keys()];
    held.clear();
    broken = false;
    listener?.lost(gone, error);
    for (const partition of gone) hold(partition);
    listener?.assigned(gone);
  };
  const drafts = new WeakMap<TransactionDraft, MemoryRecord[]>();
  const worker: Worker = {
    start: (given) => {
      listener = given;
      return Promise.resolve();
    },
    committed: (partition) => Promise.resolve(committed.get(partition) ?? null),
    draft: () => {
      const records: MemoryRecord[] = [];
      let size = 0;
      const draft: TransactionDraft = {
        append: (topic, partition, key, value, headers = {}) => {
          if (value !== null && value.length > 1_000_000)
            throw new KafkaError('record-too-large', `${value.length} bytes are more than a record may have`);
          size += (key?.length ?? 0) + (value?.length ?? 0);
          records.push({ topic, partition, key: bytes(key), value: bytes(value), headers });
        },
        get records() {
          return records.length;
        },
        get bytes() {
          return size;
        },
      };
      drafts.set(draft, records);
      return draft;
    },
    commit: (draft, positions) => {
      const records = drafts.get(draft) ?? [];
      if (broken) return Promise.reject(new KafkaError('transaction-aborted', 'the former commit failed'));
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const given = new Map(held);
      const commit: PendingCommit = {
        positions: new Map(positions),
        records,
        succeed: () => {
          const changed = [...positions.keys()].find(
            (partition) => !given.has(partition) || held.get(partition) !== given.get(partition),
          );
          if (changed !== undefined)
            return commit.fail(new KafkaError('transaction-aborted', `partition ${changed} is not held, or was lost meanwhile`));
          for (const record of records) append(record);
          for (const [partition, offset] of positions) committed.set(partition, offset);
          commits += 1;
          resolve();
          arrived();
        },
        fail: (error = new KafkaError('transaction-aborted', 'the test says so')) => {
          broken = true;
          reject(error);
          setTimeout(() => resetAfter(error), 2);
        },
      };
      if (automatic) setTimeout(() => commit.succeed(), 1);
      else {
        const next = waiting.shift();
        if (next === undefined) pending.push(commit);
        else next(commit);
      }
      return promise;
    },
    leave: () => Promise.resolve(),
  };

  const kafka: KafkaPort = {
    reader,
    worker: () => worker,
    admin: {
      watermarks: (topic) =>
        Promise.resolve(
          Array.from({ length: partitions }, (_, partition) => ({
            topic,
            partition,
            low: 0n,
            high: BigInt(of(topic, partition).length),
          })),
        ),
      topicId: (topic) => Promise.resolve(`id of ${topic}`),
      partitionCount: () => Promise.resolve(partitions),
      topicNames: () => Promise.resolve(Object.values(topics).map(({ name }) => topicName(topicPrefix, name))),
      ensureTopics: unused('making of topics'),
      committedOffsets: unused('offsets of groups'),
      setOffsets: unused('setting of offsets'),
      deleteTopics: unused('deletion of topics'),
      deleteRecordsBefore: unused('deletion of records'),
      describeCluster: unused('cluster'),
      evict: unused('group'),
      close: () => Promise.resolve(),
    },
    transactionalProducer: unused('producer of transactions'),
    producer: unused('producer'),
    close: () => Promise.resolve(),
  };
  return {
    kafka,
    send: (topic, partition, ...values) => {
      for (const value of values)
        append({
          topic: topicName(topicPrefix, topic),
          partition,
          key: Buffer.from('k'),
          value: Buffer.from(value),
          headers: {},
        });
      arrived();
    },
    put: (topic, partition, key, value) => {
      append({ topic: topicName(topicPrefix, topic), partition, key: Buffer.from(key), value: Buffer.from(value), headers: {} });
      arrived();
    },
    texts: (topic, partition) => of(topicName(topicPrefix, topic), partition).map(({ value }) => value?.toString('utf8') ?? ''),
    nextCommit: () =>
      new Promise((resolve) => {
        const commit = pending.shift();
        if (commit === undefined) waiting.push(resolve);
        else resolve(commit);
      }),
    commitAll: () => {
      automatic = true;
      for (const commit of pending.splice(0)) commit.succeed();
    },
    get commits() {
      return commits;
    },
    assign: (...given) => {
      for (const partition of given) hold(partition);
      listener?.assigned(given);
    },
    revoke: async (...taken) => {
      await listener?.revoked(taken);
      for (const partition of taken) held.delete(partition);
    },
    lose: (...gone) => {
      for (const partition of gone) held.delete(partition);
      listener?.lost(gone, new Error('thrown out'));
    },
    committed: (partition) => committed.get(partition) ?? null,
  };
};
