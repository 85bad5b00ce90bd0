// `stratcap dlq`: dead letters as a list, one of them with its bytes and a try at decoding it, back to their topic, or dropped.
import { userInfo } from 'node:os';
import { formatMoney } from '#domain/money/money.ts';
import { DecodeError } from '#schemas/codec.ts';
import { topicName } from '#schemas/topics.ts';
import type { Context } from '../context.ts';
import { findLetter, readBox, type BoxedLetter } from '../dead-letters/box.ts';
import { choose, decideLetters, type Chosen, type LetterDesk, type Order } from '../dead-letters/decide.ts';
import { parseFilters } from '../dead-letters/filter.ts';
import { readLetter, sourceHeaders, stackOf, type LetterDecision } from '../dead-letters/letter.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { textTable } from '../text-table.ts';

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
};

const deskOf = async ({ config, ...context }: Context): Promise<LetterDesk> => ({
  kafka: await context.kafka(),
  topic: topicName(config.topicPrefix, 'dead-letters'),
  topicPrefix: config.topicPrefix,
  by: userName(),
});

/** A letter as a program reads it. */
export interface LetterLine {
  readonly id: string;
  readonly at: string;
  readonly state: 'open' | LetterDecision['action'];
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly reason: string;
  readonly detail: string;
  readonly schema_id: string | null;
  readonly error_class: string | null;
  readonly processor: string;
  readonly code_version: string;
  readonly replay_of: string | null;
  readonly bytes: number;
  readonly decisions: readonly { readonly action: string; readonly at: string; readonly by: string; readonly reason: string }[];
}

const orNull = (text: string): string | null => (text === '' ? null : text);
const instant = (ms: number): string => new Date(ms).toISOString();

const toLine = ({ letter, decisions }: BoxedLetter): LetterLine => ({
  id: letter.id,
  at: instant(letter.atMs),
  state: decisions.at(-1)?.action ?? 'open',
  topic: letter.source.topic,
  partition: letter.source.partition,
  offset: letter.source.offset,
  reason: letter.reason,
  detail: letter.detail,
  schema_id: orNull(letter.schemaId),
  error_class: orNull(letter.errorClass),
  processor: letter.processor,
  code_version: letter.codeVersion,
  replay_of: letter.replayOf,
  bytes: letter.bytes,
  decisions: decisions.map(({ action, atMs, by, reason }) => ({ action, at: instant(atMs), by, reason })),
});

export interface ListOptions {
  readonly filter: readonly string[];
  /** Decided ones, too. */
  readonly all: boolean;
  /** Newest letters that are told; the count is of all. */
  readonly limit: number;
}

export interface LetterList {
  readonly open: number;
  readonly matching: number;
  readonly letters: readonly LetterLine[];
}

/** Letters that match, newest last. */
export const listLetters = async (context: Context, { filter, all, limit }: ListOptions): Promise<LetterList> => {
  const matches = parseFilters(filter);
  const desk = await deskOf(context);
  const box = await readBox(desk.kafka, desk.topic);
  const found = box
    .filter(({ letter, decisions }) => (all || decisions.length === 0) && matches(letter))
    .toSorted((left, right) => left.letter.atMs - right.letter.atMs);
  return {
    open: box.filter(({ decisions }) => decisions.length === 0).length,
    matching: found.length,
    letters: found.slice(-limit).map(toLine),
  };
};

const oneLine = (text: string, most: number): string => {
  const flat = text.replaceAll(/\s+/g, ' ');
  return flat.length > most ? `${flat.slice(0, most - 1)}…` : flat;
};

/** The letters as a table. */
export const lettersText = ({ open, matching, letters }: LetterList): string =>
  letters.length === 0
    ? `No dead letter matches; ${open} open in all.`
    : [
        textTable(
          [
            { title: 'id' },
            { title: 'since' },
            { title: 'state' },
            { title: 'from' },
            { title: 'reason' },
            { title: 'schema', right: true },
            { title: 'detail' },
          ],
          letters.map((line) => [
            line.id,
            line.at.slice(0, 19).replace('T', ' '),
            line.state,
            `${line.topic} ${line.partition}/${line.offset}`,
            line.reason,
            line.schema_id ?? '-',
            oneLine(line.detail, 80),
          ]),
        ),
        `${matching} match${matching > letters.length ? `, the newest ${letters.length} are shown` : ''}; ${open} open in all. \`stratcap dlq show ID\` shows one.`,
      ].join('\n');

/** One letter with everything that is known of it. */
export interface ShownLetter extends LetterLine {
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly stack: string | null;
  /** The value when it decodes with the schemas of today, or why it does not. */
  readonly decoded: { readonly type: string; readonly value: unknown } | null;
  readonly decode_error: string | null;
  readonly value_base64: string;
}

const shown = (_name: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return formatMoney(value);
  return typeof value === 'object' && value !== null && 'masked' in value ? value.masked : value;
};

const decodeOf = ({ codec }: Context, value: Buffer | null): Pick<ShownLetter, 'decoded' | 'decode_error'> => {
  try {
    const { type, value: decoded } = codec.decode(value);
    return { decoded: { type, value: JSON.parse(JSON.stringify(decoded, shown)) as unknown }, decode_error: null };
  } catch (error) {
    if (error instanceof DecodeError) return { decoded: null, decode_error: `${error.code}: ${error.message}` };
    throw error;
  }
};

