// Record batches v2 (KIP-98) as they stand on the log: headers with the CRC checked. Their records are read in records.ts.
import { KafkaError } from '../port.ts';
import { ByteReader } from './byte-reader.ts';
import { crc32c } from './crc32c.ts';

const LENGTH_PREFIX_BYTES = 12; // base offset, length
const HEADER_BYTES = 61;
const CRC_AT = 17;
const CRC_FROM = 21;

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

/** Behind the last offset of the whole batches of a record set; `from` when it holds none. Looks at headers only. */
export const endOffsetOf = (recordSet: Buffer, from: bigint): bigint => {
  let end = from;
  for (let at = 0; at + HEADER_BYTES <= recordSet.length;) {
    const length = recordSet.readInt32BE(at + 8);
    if (length < HEADER_BYTES - LENGTH_PREFIX_BYTES || at + LENGTH_PREFIX_BYTES + length > recordSet.length) break;
    const next = recordSet.readBigInt64BE(at) + BigInt(recordSet.readInt32BE(at + 23)) + 1n;
    if (next > end) end = next;
    at += LENGTH_PREFIX_BYTES + length;
  }
  return end;
};
