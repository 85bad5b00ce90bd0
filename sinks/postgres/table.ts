// What a table is to the sink: its name and the type of each column, in the order in which they are written.
import type { SqlValue } from './sql-values.ts';

/** Types of the columns. */
export type SqlType =
  | 'uuid'
  | 'text'
  | 'integer'
  | 'bigint'
  | 'numeric'
  | 'date'
  | 'timestamptz'
  | 'boolean'
  | 'jsonb'
  | 'text[]'
  | 'uuid[]'
  | 'inet'
  | 'bytea';
type Columns = Readonly<Record<string, SqlType>>;

/** A table as the sink knows it. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
}

/** A whole row of a table. */
export type RowOf<T extends Table> = { readonly [Column in keyof T['columns']]: SqlValue };

/** A row of some table. */
export type AnyRow = Readonly<Record<string, SqlValue>>;

/** Defines a table; the names of its columns become part of its type. */
export const table = <const C extends Columns>(name: string, columns: C): Table<C> => ({ name, columns });

/** Columns of every row that has versions. */
export const stamps = { created_at: 'timestamptz', updated_at: 'timestamptz', version: 'integer' } as const;

/** Columns of every fact: the event after which it is true. */
export const factStamps = {
  source_event_aggregate_id: 'uuid',
  source_event_version: 'integer',
  position_partition: 'integer',
  position_offset: 'bigint',
  recorded_at: 'timestamptz',
} as const;
