// What a command needs of a running stack: its configuration and connections, opened on first use and closed at the end.
import type { Logger } from 'pino';
import type { Pool } from 'pg';
import { dataFolderOf, loadConfig, readEnvironment, type Config } from '#platform/config/config.ts';
import { createWarehouse, type Warehouse } from '#platform/clickhouse/client.ts';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { readSecurity } from '#platform/kafka/security.ts';
import { createLogger } from '#platform/observability/logger.ts';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import type { Codec, ReleasedSchema } from '#schemas/codec.ts';
import { loadCodec, readReleased } from '#schemas/released.ts';
import { readStackFile } from './control.ts';
import { CommandFailure, exitCodes } from './failure.ts';

/** Epoch of the log: raised when the partition count changes. */
export const logEpoch = 1;

/** Connections of one process. */
export interface Context {
  readonly config: Config;
  /** The pinned schemas, with which the registry is compared and the codec decodes. */
  readonly released: readonly ReleasedSchema[];
  readonly codec: Codec;
  readonly logger: Logger;
  kafka(): Promise<KafkaPort>;
  pool(): Pool;
  /** As the user that writes. */
  warehouse(): Warehouse;
  close(): Promise<void>;
}

/** Opens a context from an environment that names every address. */
export const openContext = (env: NodeJS.ProcessEnv, name: string, level?: string): Context => {
  const config = loadConfig(env);
  const logger = createLogger({ role: name, level: level ?? config.logLevel });
  const released = readReleased(config.releasedSchemas ?? undefined);
  let kafka: Promise<KafkaPort> | null = null;
  let pool: Pool | null = null;
  let warehouse: Warehouse | null = null;
  return {
    config,
    released,
    codec: loadCodec(released),
    logger,
    kafka: async () =>
      await (kafka ??= connectKafka({
        brokers: config.addresses.kafkaBrokers,
        clientId: `stratcap-${name}`,
        security: readSecurity(config.kafkaSecurity),
        logger,
      })),
    pool: () =>
      (pool ??= createPostgresPool({
        databaseUrl: config.addresses.databaseUrl,
        applicationName: `stratcap-${name}`,
        onIdleError: (error) => logger.warn({ err: error }, 'an idle Postgres connection broke'),
      })),
    warehouse: () =>
      (warehouse ??= createWarehouse({
        url: config.addresses.clickhouseUrl,
        ...config.addresses.clickhouseIngest,
        database: config.clickhouseDatabase,
      })),
    close: async () => {
      await Promise.allSettled([(async () => await (await kafka)?.close())(), pool?.end(), warehouse?.close()]);
    },
  };
};

/**
 * The environment of the running stack. A stack of one's own servers needs no stack file: its variables say everything.
 * @throws CommandFailure when nothing runs.
 */
export const runningEnvironment = (): NodeJS.ProcessEnv => {
  const env = readEnvironment();
  const file = readStackFile(dataFolderOf(env));
  if (file !== null) return { ...env, ...file.env };
  if (['KAFKA_BROKERS', 'DATABASE_URL', 'CLICKHOUSE_URL', 'SCHEMA_REGISTRY_URL'].every((name) => Boolean(env[name]))) return env;
  throw new CommandFailure(
    `No stack runs on ${dataFolderOf(env)}. Start it with \`npm start\` in another terminal, or name the servers in the environment (.env.example).`,
    exitCodes.unavailable,
  );
};

/** Runs work with a context of the running stack and closes it whatever happens. */
export const withContext = async <Result>(name: string, work: (context: Context) => Promise<Result>): Promise<Result> => {
  const context = openContext(runningEnvironment(), name, process.env['STRATCAP_LOG_LEVEL'] ?? 'error');
  try {
    return await work(context);
  } finally {
    await context.close();
  }
};
