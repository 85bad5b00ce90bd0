// What compiled decoders call for everything that is not a byte or two. Bytes beyond the end read as undefined, so that a decoder
// looks at the end where it loops or allocates, and once when it is done.
import { asciiText } from './ascii-text.ts';
import { readId, type IdField } from './uuid-text.ts';

/** A Buffer with the methods behind its `toString` and `write`, which take no encoding by name. */
export interface RawBuffer extends Buffer {
  latin1Write(text: string, at: number, length: number): number;
  utf8Slice(start: number, end: number): string;
  utf8Write(text: string, at: number, length: number): number;
}

const dayMs = 86_400_000;
const knownDatesMax = 50_000;
/** Dates by day: a log has few dates, each many times. */
const knownDates = new Map<number, string>();
/** Numbers beyond it are refused: a step further the next one could not be told from it. */
const safeMax = 9_007_199_254_740_990;
const intMax = 2 ** 31;

const truncated = (): RangeError => new RangeError('truncated buffer');

const tooLong = (): RangeError => new RangeError('a number of more than ten bytes');

/** State and functions of decoders. One decoder runs at a time, to its end, so that one state will do. */
export const reading = {
  /** Where the last call stopped. */
  at: 0,
  /** Whether a symbol UNKNOWN was met. */
  unknown: false,
  /** The memory that the bytes lie in, and where they begin in it: messages of one fetch lie in the same. */
  view: new DataView(new ArrayBuffer(0)) as DataView<ArrayBufferLike>,
  base: 0,

  /** Begins with a message. */
  begin: (b: Uint8Array): void => {
    if (b.buffer !== reading.view.buffer) reading.view = new DataView(b.buffer);
    reading.base = b.byteOffset;
    reading.unknown = false;
  },

  truncated,
  fail: (message: string): RangeError => new RangeError(message),

  /** A variable-length integer. Halves are added in doubles: exact up to 2^53, and refused beyond. */
  long: (b: Uint8Array, p: number): number => {
    let low = 0;
    let high = 0;
    let byte = 0;
    let at = p;
    for (let shift = 0; shift < 28; shift += 7) {
      byte = b[at++] ?? -1;
      if (byte < 0) throw truncated();
      low |= (byte & 0x7f) << shift;
      if (byte < 128) break;
    }
    if (byte > 127) {
      for (let shift = 0; shift < 28; shift += 7) {
        byte = b[at++] ?? -1;
        if (byte < 0) throw truncated();
        high |= (byte & 0x7f) << shift;
        if (byte < 128) break;
      }
    }
    let half = high * 2 ** 27 + (low >>> 1);
    for (let scale = 2 ** 55, count = 8; byte > 127; scale *= 128, count += 1) {
      if (count === 10) throw tooLong();
      byte = b[at++] ?? -1;
      if (byte < 0) throw truncated();
      half += (byte & 0x7f) * scale;
    }
    const value = (low & 1) === 0 ? half : -half - 1;
    if (value > safeMax || value < -safeMax) throw new RangeError('potential precision loss');
    reading.at = at;
    return value;
  },

  int: (b: Uint8Array, p: number): number => {
    const value = reading.long(b, p);
    if (value >= intMax || value < -intMax) throw new RangeError(`${value} is no int`);
    return value;
  },

  /** Length of a text or of bytes, held against what is left before anything is made of it. */
  length: (b: Uint8Array, p: number, end: number): number => {
    const first = b[p] ?? 0;
    let value = first >> 1;
    if ((first & 0x81) === 0) reading.at = p + 1;
    else value = reading.long(b, p);
    if (value < 0) throw new RangeError(`length ${value}`);
    if (value > end - reading.at) throw truncated();
    return value;
  },

  text: (b: RawBuffer, p: number, end: number): string => {
    const size = reading.length(b, p, end);
    const start = reading.at;
    reading.at = start + size;
    return asciiText(b, start, size) ?? b.utf8Slice(start, start + size);
  },

  /** A uuid; what is written in its place otherwise is read as the text that it is. */
  id: (b: RawBuffer, p: number, end: number, field: IdField): string => {
    if (b[p] === 72 && end - p > 36) {
      const id = readId(b, p + 1, reading.view, reading.base + p + 1, field);
      if (id !== null) {
        reading.at = p + 37;
        return id;
      }
    }
    return reading.text(b, p, end);
  },

  /** A copy: what is decoded does not keep the bytes of the log in memory. */
  fixed: (b: Buffer, p: number, end: number, size: number): Buffer => {
    if (size > end - p) throw truncated();
    reading.at = p + size;
    const copy = Buffer.allocUnsafe(size);
    if (size > 64) b.copy(copy, 0, p, p + size);
    else for (let at = 0; at < size; at += 1) copy[at] = b[p + at] as number;
    return copy;
  },

  bytes: (b: Buffer, p: number, end: number): Buffer => {
    const size = reading.length(b, p, end);
    return reading.fixed(b, reading.at, end, size);
  },

  /** Two's complement, high byte first. */
  decimal: (b: RawBuffer, p: number, end: number, bytesMax: number): bigint => {
    const size = reading.length(b, p, end);
    if (size === 0 || size > bytesMax) throw new RangeError(`decimal of ${size} bytes: 1 to ${bytesMax} are allowed`);
    let at = reading.at;
    reading.at = at + size;
    // Whole 32-bit words after a signed head of 1 to 4 bytes: up to two of them make a number, which most amounts are.
    const headEnd = at + (((size - 1) & 3) + 1);
    let head = ((b[at++] as number) << 24) >> 24;
    while (at < headEnd) head = (head << 8) | (b[at++] as number);
    if (size <= 4) return BigInt(head);
    const word = reading.view.getUint32(reading.base + at);
    if (size <= 6) return BigInt(head * 2 ** 32 + word);
    let value = (BigInt(head) << 32n) | BigInt(word);
    for (at += 4; at < reading.at; at += 4) value = (value << 32n) | BigInt(reading.view.getUint32(reading.base + at));
    return value;
  },

  date: (day: number): string => {
    const known = knownDates.get(day);
    if (known !== undefined) return known;
    const text = new Date(day * dayMs).toISOString().slice(0, 10);
    if (knownDates.size >= knownDatesMax) knownDates.clear();
    knownDates.set(day, text);
    return text;
  },

  /** Items of the next block of an array, 0 after the last; each has `itemBytes` at the least, so that a count cannot lie. */
  count: (b: Uint8Array, p: number, end: number, itemBytes: number): number => {
    let count = reading.long(b, p);
    if (count < 0) {
      count = -count;
      reading.long(b, reading.at);
    }
    if (count * itemBytes > end - reading.at) throw truncated();
    return count;
  },
};

export type Reading = typeof reading;
