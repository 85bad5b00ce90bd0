// The schemas as types of avsc: by its resolution rules the released versions are held against one another, and its independent
// reading and writing is what the tests hold our compiled codec against.
import avsc from 'avsc';
import type { AvroSchema } from './load.ts';

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
    return writer.typeName === this.underlyingType.typeName ? (value) => this._fromValue(value) as unknown : undefined;
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
