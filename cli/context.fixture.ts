// A context of the command line on an isolation of the shared engines.
import type { Isolation } from '#tests/support/stack.ts';
import { openContext, type Context } from './context.ts';

/** Opens it; the caller closes it. `partitions` must be those of the topics. */
export const contextOf = (
  { addresses, topicPrefix, clickhouseDatabase }: Isolation,
  partitions: number,
  over: NodeJS.ProcessEnv = {},
): Context =>
  openContext(
    {
      KAFKA_BROKERS: addresses.kafkaBrokers,
      SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
      DATABASE_URL: addresses.databaseUrl,
      CLICKHOUSE_URL: addresses.clickhouseUrl,
      CLICKHOUSE_USER: addresses.clickhouseIngest.user,
      CLICKHOUSE_PASSWORD: addresses.clickhouseIngest.password,
      STRATCAP_CLICKHOUSE_DATABASE: clickhouseDatabase,
      STRATCAP_TOPIC_PREFIX: topicPrefix,
      STRATCAP_PARTITIONS: String(partitions),
      STRATCAP_BOOKING_TOKEN: addresses.bookingToken,
      STRATCAP_COOKIE_SECRET: '00'.repeat(32),
      STRATCAP_KEY_STORE_KEY: '00'.repeat(32),
      ...over,
    },
    'test',
    'silent',
  );
