// The decoder against bytes of the reference implementation, and against bytes that nobody honest would send.
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../port.ts';
import type { InboundRecord } from '../port.ts';
import {
  GOLDEN_ABORT_MARKER,
  GOLDEN_BATCHES,
  GOLDEN_COMMIT_MARKER,
  GOLDEN_EMPTIED,
  GOLDEN_TRANSACTIONAL,
} from './golden-batches.ts';
import { controlMarker, readBatch } from './record-batch.ts';
import { readRecords } from './records.ts';
import type { RecordBatch } from './record-batch.ts';

const BYTES_MAX = 1024 * 1024;

const batchOf = (bytes: Buffer): RecordBatch => {
  const batch = readBatch(bytes, 0);
  if (batch === null) throw new Error('no batch');
  return batch;
};

const recordsOf = (bytes: Buffer, fromOffset = 0n): InboundRecord[] => {
  const records: InboundRecord[] = [];
  readRecords(batchOf(bytes), { topic: 'events', partition: 4, fromOffset, records }, BYTES_MAX);
  return records;
};

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'read';
  } catch (error) {
    if (error instanceof KafkaError) return error.code;
    throw error;
  }
};

/** Changes bytes and makes the CRC right again, as an attacker or a broken writer would. */
const altered = (bytes: Buffer, change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes);
  change(copy);
  copy.writeUInt32BE(crc32c(copy.subarray(21)), 17);
  return copy;
};

describe('record batches', () => {
  it.each(Object.entries(GOLDEN_BATCHES))('hold the records that Kafka wrote with compression %s', (_, bytes) => {
    const [first, second, third] = recordsOf(bytes);
    expect(first).toMatchObject({ topic: 'events', partition: 4, offset: 100n, timestampMs: 1_700_000_000_000 });
    expect(first?.key?.toString()).toBe('fund-1');
    expect(first?.value?.toString()).toBe('commitment');
    expect(first?.headers['ce_type']?.toString()).toBe('CommitmentMade');
    expect(first?.headers['empty']).toHaveLength(0);
    expect(second).toMatchObject({ offset: 101n, key: Buffer.alloc(4), value: null, timestampMs: 1_700_000_000_005 });
    expect(third).toMatchObject({ offset: 102n, key: null, value: Buffer.alloc(300, 'x'), timestampMs: 1_699_999_999_000 });
  });

  it('give only the records from the position on when a fetch begins inside a batch', () => {
    expect(recordsOf(GOLDEN_BATCHES.zstd, 102n).map(({ offset }) => offset)).toEqual([102n]);
  });

  it('tell the transaction of their producer, and what its marker decided', () => {
    expect(batchOf(GOLDEN_TRANSACTIONAL)).toMatchObject({
      isTransactional: true,
      isControl: false,
      producerId: 4711n,
      producerEpoch: 3,
      recordCount: 3,
      lastOffset: 102n,
    });
    expect(controlMarker(batchOf(GOLDEN_TRANSACTIONAL))).toBeNull();
    expect(controlMarker(batchOf(GOLDEN_ABORT_MARKER))).toBe('abort');
    expect(controlMarker(batchOf(GOLDEN_COMMIT_MARKER))).toBe('commit');
    expect(batchOf(GOLDEN_ABORT_MARKER)).toMatchObject({
      isControl: true,
      producerId: 4711n,
      baseOffset: 103n,
      lastOffset: 103n,
    });
  });

  it('keep their last offset when compaction has emptied them', () => {
    expect(batchOf(GOLDEN_EMPTIED)).toMatchObject({ baseOffset: 200n, lastOffset: 209n, recordCount: 0 });
    expect(recordsOf(GOLDEN_EMPTIED)).toEqual([]);
  });

  it('end where the last one is cut off, but a cut-off first one is an error, since the broker sends that whole', () => {
    const whole = GOLDEN_BATCHES.none;
    for (let length = 0; length < whole.length; length += 1) {
      const cut = whole.subarray(0, length);
      expect(codeOf(() => readBatch(cut, 0))).toBe(length === 0 ? 'read' : 'corrupt-batch');
      expect(readBatch(Buffer.concat([whole, cut]), whole.length)).toBeNull();
    }
  });

  it('are refused when any byte under the CRC has changed', () => {
    for (const bytes of [GOLDEN_BATCHES.none, GOLDEN_ABORT_MARKER]) {
      for (let at = 17; at < bytes.length; at += 1) {
        const damaged = Buffer.from(bytes);
        damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
        expect(codeOf(() => readBatch(damaged, 0))).toBe('corrupt-batch');
      }
    }
  });

  it('of older message formats are named as unsupported', () => {
    const old = Buffer.from(GOLDEN_BATCHES.none);
    old.writeInt8(1, 16);
    expect(codeOf(() => readBatch(old, 0))).toBe('unsupported');
  });

  it.each([
    ['two thousand million records', (copy: Buffer) => copy.writeInt32BE(0x7fffffff, 57)],
    ['a negative number of records', (copy: Buffer) => copy.writeInt32BE(-1, 57)],
    [
      'two thousand million records over as many offsets',
      (copy: Buffer) => copy.writeInt32BE(0x7fffffff, copy.writeInt32BE(0x7fffffff - 1, 23) && 57),
    ],
    ['a record of two thousand million bytes', (copy: Buffer) => copy.set([0xfe, 0xff, 0xff, 0xff, 0x0f], 61)],
    ['a record of negative length', (copy: Buffer) => copy.writeUInt8(0x01, 61)],
    ['fewer records than it has', (copy: Buffer) => copy.writeInt32BE(1, 57)],
    ['a length varint that never ends', (copy: Buffer) => copy.fill(0xff, 61, 80)],
  ])('that claim %s under a right CRC are an error', (_, change) => {
    expect(codeOf(() => recordsOf(altered(GOLDEN_BATCHES.none, change)))).toBe('corrupt-batch');
  });

  it('end in records or in a KafkaError, whatever bytes stand under a right CRC', () => {
    const goldens = [...Object.values(GOLDEN_BATCHES), GOLDEN_ABORT_MARKER];
    fc.assert(
      fc.property(
        fc.constantFrom(...goldens),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 6,
        }),
        (golden, changes) => {
          const bytes = altered(golden, (copy) => {
            for (const [where, byte] of changes) copy.writeUInt8(byte, 21 + Math.floor(where * (copy.length - 22)));
          });
          expect(['read', 'corrupt-batch', 'unsupported']).toContain(codeOf(() => recordsOf(bytes)));
          expect(['read', 'corrupt-batch', 'unsupported']).toContain(codeOf(() => controlMarker(batchOf(bytes))));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
