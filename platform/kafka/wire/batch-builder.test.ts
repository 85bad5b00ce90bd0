// Batches that we write: byte for byte what the reference implementation writes, readable again in every codec, whatever is in them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InboundRecord, RecordHeaders } from '../port.ts';
import { BatchBuilder, fieldBytes } from './batch-builder.ts';
import { CODEC_IDS } from './compress.ts';
import type { Codec } from './compress.ts';
import { crc32c, crc32cByTables } from './crc32c.ts';
import { GOLDEN_PRODUCED_BATCH } from './golden-messages.ts';
import { readBatch } from './record-batch.ts';
import { readRecords } from './records.ts';

interface Written {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  readonly timestampMs: number;
}

const CODECS = Object.keys(CODEC_IDS) as readonly Codec[];
const STAMP = { producerId: 4711n, epoch: 3, baseSequence: 12, isTransactional: true };

const build = (records: readonly Written[]): BatchBuilder => {
  const builder = new BatchBuilder();
  for (const { key, value, headers, timestampMs } of records)
    builder.append(key, value, headers, timestampMs, fieldBytes(key, value, headers));
  return builder;
};

const readBack = (bytes: Buffer): readonly InboundRecord[] => {
  const records: InboundRecord[] = [];
  const batch = readBatch(bytes, 0);
  if (batch === null) throw new Error('no batch');
  readRecords(batch, { topic: 'events', partition: 0, fromOffset: 0n, records }, 64 * 1024 * 1024);
  return records;
};

const plain = ({ key, value, headers, timestampMs }: InboundRecord): Written => ({
  key,
  value,
  headers: { ...headers },
  timestampMs,
});

const THREE: readonly Written[] = [
  {
    key: Buffer.from('fund-1'),
    value: Buffer.from('commitment'),
    headers: { ce_type: Buffer.from('CommitmentMade'), empty: Buffer.alloc(0) },
    timestampMs: 1_700_000_000_000,
  },
  { key: Buffer.alloc(4), value: null, headers: {}, timestampMs: 1_700_000_000_005 },
  { key: null, value: Buffer.alloc(300, 'x'), headers: {}, timestampMs: 1_699_999_999_000 },
];

describe('a batch that is written', () => {
  it('is byte for byte what Kafka writes', () => {
    const bytes = Buffer.concat([...build(THREE).stamp(STAMP)]);
    // Kafka's builder keeps the time of the first record as base, as we do, and the largest as maximum.
    expect(bytes.toString('hex')).toBe(GOLDEN_PRODUCED_BATCH.toString('hex'));
  });

  it.each(CODECS)('is read back as it was given, compressed with %s', async (codec) => {
    const binary = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const record = fc.record({
      key: fc.option(binary),
      value: fc.option(binary),
      headers: fc.dictionary(fc.string({ maxLength: 20 }), binary, { maxKeys: 4, noNullPrototype: true }),
      timestampMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    });
    const property = fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 40 }), async (records) => {
      const builder = build(records);
      await builder.pack(codec);
      const bytes = Buffer.concat([...builder.stamp(STAMP)]);
      expect(readBatch(bytes, 0)).toMatchObject({
        producerId: 4711n,
        producerEpoch: 3,
        isTransactional: true,
        endAt: bytes.length,
      });
      expect(readBack(bytes).map(plain)).toEqual(records);
      expect(readBack(bytes).map(({ offset }) => offset)).toEqual(records.map((_, index) => BigInt(index)));
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it.each(CODECS.filter((codec) => codec !== 'none'))(
    'travels compressed with %s where that makes it smaller, and only there',
    async (codec) => {
      const large = build(
        Array.from({ length: 2_000 }, (_, index) => ({ ...THREE[2], key: Buffer.from(`${index}`) }) as Written),
      );
      const size = large.size;
      await large.pack(codec);
      const bytes = Buffer.concat([...large.stamp(STAMP)]);
      expect(readBatch(bytes, 0)?.compression).toBe(CODEC_IDS[codec]);
      expect(bytes.length).toBeLessThan(size / 5);
      expect(readBack(bytes)).toHaveLength(2_000);
      const tiny = build([{ key: null, value: Buffer.from('7'), headers: {}, timestampMs: 0 }]);
      await tiny.pack(codec);
      expect(readBatch(Buffer.concat([...tiny.stamp(STAMP)]), 0)?.compression).toBe(0);
    },
  );

  it('may be stamped anew, and each stamp is whole', async () => {
    const builder = build(THREE);
    await builder.pack('zstd');
    for (const baseSequence of [0, 3, 0x7fffffff]) {
      const batch = readBatch(Buffer.concat([...builder.stamp({ ...STAMP, epoch: 9, baseSequence })]), 0);
      expect(batch).toMatchObject({ producerEpoch: 9, recordCount: 3 });
    }
  });

  it('refuses what is not bytes', () => {
    const number = 7 as unknown as Buffer;
    expect(() => fieldBytes(number, null)).toThrow(TypeError);
    expect(() => fieldBytes(null, number)).toThrow(TypeError);
    expect(() => fieldBytes(null, null, { h: number } as RecordHeaders)).toThrow(TypeError);
  });
});

describe('CRC-32C', () => {
  it('is 0xe3069283 for 123456789 (RFC 3720), natively and by tables', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32cByTables(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('is the same natively and by tables, in one piece and in two', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
        const expected = crc32c(bytes);
        expect(crc32cByTables(bytes)).toBe(expected);
        expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(expected);
        expect(crc32cByTables(bytes.subarray(cut), crc32cByTables(bytes.subarray(0, cut)))).toBe(expected);
      }),
    );
  });
});
