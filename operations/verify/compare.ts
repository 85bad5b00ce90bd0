// Compares rows that should be there with rows that are, column by column.
import { Decimal } from 'decimal.js';
import type { Difference } from './model.ts';

/** A value of a row as text; numbers may differ in their form only (trailing zeros, exponents). */
export type Cell = string | null;
/** Rows by key. */
export type ExpectedTable = Map<string, Readonly<Record<string, Cell>>>;

const isNumeric = (text: string): boolean => /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text);
const same = (left: Cell, right: Cell): boolean =>
  left === right || (left !== null && right !== null && isNumeric(left) && isNumeric(right) && new Decimal(left).eq(right));

/** A value of a driver as text: JSON with sorted keys, bytes as hex, instants as they come. */
export const cellOf = (value: unknown): Cell => {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (typeof value === 'object') return sortedJson(value);
  return String(value as string | number | boolean);
};

/** JSON that does not depend on the order of keys. */
export const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );

export interface TableComparison {
  readonly where: string;
  readonly table: string;
  readonly expected: ExpectedTable;
  /** Rows found, by the same key. */
  readonly found: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** Every difference between two tables: missing rows, rows too many, values that differ. */
export const compareTable = ({ where, table, expected, found }: TableComparison): readonly Difference[] => {
  const differences: Difference[] = [];
  for (const [key, row] of expected) {
    const actual = found.get(key);
    if (actual === undefined) {
      differences.push({ where, table, key, field: '(row)', expected: 'present', found: 'missing' });
      continue;
    }
    for (const [field, cell] of Object.entries(row)) {
      const value = cellOf(actual[field]);
      if (!same(cell, value)) differences.push({ where, table, key, field, expected: cell, found: value });
    }
  }
  for (const key of found.keys())
    if (!expected.has(key)) differences.push({ where, table, key, field: '(row)', expected: 'absent', found: 'present' });
  return differences;
};
