// Avro on the wire: Confluent framing (magic 0, schema id, body), money as bigint hundredths, dates as ISO text. Decoders and
// encoders are compiled per pair of schemas at their first use, from the released files alone: the registry is not asked.
import { avroNode, type RecordNode } from './codec/avro-node.ts';
import { compileDecoder, type Decode } from './codec/compile-decoder.ts';
import { compileEncoder, type Encode } from './codec/compile-encoder.ts';
import { findMisfit, findUnknownSymbol } from './codec/misfit.ts';
import { wantedOf, type FieldsByRecord, type Projected, type Projection } from './codec/projection.ts';
import { reading } from './codec/reading.ts';
import { resolve, type ReadPlan, type Wanted } from './codec/resolve.ts';
import type { AvroSchema } from './load.ts';

/** A decoded message. */
export interface Message<Value = unknown> {
  /** Record name without namespace, for example CommitmentMade. */
  readonly type: string;
  readonly fullName: string;
  readonly value: Value;
}

export type DecodeErrorCode = 'not-framed' | 'unknown-schema' | 'malformed' | 'unknown-symbol';

/** A message that cannot be decoded; the shell sends it to dead letters (commands) or stops (events). */
export class DecodeError extends Error {
  readonly code: DecodeErrorCode;
  constructor(code: DecodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DecodeError';
    this.code = code;
  }
}

/** Bytes of the framing before the Avro body: magic byte and schema id. */
export const frameBytes = 5;

/** A schema with the id under which the registry knows it. */
export interface ReleasedSchema {
  readonly id: number;
  readonly fullName: string;
  readonly schema: AvroSchema;
}

/** Encodes and decodes the messages of released schemas. Built once per process; the registry is not asked again. */
export interface Codec {
  /**
   * Framed bytes of a record under the newest released schema of its name; they are the caller's own.
   * @throws TypeError naming the field when the value does not fit.
   */
  encode(fullName: string, value: unknown): Buffer;
  /**
   * Writes what `encode` would give at a place of the caller's bytes; the place after it, or -1 when they do not suffice (what
   * stands from `at` on is then undefined). For paths that build batches of records.
   */
  encodeInto(fullName: string, value: unknown, target: Buffer, at: number): number;
  /** @throws DecodeError */
  decode(bytes: Uint8Array | null): Message;
  /**
   * A reader of only the named fields, for what reads every event and needs little of it: the rest is passed over without a
   * trace. Records that are not named, and `stratcap.event.*` does not cover, are null. Bytes are held to be whole and sound
   * to their end like those of `decode`, but of symbols only those that are read must be known.
   * @throws Error naming a record or a field that does not exist.
   */
  projection<const Fields extends FieldsByRecord>(fields: Fields): Projection<Fields>;
  /** Schema id that `encode` writes for a record. */
  idOf(fullName: string): number;
}

/** This version's own schema of a record. */
interface Current {
  readonly id: number;
  readonly fullName: string;
  readonly type: string;
  readonly node: RecordNode;
  encode: Encode | null;
}

/** A released schema that messages may be written under. */
interface Writer {
  readonly current: Current;
  readonly node: RecordNode;
  /** Of older versions it is made at the start, where it shows that they can be read; of the own one at its first use. */
  readonly plan: ReadPlan | null;
  decode: Decode | null;
}

/** Messages are written one behind the other into slabs; a slab is given up when it is full, never written over. */
const slabBytes = 64 * 1024;

const recordNode = (fullName: string, schema: AvroSchema): RecordNode => {
  const node = avroNode(schema);
  if (node.kind !== 'record') throw new Error(`schema ${fullName} is a ${node.kind}; messages are records`);
  return node;
};
const shortName = (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1);

/** Says which field does not fit, in our words, where the encoder only says that one does not. */
const misfitError = ({ fullName, node }: Current, value: unknown, cause: unknown): unknown => {
  const found = findMisfit(node, value);
  if (found === null) return cause;
  const shown = typeof found.value === 'bigint' ? String(found.value) : (JSON.stringify(found.value) ?? 'undefined');
  return new TypeError(`${fullName}.${found.path.join('.')}: ${shown} does not fit the schema`);
};

const frameId = (bytes: Uint8Array | null): number => {
  if (bytes === null || bytes.length < frameBytes || bytes[0] !== 0)
    throw new DecodeError('not-framed', 'the value does not start with the magic byte 0 and a schema id');
  const [, high = 0, second = 0, third = 0, low = 0] = [0, bytes[1], bytes[2], bytes[3], bytes[4]];
  return high * 2 ** 24 + ((second << 16) | (third << 8) | low);
};

