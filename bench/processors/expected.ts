// What the holdings must be: an independent fold of the events, plain code that shares nothing with processor, codec or Kafka Streams;
// it decodes by avsc alone. An output is right when the bytes of every record and their order in each partition are the same.
import { createHash, type Hash } from 'node:crypto';
import type avsc from 'avsc';
import type { InboundRecord, KafkaPort } from '#platform/kafka/port.ts';
import { readReleased } from '#schemas/released.ts';
import { holdingEvents, writerVersions } from './older-schemas.ts';
import { bytesOf, framed, minorOf, rawType } from './raw-avro.ts';

interface Entry {
  count: number;
  committed: bigint;
  called: bigint;
  distributed: bigint;
  remaining: bigint | null;
}

/** How an output topic compares; `differences` names the first few. */
export interface Comparison {
  readonly equal: boolean;
  readonly outputs: number;
  readonly expected: number;
  readonly differences: readonly string[];
}

interface RawEvent {
  readonly envelope: { readonly event_id: string; readonly recorded_at: number };
  readonly fund_id: string;
  readonly investor_id: string;
  readonly currency: string;
  readonly commitment_amount?: Buffer;
  readonly called_amount?: Buffer | null;
  readonly distributed_amount?: Buffer | null;
  readonly remaining_value?: Buffer | null;
}

const holdingSchema = (): { readonly id: number; readonly type: avsc.Type } => {
  const released = readReleased().findLast(({ fullName }) => fullName === 'stratcap.fact.Holding');
  if (released === undefined) throw new Error('stratcap.fact.Holding is not among the released schemas');
  return { id: released.id, type: rawType(released.schema) };
};

/** Gives the id of the event of a holding. */
export const holdingReader = (): ((value: Buffer) => string) => {
  const { type } = holdingSchema();
  return (value) => (type.fromBuffer(value.subarray(5)) as { readonly last_event_id: string }).last_event_id;
};

/**
 * Events that an output topic has answered, by its last records alone: the sum of the last event_count of each holding. `back` is how many
 * records of each partition are read; every holding must stand among them.
 */
export const countOf = async (kafka: KafkaPort, topic: string, back: bigint): Promise<number> => {
  const { type } = holdingSchema();
  const counts = new Map<string, number>();
  const ends = await kafka.admin.watermarks(topic);
  const from = new Map(ends.map(({ partition, low, high }) => [partition, high - back > low ? high - back : low]));
  await readOn(kafka, topic, from, ({ key, value }) => {
    if (value === null) return;
    counts.set(key?.toString() ?? '', (type.fromBuffer(value.subarray(5)) as { readonly event_count: number }).event_count);
  });
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
};

/** The fold over one partition: gives key and value of the holding after each event that touches one. */
export const createFold = (): ((record: InboundRecord) => { readonly key: Buffer; readonly value: Buffer } | null) => {
  const writers = new Map(
    Object.entries(writerVersions()).flatMap(([name, { current, older }]) =>
      [current, older].map(({ id, schema }) => [id, { name, type: rawType(schema) }] as const),
    ),
  );
  const holding = holdingSchema();
  const entries = new Map<string, Entry>();
  const [commitment, opening] = holdingEvents;
  return ({ value, partition, offset }) => {
    const writer = value === null ? undefined : writers.get(value.readUInt32BE(1));
    if (value === null || writer === undefined) return null;
    const event = writer.type.fromBuffer(value.subarray(5)) as RawEvent;
    const key = `${event.fund_id}|${event.investor_id}`;
    const entry = entries.get(key) ?? { count: 0, committed: 0n, called: 0n, distributed: 0n, remaining: null };
    entries.set(key, entry);
    entry.count += 1;
    if (writer.name === commitment) entry.committed += minorOf(event.commitment_amount ?? Buffer.of(0));
    if (writer.name === opening) {
      if (event.called_amount) entry.called += minorOf(event.called_amount);
      if (event.distributed_amount) entry.distributed += minorOf(event.distributed_amount);
    }
    if (event.remaining_value) entry.remaining = minorOf(event.remaining_value);
    const body = holding.type.toBuffer({
      fund_id: event.fund_id,
      investor_id: event.investor_id,
      event_count: entry.count,
      last_event_id: event.envelope.event_id,
      currency: event.currency,
      committed_amount: bytesOf(entry.committed),
      called_amount: bytesOf(entry.called),
      distributed_amount: bytesOf(entry.distributed),
      remaining_value: entry.remaining === null ? null : bytesOf(entry.remaining),
      position: { partition, offset: Number(offset) },
      recorded_at: event.envelope.recorded_at,
    });
    return { key: Buffer.from(key), value: framed(holding.id, body) };
  };
};

/** Reads committed records of a topic from positions to the ends of now; the positions move. */
export const readOn = async (
  kafka: KafkaPort,
  topic: string,
  positions: Map<number, bigint>,
  onRecord: (record: InboundRecord) => void,
): Promise<void> => {
  const ends = new Map((await kafka.admin.watermarks(topic)).map(({ partition, high }) => [partition, high]));
  const open = new Set(
    [...ends].filter(([partition, high]) => (positions.get(partition) ?? 0n) < high).map(([partition]) => partition),
  );
  if (open.size === 0) return;
  const reader = kafka.reader({
    positions: [...open].map((partition) => ({ topic, partition, offset: positions.get(partition) ?? 0n })),
  });
  try {
    while (open.size > 0) {
      for (const fetched of await reader.poll(500)) {
        for (const record of fetched.records) onRecord(record);
        positions.set(fetched.partition, fetched.nextOffset);
        if (fetched.nextOffset < (ends.get(fetched.partition) ?? 0n)) continue;
        open.delete(fetched.partition);
        reader.remove({ topic, partition: fetched.partition });
      }
    }
  } finally {
    await reader.close();
  }
};

