// The records of a batch, parsed where they lie: one small object per record that knows where its fields are, and makes a view of
// one only when it is asked for.
import { KafkaError } from '../port.ts';
import type { InboundRecord, RecordHeaders } from '../port.ts';
import { decompress } from './compression.ts';
import type { RecordBatch } from './record-batch.ts';

const RECORD_BYTES_MIN = 7; // length, attributes, two deltas, key length, value length, header count
const NO_HEADERS: RecordHeaders = Object.freeze(Object.create(null) as Record<string, Buffer>);

/** What the records of one batch have in common. */
interface BatchContext {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: bigint;
  readonly firstTimestampMs: number;
  /** null: each record has its own. */
  readonly appendTimestampMs: number | null;
  readonly payload: Buffer;
}

class LogRecord implements InboundRecord {
  private readonly context: BatchContext;
  private readonly offsetDelta: number;
  private readonly timestampDelta: number;
  private readonly keyAt: number;
  /** -1: null. */
  private readonly keyLength: number;
  private readonly valueAt: number;
  private readonly valueLength: number;
  private readonly headersAt: number;
  private keyView: Buffer | null | undefined = undefined;
  private valueView: Buffer | null | undefined = undefined;

  constructor(
    context: BatchContext,
    offsetDelta: number,
    timestampDelta: number,
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
    headersAt: number,
  ) {
    this.context = context;
    this.offsetDelta = offsetDelta;
    this.timestampDelta = timestampDelta;
    this.keyAt = keyAt;
    this.keyLength = keyLength;
    this.valueAt = valueAt;
    this.valueLength = valueLength;
    this.headersAt = headersAt;
  }

  get topic(): string {
    return this.context.topic;
  }

  get partition(): number {
    return this.context.partition;
  }

  get offset(): bigint {
    return this.context.baseOffset + BigInt(this.offsetDelta);
  }

  get timestampMs(): number {
    return this.context.appendTimestampMs ?? this.context.firstTimestampMs + this.timestampDelta;
  }

  get key(): Buffer | null {
    if (this.keyView === undefined)
      this.keyView = this.keyLength < 0 ? null : this.context.payload.subarray(this.keyAt, this.keyAt + this.keyLength);
    return this.keyView;
  }

  get value(): Buffer | null {
    if (this.valueView === undefined)
      this.valueView = this.valueLength < 0 ? null : this.context.payload.subarray(this.valueAt, this.valueAt + this.valueLength);
    return this.valueView;
  }

  get headers(): RecordHeaders {
    return this.headersAt < 0 ? NO_HEADERS : headersAt(this.context.payload, this.headersAt);
  }
}

/** Names by their place among the headers of a record: records of a topic mostly have the same ones, and reading a text is dear. */
const nameGuesses: { readonly bytes: Buffer; readonly name: string }[] = [];
const NAME_GUESSES_MAX = 32;

const nameAt = (payload: Buffer, at: number, length: number, place: number): string => {
  const guess = nameGuesses[place];
  if (guess !== undefined && guess.bytes.length === length) {
    let same = 0;
    while (same < length && guess.bytes[same] === payload[at + same]) same += 1;
    if (same === length) return guess.name;
  }
  const name = payload.toString('utf8', at, at + length);
  if (place < NAME_GUESSES_MAX && length < 256)
    nameGuesses[place] = { bytes: Buffer.from(payload.subarray(at, at + length)), name };
  return name;
};

/** Headers that were walked before, so that every length is known to fit. */
const headersAt = (payload: Buffer, start: number): RecordHeaders => {
  const headers = Object.create(null) as Record<string, Buffer>;
  cursor = start;
  const count = varint(payload, payload.length);
  for (let place = 0; place < count; place += 1) {
    const nameLength = varint(payload, payload.length);
    const name = nameAt(payload, cursor, nameLength, place);
    cursor += nameLength;
    const length = Math.max(0, varint(payload, payload.length));
    headers[name] = payload.subarray(cursor, cursor + length);
    cursor += length;
  }
  return headers;
};

/** Where the parser stands. Parsing is synchronous and never nested, so one is enough, and no object is made for it. */
let cursor = 0;

const truncated = (what: string): never => {
  throw new KafkaError('corrupt-batch', `${what} at byte ${cursor} runs past the end of its record; the batch is damaged`);
};

/** Zig-zag varint of at most 32 bits. */
const varint = (bytes: Buffer, end: number): number => {
  let byte = bytes[cursor] as number;
  if (byte < 0x80 && cursor < end) {
    cursor += 1;
    return (byte >>> 1) ^ -(byte & 1);
  }
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (cursor >= end) return truncated('a varint');
    byte = bytes[cursor] as number;
    cursor += 1;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
  }
  throw new KafkaError('corrupt-batch', `varint before byte ${cursor} has more than 5 bytes; the batch is damaged`);
};

