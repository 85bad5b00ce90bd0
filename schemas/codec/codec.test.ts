// What the compiled codec does at its edges: hostile bytes, long texts and amounts, recursive schemas, projections.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ValuationRecorded } from '#domain/messages.ts';
import { createCodec, DecodeError, frameBytes, type Codec } from '../codec.ts';
import type { AvroSchema } from '../load.ts';
import { loadCodec } from '../released.ts';
import { avroNode } from './avro-node.ts';
import { valueOf } from './values.fixture.ts';
import { loadMessageSchemas } from '../load.ts';

const record = (fields: readonly object[]): AvroSchema => ({ type: 'record', name: 'Thing', namespace: 'a', fields });
const field = (name: string, type: unknown, rest: object = {}): object => ({ name, type, ...rest });
const codecOf = (schema: AvroSchema, ...earlier: readonly AvroSchema[]): Codec =>
  createCodec(
    [schema, ...earlier].map((version, id) => ({ id, fullName: 'a.Thing', schema: version })),
    new Map([['a.Thing', schema]]),
  );
const framed = (...body: readonly number[]): Buffer => Buffer.from([0, 0, 0, 0, 0, ...body]);
const malformed = (codec: Codec, bytes: Uint8Array): string => {
  try {
    return `decoded ${JSON.stringify(codec.decode(bytes).value)}`;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    expect(error.code).toBe('malformed');
    return error.message;
  }
};
/** 2^53 and more as a variable-length integer. */
const huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];

describe('bytes that nobody should have written', () => {
  const texts = codecOf(record([field('text', 'string'), field('many', { type: 'array', items: 'string' })]));
  it('claim more than there is: refused before anything is made of it', () => {
    expect(malformed(texts, framed(...huge))).toMatch(/precision loss/);
    expect(malformed(texts, framed(0xfe, 0xff, 0xff, 0xff, 0x0f, 0))).toMatch(/truncated/);
    expect(malformed(texts, framed(0, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0))).toMatch(/truncated/);
    // A block of the array that tells its bytes: its count is negative.
    expect(malformed(texts, framed(0, 0xff, 0xff, 0xff, 0xff, 0x0f, 2, 0))).toMatch(/truncated/);
  });
  it('have negative lengths, endless integers, integers of more than 32 bits, or something behind their end', () => {
    expect(malformed(texts, framed(1, 0))).toMatch(/length -1/);
    expect(malformed(texts, framed(...Array.from({ length: 12 }, () => 0x80), 0))).toMatch(/ten bytes/);
    expect(malformed(codecOf(record([field('count', 'int')])), framed(0x80, 0x80, 0x80, 0x80, 0x20))).toMatch(/no int/);
    expect(malformed(texts, framed(0, 0, 0))).toMatch(/trailing/);
    expect(malformed(codecOf(record([field('choice', ['null', 'string'])])), framed(4))).toMatch(/branch 2/);
    expect(
      malformed(codecOf(record([field('day', { type: 'int', logicalType: 'date' })])), framed(0xfe, 0xff, 0xff, 0xff, 0x0f)),
    ).toMatch(/Invalid time/);
  });
  it('nest deeper than any message: refused, whether read or passed over', () => {
    const node = record([field('next', ['null', 'a.Thing'])]);
    const within = (depth: number): Buffer => framed(...Array.from({ length: depth }, () => 2), 0);
    const codec = codecOf(node);
    expect(malformed(codec, within(50))).toMatch(/^decoded/);
    expect(malformed(codec, within(100_000))).toMatch(/nested too deep/);
    const other = { type: 'record', name: 'Other', namespace: 'a', fields: [field('next', ['null', 'a.Other'])] };
    const older = record([field('gone', other), field('id', 'int')]);
    const skipping = codecOf(record([field('id', 'int', { default: 0 })]), older);
    const passedOver = (depth: number): Buffer => {
      const bytes = Buffer.concat([within(depth), Buffer.from([8])]);
      bytes[4] = 1;
      return bytes;
    };
    expect(malformed(skipping, passedOver(50))).toBe('decoded {"id":4}');
    expect(malformed(skipping, passedOver(100_000))).toMatch(/nested too deep/);
  });
  it('are no such schema: maps, floating point, lists of nothing and unions of two texts are refused by name', () => {
    expect(() => codecOf(record([field('share', 'double')]))).toThrow(/double/);
    expect(() => codecOf(record([field('labels', { type: 'map', values: 'string' })]))).toThrow(/map/);
    const nothing = codecOf(record([field('nothing', { type: 'array', items: 'null' })]));
    expect(() => nothing.decode(framed(0))).toThrow(/without bytes/);
    expect(() => nothing.encode('a.Thing', { nothing: [] })).toThrow(/without bytes/);
    expect(() => codecOf(record([field('x); process.exit(1); (', 'string')]))).toThrow(/no Avro name/);
    expect(() =>
      codecOf(record([field('either', ['string', { type: 'string', logicalType: 'uuid' }])])).encode('a.Thing', {}),
    ).toThrow(/union/);
  });
});

