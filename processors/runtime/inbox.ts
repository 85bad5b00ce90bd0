// The input of one task in the portions of its transactions. Fetches go on while a portion is computed and committed, so that the next
// portion holds everything that has arrived by then.
import type { InboundRecord, PartitionReader } from '#platform/kafka/port.ts';
import { orAborted } from './waiting.ts';

export interface Portion {
  readonly records: readonly InboundRecord[];
  /** The position to commit with it; beyond control records at the end of what was fetched. */
  readonly nextOffset: bigint;
  /** Offsets from there to the end of the partition, as the last fetch saw it. */
  readonly lag: number;
}

export interface Inbox {
  /**
   * At most `recordsMax` records, or `atMost` where given. With `wait` it waits for the running fetch (at most its own wait time),
   * otherwise it takes what is there; null when there is nothing.
   * @throws whatever the reader threw.
   */
  take(options: { readonly wait: boolean; readonly atMost?: number }): Promise<Portion | null>;
  /** Offsets from what was fetched to the end; control records that were passed over do not count. */
  lag(): number;
  close(): Promise<void>;
}

export interface InboxSettings {
  readonly from: bigint;
  /** End of the partition when `from` was found. */
  readonly end: bigint;
  readonly recordsMax: number;
  readonly waitMs: number;
  /** Given when the task stops: a wait then ends at once. */
  readonly signal: AbortSignal;
}

export const createInbox = (
  reader: PartitionReader,
  { from, end: startEnd, recordsMax, waitMs, signal }: InboxSettings,
): Inbox => {
  let queue: InboundRecord[] = [];
  let fetchedTo = from;
  let end = startEnd;
  let failure: { readonly error: unknown } | null = null;
  let fetching: Promise<void> | null = null;

  const behind = (offset: bigint): number => (end > offset ? Number(end - offset) : 0);

  const fetchMore = async (): Promise<void> => {
    try {
      for (const { records, nextOffset, highWatermark } of await reader.poll(waitMs)) {
        queue = queue.length === 0 ? [...records] : queue.concat(records);
        fetchedTo = nextOffset;
        end = highWatermark;
      }
    } catch (error) {
      failure = { error };
    }
    fetching = null;
    keepFetching();
  };
  const keepFetching = (): void => {
    if (fetching === null && failure === null && queue.length < recordsMax) fetching = fetchMore();
  };

  return {
    take: async ({ wait, atMost = recordsMax }) => {
      keepFetching();
      if (wait && queue.length === 0 && fetching !== null) await orAborted(fetching, signal);
      if (queue.length === 0 && failure !== null) throw (failure as { readonly error: unknown }).error;
      const records = queue.slice(0, atMost);
      queue = queue.slice(atMost);
      const last = records.at(-1);
      if (last === undefined) return null;
      const nextOffset = queue.length === 0 ? fetchedTo : last.offset + 1n;
      keepFetching();
      return { records, nextOffset, lag: behind(nextOffset) };
    },
    lag: () => behind(fetchedTo),
    close: async () => {
      failure ??= { error: new Error('the inbox is closed') };
      await reader.close();
      await fetching;
    },
  };
};
