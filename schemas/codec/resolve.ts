// What to do with each field that a writer wrote so that this version's reader gets its own shape: Avro's schema resolution,
// worked out once per pair of schemas. https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
import { decimalBytes, fewestItemBytes, type AvroNode, type EnumNode, type FieldNode, type RecordNode } from './avro-node.ts';

/** A field of the writer's record in the order of its bytes: read for the reader's field, or skipped. */
export interface ReadStep {
  readonly field: string | null;
  readonly plan: ReadPlan;
}
/** A record of the reader; fields that the writer does not have get their default. */
export interface RecordPlan {
  readonly op: 'record';
  readonly name: string;
  /** How often the message refers to it, itself included: what is used once is read in place. */
  uses: number;
  readonly steps: ReadStep[];
  /** The reader's fields in order; `fallback` is the literal of the default in code, null when it is read. */
  readonly fields: { readonly name: string; readonly fallback: string | null }[];
}
export type ReadPlan =
  | { readonly op: 'null' | 'boolean' | 'int' | 'long' | 'bytes' | 'string' | 'uuid' | 'date' }
  | { readonly op: 'decimal'; readonly bytesMax: number }
  | { readonly op: 'fixed'; readonly size: number }
  /** The reader's symbol at each index of the writer. */
  | { readonly op: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly op: 'array'; readonly items: ReadPlan; readonly itemBytes: number }
  | { readonly op: 'union'; readonly branches: readonly ReadPlan[] }
  | RecordPlan
  | { readonly op: 'skip'; readonly node: AvroNode };

/** Which fields of a record are wanted, by name; null: all of it. */
export type Wanted = { readonly [field: string]: Wanted } | null;

const isNamedAlike = (reader: { readonly names: readonly string[] }, writer: { readonly names: readonly string[] }): boolean =>
  reader.names.includes(writer.names[0] ?? '');
const nameOf = (node: AvroNode): string => ('names' in node ? `${node.kind} ${node.names[0] ?? ''}` : node.kind);

/**
 * The literal of a default in code, made anew for every message that needs it.
 * Of a union the default belongs to the first branch; bytes stand as text of code points 0 to 255.
 */
export const literalOf = (node: AvroNode, value: unknown): string => {
  switch (node.kind) {
    case 'union':
      return literalOf(node.branches[0] ?? { kind: 'null' }, value);
    case 'array':
      return `[${(value as readonly unknown[]).map((item) => literalOf(node.items, item)).join(',')}]`;
    case 'record':
      return `{${node.fields.map((field) => `${field.name}:${literalOf(field.node, (value as Record<string, unknown>)[field.name] ?? field.fallback)}`).join(',')}}`;
    case 'bytes':
    case 'fixed':
      return `Buffer.from(${JSON.stringify(value)},'latin1')`;
    case 'decimal': {
      const bytes = Buffer.from(String(value), 'latin1');
      return `${BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))}n`;
    }
    case 'date':
      return JSON.stringify(new Date(Number(value) * 86_400_000).toISOString().slice(0, 10));
    default:
      return JSON.stringify(value);
  }
};

const enumPlan = (writer: EnumNode, reader: EnumNode): ReadPlan => {
  const symbols = writer.symbols.map((symbol) => (reader.symbols.includes(symbol) ? symbol : reader.fallback));
  if (symbols.includes(undefined))
    throw new Error(`${nameOf(reader)} has no default for symbols of the writer that it does not know`);
  return { op: 'enum', name: reader.names[0] ?? '', symbols: symbols as string[] };
};

/** The writer's field for a field of the reader, by name or alias. */
const writtenAs = (field: FieldNode, writer: RecordNode): FieldNode | undefined => {
  const names = [field.name, ...field.aliases];
  const matches = writer.fields.filter(({ name }) => names.includes(name));
  if (matches.length > 1) throw new Error(`${nameOf(writer)} has several fields for ${field.name}: ${names.join(', ')}`);
  return matches[0];
};

