// The configuration of one process: the environment parsed once at its start into a frozen, typed value. Nothing else
// reads process.env, and nothing else decides a default.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import type { SecuritySettings } from '#platform/kafka/security.ts';
import type { StackAddresses } from '#platform/stack/addresses.ts';
import type { Secrets } from '#platform/stack/secrets.ts';
import { VARIABLES, type Variable, type VariableName } from './variables.ts';

export interface Config {
  readonly addresses: StackAddresses;
  /** How connections to Kafka are encrypted and signed in to. */
  readonly kafkaSecurity: SecuritySettings;
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly clickhouseDatabase: string;
  readonly tenantId: string;
  /** Names this process among those that share the partitions of a processor. */
  readonly workerId: string;
  /** Folder of the pinned schemas; null for those of this version. */
  readonly releasedSchemas: string | null;
  /** Port of a role's own metrics; null unless set. */
  readonly metricsPort: number | null;
  /** Where findings are posted; null unless set. */
  readonly alertWebhookUrl: string | null;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly http: { readonly host: string; readonly port: number };
  readonly keyStore: {
    readonly path: string;
    /** 32 bytes in hex. */
    readonly masterKey: string;
  };
  /** Signs the page's cookie. */
  readonly cookieSecret: string;
}

/** A setting that is missing or wrong. The message names each variable, its value (never of a secret) and the fix. */
export class ConfigFailure extends Error {
  readonly code = 'CONFIG_INVALID';
}

type Parsed = { readonly [Name in VariableName]: z.infer<(typeof VARIABLES)[Name]['schema']> };

/** Variables without which no process can work; the embedded stack sets them for its roles. */
const REQUIRED: ReadonlySet<string> = new Set([
  'KAFKA_BROKERS',
  'SCHEMA_REGISTRY_URL',
  'DATABASE_URL',
  'CLICKHOUSE_URL',
  'CLICKHOUSE_USER',
  'STRATCAP_BOOKING_TOKEN',
  'STRATCAP_COOKIE_SECRET',
  'STRATCAP_KEY_STORE_KEY',
] satisfies VariableName[]);

/** Parses the environment. Throws ConfigFailure that lists everything that is wrong, not only the first. */
export const loadConfig = (env: NodeJS.ProcessEnv): Config => {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    const given = env[name] || undefined;
    const result = variable.schema.safeParse(given);
    if (result.success) values[name] = result.data;
    else if (given !== undefined) problems.push(`${name} is ${shown(variable, given)}. Set it to ${variable.fix}.`);
    else if (REQUIRED.has(name))
      problems.push(`${name} is not set. Set it to ${variable.fix}, or start with the embedded stack, which sets it.`);
  }
  problems.push(...securityProblems(values as Parsed));
  if (problems.length > 0) throw new ConfigFailure(problems.join('\n'));
  return freeze(toConfig(values as Parsed));
};

/** Settings that say nothing without one another. */
const securityProblems = (values: Partial<Parsed>): string[] => {
  const problems: string[] = [];
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USER: user, KAFKA_SASL_PASSWORD: password } = values;
  if (mechanism !== undefined && (user === undefined || password === undefined))
    problems.push(`KAFKA_SASL_MECHANISM is '${mechanism}'. Set KAFKA_SASL_USER and KAFKA_SASL_PASSWORD, too.`);
  if ((values.KAFKA_TLS_CERT === undefined) !== (values.KAFKA_TLS_KEY === undefined))
    problems.push('Only one of KAFKA_TLS_CERT and KAFKA_TLS_KEY is set. Set both, or none.');
  return problems;
};

const shown = (variable: Variable, value: string): string => (variable.secret ? 'not valid' : `'${value}'`);

