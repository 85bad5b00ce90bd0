// Frames come out whole however the network cuts them, and no length that is sent makes us take memory for it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionLost } from './errors.ts';
import { FrameReader } from './frames.ts';

const framed = (body: Uint8Array): Buffer => {
  const head = Buffer.alloc(4);
  head.writeInt32BE(body.length, 0);
  return Buffer.concat([head, body]);
};

describe('frames', () => {
  it('come out whole and in order, however they were cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 40 }),
        (bodies, cuts) => {
          const bytes = Buffer.concat(bodies.map(framed));
          const taken: Buffer[] = [];
          const reader = new FrameReader((frame) => taken.push(Buffer.from(frame)));
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const end = at + (cuts[turn % cuts.length] ?? 1);
            reader.push(bytes.subarray(at, end));
            at = end;
          }
          expect(taken).toEqual(bodies.map((body) => Buffer.from(body)));
        },
      ),
    );
  });

  it('of many megabytes come out as they were sent', () => {
    const body = Buffer.alloc(20_000_000).map((_, index) => index % 251);
    const bytes = framed(body);
    let taken: Buffer | null = null;
    const reader = new FrameReader((frame) => {
      taken = frame;
    });
    for (let at = 0; at < bytes.length; at += 65_536) reader.push(bytes.subarray(at, at + 65_536));
    expect(Buffer.compare(taken ?? Buffer.alloc(0), body)).toBe(0);
  });

  it.each([-1, 0x7fffffff, 0x48545450])('that claim %i bytes end the connection', (length) => {
    const head = Buffer.alloc(4);
    head.writeInt32BE(length, 0);
    expect(() => new FrameReader(() => undefined).push(head)).toThrow(ConnectionLost);
    const reader = new FrameReader(() => undefined);
    reader.push(head.subarray(0, 2));
    expect(() => reader.push(head.subarray(2))).toThrow(ConnectionLost);
  });

  it('that claim 250 MB but bring little take little memory', () => {
    const head = Buffer.alloc(4);
    head.writeInt32BE(250_000_000, 0);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 4 }, () => new FrameReader(() => undefined));
    for (const reader of readers) reader.push(head);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64_000_000);
    expect(readers).toHaveLength(4);
  });
});
