// The server's configuration, read once from the environment.
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { z } from 'zod';

const Environment = z.object({
  // The engine takes these characters in the path of a spool file for a pattern.
  CLICKHOUSE_SERVER_DATA: z
    .string()
    .min(1)
    .regex(/^[^*?{}[\]]*$/, 'the folder may not have * ? { } [ or ] in its name'),
  CLICKHOUSE_SERVER_PORT: z.coerce.number().int().min(0).max(65_535).default(8123),
  CLICKHOUSE_SERVER_HOST: z.string().min(1).default('127.0.0.1'),
  CLICKHOUSE_SERVER_ALLOWED_HOSTS: z.string().default(''),
  CLICKHOUSE_INGEST_USER: z
    .string()
    .regex(/^\w{1,64}$/)
    .default('ingest'),
  CLICKHOUSE_INGEST_PASSWORD: z.string().min(1),
  CLICKHOUSE_ANALYST_USER: z
    .string()
    .regex(/^\w{1,64}$/)
    .default('analyst'),
  CLICKHOUSE_ANALYST_PASSWORD: z.string().min(1),
});

/** Limits of one role's queries. */
export interface QueryLimits {
  /** Used when the caller gives none. */
  readonly executionSeconds: number;
  readonly executionSecondsMax: number;
  readonly memoryBytesMax: number;
  readonly connections: number;
}

export interface ServerConfiguration {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  /** Names besides loopback and the bound host under which callers may address this server. */
  readonly allowedHosts: readonly string[];
  readonly users: Readonly<Record<'ingest' | 'analyst', { readonly user: string; readonly password: string }>>;
  readonly limits: Readonly<Record<'ingest' | 'analyst', QueryLimits>>;
  readonly threadsPerQuery: number;
  /** Largest body of an INSERT, unpacked, on disk. */
  readonly spoolBytesMax: number;
  /** Largest statement. */
  readonly statementBytesMax: number;
  /** Largest result of a format that cannot be streamed. */
  readonly resultBytesMax: number;
}

/** A problem with the environment, said in the words of who sets it. */
export class ConfigurationError extends Error {}

/** @throws ConfigurationError naming each variable that is missing or wrong; values are not repeated, they may be secrets */
export function readConfiguration(environment: NodeJS.ProcessEnv): ServerConfiguration {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigurationError(`the environment of the ClickHouse server is not complete: ${problems.join('; ')}`);
  }
  const env = parsed.data;
  if (env.CLICKHOUSE_INGEST_USER === env.CLICKHOUSE_ANALYST_USER)
    throw new ConfigurationError('CLICKHOUSE_INGEST_USER and CLICKHOUSE_ANALYST_USER must differ: the user decides the role');
  const memory = totalmem();
  return {
    dataFolder: path.resolve(env.CLICKHOUSE_SERVER_DATA),
    host: env.CLICKHOUSE_SERVER_HOST,
    port: env.CLICKHOUSE_SERVER_PORT,
    allowedHosts: env.CLICKHOUSE_SERVER_ALLOWED_HOSTS.split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
    users: {
      ingest: { user: env.CLICKHOUSE_INGEST_USER, password: env.CLICKHOUSE_INGEST_PASSWORD },
      analyst: { user: env.CLICKHOUSE_ANALYST_USER, password: env.CLICKHOUSE_ANALYST_PASSWORD },
    },
    limits: {
      ingest: {
        executionSeconds: 120,
        executionSecondsMax: 3600,
        memoryBytesMax: Math.min(4e9, Math.floor(memory / 4)),
        connections: 2,
      },
      analyst: {
        executionSeconds: 30,
        executionSecondsMax: 600,
        memoryBytesMax: Math.min(2e9, Math.floor(memory / 8)),
        connections: 4,
      },
    },
    threadsPerQuery: Math.max(2, Math.floor(availableParallelism() / 2)),
    spoolBytesMax: 2 ** 31,
    statementBytesMax: 2 ** 20,
    resultBytesMax: 128 * 2 ** 20,
  };
}