describe('values', () => {
  it('of numbers come back over all that a number can tell apart', () => {
    const codec = codecOf(record([field('number', 'long')]));
    const max = Number.MAX_SAFE_INTEGER - 1;
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: -max, max }), fc.constantFrom(max, -max, 2 ** 31, -(2 ** 31), 2 ** 52)),
        (number) => {
          expect(codec.decode(codec.encode('a.Thing', { number })).value).toEqual({ number });
        },
      ),
      { numRuns: 2000 },
    );
    expect(() => codec.encode('a.Thing', { number: 2 ** 53 })).toThrow(
      'a.Thing.number: 9007199254740992 does not fit the schema',
    );
  });
  it('longer than a slab of the codec come back, and earlier messages stay as they were', () => {
    const codec = codecOf(record([field('text', 'string'), field('bytes', 'bytes')]));
    const small = codec.encode('a.Thing', { text: 'first', bytes: Buffer.from([1]) });
    const copy = Buffer.from(small);
    for (const size of [9_000, 70_000, 1_000_000]) {
      const value = { text: 'ä€😀x'.repeat(size), bytes: Buffer.alloc(size, 7) };
      expect(codec.decode(codec.encode('a.Thing', value)).value).toEqual(value);
    }
    for (let at = 0; at < 3000; at += 1) codec.encode('a.Thing', { text: String(at).repeat(20), bytes: Buffer.alloc(30) });
    expect(small.equals(copy)).toBe(true);
  });
  it('that do not fit are named with their place in a list, also a uuid with letters that only look like it', () => {
    const id = '3f2a9c1e-7b4d-4e21-9a3c-5d6e7f801234';
    const codec = codecOf(record([field('ids', { type: 'array', items: { type: 'string', logicalType: 'uuid' } })]));
    const error = (ids: unknown): string => {
      try {
        return codec.encode('a.Thing', { ids }).toString('hex');
      } catch (thrown) {
        return String(thrown);
      }
    };
    for (const wrong of [
      id.toUpperCase(),
      id.replace('a', '\u0161'),
      id.replace('a', 'g'),
      `${id}0`,
      id.replace('-', 'a'),
      '--------------------------------',
      7,
      null,
    ])
      expect(error([id, wrong])).toBe(`TypeError: a.Thing.ids.1: ${JSON.stringify(wrong)} does not fit the schema`);
    expect(error('none')).toMatch(/a\.Thing\.ids: "none"/);
  });
  it('of an id field come back as they were, also when the codec has read them and thousands of others before', () => {
    const codec = codecOf(record([field('investor_id', { type: 'string', logicalType: 'uuid' })]));
    const ids = fc.sample(fc.uuid(), 3000);
    for (let round = 0; round < 4; round += 1)
      for (const investor_id of ids)
        expect(codec.decode(codec.encode('a.Thing', { investor_id })).value).toEqual({ investor_id });
  });
  it('that are missing are written as the default of their field', () => {
    const codec = codecOf(
      record([
        field('note', ['null', 'string'], { default: null }),
        field('list', { type: 'array', items: 'int' }, { default: [1, 2] }),
        field('amount', { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 }, { default: '\u0001\u0000' }),
        field('day', { type: 'int', logicalType: 'date' }, { default: 1 }),
      ]),
    );
    expect(codec.decode(codec.encode('a.Thing', {})).value).toEqual({
      note: null,
      list: [1, 2],
      amount: 256n,
      day: '1970-01-02',
    });
  });
});