const toConfig = (values: Parsed): Config => {
  const dataFolder = resolve(values.STRATCAP_DATA);
  const ingest = { user: values.CLICKHOUSE_USER, password: values.CLICKHOUSE_PASSWORD ?? '' };
  const analyst = { user: values.CLICKHOUSE_ANALYST_USER, password: values.CLICKHOUSE_ANALYST_PASSWORD ?? '' };
  return {
    addresses: {
      kafkaBrokers: values.KAFKA_BROKERS,
      schemaRegistryUrl: values.SCHEMA_REGISTRY_URL.replace(/\/$/, ''),
      databaseUrl: values.DATABASE_URL,
      clickhouseUrl: values.CLICKHOUSE_URL,
      clickhouseIngest: ingest,
      clickhouseAnalyst: values.CLICKHOUSE_ANALYST_USER ? analyst : ingest,
      bookingToken: values.STRATCAP_BOOKING_TOKEN,
      dataFolder,
    },
    kafkaSecurity: {
      tls: values.KAFKA_TLS === 'on',
      caFile: values.KAFKA_TLS_CA ?? null,
      certFile: values.KAFKA_TLS_CERT ?? null,
      keyFile: values.KAFKA_TLS_KEY ?? null,
      mechanism: values.KAFKA_SASL_MECHANISM ?? null,
      username: values.KAFKA_SASL_USER ?? '',
      password: values.KAFKA_SASL_PASSWORD ?? '',
    },
    topicPrefix: values.STRATCAP_TOPIC_PREFIX,
    partitions: values.STRATCAP_PARTITIONS,
    clickhouseDatabase: values.STRATCAP_CLICKHOUSE_DATABASE,
    tenantId: values.STRATCAP_TENANT_ID,
    workerId: values.STRATCAP_WORKER_ID,
    releasedSchemas: values.STRATCAP_RELEASED_SCHEMAS ?? null,
    metricsPort: values.STRATCAP_METRICS_PORT ?? null,
    alertWebhookUrl: values.STRATCAP_ALERT_WEBHOOK_URL ?? null,
    logLevel: values.STRATCAP_LOG_LEVEL,
    http: { host: values.STRATCAP_HTTP_HOST, port: values.STRATCAP_HTTP_PORT },
    keyStore: { path: values.STRATCAP_KEY_STORE ?? join(dataFolder, 'keys'), masterKey: values.STRATCAP_KEY_STORE_KEY },
    cookieSecret: values.STRATCAP_COOKIE_SECRET,
  };
};

const freeze = <Value extends object>(value: Value): Value => {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freeze(part as object);
  return Object.freeze(value);
};

interface RunningStack {
  readonly addresses: StackAddresses;
  readonly secrets: Pick<Secrets, 'cookieSecret' | 'keyStoreMasterKey'>;
  readonly ports: { readonly http: number };
}

/**
 * The environment of a role: the parent's, with the addresses and secrets of the running stack laid over it, so that
 * `loadConfig` in the role says the same as in the parent.
 */
export const environmentOf = (env: NodeJS.ProcessEnv, { addresses, secrets, ports }: RunningStack): NodeJS.ProcessEnv => ({
  ...env,
  KAFKA_BROKERS: addresses.kafkaBrokers,
  SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
  DATABASE_URL: addresses.databaseUrl,
  CLICKHOUSE_URL: addresses.clickhouseUrl,
  CLICKHOUSE_USER: addresses.clickhouseIngest.user,
  CLICKHOUSE_PASSWORD: addresses.clickhouseIngest.password,
  CLICKHOUSE_ANALYST_USER: addresses.clickhouseAnalyst.user,
  CLICKHOUSE_ANALYST_PASSWORD: addresses.clickhouseAnalyst.password,
  STRATCAP_HTTP_PORT: String(ports.http),
  STRATCAP_DATA: addresses.dataFolder,
  STRATCAP_BOOKING_TOKEN: addresses.bookingToken,
  STRATCAP_COOKIE_SECRET: env['STRATCAP_COOKIE_SECRET'] || secrets.cookieSecret,
  STRATCAP_KEY_STORE_KEY: env['STRATCAP_KEY_STORE_KEY'] || secrets.keyStoreMasterKey,
});

/**
 * Where the data of the stack lies: `STRATCAP_DATA`, or `.stratcap` in the working folder, absolute. Known without a whole
 * configuration, which a stack that does not run yet cannot give.
 */
export const dataFolderOf = (env: NodeJS.ProcessEnv): string => resolve(env['STRATCAP_DATA'] || VARIABLES.STRATCAP_DATA.default);

/** process.env with what `.env` of the folder adds to it. What the shell has set wins. */
export const readEnvironment = (folder = process.cwd()): NodeJS.ProcessEnv => {
  const file = join(folder, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  return process.env;
};

/** The configuration as it may be logged: passwords, tokens and keys are replaced. */
export const redacted = (config: Config): object => {
  const { addresses } = config;
  const database = new URL(addresses.databaseUrl);
  if (database.password) database.password = 'redacted';
  const hidden = '[redacted]';
  return {
    ...config,
    kafkaSecurity: { ...config.kafkaSecurity, password: hidden },
    cookieSecret: hidden,
    keyStore: { ...config.keyStore, masterKey: hidden },
    addresses: {
      ...addresses,
      databaseUrl: database.href,
      bookingToken: hidden,
      clickhouseIngest: { ...addresses.clickhouseIngest, password: hidden },
      clickhouseAnalyst: { ...addresses.clickhouseAnalyst, password: hidden },
    },
  };
};
