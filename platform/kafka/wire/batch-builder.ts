// Writes record batches of format 2 (KIP-98) straight into a growing buffer: no object per record or field. Who writes it (producer
// id, epoch, sequence) is stamped on last, because a batch is built while the transaction before it still commits.
import type { RecordHeaders } from '../port.ts';
import { CODEC_IDS, compressLater, compressNow } from './compress.ts';
import type { Codec } from './compress.ts';
import { crc32c } from './crc32c.ts';

export const BATCH_HEADER_BYTES = 61;
const CRC_FROM = 21;
const SHORT_COPY_BYTES = 48;
const NAMES_MAX = 1_000;
const FIRST_BYTES = 4_096;
const PACK_LATER_FROM_BYTES = 32_768;

export interface BatchStamp {
  /** -1 writes without a producer. */
  readonly producerId: bigint;
  readonly epoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
}

const names = new Map<string, Buffer>();
const nameBytes = (name: string): Buffer => {
  let bytes = names.get(name);
  if (bytes === undefined) {
    if (names.size >= NAMES_MAX) names.clear();
    bytes = Buffer.from(name, 'utf8');
    names.set(name, bytes);
  }
  return bytes;
};

/** Bytes of a zig-zag varint of a number that is not negative. */
const sizeOf = (value: number): number =>
  value < 0x40 ? 1 : value < 0x2000 ? 2 : value < 0x100000 ? 3 : value < 0x8000000 ? 4 : 5;

const zigZag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);

const zigZagSize = (value: number): number => {
  let size = 1;
  for (let rest = zigZag(value); rest >= 0x80; rest = Math.floor(rest / 128)) size += 1;
  return size;
};

/** Encoded names of the headers of the record that was measured last, in their order: they are written right after. */
const measuredNames: Buffer[] = [];
let measuredHeaders = 0;

/**
 * Exact bytes of key, value and headers in a batch; `append` of the same record must follow before another is measured.
 * @throws TypeError when something in it is not bytes.
 */
export const fieldBytes = (key: Uint8Array | null, value: Uint8Array | null, headers?: RecordHeaders): number => {
  let bytes = key === null ? 1 : sizeOf(key.length) + key.length;
  bytes += value === null ? 1 : sizeOf(value.length) + value.length;
  measuredHeaders = 0;
  if (headers !== undefined) {
    for (const name in headers) {
      const encoded = nameBytes(name);
      measuredNames[measuredHeaders] = encoded;
      measuredHeaders += 1;
      const { length } = headers[name] as Buffer;
      bytes += sizeOf(encoded.length) + encoded.length + sizeOf(length) + length;
    }
  }
  bytes += sizeOf(measuredHeaders);
  if (!(bytes > 0)) throw new TypeError('key, value or a header of a record is not bytes; give a Buffer or null');
  return bytes;
};

/** What a record takes beside its fields, at most. */
export const RECORD_OVERHEAD_BYTES_MAX = 5 + 1 + 10 + 5;

export class BatchBuilder {
  count = 0;
  /** As asked for in `pack`. */
  codec: Codec = 'none';
  private bytes: Buffer;
  private at = BATCH_HEADER_BYTES;
  private firstTimestampMs = 0;
  private maxTimestampMs = 0;
  private packed: { readonly codec: number; readonly payload: Buffer } | null = null;

