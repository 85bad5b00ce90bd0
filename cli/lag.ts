// How far every role is behind the end of its topics: in offsets, and in seconds since the oldest record that it has not taken yet.
import { topicName, type TopicName } from '#schemas/topics.ts';
import type { KafkaPort, PartitionReader, Watermarks } from '#platform/kafka/port.ts';
import type { Context } from './context.ts';
import { inTime } from './in-time.ts';
import { readPositions, type ReaderPosition } from './readers.ts';

/** One partition of one reader. */
export interface LagLine {
  readonly role: string;
  /** Consumer group or store that holds the position. */
  readonly kept_in: string;
  readonly topic: string;
  readonly partition: number;
  /** Next offset that it will read; null when nothing was read yet. */
  readonly position: string | null;
  /** End of the partition, undecided transactions included. */
  readonly end: string;
  /** Offsets between the two; 0 when only transaction markers lie between. */
  readonly lag: number;
  /** Age of the oldest record that it has not taken; 0 when there is none, null when that record is not decided yet. */
  readonly seconds_behind: number | null;
}

/** Lag of one role over all that it reads. */
export interface RoleLag {
  readonly role: string;
  /** null when its position or the log cannot be asked. */
  readonly lag: number | null;
  readonly seconds_behind: number | null;
  readonly unknown: string | null;
}

export interface LagReport {
  readonly roles: readonly RoleLag[];
  readonly lines: readonly LagLine[];
}

interface Waiting {
  readonly position: ReaderPosition;
  readonly from: bigint;
  readonly high: bigint;
}

const lookMs = 1_500;

/** What lies at a position: a record with its time, only markers of transactions, or nothing decided. */
type Found =
  | { readonly kind: 'record'; readonly timestampMs: number }
  | { readonly kind: 'markers' }
  | { readonly kind: 'undecided' };

const keyOf = (topic: string, partition: number, offset: bigint): string => `${topic}/${partition}/${offset}`;

const lookAt = async (reader: PartitionReader, wanted: ReadonlyMap<string, bigint>, found: Map<string, Found>): Promise<void> => {
  const until = Date.now() + lookMs;
  const left = new Set(wanted.keys());
  while (left.size > 0 && Date.now() < until) {
    for (const { topic, partition, records, nextOffset } of await reader.poll(100)) {
      const place = `${topic}/${partition}`;
      if (!left.has(place)) continue;
      const [first] = records;
      if (first !== undefined) found.set(place, { kind: 'record', timestampMs: first.timestampMs });
      else if (nextOffset >= (wanted.get(place) ?? 0n)) found.set(place, { kind: 'markers' });
      else continue;
      left.delete(place);
      reader.remove({ topic, partition });
    }
  }
};

/** Looks at the first record behind each position. Readers may stand at different places of one partition: one look for each. */
const firstRecords = async (
  kafka: KafkaPort,
  prefix: string,
  waiting: readonly Waiting[],
): Promise<ReadonlyMap<string, Found>> => {
  const found = new Map<string, Found>();
  let rest = [...new Map(waiting.map((one) => [keyOf(one.position.topic, one.position.partition, one.from), one])).values()];
  while (rest.length > 0) {
    const round = [...new Map(rest.map((one) => [`${one.position.topic}/${one.position.partition}`, one])).values()];
    rest = rest.filter((one) => !round.includes(one));
    const reader = kafka.reader({
      positions: round.map(({ position, from }) => ({
        topic: topicName(prefix, position.topic),
        partition: position.partition,
        offset: from,
      })),
      maxBytesPerPartition: 65_536,
    });
    const here = new Map<string, Found>();
    try {
      const wanted = new Map(
        round.map(({ position, high }) => [`${topicName(prefix, position.topic)}/${position.partition}`, high]),
      );
      await lookAt(reader, wanted, here);
    } finally {
      await reader.close();
    }
    for (const { position, from } of round)
      found.set(
        keyOf(position.topic, position.partition, from),
        here.get(`${topicName(prefix, position.topic)}/${position.partition}`) ?? { kind: 'undecided' },
      );
  }
  return found;
};

const watermarksOf = async (
  kafka: KafkaPort,
  prefix: string,
  topics: ReadonlySet<TopicName>,
): Promise<ReadonlyMap<string, Watermarks>> => {
  const marks = await Promise.all(
    [...topics].map(async (topic) =>
      (await kafka.admin.watermarks(topicName(prefix, topic))).map((mark) => [`${topic}/${mark.partition}`, mark] as const),
    ),
  );
  return new Map(marks.flat());
};

const sumOrNull = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const toLine = (
  position: ReaderPosition,
  mark: Watermarks | undefined,
  found: ReadonlyMap<string, Found>,
  nowMs: number,
): LagLine => {
  const high = mark?.high ?? 0n;
  const from = position.next ?? mark?.low ?? 0n;
  const seen = found.get(keyOf(position.topic, position.partition, from));
  const isLevel = high <= from || seen?.kind === 'markers';
  return {
    role: position.role,
    kept_in: position.kept,
    topic: position.topic,
    partition: position.partition,
    position: position.next === null ? null : String(position.next),
    end: String(high),
    lag: isLevel ? 0 : Number(high - from),
    seconds_behind: isLevel ? 0 : seen?.kind === 'record' ? Math.max(0, (nowMs - seen.timestampMs) / 1000) : null,
  };
};

const roleLag = (role: string, lines: readonly LagLine[], unknown: string | null): RoleLag => {
  if (unknown !== null) return { role, lag: null, seconds_behind: null, unknown };
  const ages = lines.flatMap(({ seconds_behind }) => (seconds_behind === null ? [] : [seconds_behind]));
  return { role, lag: sumOrNull(lines.map(({ lag }) => lag)), seconds_behind: Math.max(0, ...ages), unknown: null };
};

/** Lag of every role. What cannot be asked is told as unknown; nothing of it throws. */
export const readLag = async (context: Context): Promise<LagReport> => {
  const { topicPrefix } = context.config;
  const readers = await readPositions(context);
  const topics = new Set(readers.flatMap((reader) => reader.topics));
  const measured = await inTime(
    (async () => {
      const kafka = await context.kafka();
      const marks = await watermarksOf(kafka, topicPrefix, topics);
      const waiting = readers
        .flatMap(({ positions }) => positions ?? [])
        .flatMap((position): Waiting[] => {
          const mark = marks.get(`${position.topic}/${position.partition}`);
          const from = position.next ?? mark?.low ?? 0n;
          return mark !== undefined && mark.high > from ? [{ position, from, high: mark.high }] : [];
        });
      return { marks, found: await firstRecords(kafka, topicPrefix, waiting) };
    })(),
    null,
    10_000,
  );
  const nowMs = Date.now();
  const lines = readers.flatMap(({ positions }) =>
    measured === null
      ? []
      : (positions ?? []).map((position) =>
          toLine(position, measured.marks.get(`${position.topic}/${position.partition}`), measured.found, nowMs),
        ),
  );
  return {
    lines,
    roles: [...Map.groupBy(readers, ({ role }) => role)].map(([role, parts]) =>
      roleLag(
        role,
        lines.filter((line) => line.role === role),
        measured === null ? 'Kafka does not answer' : (parts.find(({ unknown }) => unknown !== null)?.unknown ?? null),
      ),
    ),
  };
};
