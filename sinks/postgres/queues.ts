// What was fetched but not yet written, in the order of the log, one queue per partition of each source.
import type { FetchedPartition } from '#platform/kafka/port.ts';
import type { LogItem } from './log-item.ts';
import type { Source } from './positions.ts';

/** One partition of one source between the fetch and the database. */
export interface Queue {
  readonly source: Source;
  readonly partition: number;
  items: readonly LogItem[];
  /** First item not yet taken. */
  head: number;
  /** Where the next fetch continues. */
  fetchedTo: bigint;
  /** Records below it are decided; for the lag. */
  end: bigint;
  /** Taken out of the fetch because too much is waiting. */
  paused: boolean;
}

/** A queue with nothing in it, at an offset of the topic. */
export const emptyQueue = (source: Source, partition: number, at: bigint): Queue => ({
  source,
  partition,
  items: [],
  head: 0,
  fetchedTo: at,
  end: at,
  paused: false,
});

/** Items that wait. */
export const waitingOf = (queue: Queue): number => queue.items.length - queue.head;

/** The item that is `ahead` items behind the head. */
export const itemAt = (queue: Queue, ahead: number): LogItem | undefined => queue.items[queue.head + ahead];

/** Adds a fetch; records before the queue's own end, which a reader may deliver again, are left out. */
export const enqueue = (
  queue: Queue,
  fetched: FetchedPartition,
  read: (record: FetchedPartition['records'][number]) => LogItem,
): void => {
  const fresh = fetched.records.filter((record) => record.offset >= queue.fetchedTo).map(read);
  if (fresh.length > 0) {
    queue.items = queue.head === queue.items.length ? fresh : [...queue.items.slice(queue.head), ...fresh];
    queue.head = 0;
  }
  if (fetched.nextOffset > queue.fetchedTo) queue.fetchedTo = fetched.nextOffset;
  queue.end = fetched.lastStableOffset;
};

/** Takes the first `count` items out. */
export const take = (queue: Queue, count: number): readonly LogItem[] => {
  const taken = queue.items.slice(queue.head, queue.head + count);
  queue.head += count;
  if (queue.head === queue.items.length) {
    queue.items = [];
    queue.head = 0;
  }
  return taken;
};

/** Where the topic is read on after what was taken: past control records when nothing waits. */
export const offsetAfter = (queue: Queue): bigint => itemAt(queue, 0)?.offset ?? queue.fetchedTo;