/** Zig-zag varint of at most 64 bits, as a number: for time differences, which are exact up to 2^53 ms. */
const varlong = (bytes: Buffer, end: number): number => {
  let value = 0;
  let factor = 1;
  for (let length = 0; length < 10; length += 1) {
    if (cursor >= end) return truncated('a varlong');
    const byte = bytes[cursor] as number;
    cursor += 1;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) break;
      const half = Math.floor(value / 2);
      return value % 2 === 0 ? half : -half - 1;
    }
    factor *= 128;
  }
  throw new KafkaError('corrupt-batch', `varlong before byte ${cursor} is no time difference; the batch is damaged`);
};

/** Skips bytes whose length stands before them; the length, -1 for null. */
const skipBytes = (bytes: Buffer, end: number, what: string): number => {
  const length = varint(bytes, end);
  if (length < -1 || length > end - cursor) truncated(what);
  if (length > 0) cursor += length;
  return length;
};

/** Walks the headers; where they begin, -1 when there are none. */
const skipHeaders = (bytes: Buffer, end: number): number => {
  const start = cursor;
  const count = varint(bytes, end);
  if (count === 0) return -1;
  if (count < 0 || count * 2 > end - cursor) truncated(`a list of ${count} headers`);
  for (let left = count; left > 0; left -= 1) {
    if (skipBytes(bytes, end, 'a header name') < 0) truncated('a header name');
    skipBytes(bytes, end, 'a header value');
  }
  return start;
};

/** Where records are put, and from which offset on they count: a fetch may begin inside a batch. */
export interface RecordTarget {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: bigint;
  readonly records: InboundRecord[];
}

const damaged = (batch: RecordBatch, reason: string): KafkaError =>
  new KafkaError('corrupt-batch', `record batch at offset ${batch.baseOffset} ${reason}; the batch is damaged`);

/**
 * Appends the records of a data batch to `target.records`. Keys, values and headers are views on the batch's bytes (no copy).
 * @throws KafkaError `corrupt-batch` when the records do not fill the batch exactly, `unsupported` for an unknown compression.
 */
export const readRecords = (batch: RecordBatch, target: RecordTarget, bytesMax: number): void => {
  const payload = decompress(batch.compression, batch.payload, bytesMax);
  const { recordCount } = batch;
  if (recordCount * RECORD_BYTES_MIN > payload.length)
    throw damaged(batch, `says ${recordCount} records in ${payload.length} bytes`);
  const { topic, partition, records } = target;
  const context: BatchContext = {
    topic,
    partition,
    baseOffset: batch.baseOffset,
    firstTimestampMs: batch.firstTimestampMs,
    appendTimestampMs: batch.timestampIsLogAppend ? batch.maxTimestampMs : null,
    payload,
  };
  const lastDelta = Number(batch.lastOffset - batch.baseOffset);
  const firstDelta = target.fromOffset > batch.baseOffset ? Number(target.fromOffset - batch.baseOffset) : 0;
  cursor = 0;
  for (let index = 0; index < recordCount; index += 1) {
    const length = varint(payload, payload.length);
    const end = cursor + length;
    if (length < 0 || end > payload.length) throw damaged(batch, `says that record ${index} has ${length} bytes`);
    cursor += 1; // attributes
    const timestampDelta = varlong(payload, end);
    const offsetDelta = varint(payload, end);
    const keyLength = skipBytes(payload, end, 'a key');
    const keyAt = cursor - (keyLength > 0 ? keyLength : 0);
    const valueLength = skipBytes(payload, end, 'a value');
    const valueAt = cursor - (valueLength > 0 ? valueLength : 0);
    const headers = skipHeaders(payload, end);
    if (cursor !== end || offsetDelta < 0 || offsetDelta > lastDelta)
      throw damaged(batch, `has a record ${index} that does not end where it says or lies at offset delta ${offsetDelta}`);
    if (offsetDelta < firstDelta) continue;
    records.push(new LogRecord(context, offsetDelta, timestampDelta, keyAt, keyLength, valueAt, valueLength, headers));
  }
  if (cursor !== payload.length) throw damaged(batch, `has ${payload.length - cursor} bytes behind its last record`);
};

export interface RawRecord {
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

/** Calls `take` with each record of unpacked bytes of our own making. */
export const readRawRecords = (payload: Buffer, count: number, take: (record: RawRecord, index: number) => void): void => {
  let at = 0;
  const view = (length: number): Buffer | null => (length < 0 ? null : payload.subarray(cursor - length, cursor));
  for (let index = 0; index < count; index += 1) {
    cursor = at;
    const length = varint(payload, payload.length);
    at = cursor + length;
    cursor += 1;
    const timestampDelta = varlong(payload, at);
    varint(payload, at);
    const key = view(skipBytes(payload, at, 'a key'));
    const value = view(skipBytes(payload, at, 'a value'));
    const headers = skipHeaders(payload, at);
    take({ timestampDelta, key, value, headers: headers < 0 ? NO_HEADERS : headersAt(payload, headers) }, index);
  }
};
