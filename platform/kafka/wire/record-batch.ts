// Record batches v2 (KIP-98) as they stand on the log: headers with the CRC checked, then the records of one batch.
import { KafkaError } from '../port.ts';
import type { InboundRecord, RecordHeaders } from '../port.ts';
import { ByteReader } from './byte-reader.ts';
import { decompress } from './compression.ts';
import { crc32c } from './crc32c.ts';

const LENGTH_PREFIX_BYTES = 12; // base offset, length
const HEADER_BYTES = 61;
const CRC_AT = 17;
const CRC_FROM = 21;
const RECORD_BYTES_MIN = 7; // length, attributes, two deltas, key length, value length, header count

/** Header of one batch and its records, still compressed. `endAt` is where the next batch begins in the record set. */
export interface RecordBatch {
  readonly baseOffset: bigint;
  /** Kept by compaction even when the last records are gone: the position after a batch is always `lastOffset + 1`. */
  readonly lastOffset: bigint;
  readonly compression: number;
  readonly timestampIsLogAppend: boolean;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly firstTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly recordCount: number;
  readonly payload: Buffer;
  readonly endAt: number;
}

/**
 * The batch at byte `at` of a record set, or null where the set ends (a cut-off last batch is normal in a fetch: it comes whole next time).
 * @throws KafkaError `corrupt-batch` for a wrong CRC, an impossible length, or a cut-off FIRST batch (the broker always sends that whole);
 *   `unsupported` for message formats before v2, which brokers of today no longer serve.
 */
export const readBatch = (recordSet: Buffer, at: number): RecordBatch | null => {
  const left = recordSet.length - at;
  if (left === 0) return null;
  const length = left < LENGTH_PREFIX_BYTES ? left : recordSet.readInt32BE(at + 8);
  if (left < LENGTH_PREFIX_BYTES || length > left - LENGTH_PREFIX_BYTES) {
    if (at > 0) return null;
    throw new KafkaError(
      'corrupt-batch',
      `first record batch says ${length} bytes, but ${left} were sent; the batch is truncated or damaged`,
    );
  }
  if (length < HEADER_BYTES - LENGTH_PREFIX_BYTES) {
    throw new KafkaError(
      'corrupt-batch',
      `record batch at byte ${at} says ${length} bytes, less than its own header; the batch is damaged`,
    );
  }
  const endAt = at + LENGTH_PREFIX_BYTES + length;
  const magic = recordSet.readInt8(at + 16);
  const baseOffset = recordSet.readBigInt64BE(at);
  if (magic !== 2)
    throw new KafkaError(
      'unsupported',
      `record batch at offset ${baseOffset} has message format ${magic}; only format 2 is read`,
    );
  const expected = recordSet.readUInt32BE(at + CRC_AT);
  const actual = crc32c(recordSet.subarray(at + CRC_FROM, endAt));
  if (actual !== expected) {
    throw new KafkaError(
      'corrupt-batch',
      `record batch at offset ${baseOffset} has CRC-32C ${actual} in place of ${expected}; the batch was damaged on its way or on disk`,
    );
  }
  const attributes = recordSet.readInt16BE(at + 21);
  const lastOffsetDelta = recordSet.readInt32BE(at + 23);
  const recordCount = recordSet.readInt32BE(at + 57);
  if (lastOffsetDelta < 0 || recordCount < 0 || recordCount > lastOffsetDelta + 1) {
    throw new KafkaError(
      'corrupt-batch',
      `record batch at offset ${baseOffset} says ${recordCount} records up to offset delta ${lastOffsetDelta}; the batch is damaged`,
    );
  }
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(lastOffsetDelta),
    compression: attributes & 0x07,
    timestampIsLogAppend: (attributes & 0x08) !== 0,
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
    firstTimestampMs: Number(recordSet.readBigInt64BE(at + 27)),
    maxTimestampMs: Number(recordSet.readBigInt64BE(at + 35)),
    producerId: recordSet.readBigInt64BE(at + 43),
    producerEpoch: recordSet.readInt16BE(at + 51),
    recordCount,
    payload: recordSet.subarray(at + HEADER_BYTES, endAt),
    endAt,
  };
};

const NO_HEADERS: RecordHeaders = Object.freeze(Object.create(null) as Record<string, Buffer>);

