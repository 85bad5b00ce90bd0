// A dead letter as it stands on its topic, and what somebody decided about it: a record of the same partition that names it, so that the
// topic itself says which letters are open and nothing is ever taken from it.
import type { InboundRecord, RecordHeaders } from '#platform/kafka/port.ts';

/** Where a letter stands on the dead-letters topic: `3/17` is offset 17 of partition 3. */
export type LetterId = string;

/** What a processor could not process: where it stood, why, and by which code. */
export interface DeadLetter {
  readonly id: LetterId;
  readonly partition: number;
  readonly offset: bigint;
  /** When it became a dead letter, milliseconds since the epoch. */
  readonly atMs: number;
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: string };
  readonly reason: string;
  readonly detail: string;
  /** Empty when the bytes do not begin with one. */
  readonly schemaId: string;
  readonly errorClass: string;
  readonly processor: string;
  readonly codeVersion: string;
  /** The letter that was replayed to become this one; null for a first failure. */
  readonly replayOf: LetterId | null;
  readonly bytes: number;
}

/** What was done about a letter. */
export interface LetterDecision {
  readonly action: 'replayed' | 'dropped';
  readonly of: LetterId;
  readonly atMs: number;
  /** Why it was dropped; empty for a replay. */
  readonly reason: string;
  readonly by: string;
}

const prefix = 'dead_letter_';
const actionHeader = `${prefix}action`;
/** On the record that was put back: which letter it was. */
export const replayOfHeader = `${prefix}replay_of`;

const textOf = (headers: RecordHeaders, name: string): string => headers[`${prefix}${name}`]?.toString('utf8') ?? '';

/** Id of a letter by its place. */
export const letterId = (partition: number, offset: bigint): LetterId => `${partition}/${offset}`;

/** Partition and offset of an id, or null when it is none. */
export const placeOf = (id: string): { readonly partition: number; readonly offset: bigint } | null => {
  const match = /^(\d{1,5})\/(\d{1,19})$/.exec(id);
  return match === null ? null : { partition: Number(match[1]), offset: BigInt(match[2] ?? '0') };
};

/** A record of the topic: a letter, or a decision about one. */
export const readLetter = (
  record: InboundRecord,
):
  | { readonly kind: 'letter'; readonly letter: DeadLetter }
  | { readonly kind: 'decision'; readonly decision: LetterDecision }
  | null => {
  const { headers, partition, offset, timestampMs } = record;
  const action = headers[actionHeader]?.toString('utf8');
  if (action === 'replayed' || action === 'dropped')
    return {
      kind: 'decision',
      decision: {
        action,
        of: textOf(headers, 'of'),
        atMs: timestampMs,
        reason: textOf(headers, 'reason'),
        by: textOf(headers, 'by'),
      },
    };
  const topic = textOf(headers, 'topic');
  if (topic === '') return null;
  const replayOf = headers[replayOfHeader]?.toString('utf8');
  return {
    kind: 'letter',
    letter: {
      id: letterId(partition, offset),
      partition,
      offset,
      atMs: timestampMs,
      source: { topic, partition: Number(textOf(headers, 'partition')), offset: textOf(headers, 'offset') },
      reason: textOf(headers, 'reason'),
      detail: textOf(headers, 'detail'),
      schemaId: textOf(headers, 'schema_id'),
      errorClass: textOf(headers, 'error_class'),
      processor: textOf(headers, 'processor'),
      codeVersion: textOf(headers, 'code_version'),
      replayOf: replayOf ?? null,
      bytes: record.value?.length ?? 0,
    },
  };
};

/** Stack of the error behind a letter; empty when there was none. */
export const stackOf = ({ headers }: InboundRecord): string => textOf(headers, 'stack');

/** Headers that the source record came with. */
export const sourceHeaders = (headers: RecordHeaders): RecordHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(prefix)));

/** Headers of the record that says what was decided about a letter. */
export const decisionHeaders = ({ action, of, reason, by }: Omit<LetterDecision, 'atMs'>): RecordHeaders =>
  Object.fromEntries(
    Object.entries({ action, of, reason, by }).map(([name, text]) => [`${prefix}${name}`, Buffer.from(text, 'utf8')]),
  );
