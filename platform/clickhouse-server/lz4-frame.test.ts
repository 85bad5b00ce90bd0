import fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { describe, expect, it } from 'vitest';
import { decodeLz4Frames } from './lz4-frame.ts';

async function decode(frame: Buffer, chunkBytes: number): Promise<Buffer> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < frame.length; at += chunkBytes) yield frame.subarray(at, at + chunkBytes);
  }
  const parts: Buffer[] = [];
  for await (const part of decodeLz4Frames(chunks())) parts.push(part);
  return Buffer.concat(parts);
}

describe('an LZ4 frame', () => {
  it('unpacks to what was packed, whatever the bytes and however they arrive', async () => {
    // Repeated parts, so that matches, overlapping ones too, are in the blocks.
    const content = fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 3000 })))
      .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))));
    await fc.assert(
      fc.asyncProperty(content, fc.integer({ min: 1, max: 70_000 }), fc.boolean(), async (bytes, chunkBytes, checksums) => {
        const frame = compressFrameSync(bytes, { contentChecksum: checksums, blockChecksums: checksums });
        expect((await decode(frame, chunkBytes)).equals(bytes)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('follows another one, as clickhouse-connect sends them, and all are read', async () => {
    const parts = Array.from({ length: 5 }, (_, n) => Buffer.from(`part ${String(n)} `.repeat(20_000 * n)));
    const body = Buffer.concat(parts.map((part) => compressFrameSync(part, { contentChecksum: true })));
    expect((await decode(body, 10_000)).equals(Buffer.concat(parts))).toBe(true);
    await expect(decode(Buffer.concat([body, Buffer.from('more')]), 10_000)).rejects.toThrow(/LZ4/);
  });

  it.each([
    ['another format', Buffer.from('{"a":1}\n'), /does not consist of LZ4 frames/],
    ['a frame cut off', compressFrameSync(Buffer.alloc(100_000, 'abc')).subarray(0, -20), /ends too early/],
    ['nothing', Buffer.alloc(0), /ends too early/],
  ])('%s is refused', async (_, bytes, message) => {
    await expect(decode(bytes, 1000)).rejects.toThrow(message);
  });

  it('that is damaged is refused or differs, and never reads outside its window', async () => {
    const frame = compressFrameSync(Buffer.from('some text, some text, some text, '.repeat(500)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 7, max: frame.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Buffer.from(frame);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const outcome = await decode(damaged, 4096).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome.message).toMatch(/LZ4/);
        else expect(Buffer.isBuffer(outcome)).toBe(true);
      }),
    );
  });
});
