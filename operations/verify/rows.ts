// Expected rows that change while the log is folded.
import type { Minor } from '#domain/messages.ts';
import { decimalText } from './text.ts';

export type Row = Record<string, string | null>;
/** Rows by table and key. */
export type Tables = Record<string, Map<string, Row>>;

/** A row that an earlier event made. @throws Error when there is none. */
export const rowOf = (tables: Tables, table: string, key: string): Row => {
  const row = tables[table]?.get(key);
  if (row === undefined) throw new Error(`the log changes ${table} ${key}, which no earlier event made`);
  return row;
};

const minorOf = (value: string | null | undefined): Minor => BigInt((value ?? '0').replace('.', ''));
/** Adds hundredths to an amount of a row. */
export const plus = (row: Row, column: string, minor: Minor): void => {
  row[column] = decimalText(minorOf(row[column]) + minor);
};
