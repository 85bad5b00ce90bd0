// The engines of a test run, as a test sees them: shared by all files, and a corner of one's own in each of them.
import { randomBytes } from 'node:crypto';
import { createClient } from '@clickhouse/client';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { inject } from 'vitest';
import type { StackAddresses } from '#platform/stack/addresses.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stack: StackAddresses;
  }
}

/** Addresses of the shared engines. Only in projects `int` and `e2e`, whose global set-up starts them. */
export const useStack = (): StackAddresses => inject('stack');

/** A topic prefix that no other test has, such as `t3f9a1c20.`; it is also a valid name for a database without the dot. */
export const uniquePrefix = (): string => `t${randomBytes(5).toString('hex')}.`;

export interface Isolation {
  /** The shared engines with a Postgres database of this isolation in `databaseUrl`. */
  readonly addresses: StackAddresses;
  /** Prefix for topics and consumer groups, ends with a dot. */
  readonly topicPrefix: string;
  /** Name of a ClickHouse database of this isolation; it exists and is empty. */
  readonly clickhouseDatabase: string;
  /** Name of its Postgres database, the one in `addresses.databaseUrl`. */
  readonly postgresDatabase: string;
  /** Drops both databases and the topics that start with the prefix. Call it in `afterAll`. */
  drop(): Promise<void>;
}

type Store = 'postgres' | 'clickhouse';

/** Makes a fresh Postgres database, a fresh ClickHouse database (or only the `stores` named) and a topic prefix on the shared engines. */
export const createIsolation = async ({
  stack = useStack(),
  stores = ['postgres', 'clickhouse'],
}: { readonly stack?: StackAddresses; readonly stores?: readonly Store[] } = {}): Promise<Isolation> => {
  const topicPrefix = uniquePrefix();
  const name = topicPrefix.slice(0, -1);
  // The roles of the embedded ClickHouse reach only databases whose names begin like this.
  const clickhouseDatabase = `stratcap_${name}`;
  if (stores.includes('postgres')) await onPostgres(stack, `create database ${name}`);
  if (stores.includes('clickhouse')) await onClickhouse(stack, `create database ${clickhouseDatabase}`);
  const database = new URL(stack.databaseUrl);
  database.pathname = `/${name}`;
  return {
    addresses: { ...stack, databaseUrl: database.href },
    topicPrefix,
    clickhouseDatabase,
    postgresDatabase: name,
    drop: async () => {
      await Promise.all([
        ...(stores.includes('postgres') ? [dropPostgres(stack, name)] : []),
        ...(stores.includes('clickhouse') ? [onClickhouse(stack, `drop database if exists ${clickhouseDatabase} sync`)] : []),
        deleteTopics(stack, topicPrefix),
      ]);
    },
  };
};

const onPostgres = async (stack: StackAddresses, ...statements: string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

/** A replication slot keeps its database from being dropped, so those of this database go first. */
const dropPostgres = (stack: StackAddresses, name: string): Promise<void> =>
  onPostgres(
    stack,
    `select pg_terminate_backend(active_pid) from pg_replication_slots where database = '${name}' and active`,
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '${name}'`,
    `drop database if exists ${name} with (force)`,
  );

const onClickhouse = async (stack: StackAddresses, query: string): Promise<void> => {
  const { user: username, password } = stack.clickhouseIngest;
  const client = createClient({ url: stack.clickhouseUrl, username, password });
  try {
    await client.command({ query });
  } finally {
    await client.close();
  }
};

const deleteTopics = async (stack: StackAddresses, prefix: string): Promise<void> => {
  const admin = new Kafka({
    brokers: stack.kafkaBrokers.split(','),
    clientId: 'test-isolation',
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
};
