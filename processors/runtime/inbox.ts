// The input of one task in the portions of its transactions. Fetches go on while a portion is computed and committed, so that the next
// portion holds everything that has arrived by then.
import type { InboundRecord, PartitionReader } from '#platform/kafka/port.ts';

export interface Portion {
  readonly records: readonly InboundRecord[];
  /** The position to commit with it; beyond control records at the end of what was fetched. */
  readonly nextOffset: bigint;
  /** Offsets from there to the end of the partition, as the last fetch saw it. */
  readonly lag: number;
}

export interface Inbox {
  /**
   * At most `recordsMax` records (fewer when `atMost` says so). With `wait` it waits for the running fetch (at most its own wait time), otherwise it takes
   * what is there; null when there is nothing.
   * @throws whatever the reader threw.
   */
  take(options: { readonly wait: boolean; readonly atMost?: number }): Promise<Portion | null>;
  close(): Promise<void>;
}

export const createInbox = (reader: PartitionReader, { from, recordsMax, waitMs }: { readonly from: bigint; readonly recordsMax: number; readonly waitMs: number }): Inbox => {
  let queue: InboundRecord[] = [];
  let fetchedTo = from;
  let end = from;
  let failure: { readonly error: unknown } | null = null;
  let fetching: Promise<void> | null = null;

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
      if (wait && queue.length === 0 && fetching !== null) await fetching;
      if (queue.length === 0 && failure !== null) throw (failure as { readonly error: unknown }).error;
      const records = queue.slice(0, atMost);
      queue = queue.slice(atMost);
      const last = records.at(-1);
      if (last === undefined) return null;
      const nextOffset = queue.length === 0 ? fetchedTo : last.offset + 1n;
      keepFetching();
      return { records, nextOffset, lag: end > nextOffset ? Number(end - nextOffset) : 0 };
    },
    close: async () => {
      failure ??= { error: new Error('the inbox is closed') };
      await reader.close();
      await fetching;
    },
  };
};
