// CRC-32C of record batches: the native one where its binary is there, else tables of our own (a fifteenth of the speed).
import { createRequire } from 'node:module';

const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

const makeTables = (): Uint32Array => {
  const tables = new Uint32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    tables[byte] = value >>> 0;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const before = tables[at - 256] as number;
    tables[at] = ((before >>> 8) ^ (tables[before & 0xff] as number)) >>> 0;
  }
  return tables;
};

let tables: Uint32Array | null = null;

/** CRC-32C in JavaScript, eight bytes a step; `initial` is the CRC of the bytes before. */
export const crc32cByTables = (bytes: Uint8Array, initial = 0): number => {
  const table = (tables ??= makeTables());
  const word = (slice: number, index: number): number => table[slice * 256 + index] as number;
  let crc = ~initial;
  let at = 0;
  for (; at + SLICES <= bytes.length; at += SLICES) {
    const b = (index: number): number => bytes[at + index] as number;
    crc ^= b(0) | (b(1) << 8) | (b(2) << 16) | (b(3) << 24);
    crc =
      word(7, crc & 0xff) ^
      word(6, (crc >>> 8) & 0xff) ^
      word(5, (crc >>> 16) & 0xff) ^
      word(4, crc >>> 24) ^
      word(3, b(4)) ^
      word(2, b(5)) ^
      word(1, b(6)) ^
      word(0, b(7));
  }
  for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ word(0, (crc ^ (bytes[at] as number)) & 0xff);
  return ~crc >>> 0;
};

type Crc32c = (bytes: Uint8Array, initial?: number) => number;

const native = (): Crc32c | null => {
  try {
    return (createRequire(import.meta.url)('@node-rs/crc32') as { crc32c: Crc32c }).crc32c;
  } catch {
    return null; // a platform without its binary
  }
};

export const crc32c: Crc32c = native() ?? crc32cByTables;