  constructor(bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES)) {
    this.bytes = bytes;
  }

  /** Bytes of the batch so far, before compression. */
  get size(): number {
    return this.at;
  }

  /** The uncompressed records, for whoever must cut the batch in two. */
  get payload(): Buffer {
    return this.bytes.subarray(BATCH_HEADER_BYTES, this.at);
  }

  get baseTimestampMs(): number {
    return this.firstTimestampMs;
  }

  /** Appends a record whose `fields` were measured by `fieldBytes` just before. Bytes are copied. */
  append(
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: RecordHeaders | undefined,
    timestampMs: number,
    fields: number,
  ): void {
    if (this.count === 0) {
      this.firstTimestampMs = timestampMs;
      this.maxTimestampMs = timestampMs;
    } else if (timestampMs > this.maxTimestampMs) this.maxTimestampMs = timestampMs;
    if (this.at + RECORD_OVERHEAD_BYTES_MAX + fields > this.bytes.length) this.grow(RECORD_OVERHEAD_BYTES_MAX + fields);
    const delta = timestampMs - this.firstTimestampMs;
    this.varint(1 + zigZagSize(delta) + sizeOf(this.count) + fields);
    this.bytes[this.at] = 0; // attributes
    this.at += 1;
    this.signed(delta);
    this.varint(this.count);
    this.bytesOrNull(key);
    this.bytesOrNull(value);
    this.varint(measuredHeaders);
    if (measuredHeaders > 0) {
      let index = 0;
      for (const name in headers) {
        this.bytesOrNull(measuredNames[index] as Buffer);
        this.bytesOrNull(headers[name] as Buffer);
        index += 1;
      }
    }
    this.count += 1;
  }

  /** Compresses the records if that makes them smaller; nothing is appended after it. Large ones are done on another thread. */
  async pack(codec: Codec): Promise<void> {
    if (this.packed !== null || codec === 'none') return;
    this.codec = codec;
    const raw = this.payload;
    const payload = raw.length < PACK_LATER_FROM_BYTES ? compressNow(codec, raw) : await compressLater(codec, raw);
    const isSmaller = payload.length < raw.length;
    this.packed = isSmaller ? { codec: CODEC_IDS[codec], payload } : { codec: CODEC_IDS.none, payload: raw };
  }

  /** The finished batch in pieces. It may be stamped again: a batch that was not accepted under one identity is never sent under another by itself. */
  stamp({ producerId, epoch, baseSequence, isTransactional }: BatchStamp): readonly Buffer[] {
    const packed = this.packed?.codec ? this.packed : null;
    const header = packed === null ? this.bytes : Buffer.allocUnsafe(BATCH_HEADER_BYTES);
    const size = packed === null ? this.at : BATCH_HEADER_BYTES + packed.payload.length;
    header.writeBigInt64BE(0n, 0);
    header.writeInt32BE(size - 12, 8);
    header.writeInt32BE(-1, 12); // leader epoch: the broker's
    header.writeInt8(2, 16);
    header.writeInt16BE((packed?.codec ?? 0) | (isTransactional ? 0x10 : 0), 21);
    header.writeInt32BE(this.count - 1, 23);
    header.writeBigInt64BE(BigInt(this.firstTimestampMs), 27);
    header.writeBigInt64BE(BigInt(this.maxTimestampMs), 35);
    header.writeBigInt64BE(producerId, 43);
    header.writeInt16BE(epoch, 51);
    header.writeInt32BE(producerId < 0n ? -1 : baseSequence, 53);
    header.writeInt32BE(this.count, 57);
    const head = header.subarray(CRC_FROM, packed === null ? size : BATCH_HEADER_BYTES);
    header.writeUInt32BE(packed === null ? crc32c(head) : crc32c(packed.payload, crc32c(head)), 17);
    return packed === null ? [this.bytes.subarray(0, size)] : [header, packed.payload];
  }

  /** The buffer, to build another batch in once this one is on the log. */
  recycle(): Buffer {
    return this.bytes;
  }

  private grow(bound: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + bound));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }

  /** A zig-zag varint of a number that is not negative. */
  private varint(value: number): void {
    const { bytes } = this;
    let rest = value * 2;
    while (rest >= 0x80) {
      bytes[this.at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    bytes[this.at++] = rest;
  }

  private signed(value: number): void {
    const { bytes } = this;
    let rest = zigZag(value);
    while (rest >= 0x80) {
      bytes[this.at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    bytes[this.at++] = rest;
  }

  private bytesOrNull(source: Uint8Array | null): void {
    if (source === null) {
      this.bytes[this.at++] = 1; // -1
      return;
    }
    const { length } = source;
    this.varint(length);
    const { bytes, at } = this;
    if (length > SHORT_COPY_BYTES) bytes.set(source, at);
    else for (let index = 0; index < length; index += 1) bytes[at + index] = source[index] as number;
    this.at = at + length;
  }
}
