// Values of any schema for the property tests, and schemas as an earlier or a later version could have stated them.
import fc from 'fast-check';
import type { AvroSchema } from '../load.ts';
import type { AvroNode, FieldNode } from './avro-node.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'grapheme-ascii', minLength: 60, maxLength: 70 }),
);
const bytes = (size: { readonly minLength: number; readonly maxLength: number }) =>
  fc.uint8Array(size).map((array) => Buffer.from(array));

/** avsc (5.7.9) doubles a long before it writes it, and loses the last bit from here on; ours are tested apart. */
export const longOfAvscMax = 2 ** 52 - 1;

/** Values that a schema allows; of enums every symbol but UNKNOWN. */
export const valueOf = (node: AvroNode): fc.Arbitrary<unknown> => {
  switch (node.kind) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'int':
      return fc.oneof(fc.integer(), fc.integer({ min: -70, max: 70 }));
    case 'long':
      return fc.oneof(
        fc.integer({ min: -longOfAvscMax, max: longOfAvscMax }),
        fc.integer(),
        fc.integer({ min: 1_700_000_000_000_000, max: 1_800_000_000_000_000 }),
      );
    case 'string':
      return text;
    case 'uuid':
      return fc.uuid();
    case 'date':
      return fc.integer({ min: -700_000, max: 2_900_000 }).map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
    case 'decimal': {
      const max = 10n ** BigInt(node.precision) - 1n;
      const below = (limit: bigint): bigint => (limit < max ? limit : max);
      return fc.oneof(
        ...[max, below(2n ** 54n), below(2n ** 33n), below(300n)].map((limit) => fc.bigInt({ min: -limit, max: limit })),
      );
    }
    case 'bytes':
      return bytes({ minLength: 0, maxLength: 80 });
    case 'fixed':
      return bytes({ minLength: node.size, maxLength: node.size });
    case 'enum':
      return fc.constantFrom(...node.symbols.filter((symbol) => symbol !== 'UNKNOWN'));
    case 'array':
      return fc.array(valueOf(node.items), { maxLength: 3 });
    case 'union':
      return fc.oneof(...node.branches.map(valueOf));
    case 'record':
      return fc.record(Object.fromEntries(node.fields.map((field: FieldNode) => [field.name, valueOf(field.node)])));
  }
};

type Attributes = { readonly [attribute: string]: unknown };

/** A schema with every record and enum changed. Named types are referred to by name after their first place, and so changed once. */
const changed = (
  schema: unknown,
  change: {
    readonly fields: (fields: readonly Attributes[]) => readonly Attributes[];
    readonly symbols: (symbols: readonly string[]) => readonly string[];
  },
): AvroSchema => {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    const own = node as Attributes;
    if (own['type'] === 'enum') return { ...own, symbols: change.symbols(own['symbols'] as readonly string[]) };
    if (own['type'] === 'array') return { ...own, items: walk(own['items']) };
    if (own['type'] === 'record')
      return {
        ...own,
        fields: change.fields(own['fields'] as readonly Attributes[]).map((field) => ({ ...field, type: walk(field['type']) })),
      };
    return { ...own, type: walk(own['type']) };
  };
  return walk(schema) as AvroSchema;
};

/** Whether a field may be left out without losing the place where a named type is stated. */
const isPlain = (field: Attributes): boolean =>
  !JSON.stringify(field['type']).includes('"name"') && !JSON.stringify(field['type']).includes('stratcap.');

/** The schema as a version before some fields with defaults and before some symbols had it. */
export const earlier = (schema: AvroSchema, keeps: (name: string) => boolean): AvroSchema =>
  changed(schema, {
    fields: (fields) => fields.filter((field) => !('default' in field) || !isPlain(field) || keeps(String(field['name']))),
    symbols: (symbols) => symbols.filter((symbol, at) => at < 2 || keeps(symbol)),
  });

/** The schema as a later version may have it: more fields, in another order, and more symbols. */
export const later = (schema: AvroSchema): AvroSchema =>
  changed(schema, {
    fields: (fields) => [
      { name: 'added_note', type: ['null', 'string'], default: null },
      ...fields,
      { name: 'added_list', type: { type: 'array', items: { type: 'string', logicalType: 'uuid' } }, default: [] },
      { name: 'added_amount', type: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 }, default: '\u0000' },
    ],
    symbols: (symbols) => [...symbols, 'ADDED_SYMBOL'],
  });
