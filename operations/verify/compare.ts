// Compares rows that should be there with rows that are, column by column.
import { Decimal } from 'decimal.js';
import type { Difference } from './model.ts';
import type { StoredRow } from './store.ts';

/** A value of a row as text; numbers may differ in their form only (trailing zeros, exponents). */
export type Cell = string | null;
/** A row as it should be; columns that are not named are not compared. */
export type Cells = Readonly<Record<string, Cell>>;
/** Rows by key; a row that is given as a function is made when it is compared. */
export type ExpectedTable = Map<string, Cells | (() => Cells)>;

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

/** Key of a stored row: its key columns, joined. */
export const keyOfRow = (row: StoredRow, columns: readonly string[]): string =>
  columns.map((column) => cellOf(row[column]) ?? '').join('|');

export interface TableComparison {
  readonly where: string;
  readonly table: string;
  readonly keys: readonly string[];
  readonly expected: ExpectedTable;
  /** Rows found, in pieces. */
  readonly found: AsyncIterable<readonly StoredRow[]>;
  /** Rows beyond what is expected of the table so far: neither they nor what stood at their key is compared. */
  readonly isLater?: (row: StoredRow) => boolean;
}

/** Every difference between two tables: missing rows, rows too many, values that differ. */
export const compareTable = async (comparison: TableComparison): Promise<readonly Difference[]> => {
  const { where, table, keys, expected, found, isLater = () => false } = comparison;
  const differences: Difference[] = [];
  const seen = new Set<string>();
  for await (const rows of found)
    for (const row of rows) {
      const key = keyOfRow(row, keys);
      seen.add(key);
      if (isLater(row)) continue;
      const due = expected.get(key);
      if (due === undefined) {
        differences.push({ where, table, key, field: '(row)', expected: 'absent', found: 'present' });
        continue;
      }
      for (const [field, cell] of Object.entries(typeof due === 'function' ? due() : due)) {
        const value = cellOf(row[field]);
        if (!same(cell, value)) differences.push({ where, table, key, field, expected: cell, found: value });
      }
    }
  for (const key of expected.keys())
    if (!seen.has(key)) differences.push({ where, table, key, field: '(row)', expected: 'present', found: 'missing' });
  return differences;
};