/** A running digest over the records of a partition. */
const createDigest = (): { add(key: Buffer, value: Buffer): void; value(): string; readonly records: number } => {
  const hash: Hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(256 * 1024);
  let filled = 0;
  let records = 0;
  return {
    add: (key, value) => {
      if (filled + key.length + value.length + 8 > chunk.length) {
        hash.update(chunk.subarray(0, filled));
        filled = 0;
      }
      for (const part of [key, value]) {
        filled = chunk.writeUInt32BE(part.length, filled);
        filled += part.copy(chunk, filled);
      }
      records += 1;
    },
    value: () => hash.copy().update(chunk.subarray(0, filled)).digest('hex'),
    get records() {
      return records;
    },
  };
};
type Digest = ReturnType<typeof createDigest>;

const noBytes = Buffer.alloc(0);
const add = (digests: Map<number, Digest>, partition: number, key: Buffer | null, value: Buffer | null): void => {
  const digest = digests.get(partition) ?? createDigest();
  digests.set(partition, digest);
  digest.add(key ?? noBytes, value ?? noBytes);
};
const sumOf = (digests: ReadonlyMap<number, Digest>): number =>
  [...digests.values()].reduce((sum, { records }) => sum + records, 0);

export interface Expectation {
  /** Events folded so far, those that touch no holding included. */
  readonly events: number;
  /** Folds what was appended since. */
  extend(): Promise<void>;
  /** Reads an output topic whole and compares it. */
  compare(topic: string): Promise<Comparison>;
}

/** Keeps the expectation of an events topic, which grows between comparisons. */
export const createExpectation = (kafka: KafkaPort, eventsTopic: string): Expectation => {
  const folds = new Map<number, ReturnType<typeof createFold>>();
  const digests = new Map<number, Digest>();
  const positions = new Map<number, bigint>();
  let events = 0;

  /** The first differences, found record by record when the digests of a partition are not the same. */
  const explain = async (topic: string, wrong: readonly number[]): Promise<readonly string[]> => {
    const right = new Map<number, { readonly key: Buffer; readonly value: Buffer }[]>();
    const fresh = new Map<number, ReturnType<typeof createFold>>();
    await readOn(kafka, eventsTopic, new Map(), (record) => {
      if (!wrong.includes(record.partition)) return;
      const fold = fresh.get(record.partition) ?? createFold();
      fresh.set(record.partition, fold);
      const expected = fold(record);
      const list = right.get(record.partition) ?? [];
      right.set(record.partition, list);
      if (expected !== null) list.push(expected);
    });
    const { type } = holdingSchema();
    const shown = (value: Buffer): string =>
      JSON.stringify(type.fromBuffer(value.subarray(5)), (_name, field: unknown) =>
        field !== null && typeof field === 'object' && 'type' in field && field.type === 'Buffer' && 'data' in field
          ? minorOf(Buffer.from(field.data as number[])).toString()
          : field,
      );
    const found: string[] = [];
    const places = new Map<number, number>();
    await readOn(kafka, topic, new Map(), ({ partition, value, key, offset }) => {
      if (!wrong.includes(partition)) return;
      const place = places.get(partition) ?? 0;
      places.set(partition, place + 1);
      const expected = right.get(partition)?.[place];
      if (expected !== undefined && value?.equals(expected.value) === true && key?.equals(expected.key) === true) return;
      if (found.length < 5)
        found.push(
          `partition ${partition}, offset ${offset}, record ${place}: ${value === null ? 'null' : shown(value)} under ${key?.toString() ?? 'null'}, expected ${expected === undefined ? 'nothing' : shown(expected.value)}`,
        );
    });
    return found;
  };

  return {
    get events() {
      return events;
    },
    extend: async () =>
      await readOn(kafka, eventsTopic, positions, (record) => {
        events += 1;
        const fold = folds.get(record.partition) ?? createFold();
        folds.set(record.partition, fold);
        const expected = fold(record);
        if (expected !== null) add(digests, record.partition, expected.key, expected.value);
      }),
    compare: async (topic) => {
      const found = new Map<number, Digest>();
      await readOn(kafka, topic, new Map(), ({ partition, key, value }) => add(found, partition, key, value));
      const wrong = [...new Set([...digests.keys(), ...found.keys()])].filter(
        (partition) => digests.get(partition)?.value() !== found.get(partition)?.value(),
      );
      return {
        equal: wrong.length === 0,
        outputs: sumOf(found),
        expected: sumOf(digests),
        differences:
          wrong.length === 0
            ? []
            : [
                ...wrong.map(
                  (partition) =>
                    `partition ${partition}: ${found.get(partition)?.records ?? 0} outputs, ${digests.get(partition)?.records ?? 0} expected`,
                ),
                ...(await explain(topic, wrong)),
              ],
      };
    },
  };
};