describe('a projection', () => {
  const codec = loadCodec();
  const fullName = 'stratcap.event.ValuationRecorded';
  const valuation = valueOf(
    avroNode(loadMessageSchemas().get(fullName)?.schema as AvroSchema),
  ) as fc.Arbitrary<ValuationRecorded>;
  it('gives the named fields of a record, as the whole message has them, and nothing else', () => {
    const { read } = codec.projection({
      [fullName]: ['fund_id', 'remaining_value', 'envelope.event_id', 'envelope.origin.ip', 'envelope.findings'],
    });
    fc.assert(
      fc.property(valuation, (value) => {
        const projected = read(codec.encode(fullName, value));
        const { event_id, origin, findings } = value.envelope;
        expect(projected).toEqual({
          type: 'ValuationRecorded',
          value: {
            fund_id: value.fund_id,
            remaining_value: value.remaining_value,
            envelope: { event_id, origin: { ip: origin.ip }, findings },
          },
        });
        // The types hold only what is read.
        const fundId: string | undefined = projected?.value.fund_id;
        // @ts-expect-error -- the investor is not among the fields.
        expect([fundId, projected?.value.investor_id]).toEqual([value.fund_id, undefined]);
      }),
    );
  });
  it('covers all other events by one name, and gives null for what it does not cover', () => {
    const { read } = codec.projection({ [fullName]: ['fund_id'], 'stratcap.event.*': ['envelope.recorded_at'] });
    const closed = valueOf(avroNode(loadMessageSchemas().get('stratcap.event.FundClosed')?.schema as AvroSchema));
    const [event] = fc.sample(closed as fc.Arbitrary<ValuationRecorded>, 1);
    const bytes = codec.encode('stratcap.event.FundClosed', event);
    expect(read(bytes)).toEqual({ type: 'FundClosed', value: { envelope: { recorded_at: event?.envelope.recorded_at } } });
    expect(codec.projection({ [fullName]: ['fund_id'] }).read(bytes)).toBeNull();
  });
  it('refuses bytes that do not end where they should, though it reads only their beginning', () => {
    const { read } = codec.projection({ [fullName]: ['envelope.event_id'] });
    const [value] = fc.sample(valuation, 1);
    const bytes = codec.encode(fullName, value);
    for (let cut = frameBytes; cut < bytes.length; cut += 1)
      expect(() => read(bytes.subarray(0, cut)), String(cut)).toThrow(DecodeError);
    expect(() => read(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(/trailing/);
    expect(() => read(null)).toThrow(/magic byte/);
  });
  it('stops at an unknown symbol that it reads, and passes over one that it does not', () => {
    const [value] = fc.sample(valuation, 1);
    const bytes = codec.encode(fullName, { ...value, envelope: { ...value?.envelope, aggregate_type: 'UNKNOWN' } });
    expect(() => codec.projection({ [fullName]: ['envelope.aggregate_type'] }).read(bytes)).toThrow(
      'ValuationRecorded.envelope.aggregate_type: a symbol that this version does not know',
    );
    expect(codec.projection({ [fullName]: ['fund_id'] }).read(bytes)?.value).toEqual({ fund_id: value?.fund_id });
    expect(() => codec.decode(bytes)).toThrow(/aggregate_type/);
  });
  it('reads earlier versions, and names a field or record that does not exist', () => {
    const older = record([field('a', 'int'), field('gone', 'string')]);
    const own = codecOf(record([field('b', 'string', { default: 'none' }), field('a', 'int')]), older);
    expect(own.decode(Buffer.from([0, 0, 0, 0, 1, 4, 2, 65])).value).toEqual({ b: 'none', a: 2 });
    const wrong = { [fullName]: ['fund_size'] } as never;
    expect(() => codec.projection(wrong)).toThrow(
      /fund_size is no field of stratcap\.event\.ValuationRecorded; fields: .*fund_id/,
    );
    expect(() => codec.projection({ 'stratcap.event.Nothing': ['a'] } as never)).toThrow(/no record of this version/);
  });
});