const plainPlan = (writer: AvroNode, reader: AvroNode): ReadPlan | null => {
  switch (reader.kind) {
    case 'null':
    case 'boolean':
    case 'int':
    case 'bytes':
    case 'string':
    case 'uuid':
    case 'date':
    case 'long': {
      const from: Partial<Record<AvroNode['kind'], readonly AvroNode['kind'][]>> = {
        int: ['int', 'date'],
        date: ['date', 'int'],
        long: ['long', 'int', 'date'],
        bytes: ['bytes', 'string', 'uuid', 'decimal'],
        string: ['string', 'uuid', 'bytes', 'decimal'],
        uuid: ['uuid', 'string'],
      };
      return (from[reader.kind] ?? [reader.kind]).includes(writer.kind) ? { op: reader.kind } : null;
    }
    case 'decimal':
      return writer.kind === 'bytes' || (writer.kind === 'decimal' && writer.scale === reader.scale)
        ? { op: 'decimal', bytesMax: decimalBytes(reader.precision) }
        : null;
    default:
      return null;
  }
};

/**
 * The plan that reads what `writer` wrote as `reader`; with `wanted`, only those fields of a record.
 * @throws Error naming both types, when Avro's rules do not allow it.
 */
export const resolve = (writer: AvroNode, reader: AvroNode, wanted: Wanted = null): ReadPlan => {
  const begun = new Map<RecordNode, Map<RecordNode, RecordPlan>>();

  const recordPlan = (written: RecordNode, own: RecordNode, fields: Wanted): RecordPlan => {
    const again = fields === null ? begun.get(written)?.get(own) : undefined;
    if (again !== undefined) {
      again.uses += 1;
      return again;
    }
    const plan: RecordPlan = { op: 'record', name: own.names[0] ?? '', uses: 1, steps: [], fields: [] };
    const begunOf = begun.get(written) ?? new Map<RecordNode, RecordPlan>();
    begun.set(written, begunOf);
    if (fields === null) begunOf.set(own, plan);
    const readers = new Map<FieldNode, FieldNode>();
    for (const field of own.fields) {
      if (fields !== null && !(field.name in fields)) continue;
      const source = writtenAs(field, written);
      if (source === undefined && field.fallback === undefined)
        throw new Error(`${nameOf(written)} has no field ${field.name}, which has no default`);
      if (source !== undefined) readers.set(source, field);
      plan.fields.push({ name: field.name, fallback: source === undefined ? literalOf(field.node, field.fallback) : null });
    }
    for (const field of written.fields) {
      const own = readers.get(field);
      plan.steps.push(
        own === undefined
          ? { field: null, plan: { op: 'skip', node: field.node } }
          : { field: own.name, plan: between(field.node, own.node, fields?.[own.name] ?? null) },
      );
    }
    return plan;
  };

  const between = (written: AvroNode, own: AvroNode, fields: Wanted): ReadPlan => {
    if (written.kind === 'union')
      return { op: 'union', branches: written.branches.map((branch) => between(branch, own, fields)) };
    if (own.kind === 'union') {
      for (const branch of own.branches) {
        try {
          return between(written, branch, fields);
        } catch {
          // The next branch may read it; when none does, the error below names both sides.
        }
      }
      throw new Error(`${nameOf(written)} cannot be read as one of ${own.branches.map(nameOf).join(', ')}`);
    }
    if (written.kind === 'record' && own.kind === 'record' && isNamedAlike(own, written)) return recordPlan(written, own, fields);
    if (written.kind === 'enum' && own.kind === 'enum' && isNamedAlike(own, written)) return enumPlan(written, own);
    if (written.kind === 'fixed' && own.kind === 'fixed' && isNamedAlike(own, written) && written.size === own.size)
      return { op: 'fixed', size: own.size };
    if (written.kind === 'array' && own.kind === 'array') {
      return { op: 'array', items: between(written.items, own.items, fields), itemBytes: fewestItemBytes(written) };
    }
    const plain = plainPlan(written, own);
    if (plain === null) throw new Error(`${nameOf(written)} cannot be read as ${nameOf(own)}`);
    return plain;
  };
  return between(writer, reader, wanted);
};
