// What compiled encoders call for everything that is not a byte or two. Each takes the place p and gives back the place after what
// it wrote. Beyond the end of the bytes nothing is written, so that a place beyond it says that the value does not fit.
import type { RawBuffer } from './reading.ts';
import { uuidLength, writeId } from './uuid-text.ts';

/** Thrown where a value does not fit its type; which one it is, is looked for afterwards (misfit.ts). */
export class Misfit extends TypeError {}
const misfit = (): Misfit => new Misfit('a value does not fit the schema');

const dayMs = 86_400_000;
const knownDaysMax = 50_000;
const dateForm = /^\d{4}-\d{2}-\d{2}$/;
/** Days by date: a log has few dates, each many times. */
const knownDays = new Map<string, number>();
/** The largest number that is written as a long: a step further the next one could not be told from it. */
export const safeMax = 9_007_199_254_740_990;
/** Texts up to this length are written a character at a time, which is faster than a call out of JavaScript. */
const shortTextMax = 24;

/** Days since 1970 of an ISO date; null when the value is none. */
export const dayOf = (text: unknown): number | null => {
  if (typeof text !== 'string') return null;
  const known = knownDays.get(text);
  if (known !== undefined) return known;
  const at = dateForm.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) return null;
  if (knownDays.size >= knownDaysMax) knownDays.clear();
  knownDays.set(text, at / dayMs);
  return at / dayMs;
};

/** A whole number that is known to be one: zigzag, seven bits a byte. */
const writeLong = (b: Uint8Array, p: number, value: number): number => {
  let at = p;
  if (value >= -0x40000000 && value < 0x40000000) {
    let bits = (value << 1) ^ (value >> 31);
    for (; bits > 127; bits >>>= 7) b[at++] = (bits & 127) | 128;
    b[at++] = bits;
    return at;
  }
  const half = value < 0 ? -value - 1 : value;
  let high = Math.floor(half / 2 ** 27);
  let low = (half - high * 2 ** 27) * 2 + (value < 0 ? 1 : 0);
  for (let count = 0; count < 4; count += 1, low >>>= 7) b[at++] = (low & 127) | 128;
  for (; high > 127; high = Math.floor(high / 128)) b[at++] = (high % 128) | 128;
  b[at++] = high;
  return at;
};

/** A text with its length in bytes before it. */
const writeLongText = (b: RawBuffer, p: number, text: string): number => {
  const size = Buffer.byteLength(text);
  const start = writeLong(b, p, size);
  if (start + size > b.length) return start + size;
  b.utf8Write(text, start, size);
  return start + size;
};

const writeBigDecimal = (b: Buffer, p: number, minor: bigint): number => {
  let size = 7;
  while (BigInt.asIntN(size * 8, minor) !== minor) size += 1;
  b[p] = size * 2;
  let rest = minor;
  for (let at = p + size; at > p; at -= 1) {
    b[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return p + 1 + size;
};

/** The fewest bytes that hold a signed 32-bit integer. */
const intBytes = (value: number): number =>
  value >= -0x80 && value < 0x80 ? 1 : value >= -0x8000 && value < 0x8000 ? 2 : value >= -0x800000 && value < 0x800000 ? 3 : 4;

const writeInt = (b: Uint8Array, p: number, value: number, size: number): number => {
  for (let shift = (size - 1) * 8, at = p; shift >= 0; shift -= 8, at += 1) b[at] = value >> shift;
  return p + size;
};

/** Functions of encoders. */
export const writing = {
  misfit,

  /** A count or a place, which is known to be a whole number. */
  count: writeLong,

  int: (b: Uint8Array, p: number, value: unknown): number => {
    if (typeof value !== 'number' || value !== (value | 0)) throw misfit();
    return writeLong(b, p, value);
  },

  long: (b: Uint8Array, p: number, value: unknown): number => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value > safeMax || value < -safeMax) throw misfit();
    return writeLong(b, p, value);
  },

  text: (b: RawBuffer, p: number, value: unknown): number => {
    if (typeof value !== 'string') throw misfit();
    const { length } = value;
    if (length > shortTextMax) return writeLongText(b, p, value);
    for (let at = 0; at < length; at += 1) {
      const character = value.charCodeAt(at);
      if (character > 127) return writeLongText(b, p, value);
      b[p + 1 + at] = character;
    }
    b[p] = length * 2;
    return p + 1 + length;
  },

  id: (b: RawBuffer, p: number, value: unknown): number => {
    if (typeof value !== 'string') throw misfit();
    const end = p + 1 + uuidLength;
    if (end > b.length) return end;
    b[p] = uuidLength * 2;
    if (!writeId(b, p + 1, value)) throw misfit();
    return end;
  },

  date: (b: Uint8Array, p: number, value: unknown): number => {
    const day = dayOf(value);
    if (day === null) throw misfit();
    return writeLong(b, p, day);
  },

  fixed: (b: Uint8Array, p: number, value: unknown, size: number): number => {
    if (!(value instanceof Uint8Array) || value.length !== size) throw misfit();
    if (size <= 64) for (let at = 0; at < size; at += 1) b[p + at] = value[at] as number;
    else if (p + size <= b.length) b.set(value, p);
    return p + size;
  },

  bytes: (b: Uint8Array, p: number, value: unknown): number => {
    if (!(value instanceof Uint8Array)) throw misfit();
    return writing.fixed(b, writeLong(b, p, value.length), value, value.length);
  },

  /**
   * Two's complement in the fewest bytes; amounts under 2^53 hundredths take the way over numbers. `limit` is the largest amount
   * as a number, and held against `max` itself only beyond what a number holds.
   */
  decimal: (b: Buffer, p: number, value: unknown, limit: number, max: bigint): number => {
    if (typeof value !== 'bigint') throw misfit();
    const number = Number(value);
    if (number > limit || number < -limit) throw misfit();
    if (number >= -0x80000000 && number < 0x80000000) {
      const size = intBytes(number);
      b[p] = size * 2;
      return writeInt(b, p + 1, number, size);
    }
    if (!Number.isSafeInteger(number)) {
      if (value > max || value < -max) throw misfit();
      return writeBigDecimal(b, p, value);
    }
    const high = Math.floor(number / 2 ** 32);
    const size = intBytes(high);
    b[p] = (size + 4) * 2;
    return writeInt(b, writeInt(b, p + 1, high, size), number | 0, 4);
  },
};

export type Writing = typeof writing;
