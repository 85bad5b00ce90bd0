// The one way to Postgres: a pool of 5 to 20 connections with the session settings of spec 10.5, and values as text where a
// JavaScript number or Date would lose digits.
import pg from 'pg';
import type { CustomTypesConfig, Pool } from 'pg';

/** What a pool needs to know. */
export interface PostgresPoolOptions {
  /** `postgres://user:password@host:port/database`; never logged. */
  readonly databaseUrl: string;
  /** Shown in pg_stat_activity, for example `stratcap-sink-postgres`. */
  readonly applicationName: string;
  /** Connections kept when idle; 5 unless given. */
  readonly connectionsMin?: number;
  /** Most connections at once; 20 unless given. */
  readonly connectionsMax?: number;
  /** A statement that takes longer is cancelled by the server; 30 s unless given. */
  readonly statementTimeoutMs?: number;
  /** How long a caller waits for a connection; 10 s unless given. */
  readonly connectTimeoutMs?: number;
  /** Told when an idle connection breaks; the pool opens another one by itself. */
  readonly onIdleError?: (error: Error) => void;
}

/** How full a pool is. */
export interface PoolStatistics {
  readonly size: number;
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
  readonly min: number;
  readonly max: number;
}

/** `2026-11-24 10:00:00.123456+00`, as a session in UTC prints it, to `2026-11-24T10:00:00.123456Z`. */
const isoInstant = (text: string): string => text.replace(' ', 'T').replace(/\+00$/, 'Z');

// numeric and int8 are text in pg already. Dates as Date would shift with the time zone of the process, and instants would lose
// their microseconds.
const types: CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (oid === Number(pg.types.builtins.DATE)) return (text: string): string => text;
    if (oid === Number(pg.types.builtins.TIMESTAMPTZ)) return isoInstant;
    return pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown;
  },
};

/**
 * A pool whose rows carry numeric, int8 and date as text and timestamptz as ISO text in UTC with all its digits. It connects
 * when it is first used and again by itself after the server was away.
 */
export const createPostgresPool = (options: PostgresPoolOptions): Pool => {
  const timeoutMs = options.statementTimeoutMs ?? 30_000;
  const settings = {
    jit: 'off',
    work_mem: '64MB',
    max_parallel_workers_per_gather: '2',
    statement_timeout: String(timeoutMs),
    TimeZone: 'UTC',
  };
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    application_name: options.applicationName,
    min: options.connectionsMin ?? 5,
    max: options.connectionsMax ?? 20,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    keepAlive: true,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    types,
  });
  // Without listeners, a connection that breaks while idle, or between two statements of its user, would end the process. The user of
  // the connection learns of it by the next statement.
  pool.on('error', (error) => options.onIdleError?.(error));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

/** Size, idle and waiting counts of a pool with its bounds (spec 10.5, get_pool_stats). */
export const poolStatistics = (pool: Pool): PoolStatistics => ({
  size: pool.totalCount,
  idle: pool.idleCount,
  waiting: pool.waitingCount,
  min: pool.options.min ?? 0,
  max: pool.options.max,
});
