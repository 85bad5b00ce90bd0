// Decompression of record batches: gzip, snappy (raw and Java's xerial framing), lz4 frames, zstd, each with a cap on the result.
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { decompressFrameSync } from 'lz4-napi';
import { uncompressSync } from 'snappy';
import { KafkaError } from '../port.ts';

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16; // magic, version, oldest compatible version
const LZ4_FRAME_MAGIC = 0x184d2204;
const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

const tooLarge = (codec: string, bytes: number, bytesMax: number): KafkaError =>
  new KafkaError(
    'corrupt-batch',
    `${codec} batch would unpack to ${bytes} bytes or more, above the limit of ${bytesMax}; raise the limit if this batch is honest`,
  );

/** The length that a raw snappy block says it has: an unsigned varint at its start. */
const snappyLength = (block: Buffer): number => {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = block[index];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value;
  }
  throw new KafkaError(
    'corrupt-batch',
    `snappy block of ${block.length} bytes does not begin with a length; the batch is damaged`,
  );
};

/** `before` bytes of the batch were unpacked already. */
const unpackSnappyBlock = (block: Buffer, before: number, bytesMax: number): Buffer => {
  const length = snappyLength(block);
  if (before + length > bytesMax) throw tooLarge('snappy', before + length, bytesMax);
  // An element of 3 bytes yields at most 64 bytes, so no honest block exceeds this ratio.
  if (length > block.length * 64)
    throw new KafkaError(
      'corrupt-batch',
      `snappy block of ${block.length} bytes says it unpacks to ${length}; the batch is damaged`,
    );
  return uncompressSync(block) as Buffer;
};

const unpackSnappy = (payload: Buffer, bytesMax: number): Buffer => {
  if (!payload.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return unpackSnappyBlock(payload, 0, bytesMax);
  if (payload.length < XERIAL_HEADER_BYTES)
    throw new KafkaError(
      'corrupt-batch',
      `snappy batch of ${payload.length} bytes is cut off in its header; the batch is damaged`,
    );
  const blocks: Buffer[] = [];
  let total = 0;
  for (let at = XERIAL_HEADER_BYTES; at < payload.length;) {
    const length = at + 4 <= payload.length ? payload.readUInt32BE(at) : Number.MAX_SAFE_INTEGER;
    if (length > payload.length - at - 4)
      throw new KafkaError('corrupt-batch', `snappy block at byte ${at} is cut off; the batch is damaged`);
    const block = unpackSnappyBlock(payload.subarray(at + 4, at + 4 + length), total, bytesMax);
    total += block.length;
    blocks.push(block);
    at += 4 + length;
  }
  return Buffer.concat(blocks, total);
};

/** The most that an lz4 frame can unpack to, from its block sizes: the library itself has no cap. */
const lz4LengthMax = (payload: Buffer): number => {
  if (payload.length < 7 || payload.readUInt32LE(0) !== LZ4_FRAME_MAGIC) {
    throw new KafkaError(
      'corrupt-batch',
      `lz4 batch of ${payload.length} bytes does not begin with a frame; the batch is damaged`,
    );
  }
  const flags = payload.readUInt8(4);
  const blockBytesMax = 2 ** (8 + 2 * ((payload.readUInt8(5) >> 4) & 0x07));
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  let total = 0;
  for (;;) {
    if (at + 4 > payload.length)
      throw new KafkaError('corrupt-batch', `lz4 frame of ${payload.length} bytes has no end mark; the batch is damaged`);
    const size = payload.readUInt32LE(at) & 0x7fffffff;
    if (size === 0) return total;
    total += Math.min(blockBytesMax, size * 255);
    at += 4 + size + ((flags & 0x10) === 0 ? 0 : 4);
  }
};

/** Node works through its output in pieces of this size, 16 KiB unless told: few pieces are a good deal quicker. */
const pieceOf = (payload: Buffer, bytesMax: number): number =>
  Math.min(bytesMax, Math.max(16 * 1024, Math.min(1024 * 1024, payload.length * 4)));

const unpack = (codec: number, payload: Buffer, bytesMax: number): Buffer => {
  switch (codec) {
    case 1:
      return gunzipSync(payload, { maxOutputLength: bytesMax, chunkSize: pieceOf(payload, bytesMax) });
    case 2:
      return unpackSnappy(payload, bytesMax);
    case 3: {
      const lengthMax = lz4LengthMax(payload);
      if (lengthMax > bytesMax) throw tooLarge('lz4', lengthMax, bytesMax);
      return decompressFrameSync(payload);
    }
    case 4:
      return zstdDecompressSync(payload, { maxOutputLength: bytesMax, chunkSize: pieceOf(payload, bytesMax) });
    default:
      throw new KafkaError('unsupported', `compression ${codec} is not known; known are ${NAMES.join(', ')}`);
  }
};

/**
 * The records of a batch, unpacked; the payload itself when it is not compressed.
 * @throws KafkaError `corrupt-batch` when it cannot be unpacked or would exceed `bytesMax`, `unsupported` for an unknown codec.
 */
export const decompress = (codec: number, payload: Buffer, bytesMax: number): Buffer => {
  if (codec === 0) return payload;
  try {
    return unpack(codec, payload, bytesMax);
  } catch (error) {
    if (error instanceof KafkaError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(NAMES[codec] ?? '', bytesMax, bytesMax);
    throw new KafkaError(
      'corrupt-batch',
      `${NAMES[codec] ?? codec} batch of ${payload.length} bytes cannot be unpacked; the batch is damaged`,
      { cause: error },
    );
  }
};