const readHeaders = (reader: ByteReader): RecordHeaders => {
  const count = reader.varint();
  if (count === 0) return NO_HEADERS;
  if (count < 0 || count * 2 > reader.remaining) {
    throw new KafkaError(
      'corrupt-batch',
      `record says ${count} headers with ${reader.remaining} bytes left; the batch is damaged`,
    );
  }
  const headers = Object.create(null) as Record<string, Buffer>;
  for (let index = 0; index < count; index += 1) {
    const name = reader.slice(reader.varint(), 'header name').toString('utf8');
    const length = reader.varint();
    headers[name] = length < 0 ? Buffer.alloc(0) : reader.slice(length, 'header value');
  }
  return headers;
};

const readBytesOrNull = (reader: ByteReader, what: string): Buffer | null => {
  const length = reader.varint();
  return length === -1 ? null : reader.slice(length, what);
};

/** Where records are put, and from which offset on they count: a fetch may begin inside a batch. */
export interface RecordTarget {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: bigint;
  readonly records: InboundRecord[];
}

/**
 * Appends the records of a data batch to `target.records`. Keys, values and headers are views on the batch's bytes (no copy).
 * @throws KafkaError `corrupt-batch` when the records do not fill the batch exactly, `unsupported` for an unknown compression.
 */
export const readRecords = (batch: RecordBatch, target: RecordTarget, bytesMax: number): void => {
  const payload = decompress(batch.compression, batch.payload, bytesMax);
  const reader = new ByteReader(payload);
  if (batch.recordCount * RECORD_BYTES_MIN > payload.length) {
    throw new KafkaError(
      'corrupt-batch',
      `record batch at offset ${batch.baseOffset} says ${batch.recordCount} records in ${payload.length} bytes; the batch is damaged`,
    );
  }
  const { topic, partition, fromOffset, records } = target;
  for (let index = 0; index < batch.recordCount; index += 1) {
    const length = reader.varint();
    const endAt = reader.at + length;
    if (length < 0 || endAt > reader.end) {
      throw new KafkaError(
        'corrupt-batch',
        `record ${index} of the batch at offset ${batch.baseOffset} says ${length} bytes; the batch is damaged`,
      );
    }
    reader.skip(1);
    const timestampDelta = reader.varlong();
    const offset = batch.baseOffset + BigInt(reader.varint());
    const key = readBytesOrNull(reader, 'key');
    const value = readBytesOrNull(reader, 'value');
    const headers = readHeaders(reader);
    if (reader.at !== endAt || offset < batch.baseOffset || offset > batch.lastOffset) {
      throw new KafkaError(
        'corrupt-batch',
        `record ${index} of the batch at offset ${batch.baseOffset} does not end where it says or has offset ${offset}; the batch is damaged`,
      );
    }
    if (offset < fromOffset) continue;
    const timestampMs = batch.timestampIsLogAppend ? batch.maxTimestampMs : batch.firstTimestampMs + timestampDelta;
    records.push({ topic, partition, offset, key, value, headers, timestampMs });
  }
  if (reader.remaining !== 0) {
    throw new KafkaError(
      'corrupt-batch',
      `record batch at offset ${batch.baseOffset} has ${reader.remaining} bytes behind its last record; the batch is damaged`,
    );
  }
};

export interface RawRecord {
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

/** Calls `take` with each record of unpacked bytes of our own making. */
export const readRawRecords = (payload: Buffer, count: number, take: (record: RawRecord, index: number) => void): void => {
  const reader = new ByteReader(payload);
  for (let index = 0; index < count; index += 1) {
    reader.varint(); // length
    reader.skip(1);
    const timestampDelta = reader.varlong();
    reader.varint(); // offset
    const key = readBytesOrNull(reader, 'key');
    const value = readBytesOrNull(reader, 'value');
    take({ timestampDelta, key, value, headers: readHeaders(reader) }, index);
  }
};

/** What a control batch says about the transaction of its producer; null when compaction has emptied it or it is of another kind. */
export const controlMarker = (batch: RecordBatch): 'abort' | 'commit' | null => {
  if (!batch.isControl || batch.recordCount === 0) return null;
  const reader = new ByteReader(batch.payload);
  reader.varint();
  reader.skip(1);
  reader.varlong();
  reader.varint();
  const keyLength = reader.varint();
  if (keyLength < 4)
    throw new KafkaError(
      'corrupt-batch',
      `control batch at offset ${batch.baseOffset} has a key of ${keyLength} bytes; it is damaged`,
    );
  reader.skip(2);
  const type = reader.int16();
  if (type === 0) return 'abort';
  return type === 1 ? 'commit' : null;
};
