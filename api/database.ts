// Rows of Postgres, checked against a shape before anything else sees them.
import type { PoolClient } from 'pg';
import type { z } from 'zod';

/** One read-only snapshot of the store: every statement of an answer sees the same rows and the same positions. */
export interface Snapshot {
  /** @throws ZodError when a row is not of the shape: the store and the code are of two versions. */
  rows<Shape extends z.ZodType>(shape: Shape, sql: string, values?: readonly unknown[]): Promise<readonly z.output<Shape>[]>;
  /** The only row, or null. */
  row<Shape extends z.ZodType>(shape: Shape, sql: string, values?: readonly unknown[]): Promise<z.output<Shape> | null>;
}

/** Reads over one connection that is already in its transaction. */
export const snapshotOf = (client: PoolClient): Snapshot => {
  const rows: Snapshot['rows'] = async (shape, sql, values = []) => {
    const result = await client.query(sql, [...values]);
    return result.rows.map((row: unknown) => shape.parse(row));
  };
  return { rows, row: async (shape, sql, values) => (await rows(shape, sql, values))[0] ?? null };
};

/** Collects the values of a statement and hands out their placeholders $1, $2, …. */
export const createParameters = (): { readonly add: (value: unknown) => string; readonly values: readonly unknown[] } => {
  const values: unknown[] = [];
  return { add: (value) => `$${values.push(value)}`, values };
};

/** SQL that gives a timestamp as UTC text with microseconds. */
export const utcText = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
/** SQL that gives a date as ISO text whatever the session's style is. */
export const dateText = (column: string): string => `to_char(${column}, 'YYYY-MM-DD')`;
