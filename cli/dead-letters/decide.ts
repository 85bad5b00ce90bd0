// Puts letters back on their topic, or drops them. The record that goes back and the note that it did are one transaction: a letter is
// replayed and noted, or neither. Nothing is taken from the dead-letters topic.
import type { InboundRecord, KafkaPort, OutboundRecord } from '#platform/kafka/port.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { fetchesOf, idOfRecord, readBox, type BoxedLetter } from './box.ts';
import { decisionHeaders, readLetter, replayOfHeader, sourceHeaders, type DeadLetter, type LetterId } from './letter.ts';

export interface LetterDesk {
  readonly kafka: KafkaPort;
  /** Full name of the dead-letters topic. */
  readonly topic: string;
  /** Prefix of the deployment, which the transactional id begins with. */
  readonly topicPrefix: string;
  /** Who decides, for the note. */
  readonly by: string;
}

/** What a command is about: letters by id, or all that match. */
export interface Choice {
  readonly ids: readonly LetterId[];
  readonly matches: (letter: DeadLetter) => boolean;
}

export interface Chosen {
  /** Letters to decide about. */
  readonly letters: readonly BoxedLetter[];
  /** Letters that match, but were decided about before. */
  readonly decided: readonly BoxedLetter[];
}

const lastOf = ({ decisions }: BoxedLetter): string => {
  const last = decisions.at(-1);
  return last === undefined ? '' : `was ${last.action} at ${new Date(last.atMs).toISOString()} by ${last.by}`;
};

/**
 * The letters that a choice names. Letters with a decision are left out of a filter unless `again`, and refused by name when they are
 * named by id.
 * @throws CommandFailure when an id names no letter, or one that was decided about.
 */
export const choose = async (desk: LetterDesk, { ids, matches }: Choice, again: boolean): Promise<Chosen> => {
  const box = await readBox(desk.kafka, desk.topic);
  if (ids.length === 0) {
    const found = box.filter(({ letter }) => matches(letter));
    return {
      letters: found.filter(({ decisions }) => again || decisions.length === 0),
      decided: again ? [] : found.filter(({ decisions }) => decisions.length > 0),
    };
  }
  const byId = new Map(box.map((boxed) => [boxed.letter.id, boxed]));
  const letters = ids.map((id) => {
    const boxed = byId.get(id);
    if (boxed === undefined)
      throw new CommandFailure(
        `There is no dead letter ${JSON.stringify(id)}; an id is PARTITION/OFFSET as \`stratcap dlq list\` shows it.`,
        exitCodes.usage,
      );
    if (boxed.decisions.length > 0 && !again)
      throw new CommandFailure(`Dead letter ${id} ${lastOf(boxed)}; --again does it once more.`, exitCodes.negative);
    return boxed;
  });
  return { letters: [...new Set(letters)], decided: [] };
};

const noteOf = (
  { topic, by }: LetterDesk,
  record: InboundRecord,
  action: 'replayed' | 'dropped',
  reason: string,
): OutboundRecord => ({
  topic,
  partition: record.partition,
  key: record.key,
  value: null,
  headers: decisionHeaders({ action, of: idOfRecord(record), reason, by }),
});

/** The source record as it was: its bytes, its key, its headers, its partition. An empty key was none. */
const asItWas = (record: InboundRecord, { source }: DeadLetter): OutboundRecord => ({
  topic: source.topic,
  partition: source.partition,
  key: record.key === null || record.key.length === 0 ? null : record.key,
  value: record.value,
  headers: { ...sourceHeaders(record.headers), [replayOfHeader]: Buffer.from(idOfRecord(record), 'utf8') },
});

/** Bytes of one transaction: well under what a broker takes at once. */
const bytesMax = 4_000_000;
const recordsMax = 1_000;

/** Groups of records as batches of bounded size; a group is never divided. */
export function* batchesOf(groups: Iterable<readonly OutboundRecord[]>): Generator<readonly OutboundRecord[]> {
  let batch: OutboundRecord[] = [];
  let bytes = 0;
  for (const group of groups) {
    const size = group.reduce((sum, { value, key }) => sum + (value?.length ?? 0) + (key?.length ?? 0) + 200, 0);
    if (batch.length > 0 && (bytes + size > bytesMax || batch.length + group.length > recordsMax)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(...group);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** What is done about the letters of a choice. */
export interface Order extends Choice {
  readonly action: 'replayed' | 'dropped';
  /** Why they are dropped; empty for a replay. */
  readonly reason: string;
  /** Letters that were decided about before are taken, too. */
  readonly again: boolean;
}

/**
 * Puts letters back in the order of their partition, or notes that they need nothing more. Under one transactional id for all: a second
 * command at the same time fences this one, and chooses after everything that it wrote, so that no letter goes back twice unasked.
 * @throws CommandFailure as `choose` does; KafkaError `fenced` when another command took over: what was written stays noted.
 */
export const decideLetters = async (desk: LetterDesk, order: Order): Promise<Chosen> => {
  const producer = desk.kafka.transactionalProducer({ transactionalId: `${desk.topicPrefix}dlq` });
  try {
    await producer.fence();
    const chosen = await choose(desk, order, order.again);
    const wanted = new Set(chosen.letters.map(({ letter }) => letter.id));
    if (wanted.size === 0) return chosen;
    for await (const records of fetchesOf(desk.kafka, desk.topic)) {
      const groups = records.flatMap((record) => {
        const read = readLetter(record);
        if (read?.kind !== 'letter' || !wanted.has(read.letter.id)) return [];
        const note = noteOf(desk, record, order.action, order.reason);
        return [order.action === 'replayed' ? [asItWas(record, read.letter), note] : [note]];
      });
      for (const batch of batchesOf(groups)) await producer.commit({ records: batch });
    }
    return chosen;
  } finally {
    await producer.close();
  }
};
