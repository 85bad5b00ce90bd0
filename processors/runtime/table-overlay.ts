// What a worker wrote to the tables itself and its reader of the tables has perhaps not seen yet: the open transaction, the one being
// committed, and those just committed. So a look-up of one partition finds what another partition of the worker wrote a moment ago,
// without waiting for a transaction that is still open.
import type { TopicName } from '#schemas/topics.ts';

interface Entry {
  readonly value: Buffer | null;
  readonly partition: number;
  readonly sequence: number;
}

export interface TableOverlay {
  /** The value last written; null for a tombstone, undefined when the reader's copy is to be asked. */
  get(topic: TopicName, key: string): Buffer | null | undefined;
  /** A step of `partition` wrote it in the transaction `sequence`; sequences only grow. */
  write(entry: {
    readonly topic: TopicName;
    readonly key: string;
    readonly value: Buffer | null;
    readonly partition: number;
    readonly sequence: number;
  }): void;
  /** Forgets what was written up to this transaction: the reader has it now. */
  retire(sequence: number): void;
  /** Forgets everything, or what one partition wrote, and returns the tables concerned: only a reader at their end knows better. */
  forget(partition?: number): readonly TopicName[];
  topics(): readonly TopicName[];
}

export const createTableOverlay = (): TableOverlay => {
  const tables = new Map<TopicName, Map<string, Entry>>();

  const removeWhere = (matches: (entry: Entry) => boolean): readonly TopicName[] => {
    const concerned: TopicName[] = [];
    for (const [topic, entries] of tables) {
      const before = entries.size;
      for (const [key, entry] of entries) if (matches(entry)) entries.delete(key);
      if (entries.size < before) concerned.push(topic);
      if (entries.size === 0) tables.delete(topic);
    }
    return concerned;
  };

  return {
    get: (topic, key) => tables.get(topic)?.get(key)?.value,
    write: ({ topic, key, value, partition, sequence }) => {
      const entries = tables.get(topic) ?? new Map<string, Entry>();
      tables.set(topic, entries);
      // Copied: the bytes may be a view that the next step overwrites.
      entries.set(key, { value: value === null ? null : Buffer.from(value), partition, sequence });
    },
    retire: (sequence) => void removeWhere((entry) => entry.sequence <= sequence),
    forget: (partition) => removeWhere((entry) => partition === undefined || entry.partition === partition),
    topics: () => [...tables.keys()],
  };
};
