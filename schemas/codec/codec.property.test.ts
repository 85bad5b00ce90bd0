// The compiled codec against avsc, an independent implementation of Avro: the same bytes, the same values, the same resolution of
// earlier and later writers; and against bytes that nobody should have written.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroType } from '../avsc-type.ts';
import { createCodec, DecodeError, frameBytes, type Codec } from '../codec.ts';
import { loadMessageSchemas, type AvroSchema } from '../load.ts';
import { loadCodec, readReleased } from '../released.ts';
import { avroNode, type AvroNode } from './avro-node.ts';
import { earlier, later, longOfAvscMax, valueOf } from './values.fixture.ts';

const codec = loadCodec();
const schemas = [...loadMessageSchemas()].map(([fullName, { schema }]) => ({ fullName, schema: schema as AvroSchema }));
const numRuns = 12;

const framed = (id: number, body: Uint8Array): Buffer => {
  const frame = Buffer.alloc(frameBytes);
  frame.writeUInt32BE(id, 1);
  return Buffer.concat([frame, body]);
};
const written = (fullName: string, value: unknown): Buffer => codec.encode(fullName, value);

/** What decoding leads to: a value, or the code of the error. Any other error fails the test. */
const outcomeOf = (own: Codec, bytes: Uint8Array): { readonly value: unknown } | { readonly code: string } => {
  try {
    return { value: own.decode(bytes).value };
  } catch (error) {
    if (error instanceof DecodeError) return { code: error.code };
    throw error;
  }
};
const hasUnknown = (node: AvroNode, value: unknown): boolean => {
  switch (node.kind) {
    case 'enum':
      return value === 'UNKNOWN';
    case 'record':
      return node.fields.some((field) => hasUnknown(field.node, (value as Record<string, unknown>)[field.name]));
    case 'array':
      return (value as readonly unknown[]).some((item) => hasUnknown(node.items, item));
    case 'union':
      return value !== null && node.branches.some((branch) => branch.kind !== 'null' && hasUnknown(branch, value));
    default:
      return false;
  }
};

const hasLongBeyondAvsc = (value: unknown): boolean =>
  typeof value === 'number'
    ? Math.abs(value) > longOfAvscMax
    : typeof value === 'object' &&
      value !== null &&
      !(value instanceof Uint8Array) &&
      Object.values(value).some(hasLongBeyondAvsc);

describe('every message', () => {
  it('has the bytes that avsc writes, and reads as avsc reads it', () => {
    for (const { fullName, schema } of schemas) {
      const type = avroType(schema);
      fc.assert(
        fc.property(valueOf(avroNode(schema)), (value) => {
          const bytes = written(fullName, value);
          expect(bytes.equals(framed(codec.idOf(fullName), type.toBuffer(value))), fullName).toBe(true);
          const decoded = codec.decode(bytes).value;
          expect(decoded).toEqual(type.fromBuffer(bytes.subarray(frameBytes)));
          expect(decoded).toEqual(value);
        }),
        { numRuns },
      );
    }
  }, 120_000);

  it('reads what every released version of its record wrote, as avsc resolves it', () => {
    const reader = new Map(schemas.map(({ fullName, schema }) => [fullName, schema]));
    for (const { id, fullName, schema } of readReleased()) {
      const own = reader.get(fullName);
      if (own === undefined || id === codec.idOf(fullName)) continue;
      const [from, to] = [avroType(schema), avroType(own)];
      const resolver = to.createResolver(from);
      fc.assert(
        fc.property(valueOf(avroNode(schema)), (value) => {
          const body = from.toBuffer(value);
          const expected = to.fromBuffer(body, resolver);
          expect(outcomeOf(codec, framed(id, body))).toEqual(
            hasUnknown(avroNode(own), expected) ? { code: 'unknown-symbol' } : { value: expected },
          );
        }),
        { numRuns },
      );
    }
  }, 120_000);

  it('reads what earlier and later versions write, as avsc resolves it, and stops at a symbol that it does not know', () => {
    let stopped = 0;
    for (const { fullName, schema } of schemas) {
      const versions = [earlier(schema, (name) => name.length % 2 === 0), earlier(schema, () => false), later(schema)];
      const own = createCodec(
        [...versions, schema].map((version, id) => ({ id, fullName, schema: version })),
        new Map([[fullName, schema]]),
      );
      const to = avroType(schema);
      for (const [id, version] of versions.entries()) {
        const from = avroType(version);
        const resolver = to.createResolver(from);
        fc.assert(
          fc.property(valueOf(avroNode(version)), (value) => {
            const body = from.toBuffer(value);
            const expected = to.fromBuffer(body, resolver);
            const unknown = hasUnknown(avroNode(schema), expected);
            if (unknown) stopped += 1;
            expect(outcomeOf(own, framed(id, body)), fullName).toEqual(
              unknown ? { code: 'unknown-symbol' } : { value: expected },
            );
          }),
          { numRuns: 4 },
        );
      }
    }
    expect(stopped).toBeGreaterThan(0);
  }, 120_000);

  it('that lost its end or had bits turned is refused, or reads as avsc reads those bytes', () => {
    for (const { fullName, schema } of schemas) {
      const type = avroType(schema);
      const change = fc.record({
        cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: 1 }),
        flips: fc.array(fc.nat(), { maxLength: 3 }),
      });
      fc.assert(
        fc.property(valueOf(avroNode(schema)), change, (value, { cut, flips }) => {
          const whole = written(fullName, value);
          const bytes = Buffer.from(whole.subarray(0, frameBytes + Math.floor((whole.length - frameBytes) * cut)));
          const bits = (bytes.length - frameBytes) * 8;
          if (bits > 0) for (const flip of flips) bytes[frameBytes + ((flip % bits) >> 3)]! ^= 1 << (flip % 8);
          const outcome = outcomeOf(codec, bytes);
          if ('value' in outcome) {
            if (!hasLongBeyondAvsc(outcome.value)) expect(outcome.value).toEqual(type.fromBuffer(bytes.subarray(frameBytes)));
          } else expect(['malformed', 'unknown-symbol']).toContain(outcome.code);
          if (bytes.length < whole.length && flips.length === 0) expect(outcome).toEqual({ code: 'malformed' });
        }),
        { numRuns: 40 },
      );
    }
  }, 120_000);

  it('fits into the bytes of a caller at any place, or says that it does not', () => {
    for (const { fullName, schema } of schemas)
      fc.assert(
        fc.property(valueOf(avroNode(schema)), fc.nat({ max: 20 }), (value, at) => {
          const bytes = written(fullName, value);
          const target = Buffer.alloc(at + bytes.length);
          expect(codec.encodeInto(fullName, value, target, at)).toBe(target.length);
          expect(target.subarray(at).equals(bytes)).toBe(true);
          expect(codec.encodeInto(fullName, value, target.subarray(0, at + Math.floor(bytes.length / 2)), at)).toBe(-1);
        }),
        { numRuns: 4 },
      );
  }, 60_000);
});
