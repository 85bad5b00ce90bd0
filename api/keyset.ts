// SQL of a page that continues after a row: order by one column, unknown values last, ties by id. Column names come from code, values are parameters.

export interface KeysetOrder {
  /** SQL expression of the sort column. */
  readonly column: string;
  /** SQL type of the column, to which the value of the cursor is cast. */
  readonly type: 'text' | 'int' | 'numeric' | 'date' | 'uuid' | 'timestamptz' | 'bigint';
  readonly direction: 'asc' | 'desc';
  /** SQL expression of the unique id that breaks ties, always ascending. */
  readonly id: string;
}

/** ORDER BY list: the column in its direction, unknown values last, then the id. */
export const orderBy = (order: KeysetOrder): string => `${order.column} ${order.direction} NULLS LAST, ${order.id} ASC`;

/**
 * Condition for the rows after `last` = [value of the column or null, id].
 * `parameter` takes a value into the statement and gives its placeholder.
 */
export const afterRow = (
  order: KeysetOrder,
  last: readonly (string | number | null)[],
  parameter: (value: string | number | null) => string,
): string => {
  const [value = null, id = null] = last;
  const idPlace = `${parameter(id)}::uuid`;
  if (value === null) return `(${order.column} IS NULL AND ${order.id} > ${idPlace})`;
  const place = `${parameter(value)}::${order.type}`;
  const beyond = order.direction === 'asc' ? '>' : '<';
  return `(${order.column} ${beyond} ${place} OR (${order.column} = ${place} AND ${order.id} > ${idPlace}) OR ${order.column} IS NULL)`;
};
