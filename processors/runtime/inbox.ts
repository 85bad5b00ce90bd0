// The input of all partitions of a worker: one reader, whose fetches go on while inputs are processed and committed, as long as not too
// much waits. Partitions come and go while it runs.
import type { PartitionReader, ReaderOptions } from '#platform/kafka/port.ts';
import { createInputQueue, type InputQueue } from './input-queue.ts';
import { pause } from './waiting.ts';

const RETRY_MS = 50;

export interface Inbox {
  /** Fetches the partition from there on; `end` is its end as it was found. */
  add(partition: number, from: bigint, end: bigint): InputQueue;
  /** Nothing more of it is fetched, and what waits of it is forgotten. */
  remove(partition: number): void;
  /** Offsets from there to the end of the partition, as the last fetch saw it. */
  lag(partition: number, from: bigint): number;
  /** Offsets that lie on the log beyond what was fetched, over the partitions that are fetched. */
  unfetched(): number;
  /** To be called after inputs were taken: a full inbox fetches again. */
  taken(): void;
  close(): Promise<void>;
}

export interface InboxSettings {
  readonly topic: string;
  readonly openReader: (options: ReaderOptions) => PartitionReader;
  /** How long a fetch waits at the broker when nothing is there. */
  readonly waitMs: number;
  /** Bytes of one partition in one fetch, asked when a reader is opened. */
  readonly bytesPerFetch: () => number;
  /** No fetch begins while more than this waits; a partition that holds far more than its share of it is left out, the others go on. */
  readonly bytesMax: number;
  readonly onArrival: () => void;
  /** A fetch failed; the next one starts after it resolved. Partitions that cannot be read at all are removed in there. */
  readonly onFailure: (error: unknown) => Promise<void>;
  /** A fetch succeeded after a failed one. */
  readonly onRecovery: () => void;
}

interface Source {
  readonly queue: InputQueue;
  end: bigint;
  /** Not fetched, since it takes its inputs more slowly than the others. */
  isPaused: boolean;
}

/** So many times its share of what may wait, and a partition is paused until it is below its share. */
const SHARES_MAX = 2;

export const createInbox = (settings: InboxSettings): Inbox => {
  const { topic, openReader, waitMs, bytesPerFetch, bytesMax, onArrival, onFailure, onRecovery } = settings;
  const sources = new Map<number, Source>();
  const closing = new AbortController();
  let reader: PartitionReader | null = null;
  /** Partitions of the fetch under way. What it brings for one that left and came back belongs to the former stay. */
  let asked: ReadonlySet<number> = new Set();
  let failing = false;
  let wake: () => void = () => undefined;

  const waiting = (): number => {
    let bytes = 0;
    for (const { queue, isPaused } of sources.values()) if (!isPaused) bytes += queue.bytes();
    return bytes;
  };
  const share = (): number => bytesMax / Math.max(1, sources.size);
  const fetchable = (): readonly (readonly [number, Source])[] => [...sources].filter(([, { isPaused }]) => !isPaused);
  /** Only between two fetches, so that nothing is on its way for a partition that is left out. */
  const pauseSlow = (): void => {
    if (waiting() < bytesMax) return;
    for (const [partition, source] of sources) {
      if (source.isPaused || source.queue.bytes() < SHARES_MAX * share()) continue;
      source.isPaused = true;
      reader?.remove({ topic, partition });
    }
  };
  const resumeQuick = (): void => {
    for (const [partition, source] of sources) {
      if (!source.isPaused || source.queue.bytes() >= share()) continue;
      source.isPaused = false;
      reader?.seek({ topic, partition, offset: source.queue.fetchedTo() });
    }
  };
  const open = (): PartitionReader =>
    openReader({
      positions: fetchable().map(([partition, { queue }]) => ({ topic, partition, offset: queue.fetchedTo() })),
      maxBytesPerPartition: bytesPerFetch(),
      minBytes: 1,
    });
  /** Whatever the running fetch brings is dropped with its reader; the next one continues where the queues end. */
  const renew = (): void => {
    const former = reader;
    reader = null;
    asked = new Set();
    void former?.close();
  };

  const fetchOnce = async (): Promise<void> => {
    reader ??= open();
    const current = reader;
    asked = new Set(fetchable().map(([partition]) => partition));
    try {
      const moved = await current.poll(waitMs);
      if (current !== reader) return;
      for (const fetched of moved) {
        const source = sources.get(fetched.partition);
        if (source === undefined) continue;
        source.end = fetched.highWatermark;
        source.queue.push(fetched);
      }
      if (failing) onRecovery();
      failing = false;
      if (moved.length > 0) onArrival();
    } catch (error) {
      if (current !== reader || closing.signal.aborted) return;
      failing = true;
      renew();
      await onFailure(error);
      await pause(RETRY_MS, closing.signal);
    } finally {
      if (current === reader) asked = new Set();
    }
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      pauseSlow();
      if (fetchable().length > 0 && waiting() < bytesMax) await fetchOnce();
      else {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    }
  };
  const running = run();

  return {
    add: (partition, from, end) => {
      const queue = createInputQueue(from);
      sources.set(partition, { queue, end, isPaused: false });
      if (asked.has(partition)) renew();
      else reader?.seek({ topic, partition, offset: from });
      wake();
      return queue;
    },
    remove: (partition) => {
      sources.delete(partition);
      reader?.remove({ topic, partition });
    },
    lag: (partition, from) => {
      const end = sources.get(partition)?.end ?? from;
      return end > from ? Number(end - from) : 0;
    },
    unfetched: () => {
      let offsets = 0;
      for (const { queue, end, isPaused } of sources.values())
        if (!isPaused && end > queue.fetchedTo()) offsets += Number(end - queue.fetchedTo());
      return offsets;
    },
    taken: () => {
      resumeQuick();
      wake();
    },
    close: async () => {
      closing.abort();
      wake();
      renew();
      await running;
    },
  };
};
