// An Avro schema as a tree that the compilers walk: names resolved, logical types of our vocabulary as kinds of their own.
import type { AvroSchema } from '../load.ts';

/** Kinds without further attributes. */
export type PlainKind = 'null' | 'boolean' | 'int' | 'long' | 'bytes' | 'string' | 'uuid' | 'date';

export interface DecimalNode {
  readonly kind: 'decimal';
  readonly precision: number;
  readonly scale: number;
}
export interface FixedNode {
  readonly kind: 'fixed';
  readonly names: readonly string[];
  readonly size: number;
}
export interface EnumNode {
  readonly kind: 'enum';
  readonly names: readonly string[];
  readonly symbols: readonly string[];
  /** What a reader takes for a symbol that it does not know. */
  readonly fallback: string | undefined;
}
export interface ArrayNode {
  readonly kind: 'array';
  readonly items: AvroNode;
}
export interface UnionNode {
  readonly kind: 'union';
  readonly branches: readonly AvroNode[];
}
export interface FieldNode {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly node: AvroNode;
  /** The default as the schema states it; undefined: the field has none. */
  readonly fallback: unknown;
}
export interface RecordNode {
  readonly kind: 'record';
  /** Full name first, then the full aliases. */
  readonly names: readonly string[];
  readonly fields: readonly FieldNode[];
}
export type AvroNode = { readonly kind: PlainKind } | DecimalNode | FixedNode | EnumNode | ArrayNode | UnionNode | RecordNode;

type Attributes = { readonly [attribute: string]: unknown };
type Named = FixedNode | EnumNode | RecordNode;

const plainKinds: ReadonlySet<string> = new Set(['null', 'boolean', 'int', 'long', 'bytes', 'string']);
const nameForm = /^[A-Za-z_]\w*$/;
const fullForm = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;

/** A name that goes into compiled code: checked, since code is made from it. */
const checked = (name: unknown, form: RegExp): string => {
  if (typeof name !== 'string' || !form.test(name) || name === '__proto__')
    throw new Error(`${JSON.stringify(name)} is no Avro name: letters, digits and _ are needed`);
  return name;
};
const textList = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const namesOf = (schema: Attributes, namespace: string): readonly string[] => {
  const own = typeof schema['namespace'] === 'string' ? schema['namespace'] : namespace;
  const full = (name: unknown): string => {
    const text = checked(name, fullForm);
    return text.includes('.') || own === '' ? text : `${own}.${text}`;
  };
  return [full(schema['name']), ...textList(schema['aliases']).map(full)];
};
const namespaceOf = (fullName: string): string => fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')));

const logicalNode = (schema: Attributes): AvroNode | null => {
  const { type, logicalType, precision, scale } = schema;
  if (logicalType === 'uuid' && type === 'string') return { kind: 'uuid' };
  if (logicalType === 'date' && type === 'int') return { kind: 'date' };
  if (logicalType === 'decimal' && type === 'bytes') {
    if (typeof precision !== 'number' || !Number.isInteger(precision) || precision < 1 || precision > 38)
      throw new Error(`decimal of precision ${String(precision)}: 1 to 38 digits are supported`);
    return { kind: 'decimal', precision, scale: typeof scale === 'number' ? scale : 0 };
  }
  return null;
};

/**
 * The tree of a self-contained schema.
 * @throws Error naming the type, when it is none that our messages use (maps and floating point are not: money is never a number).
 */
export const avroNode = (schema: AvroSchema): AvroNode => {
  const known = new Map<string, Named>();
  const remember = <Node extends Named>(node: Node): Node => {
    for (const name of node.names) known.set(name, node);
    return node;
  };
  const reference = (name: string, namespace: string): AvroNode => {
    if (plainKinds.has(name)) return { kind: name as PlainKind };
    const named = known.get(name) ?? known.get(`${namespace}.${name}`);
    if (named === undefined) throw new Error(`the codec knows no Avro type ${name}; see schemas/codec/avro-node.ts`);
    return named;
  };
  const record = (schema: Attributes, namespace: string): RecordNode => {
    const fields: FieldNode[] = [];
    const names = namesOf(schema, namespace);
    const node = remember({ kind: 'record', names, fields });
    for (const field of schema['fields'] as readonly Attributes[])
      fields.push({
        name: checked(field['name'], nameForm),
        aliases: textList(field['aliases']),
        node: read(field['type'] as AvroSchema, namespaceOf(names[0] ?? '')),
        fallback: field['default'],
      });
    return node;
  };
  const read = (schema: AvroSchema, namespace: string): AvroNode => {
    if (typeof schema === 'string') return reference(schema, namespace);
    if (Array.isArray(schema))
      return { kind: 'union', branches: (schema as AvroSchema[]).map((branch) => read(branch, namespace)) };
    const attributes = schema as Attributes;
    const logical = logicalNode(attributes);
    if (logical !== null) return logical;
    switch (attributes['type']) {
      case 'record':
        return record(attributes, namespace);
      case 'enum':
        return remember({
          kind: 'enum',
          names: namesOf(attributes, namespace),
          symbols: textList(attributes['symbols']).map((symbol) => checked(symbol, nameForm)),
          fallback: attributes['default'] as string | undefined,
        });
      case 'fixed':
        return remember({ kind: 'fixed', names: namesOf(attributes, namespace), size: Number(attributes['size']) });
      case 'array':
        return { kind: 'array', items: read(attributes['items'] as AvroSchema, namespace) };
      default:
        return read(attributes['type'] as AvroSchema, namespace);
    }
  };
  return read(schema, '');
};

/** The fewest bytes that a value of a type has, so that a count can be held against the bytes that are left. */
const fewestBytes = (node: AvroNode, within: readonly AvroNode[] = []): number => {
  switch (node.kind) {
    case 'null':
      return 0;
    case 'fixed':
      return node.size;
    case 'record':
      return within.includes(node) ? 0 : node.fields.reduce((sum, field) => sum + fewestBytes(field.node, [...within, node]), 0);
    default:
      return 1;
  }
};

/**
 * The fewest bytes of an item.
 * @throws Error when an item may have none: then a few bytes could claim any number of them.
 */
export const fewestItemBytes = ({ items }: ArrayNode): number => {
  const bytes = fewestBytes(items);
  if (bytes === 0)
    throw new Error(`an array of ${items.kind} without bytes is not supported: its count could not be held against its bytes`);
  return bytes;
};

const decimalSizes = new Map<number, number>();

/** The most bytes that a decimal of a precision needs as two's complement. */
export const decimalBytes = (precision: number): number => {
  let size = decimalSizes.get(precision) ?? 1;
  while (2n ** BigInt(size * 8 - 1) <= 10n ** BigInt(precision) - 1n) size += 1;
  decimalSizes.set(precision, size);
  return size;
};
