// Unpacking with a cap: what honest writers make is read, what would fill the memory is refused before it does.
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../port.ts';
import { decompress } from './compression.ts';

const CAP = 1024 * 1024;
const plain = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * index) % 251));
const zeros = Buffer.alloc(8 * CAP);

const xerial = (...blocks: readonly Buffer[]): Buffer => {
  const framed = blocks.flatMap((block) => {
    const packed = compressSync(block);
    const length = Buffer.alloc(4);
    length.writeInt32BE(packed.length);
    return [length, packed];
  });
  return Buffer.concat([Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]), ...framed]);
};

const errorOf = (codec: number, payload: Buffer, cap = CAP): KafkaError => {
  try {
    decompress(codec, payload, cap);
  } catch (error) {
    if (error instanceof KafkaError) return error;
    throw error;
  }
  throw new Error('it was unpacked');
};

describe('compressed batches', () => {
  it.each([
    ['none', 0, plain],
    ['gzip', 1, gzipSync(plain)],
    ['snappy as other clients write it', 2, compressSync(plain)],
    [
      "snappy in Java's framing, several blocks",
      2,
      xerial(plain.subarray(0, 70_000), plain.subarray(70_000, 70_001), plain.subarray(70_001)),
    ],
    ['lz4', 3, compressFrameSync(plain)],
    ['lz4 with checksums', 3, compressFrameSync(plain, { contentChecksum: true, blockChecksums: true })],
    ['zstd', 4, zstdCompressSync(plain, { params: { [constants.ZSTD_c_compressionLevel]: 3 } })],
  ])('with %s are read', (_, codec, payload) => {
    expect(decompress(codec, payload, CAP).equals(plain)).toBe(true);
  });

  it.each([
    ['gzip', 1, gzipSync(zeros)],
    ['snappy', 2, compressSync(zeros)],
    ["snappy in Java's framing", 2, xerial(zeros.subarray(0, CAP), zeros.subarray(0, CAP))],
    ['lz4', 3, compressFrameSync(zeros)],
    ['zstd', 4, zstdCompressSync(zeros)],
  ])('that unpack above the cap are refused by name: %s', (name, codec, payload) => {
    const error = errorOf(codec, payload);
    expect(error.code).toBe('corrupt-batch');
    expect(error.message).toContain(`above the limit of ${CAP}`);
    expect(error.message).toContain(name.split(' ')[0]);
  });

  it.each([
    ['gzip', 1, gzipSync(plain)],
    ['snappy', 2, compressSync(plain)],
    ['xerial snappy', 2, xerial(plain)],
    ['lz4', 3, compressFrameSync(plain)],
    ['zstd', 4, zstdCompressSync(plain)],
  ])('that are cut off are an error: %s', (_, codec, payload) => {
    for (const length of [0, 1, 5, 12, 17, Math.floor(payload.length / 2), payload.length - 1]) {
      expect(errorOf(codec, payload.subarray(0, length)).code).toBe('corrupt-batch');
    }
  });

  it('of a snappy block that claims four thousand million bytes are refused before anything is allocated', () => {
    expect(errorOf(2, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]), Number.MAX_SAFE_INTEGER).message).toContain('damaged');
  });

  it('of an lz4 frame of tiny blocks that unpack to much are refused by their block sizes', () => {
    const block = Buffer.from([17_000 & 0xff, 17_000 >> 8, 0, 0]);
    const frame = Buffer.concat([
      Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0]),
      block,
      Buffer.alloc(17_000),
      Buffer.alloc(4),
    ]);
    expect(errorOf(3, frame).message).toContain('above the limit');
  });

  it('of an unknown codec are named as unsupported', () => {
    expect(errorOf(5, plain).code).toBe('unsupported');
  });
});
