// Who sees what when: follows the output topic as a committed reader and tells, per event, how long after it was due its holding was
// there, and per partition, the longest time without any output.
import type { BenchLog } from './log.ts';
import { holdingReader } from './expected.ts';

export interface Sighting {
  readonly partition: number;
  readonly dueMs: number;
  readonly seenMs: number;
}

export interface Sightings {
  /** An event will leave at a moment. */
  due(eventId: string, atMs: number): void;
  readonly seen: readonly Sighting[];
  readonly missing: number;
  /** Waits until all that were due are seen. */
  all(): Promise<void>;
  close(): Promise<void>;
}

/** Follows a topic from its end of now. `onPoll` runs after every fetch and may throw. */
export const followOutputs = async (
  { kafka }: BenchLog,
  topic: string,
  { patienceMs, onPoll = () => undefined }: { readonly patienceMs: number; readonly onPoll?: () => void },
): Promise<Sightings> => {
  const ends = await kafka.admin.watermarks(topic);
  const reader = kafka.reader({ positions: ends.map(({ partition, high }) => ({ topic, partition, offset: high })) });
  const due = new Map<string, number>();
  const seen: Sighting[] = [];
  const eventIdOf = holdingReader();
  let open = true;
  let heardMs = Date.now();
  const following = (async () => {
    while (open) {
      onPoll();
      for (const { partition, records } of await reader.poll(50)) {
        const seenMs = Date.now();
        heardMs = seenMs;
        for (const { value } of records) {
          const id = value === null ? '' : eventIdOf(value);
          const dueMs = due.get(id);
          if (dueMs === undefined) continue;
          due.delete(id);
          seen.push({ partition, dueMs, seenMs });
        }
      }
    }
  })();
  // Awaited in all() and close(); without this a failure in between would end the process.
  following.catch(() => undefined);
  return {
    due: (eventId, atMs) => void due.set(eventId, atMs),
    seen,
    get missing() {
      return due.size;
    },
    all: async () => {
      heardMs = Date.now();
      while (due.size > 0) {
        await Promise.race([following, new Promise((resolve) => setTimeout(resolve, 20))]);
        if (Date.now() - heardMs > patienceMs) throw new Error(`${due.size} events were never answered on ${topic}`);
      }
    },
    close: async () => {
      open = false;
      await following;
      await reader.close();
    },
  };
};
