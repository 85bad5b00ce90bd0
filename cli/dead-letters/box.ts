// Reads the dead-letters topic: which letters there are, and which of them are open. A follower reads on where it stopped, so that
// asking again costs only what is new.
import type { InboundRecord, KafkaPort, PartitionOffset } from '#platform/kafka/port.ts';
import { letterId, placeOf, readLetter, type DeadLetter, type LetterDecision, type LetterId } from './letter.ts';

/** A letter with what was decided about it, oldest decision first. */
export interface BoxedLetter {
  readonly letter: DeadLetter;
  readonly decisions: readonly LetterDecision[];
}

/**
 * Every record between the watermarks of a topic once, partition by partition in order, one fetch after the other. Keys and values are
 * views on fetched bytes: they hold until the next fetch.
 */
export async function* fetchesOf(kafka: KafkaPort, topic: string): AsyncGenerator<readonly InboundRecord[]> {
  const marks = await kafka.admin.watermarks(topic);
  const open = new Map(marks.filter(({ low, high }) => high > low).map(({ partition, high }) => [partition, high]));
  const reader = kafka.reader({ positions: marks.map(({ partition, low }) => ({ topic, partition, offset: low })) });
  try {
    while (open.size > 0) {
      for (const { partition, records, nextOffset } of await reader.poll(500)) {
        yield records;
        if (nextOffset >= (open.get(partition) ?? 0n)) open.delete(partition);
      }
    }
  } finally {
    await reader.close();
  }
}

/** Every letter that is still kept, with its decisions, in the order of partition and offset. */
export const readBox = async (kafka: KafkaPort, topic: string): Promise<readonly BoxedLetter[]> => {
  const letters = new Map<LetterId, { readonly letter: DeadLetter; readonly decisions: LetterDecision[] }>();
  for await (const records of fetchesOf(kafka, topic)) {
    for (const record of records) {
      const read = readLetter(record);
      if (read?.kind === 'letter') letters.set(read.letter.id, { letter: read.letter, decisions: [] });
      // The letter of an old decision may be gone already: it was written before.
      if (read?.kind === 'decision') letters.get(read.decision.of)?.decisions.push(read.decision);
    }
  }
  return [...letters.values()].toSorted(({ letter: left }, { letter: right }) =>
    left.partition === right.partition ? Number(left.offset - right.offset) : left.partition - right.partition,
  );
};

/** One record of the topic by the id of its letter; null when it is not there. */
export const findLetter = async (kafka: KafkaPort, topic: string, id: LetterId): Promise<InboundRecord | null> => {
  const place = placeOf(id);
  const mark = (await kafka.admin.watermarks(topic)).find(({ partition }) => partition === place?.partition);
  if (place === null || mark === undefined || place.offset < mark.low || place.offset >= mark.high) return null;
  const reader = kafka.reader({ positions: [{ topic, ...place }] });
  try {
    for (;;) {
      for (const { records, nextOffset } of await reader.poll(500)) {
        const found = records.find(({ offset }) => offset === place.offset);
        if (found !== undefined) return readLetter(found)?.kind === 'letter' ? found : null;
        if (nextOffset > place.offset) return null;
      }
    }
  } finally {
    await reader.close();
  }
};

/** How many letters are open, and when the oldest of them was written. */
export interface OpenLetters {
  readonly open: number;
  /** ISO instant; null when none is open. */
  readonly since: string | null;
}

export interface LetterFollower {
  /** Counts again, with everything that has come since. @throws KafkaError when the log does not answer. */
  count(): Promise<OpenLetters>;
  close(): Promise<void>;
}

/** Follows the topic from its beginning; nothing is read before the first count. */
export const followLetters = (kafka: KafkaPort, topic: string): LetterFollower => {
  /** Time by offset, for each partition. */
  const open = new Map<number, Map<bigint, number>>();
  let reader: ReturnType<KafkaPort['reader']> | null = null;
  const reached = new Map<number, bigint>();
  let under: Promise<OpenLetters> | null = null;

  const take = (record: InboundRecord): void => {
    const read = readLetter(record);
    const mine = open.get(record.partition) ?? new Map<bigint, number>();
    open.set(record.partition, mine);
    if (read?.kind === 'letter') mine.set(read.letter.offset, read.letter.atMs);
    const place = read?.kind === 'decision' ? placeOf(read.decision.of) : null;
    if (place !== null) open.get(place.partition)?.delete(place.offset);
  };

  const count = async (): Promise<OpenLetters> => {
    const marks = await kafka.admin.watermarks(topic);
    reader ??= kafka.reader({
      positions: marks.map(({ partition, low }): PartitionOffset => ({ topic, partition, offset: low })),
    });
    for (const { partition, low } of marks) {
      for (const offset of open.get(partition)?.keys() ?? []) if (offset < low) open.get(partition)?.delete(offset);
      // What the topic no longer keeps is not waited for.
      if ((reached.get(partition) ?? 0n) < low) {
        reached.set(partition, low);
        reader.seek({ topic, partition, offset: low });
      }
    }
    const isBehind = (): boolean => marks.some(({ partition, high }) => (reached.get(partition) ?? 0n) < high);
    while (isBehind()) {
      for (const { partition, records, nextOffset } of await reader.poll(200)) {
        for (const record of records) take(record);
        reached.set(partition, nextOffset);
      }
    }
    const times = [...open.values()].flatMap((mine) => [...mine.values()]);
    const oldest = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
    return { open: times.length, since: times.length === 0 ? null : new Date(oldest).toISOString() };
  };

  return {
    // One count at a time: the reader is one.
    count: () => {
      under ??= count().finally(() => {
        under = null;
      });
      return under;
    },
    close: async () => {
      await under?.catch(() => undefined);
      await reader?.close();
    },
  };
};

/** The id of the letter that a record of the topic is. */
export const idOfRecord = ({ partition, offset }: InboundRecord): LetterId => letterId(partition, offset);
