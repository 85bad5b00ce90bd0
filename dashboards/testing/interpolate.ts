// What Grafana and its ClickHouse plugin do to a query before it is sent: variables and macros. It stands in for grafana-sdk-mocks, which has
// not been kept since 2018 and fakes plugins that Grafana no longer runs. Only what our dashboards use is known; anything else is an error.

export interface TimeRange {
  /** Seconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** End of the argument that begins behind an opening parenthesis. */
const closingOf = (sql: string, from: number): number => {
  let depth = 1;
  for (let at = from; at < sql.length; at += 1) {
    if (sql[at] === '(') depth += 1;
    if (sql[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error(`a macro of this query is not closed: ${sql.slice(from, from + 60)}`);
};

const timeFilter = '$__timeFilter(';

/** Values of a variable in the format singlequote: quoted, quotes in them escaped, joined by commas. */
const quoted = (values: readonly string[]): string =>
  values.map((value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`).join(',');

/** A query as it is sent. @throws Error for a variable without values, another format of a variable, and an unknown macro */
export const interpolate = (
  rawSql: string,
  variables: Readonly<Record<string, readonly string[]>>,
  { from, to }: TimeRange,
): string => {
  let sql = rawSql.replaceAll(/\$\{(\w+)(?::(\w+))?\}/g, (_whole, name: string, format: string | undefined) => {
    const values = variables[name];
    if (values === undefined) throw new Error(`the query names the variable ${name}, which the dashboard does not have`);
    if (format !== 'singlequote') throw new Error(`the variable ${name} is not quoted: write \${${name}:singlequote}`);
    return quoted(values);
  });
  for (let at = sql.indexOf(timeFilter); at >= 0; at = sql.indexOf(timeFilter)) {
    const begin = at + timeFilter.length;
    const end = closingOf(sql, begin);
    const column = sql.slice(begin, end);
    sql = `${sql.slice(0, at)}${column} >= toDateTime(${from}) AND ${column} <= toDateTime(${to})${sql.slice(end + 1)}`;
  }
  const unknown = /\$\w+/.exec(sql.replaceAll(/'(?:[^'\\]|\\.)*'/g, "''"));
  if (unknown !== null) throw new Error(`the query has ${unknown[0]}, which is neither a variable in braces nor a known macro`);
  return sql;
};
