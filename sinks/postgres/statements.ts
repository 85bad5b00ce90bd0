// The statements that the sink writes tables with. Batches go as one array per column: about 80,000 rows a second and a plan that does
// not depend on the batch size.
import { formatMoney } from '#domain/money/money.ts';
import { sqlArray, sqlJsonArray } from './sql-values.ts';
import type { AnyRow, SqlType, Table } from './table.ts';

/** A statement with its values. */
export interface Statement {
  /** Name under which a connection keeps it prepared; none for statements of many shapes. */
  readonly name?: string;
  readonly text: string;
  /** One array per column, as text. */
  readonly values: readonly string[];
}

const quoted = (column: string): string => `"${column}"`;

const typeOf = (target: Table, column: string): SqlType => {
  const type = target.columns[column];
  if (type === undefined) throw new Error(`table ${target.name} has no column ${column}`);
  return type;
};

// A JSON column travels as one JSON array, which needs no escapes; an array as the text of its literal, since unnest flattens an
// array of arrays; every other column as an array of its type.
const isArray = (type: SqlType): boolean => type === 'text[]' || type === 'uuid[]';

const rowsFrom = (column: SqlType, at: number): string => {
  if (column === 'jsonb') return `json_array_elements($${at}::json)`;
  return `unnest($${at}::${isArray(column) ? 'text' : column}[])`;
};

const read = (column: string, type: SqlType): string => {
  if (type === 'jsonb') return `NULLIF(v.${quoted(column)}::jsonb, 'null')`;
  return `v.${quoted(column)}${isArray(type) ? `::${type}` : ''}`;
};

type Typed = readonly (readonly [column: string, type: SqlType])[];

const typed = (target: Table, columns: readonly string[]): Typed => columns.map((column) => [column, typeOf(target, column)]);

const rowSource = (columns: Typed): string =>
  `ROWS FROM (${columns.map(([, type], at) => rowsFrom(type, at + 1)).join(', ')}) AS v(${columns.map(([column]) => quoted(column)).join(', ')})`;

// What the codec or the code itself has given its form needs no quotes; everything else might hold a comma.
const plainTypes: ReadonlySet<SqlType> = new Set<SqlType>(['uuid', 'integer', 'bigint', 'date', 'timestamptz', 'boolean']);

const valuesOf = (rows: readonly AnyRow[], columns: Typed): readonly string[] =>
  columns.map(([column, type]) => {
    const values = rows.map((row) => row[column] ?? null);
    return type === 'jsonb' ? sqlJsonArray(values) : sqlArray(values, plainTypes.has(type));
  });

/** Inserts whole rows; `suffix` may hold an ON CONFLICT clause, one of its own for each table. */
export const insertStatement = (target: Table, rows: readonly AnyRow[], suffix = ''): Statement => {
  const columns = typed(target, Object.keys(target.columns));
  return {
    name: `${suffix === '' ? 'insert' : 'put'} ${target.name}`,
    text:
      `INSERT INTO ${target.name} (${columns.map(([column]) => quoted(column)).join(', ')}) ` +
      `SELECT ${columns.map(([column, type]) => read(column, type)).join(', ')} FROM ${rowSource(columns)} ${suffix}`,
    values: valuesOf(rows, columns),
  };
};

/** ON CONFLICT clause that replaces every column but those of the key and those to keep. */
export const replaceOnConflict = (target: Table, key: readonly string[], keep: readonly string[] = []): string =>
  `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${Object.keys(target.columns)
    .filter((column) => !key.includes(column) && !keep.includes(column))
    .map((column) => `${quoted(column)} = excluded.${quoted(column)}`)
    .join(', ')}`;

/** New values for a row, and amounts that are added to what it holds. */
export interface RowPatch {
  /** Version that the change builds on; null for rows without versions. */
  readonly expectedVersion: number | null;
  readonly set: AnyRow;
  /** Hundredths to be added, by column. */
  readonly add?: Readonly<Record<string, bigint>>;
  /** Dates that replace what it holds when they are later. */
  readonly latest?: Readonly<Record<string, string>>;
}

/** The columns that a patch writes: patches of equal columns go in one statement. */
export const columnsOf = ({ set, add = {}, latest = {} }: RowPatch): string =>
  [...Object.keys(set), ...Object.keys(add), ...Object.keys(latest)].sort().join(',');

/** Updates rows whose patches share their columns; with versions, each only where it stands at the version that it builds on. */
export const updateStatement = (target: Table, key: string, patches: ReadonlyMap<string, RowPatch>): Statement => {
  const [first] = patches.values();
  if (first === undefined) throw new Error(`no change of ${target.name} to write`);
  const set = typed(
    target,
    Object.keys(first.set)
      .filter((column) => column !== key)
      .sort(),
  );
  const add = typed(target, Object.keys(first.add ?? {}).sort());
  const latest = typed(target, Object.keys(first.latest ?? {}).sort());
  const isVersioned = first.expectedVersion !== null;
  const source: Typed = [
    ...typed(target, [key]),
    ...set,
    ...add,
    ...latest,
    ...(isVersioned ? ([['expected_version', 'integer']] as const) : []),
  ];
  const rows = [...patches].map(([id, patch]) => ({
    ...patch.set,
    ...patch.latest,
    ...Object.fromEntries(Object.entries(patch.add ?? {}).map(([column, minor]) => [column, formatMoney(minor)])),
    [key]: id,
    expected_version: patch.expectedVersion,
  }));
  const assignments = [
    ...set.map(([column, type]) => `${quoted(column)} = ${read(column, type)}`),
    ...latest.map(([column]) => `${quoted(column)} = GREATEST(t.${quoted(column)}, v.${quoted(column)})`),
    ...add.map(([column]) => `${quoted(column)} = t.${quoted(column)} + v.${quoted(column)}`),
  ];
  return {
    text:
      `UPDATE ${target.name} AS t SET ${assignments.join(', ')} FROM ${rowSource(source)} ` +
      `WHERE t.${quoted(key)} = v.${quoted(key)}${isVersioned ? ' AND t.version = v.expected_version' : ''}`,
    values: valuesOf(rows, source),
  };
};
