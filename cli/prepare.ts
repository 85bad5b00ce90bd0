// Brings a stack into the state that the roles expect: schemas registered under their pinned ids, topics made, both stores
// at their newest schema. Safe to repeat; every start does it.
import { topicSpecs } from '#schemas/topics.ts';
import { ensureReleased } from '#schemas/registry/ensure.ts';
import { migrateStarSchema } from '../sinks/clickhouse/rebuild.ts';
import { migrateOperationalModel } from '../sinks/postgres/migrations.ts';
import type { Context } from './context.ts';

/** Prepares everything; `say` tells what is being done. */
export const prepareStack = async (context: Context, say: (text: string) => void): Promise<void> => {
  const { config, released } = context;
  const kafka = await context.kafka();
  say('registering schemas, making topics, migrating both stores');
  await Promise.all([
    ensureReleased({ url: config.addresses.schemaRegistryUrl, topicPrefix: config.topicPrefix, released }),
    kafka.admin.ensureTopics(topicSpecs(config.topicPrefix, config.partitions)),
    migrateOperationalModel(context.pool()),
    migrateStarSchema(context.warehouse()),
  ]);
};