/** Reads a body and tells what is wrong with it. */
const readBody = (decode: Decode, current: Current, bytes: Uint8Array): unknown => {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value: unknown;
  reading.begin(buffer);
  try {
    value = decode(buffer, frameBytes);
  } catch (cause) {
    throw new DecodeError(
      'malformed',
      `the bytes are not a ${current.fullName}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
  if (reading.unknown) {
    const place = findUnknownSymbol(current.node, value, current.type);
    if (place !== null)
      throw new DecodeError('unknown-symbol', `${place}: a symbol that this version does not know; run a version that does`);
  }
  return value;
};

/** A codec over released schemas; `readers` are this version's own schemas, to which older ones are resolved. */
export const createCodec = (released: readonly ReleasedSchema[], readers: ReadonlyMap<string, AvroSchema>): Codec => {
  const writers = new Map<number, Writer>();
  const currents = new Map<string, Current>();
  for (const [fullName, schema] of readers) {
    const text = JSON.stringify(schema);
    const own = released.find((entry) => entry.fullName === fullName && JSON.stringify(entry.schema) === text);
    if (own === undefined)
      throw new Error(`schema ${fullName} is not released; run npm run generate, which releases it, and commit schemas/released`);
    currents.set(fullName, { id: own.id, fullName, type: shortName(fullName), node: recordNode(fullName, schema), encode: null });
  }
  for (const { id, fullName, schema } of released) {
    const current = currents.get(fullName);
    if (current === undefined) continue;
    const node = id === current.id ? current.node : recordNode(fullName, schema);
    writers.set(id, { current, node, plan: id === current.id ? null : resolve(node, current.node), decode: null });
  }

  const known = (fullName: string): Current => {
    const current = currents.get(fullName);
    if (current === undefined) throw new Error(`no schema named ${fullName}`);
    return current;
  };
  const writerOf = (bytes: Uint8Array | null): Writer => {
    const id = frameId(bytes);
    const writer = writers.get(id);
    if (writer === undefined)
      throw new DecodeError('unknown-schema', `schema id ${id} is not among the released schemas of this version`);
    return writer;
  };
  /** Writes frame and body; the place after them, beyond the end when they do not fit. */
  const write = (current: Current, value: unknown, target: Buffer, at: number): number => {
    current.encode ??= compileEncoder(current.node);
    const { id } = current;
    target[at] = 0;
    target[at + 1] = id >>> 24;
    target[at + 2] = id >>> 16;
    target[at + 3] = id >>> 8;
    target[at + 4] = id;
    try {
      return current.encode(value, target, at + frameBytes);
    } catch (error) {
      throw misfitError(current, value, error);
    }
  };

  let slab = Buffer.allocUnsafeSlow(slabBytes);
  let free = 0;
  return {
    idOf: (fullName) => known(fullName).id,
    encode: (fullName, value) => {
      const current = known(fullName);
      let end = write(current, value, slab, free);
      if (end > slab.length) {
        const size = end - free;
        if (size > slabBytes / 8) {
          const large = Buffer.allocUnsafeSlow(size);
          write(current, value, large, 0);
          return large;
        }
        slab = Buffer.allocUnsafeSlow(slabBytes);
        free = 0;
        end = write(current, value, slab, free);
      }
      const message = slab.subarray(free, end);
      free = end;
      return message;
    },
    encodeInto: (fullName, value, target, at) => {
      const end = write(known(fullName), value, target, at);
      return end > target.length ? -1 : end;
    },
    decode: (bytes) => {
      const writer = writerOf(bytes);
      const { current } = writer;
      writer.decode ??= compileDecoder(writer.plan ?? resolve(writer.node, current.node));
      return { type: current.type, fullName: current.fullName, value: readBody(writer.decode, current, bytes as Uint8Array) };
    },
    projection: <const Fields extends FieldsByRecord>(fields: Fields): Projection<Fields> => {
      const wanted = wantedOf(fields, new Map([...currents].map(([fullName, { node }]) => [fullName, node])));
      const decoders = new Map<Writer, Decode>();
      const decoderOf = (writer: Writer, own: Wanted): Decode => {
        const decode = decoders.get(writer) ?? compileDecoder(resolve(writer.node, writer.current.node, own));
        decoders.set(writer, decode);
        return decode;
      };
      return {
        read: (bytes) => {
          const writer = writerOf(bytes);
          const { current } = writer;
          const own = wanted.get(current.fullName);
          if (own === undefined) return null;
          return {
            type: current.type,
            value: readBody(decoderOf(writer, own), current, bytes as Uint8Array),
          } as Projected<Fields>;
        },
      };
    },
  };
};
