// The warehouse as the system sees it: typed reads, idempotent inserts and commands over ClickHouse's HTTP interface, the same
// for the embedded server (platform/clickhouse-server) and a real ClickHouse.
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';

/** Where and as whom. */
export interface WarehouseConfig {
  /** `http://host:port` */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Named values for `{name:Type}` in the SQL; they never become part of the SQL text. */
export type QueryParams = Readonly<Record<string, unknown>>;

export interface QueryOptions {
  /** The engine stops the query after this time (error 159); 30 unless given. */
  readonly maxExecutionSeconds?: number;
}

export interface InsertOptions {
  /** The same token within the table's deduplication window writes nothing again. */
  readonly token?: string;
}

/** Connection to one database. Failures are thrown as `ClickHouseError` (code, type) or, when nothing answers, as network errors. */
export interface Warehouse {
  readonly database: string;
  /**
   * Runs one SELECT and returns its rows. Decimals and 64-bit integers are strings ("12.50", "9007199254740993"), dates
   * "2024-01-31", instants "2024-01-31 10:00:00.000". The SQL must have no FORMAT and no SETTINGS clause at its end.
   */
  query<T>(sql: string, params?: QueryParams, options?: QueryOptions): Promise<T[]>;
  /**
   * Writes the rows in one INSERT and resolves when the engine has them on disk. Keys are column names; decimals and 64-bit
   * integers are given as strings. An unknown key is an error. No rows: nothing is sent.
   */
  insert(table: string, rows: readonly object[], options?: InsertOptions): Promise<void>;
  /** Runs one statement without a result (DDL, OPTIMIZE, INSERT .. SELECT). */
  command(sql: string, params?: QueryParams, options?: QueryOptions): Promise<void>;
  /** Resolves when the server answers and takes the credentials. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const QUERY_SECONDS = 30;
const COMMAND_SECONDS = 120;
const INSERT_SECONDS = 120;
/** How much longer than the engine's own limit the client waits before it gives up on the connection. */
const WAIT_BEYOND_LIMIT_MS = 15_000;

/** Settings that make JSON rows exact: without them a Decimal(20,2) arrives as a rounded double. */
const EXACT_JSON =
  'output_format_json_quote_decimals = 1, output_format_decimal_trailing_zeros = 1, output_format_json_quote_64bit_integers = 1';

/** Gives up on the connection when the engine's own limit has not ended the call; its timer ends with the call. */
async function withDeadline<T>(seconds: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(`ClickHouse did not answer within ${String(seconds)} s`)),
    seconds * 1000 + WAIT_BEYOND_LIMIT_MS,
  );
  try {
    return await call(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

interface InsertData {
  readonly values: readonly object[];
  readonly format: 'JSONEachRow' | 'JSONCompactEachRow';
  readonly columns?: [string, ...string[]];
}

/** Rows of the same keys go without them: names are half of the bytes of a wide row. */
const formatOf = (rows: readonly object[]): InsertData => {
  const [first, ...others] = Object.keys(rows[0] ?? {});
  const named: InsertData = { values: rows, format: 'JSONEachRow' };
  if (first === undefined || ![first, ...others].every((name) => /^\w+$/.test(name))) return named;
  const columns: [string, ...string[]] = [first, ...others];
  const values: unknown[][] = [];
  for (const row of rows as readonly Readonly<Record<string, unknown>>[]) {
    const cells = columns.map((column) => row[column]);
    if (cells.includes(undefined) || Object.keys(row).length !== columns.length) return named;
    values.push(cells);
  }
  return { values, format: 'JSONCompactEachRow', columns: [`\`${first}\``, ...others.map((name) => `\`${name}\``)] };
};

/** Opens a pool of at most 10 keep-alive connections; nothing is sent before the first call. */
export function createWarehouse(config: WarehouseConfig): Warehouse {
  const client = createClient({
    url: config.url,
    username: config.user,
    password: config.password,
    database: config.database,
    application: 'stratcap',
    max_open_connections: 10,
    // Every failure is thrown to the caller, who logs it once; the client's own log would repeat the SQL on the console.
    log: { level: ClickHouseLogLevel.OFF },
    // The limit of each call is its own; this one only has to be longer than all of them.
    request_timeout: 2 ** 31 - 1,
    keep_alive: { enabled: true, idle_socket_ttl: 2500 },
  });

  return {
    database: config.database,
    query<T>(sql: string, params: QueryParams = {}, { maxExecutionSeconds = QUERY_SECONDS }: QueryOptions = {}): Promise<T[]> {
      return withDeadline(maxExecutionSeconds, async (signal) => {
        // The settings are part of the SQL and not of the connection: so they hold for this query only, on every backend.
        const result = await client.query({
          query: `${sql}\nSETTINGS max_execution_time = ${String(maxExecutionSeconds)}, ${EXACT_JSON}`,
          format: 'JSONEachRow',
          query_params: { ...params },
          abort_signal: signal,
        });
        return await result.json<T>();
      });
    },
    async insert(table, rows, options = {}) {
      if (rows.length === 0) return;
      await withDeadline(INSERT_SECONDS, (signal) =>
        client.insert({
          table,
          ...formatOf(rows),
          clickhouse_settings: {
            async_insert: 0,
            // Threads that parse a batch of this size cost more than they save.
            input_format_parallel_parsing: 0,
            input_format_skip_unknown_fields: 0,
            date_time_input_format: 'best_effort',
            max_execution_time: INSERT_SECONDS,
            ...(options.token === undefined ? {} : { insert_deduplication_token: options.token }),
          },
          abort_signal: signal,
        }),
      );
    },
    async command(sql, params = {}, { maxExecutionSeconds = COMMAND_SECONDS } = {}) {
      await withDeadline(maxExecutionSeconds, (signal) =>
        client.command({
          query: sql,
          query_params: { ...params },
          clickhouse_settings: { max_execution_time: maxExecutionSeconds },
          abort_signal: signal,
        }),
      );
    },
    async ping() {
      const result = await client.ping({ select: true });
      if (!result.success)
        throw new Error(`ClickHouse at ${config.url} does not answer as user ${config.user}: ${result.error.message}`, {
          cause: result.error,
        });
    },
    async close() {
      await client.close();
    },
  };
}
