// Avro on the wire: Confluent framing (magic 0, schema id, body), money as bigint hundredths, dates as ISO text.
import avsc from 'avsc';
import type { AvroSchema } from './load.ts';

type Resolver = ReturnType<avsc.Type['createResolver']>;

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
const maxMinor = 10n ** 20n - 1n;

/** Told of a value that does not fit, with the type that refuses it. */
type MisfitHook = (value: unknown, type: avsc.Type) => void;

/**
 * A logical type that can tell whether a value fits without trying to convert it. avsc tries, and catches what is thrown: for each
 * null of an optional field that is an error with its stack, more work than all the rest of a message.
 */
abstract class CheckedType extends avsc.types.LogicalType {
  protected abstract fits(value: unknown): boolean;
  _check(value: unknown, _flags: unknown, hook: MisfitHook | undefined): boolean {
    const fitting = this.fits(value);
    if (!fitting && hook !== undefined) hook(value, this);
    return fitting;
  }
  /** Resolution of an older writer: the same logical type is read as it is, its plain form is converted. */
  override _resolve(writer: avsc.Type): ((value: never) => unknown) | undefined {
    if (writer.typeName === this.typeName) return (value) => value;
    return writer.typeName === this.underlyingType.typeName ? (value) => this._fromValue(value) : undefined;
  }
}

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

/** The shortest two's complement of an integer, high byte first. */
const integerBytes = (minor: bigint): Buffer => {
  if (minor < int64Min || minor > int64Max) {
    const bytes = Buffer.allocUnsafe(9);
    bytes.writeInt8(Number(minor >> 64n), 0);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, minor), 1);
    return bytes;
  }
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(minor);
  const sign = minor < 0n ? 0xff : 0;
  let start = 0;
  while (start < 7 && bytes[start] === sign && ((bytes[start + 1] ?? 0) & 0x80) === (sign & 0x80)) start += 1;
  return bytes.subarray(start);
};

class DecimalType extends CheckedType {
  protected override fits(minor: unknown): boolean {
    return typeof minor === 'bigint' && minor <= maxMinor && minor >= -maxMinor;
  }
  override _fromValue(bytes: Buffer): bigint {
    if (bytes.length === 0 || bytes.length > 9) throw new RangeError(`decimal of ${bytes.length} bytes: 1 to 9 are allowed`);
    if (bytes.length <= 6) return BigInt(bytes.readIntBE(0, bytes.length));
    return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  }
  override _toValue(minor: unknown): Buffer {
    if (!this.fits(minor)) throw new RangeError(`amount ${String(minor)}: a bigint of at most 20 digits of hundredths is needed`);
    return integerBytes(minor as bigint);
  }
}

const dayMs = 86_400_000;
const knownDaysMax = 50_000;
const dateForm = /^\d{4}-\d{2}-\d{2}$/;
/** Days by date and dates by day: a log has few dates, each many times. */
const knownDays = new Map<string, number>();
const knownDates = new Map<number, string>();

const dayOf = (text: unknown): number | null => {
  if (typeof text !== 'string') return null;
  const known = knownDays.get(text);
  if (known !== undefined) return known;
  const at = dateForm.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) return null;
  if (knownDays.size >= knownDaysMax) knownDays.clear();
  knownDays.set(text, at / dayMs);
  return at / dayMs;
};

