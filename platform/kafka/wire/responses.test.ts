// Responses that do not hold what they say: every decoder ends in a result or in a KafkaError, never in a hang or a huge allocation.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../port.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { decodeFetch, fetchRequest } from './fetch.ts';
import { decodeMetadata } from './metadata.ts';
import { decodeOffsetFetch } from './offset-fetch.ts';

const fetchResponse = (recordSet: Buffer): Buffer => {
  const writer = new ByteWriter(8).int32(0).int16(0).int32(0).int32(1).string('events').int32(1);
  writer.int32(3).int16(0).int64(20n).int64(18n).int64(2n);
  writer.int32(1).int64(4711n).int64(5n);
  return Buffer.concat([writer.int32(-1).int32(recordSet.length).bytes(), recordSet]);
};

describe('protocol decoders', () => {
  it('read what a fetch response says of a partition', () => {
    expect(decodeFetch(fetchResponse(Buffer.from('abc')))).toEqual({
      throttleMs: 0,
      errorCode: 0,
      partitions: [
        {
          topic: 'events',
          partition: 3,
          errorCode: 0,
          highWatermark: 20n,
          lastStableOffset: 18n,
          logStartOffset: 2n,
          aborted: [{ producerId: 4711n, firstOffset: 5n }],
          recordSet: Buffer.from('abc'),
        },
      ],
    });
  });

  it('write a fetch request field by field as the protocol guide has it', () => {
    const request = fetchRequest({
      topics: [{ topic: 'events', positions: [{ partition: 3, offset: 258n, bytesMax: 4_096 }] }],
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: 65_536,
      isolation: 'committed',
    });
    expect([request.apiKey, request.apiVersion]).toEqual([1, 11]);
    expect(request.encode().toString('hex')).toBe(
      ['ffffffff', '000001f4', '00000001', '00010000', '01', '00000000', 'ffffffff']
        .concat(['00000001', '0006', Buffer.from('events').toString('hex'), '00000001'])
        .concat(['00000003', 'ffffffff', '0000000000000102', 'ffffffffffffffff', '00001000', '00000000', '0000'])
        .join(''),
    );
  });

  it.each([
    ['fetch', decodeFetch],
    ['metadata', decodeMetadata],
    ['offset fetch', decodeOffsetFetch],
  ])('end in a result or a KafkaError on any bytes: %s', (_, decode) => {
    const honest = fetchResponse(Buffer.alloc(40));
    const mutated = fc.array(fc.tuple(fc.nat(honest.length - 1), fc.nat(255)), { maxLength: 5 }).map((changes) => {
      const copy = Buffer.from(honest);
      for (const [at, byte] of changes) copy.writeUInt8(byte, at);
      return copy;
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
          mutated,
        ),
        (bytes) => {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(KafkaError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('refuse an array of two thousand million elements before anything is allocated', () => {
    const bytes = new ByteWriter().int32(0).int16(0).int32(0).int32(0x7fffffff).bytes();
    expect(() => decodeFetch(bytes)).toThrowError(/array of 2147483647 elements at byte 14 cannot fit/);
  });

  it('read varints of both signs up to 32 bits, and time differences beyond', () => {
    const unsigned = new ByteWriter()
      .unsignedVarint(0)
      .unsignedVarint(127)
      .unsignedVarint(128)
      .unsignedVarint(0xffffffff)
      .bytes();
    const reader = new ByteReader(unsigned);
    expect([reader.unsignedVarint(), reader.unsignedVarint(), reader.unsignedVarint(), reader.unsignedVarint()]).toEqual([
      0, 127, 128, 0xffffffff,
    ]);
    const signed = new ByteReader(Buffer.from([0x01, 0x02, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xfe, 0xff, 0xff, 0xff, 0x0f]));
    expect([signed.varint(), signed.varint(), signed.varint(), signed.varint()]).toEqual([-1, 1, -2_147_483_648, 2_147_483_647]);
    const long = new ByteReader(Buffer.from([0x01, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]));
    expect([long.varlong(), long.varlong()]).toEqual([-1, 2 ** 34]);
  });
});