const printable = (bytes: Buffer): string => {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) && !/\p{Cc}/u.test(text) ? text : `0x${bytes.toString('hex')}`;
};

/** One letter. @throws CommandFailure when there is none of this id. */
export const showLetter = async (context: Context, id: string): Promise<ShownLetter> => {
  const desk = await deskOf(context);
  const record = await findLetter(desk.kafka, desk.topic, id);
  const read = record === null ? null : readLetter(record);
  if (record === null || read?.kind !== 'letter')
    throw new CommandFailure(
      `There is no dead letter ${JSON.stringify(id)}; an id is PARTITION/OFFSET as \`stratcap dlq list\` shows it.`,
      exitCodes.usage,
    );
  const boxed = (await readBox(desk.kafka, desk.topic)).find(({ letter }) => letter.id === id);
  const line = toLine(boxed ?? { letter: read.letter, decisions: [] });
  return {
    ...line,
    key: record.key === null || record.key.length === 0 ? null : printable(record.key),
    headers: Object.fromEntries(
      Object.entries(sourceHeaders(record.headers)).map(([name, bytes]) => [name, printable(bytes)] as const),
    ),
    stack: orNull(stackOf(record)),
    ...decodeOf(context, record.value),
    value_base64: record.value?.toString('base64') ?? '',
  };
};

const hexLines = (bytes: Buffer, most: number): readonly string[] =>
  Array.from({ length: Math.ceil(Math.min(bytes.length, most) / 16) }, (_, at) => {
    const part = bytes.subarray(at * 16, at * 16 + 16);
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return `  ${(at * 16).toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${part.toString('latin1').replaceAll(/[^\u0020-\u007e]/g, '.')}`;
  });

/** The letter as a person reads it. */
export const shownText = (letter: ShownLetter): string => {
  const bytes = Buffer.from(letter.value_base64, 'base64');
  return [
    `Dead letter ${letter.id}, ${letter.state}, since ${letter.at}`,
    `from       ${letter.topic} partition ${letter.partition} offset ${letter.offset}${letter.replay_of === null ? '' : ` (put back there from ${letter.replay_of})`}`,
    `key        ${letter.key ?? 'none'}`,
    `reason     ${letter.reason}: ${letter.detail}`,
    `processor  ${letter.processor} ${letter.code_version}`,
    ...(letter.error_class === null ? [] : [`error      ${letter.error_class}`]),
    ...(letter.stack === null ? [] : [letter.stack]),
    ...Object.entries(letter.headers).map(([name, value]) => `header     ${name}: ${value}`),
    ...letter.decisions.map(
      ({ action, at, by, reason }) => `${action.padEnd(10)} ${at} by ${by}${reason === '' ? '' : `: ${reason}`}`,
    ),
    letter.decoded === null
      ? `decoding   fails today, too: ${letter.decode_error ?? ''}`
      : `decoding   succeeds today: ${letter.decoded.type} ${JSON.stringify(letter.decoded.value, null, 2)}`,
    `bytes      ${bytes.length}${bytes.length > 256 ? ', the first 256' : ''}`,
    ...hexLines(bytes, 256),
  ].join('\n');
};

export interface DecideOptions {
  readonly ids: readonly string[];
  readonly filter: readonly string[];
  /** Every letter that is open. */
  readonly all: boolean;
  readonly again: boolean;
  readonly dryRun: boolean;
  readonly action: Order['action'];
  readonly reason: string;
}

export interface Decided {
  readonly action: Order['action'];
  readonly dry_run: boolean;
  readonly letters: readonly LetterLine[];
  /** Matching letters that were left alone, because they were decided about before. */
  readonly left: number;
}

/** Puts letters back or drops them. @throws CommandFailure when nothing, or too much, says which. */
export const decide = async (context: Context, options: DecideOptions): Promise<Decided> => {
  const { ids, filter, all, again, dryRun, action, reason } = options;
  if (ids.length === 0 && filter.length === 0 && !all)
    throw new CommandFailure('Say which: ids, --filter NAME=VALUE, or --all for every open letter.', exitCodes.usage);
  if (ids.length > 0 && (filter.length > 0 || all))
    throw new CommandFailure(
      'Give ids, or --filter or --all; both at once would leave unclear which letters are meant.',
      exitCodes.usage,
    );
  const desk = await deskOf(context);
  const order: Order = { ids, matches: parseFilters(filter), action, reason, again };
  const chosen: Chosen = dryRun ? await choose(desk, order, again) : await decideLetters(desk, order);
  return { action, dry_run: dryRun, letters: chosen.letters.map(toLine), left: chosen.decided.length };
};

const shownMax = 20;

/** What was done, or would be. */
export const decidedText = ({ action, dry_run, letters, left }: Decided): string =>
  [
    ...letters
      .slice(0, shownMax)
      .map(({ id, topic, partition, reason }) =>
        `${id}  ${reason}  ${action === 'replayed' ? `to ${topic} partition ${partition}` : ''}`.trimEnd(),
      ),
    ...(letters.length > shownMax ? [`… and ${letters.length - shownMax} more`] : []),
    `${letters.length} ${letters.length === 1 ? 'letter' : 'letters'} ${dry_run ? `would be ${action}` : `${letters.length === 1 ? 'was' : 'were'} ${action}`}${left === 0 ? '' : `; ${left} that match were decided about before and are left alone (--again takes them, too)`}.`,
  ].join('\n');