class DateType extends CheckedType {
  protected override fits(text: unknown): boolean {
    return dayOf(text) !== null;
  }
  override _fromValue(day: number): string {
    const known = knownDates.get(day);
    if (known !== undefined) return known;
    const text = new Date(day * dayMs).toISOString().slice(0, 10);
    if (knownDates.size >= knownDaysMax) knownDates.clear();
    knownDates.set(day, text);
    return text;
  }
  override _toValue(text: unknown): number {
    const day = dayOf(text);
    if (day === null) throw new RangeError(`date ${String(text)}: an ISO date such as 2026-03-31 is needed`);
    return day;
  }
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

class UuidType extends CheckedType {
  protected override fits(text: unknown): boolean {
    return typeof text === 'string' && uuidForm.test(text);
  }
  override _fromValue(text: string): string {
    return text;
  }
  override _toValue(text: unknown): string {
    if (!this.fits(text)) throw new RangeError(`id ${String(text)}: a lower-case uuid is needed`);
    return text as string;
  }
}

const logicalTypes = { decimal: DecimalType, date: DateType, uuid: UuidType };

/** An avsc type with our logical types, for a self-contained schema. */
export const avroType = (schema: AvroSchema): avsc.Type =>
  avsc.Type.forSchema(schema as avsc.Schema, { logicalTypes, wrapUnions: false } as never);

/** A schema with the id under which the registry knows it. */
export interface ReleasedSchema {
  readonly id: number;
  readonly fullName: string;
  readonly schema: AvroSchema;
}

/** Encodes and decodes the messages of released schemas. Built once per process; the registry is not asked again. */
export interface Codec {
  /**
   * Framed bytes of a record under the newest released schema of its name.
   * @throws RangeError or TypeError naming the field when the value does not fit.
   */
  encode(fullName: string, value: unknown): Buffer;
  /** @throws DecodeError */
  decode(bytes: Uint8Array | null): Message;
  /** Schema id that `encode` writes for a record. */
  idOf(fullName: string): number;
}

/** Looks for a symbol that this version does not know; `path` names the place in the error. */
type SymbolCheck = (value: unknown, path: string) => void;

const fieldChecks = (type: avsc.types.RecordType): SymbolCheck | null => {
  const checks = type.fields.flatMap((field) => {
    const check = symbolCheck(field.type);
    return check === null ? [] : [{ name: field.name, check }];
  });
  if (checks.length === 0) return null;
  return (value, path) => {
    for (const { name, check } of checks) check((value as Record<string, unknown>)[name], `${path}.${name}`);
  };
};

/** The check of a type, made once; null where no enum stands in it, so that most fields of a message are never looked at again. */
const symbolCheck = (type: avsc.Type): SymbolCheck | null => {
  switch (type.typeName) {
    case 'enum':
      return (value, path) => {
        if (value === 'UNKNOWN')
          throw new DecodeError('unknown-symbol', `${path}: a symbol that this version does not know; run a version that does`);
      };
    case 'record':
      return fieldChecks(type as avsc.types.RecordType);
    case 'array': {
      const check = symbolCheck((type as avsc.types.ArrayType).itemsType);
      if (check === null) return null;
      return (value, path) => {
        for (const [at, item] of (value as unknown[]).entries()) check(item, `${path}[${at}]`);
      };
    }
    case 'union:unwrapped': {
      const branch = (type as avsc.types.UnwrappedUnionType).types.find((candidate) => candidate.typeName !== 'null');
      const check = branch === undefined ? null : symbolCheck(branch);
      if (check === null) return null;
      return (value, path) => {
        if (value !== null) check(value, path);
      };
    }
    default:
      return null;
  }
};

/** Says which field does not fit, in our words, where the encoder only says that one does not. */
const explainMisfit = (type: avsc.Type, fullName: string, value: unknown): void => {
  type.isValid(value, {
    errorHook: (path, any) => {
      throw new TypeError(
        `${fullName}.${path.join('.')}: ${typeof any === 'bigint' ? String(any) : (JSON.stringify(any) ?? 'undefined')} does not fit the schema`,
      );
    },
  });
};

/** A codec over released schemas; `readers` are this version's own schemas, to which older ones are resolved. */
export const createCodec = (released: readonly ReleasedSchema[], readers: ReadonlyMap<string, AvroSchema>): Codec => {
  const writers = new Map<
    number,
    { readonly fullName: string; readonly type: avsc.Type; readonly check: SymbolCheck | null; resolver: Resolver | null }
  >();
  const current = new Map<string, { readonly id: number; readonly type: avsc.Type }>();
  for (const [fullName, schema] of readers) {
    const text = JSON.stringify(schema);
    const own = released.find((entry) => entry.fullName === fullName && JSON.stringify(entry.schema) === text);
    if (own === undefined)
      throw new Error(`schema ${fullName} is not released; run npm run generate, which releases it, and commit schemas/released`);
    current.set(fullName, { id: own.id, type: avroType(schema) });
  }
  for (const entry of released) {
    const reader = current.get(entry.fullName);
    if (reader === undefined) continue;
    const type = entry.id === reader.id ? reader.type : avroType(entry.schema);
    writers.set(entry.id, {
      fullName: entry.fullName,
      type,
      check: symbolCheck(reader.type),
      resolver: entry.id === reader.id ? null : reader.type.createResolver(type),
    });
  }
  const known = (fullName: string): { readonly id: number; readonly type: avsc.Type } => {
    const entry = current.get(fullName);
    if (entry === undefined) throw new Error(`no schema named ${fullName}`);
    return entry;
  };
  return {
    idOf: (fullName) => known(fullName).id,
    encode: (fullName, value) => {
      const { id, type } = known(fullName);
      let body: Buffer;
      try {
        // The encoder checks each value as it writes it: a check of the whole before would cost as much again.
        body = type.toBuffer(value);
      } catch (error) {
        explainMisfit(type, fullName, value);
        throw error;
      }
      const framed = Buffer.allocUnsafe(frameBytes + body.length);
      framed[0] = 0;
      framed.writeUInt32BE(id, 1);
      body.copy(framed, frameBytes);
      return framed;
    },
    decode: (bytes) => {
      if (bytes === null || bytes.length < frameBytes || bytes[0] !== 0)
        throw new DecodeError('not-framed', 'the value does not start with the magic byte 0 and a schema id');
      const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const id = buffer.readUInt32BE(1);
      const writer = writers.get(id);
      if (writer === undefined)
        throw new DecodeError('unknown-schema', `schema id ${id} is not among the released schemas of this version`);
      const reader = known(writer.fullName).type;
      let value: unknown;
      try {
        value =
          writer.resolver === null
            ? reader.fromBuffer(buffer.subarray(frameBytes))
            : reader.fromBuffer(buffer.subarray(frameBytes), writer.resolver);
      } catch (cause) {
        throw new DecodeError(
          'malformed',
          `the bytes are not a ${writer.fullName}: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        );
      }
      const type = writer.fullName.slice(writer.fullName.lastIndexOf('.') + 1);
      writer.check?.(value, type);
      return { type, fullName: writer.fullName, value };
    },
  };
};
