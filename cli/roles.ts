// The roles of the system, each a process of its own: here they get their connections and nothing else.
import { createMetrics } from '#platform/observability/metrics.ts';
import type { RunningRole } from '#platform/process/graceful.ts';
import { capitalAccountsProcessor } from '../processors/capital-accounts/processor.ts';
import { ledgerProcessor } from '../processors/ledger/processor.ts';
import { startProcessor } from '../processors/runtime/runtime.ts';
import type { Processor } from '../processors/runtime/topology.ts';
import { startClickHouseSink } from '../sinks/clickhouse/sink.ts';
import { startPostgresSink } from '../sinks/postgres/sink.ts';
import { startApiRole } from './api-role.ts';
import { logEpoch, type Context } from './context.ts';

export const roleNames = ['ledger', 'capital-accounts', 'sink-postgres', 'sink-clickhouse', 'api'] as const;
export type RoleName = (typeof roleNames)[number];
export const isRoleName = (name: string): name is RoleName => (roleNames as readonly string[]).includes(name);

type Role = Required<RunningRole>;

/** A role that stops for good ends its process: the supervisor says so and starts it again with growing pauses. */
const end = (context: Context, error: unknown): void => {
  context.logger.fatal({ err: error }, 'the role cannot go on');
  setTimeout(() => process.exit(1), 50);
};

const startProcessorRole = async <State>(processor: Processor<State>, context: Context): Promise<Role> => {
  const { topicPrefix, partitions } = context.config;
  const running = await startProcessor(processor, { kafka: await context.kafka(), topicPrefix, partitions, logger: context.logger });
  void running.failed.then((error) => end(context, error));
  return { stop: async () => await running.stop(), health: () => running.health() };
};

/** Starts a role with the connections of its context. */
export const startRole = async (name: RoleName, context: Context): Promise<Role> => {
  const { codec, config, logger } = context;
  const { topicPrefix, partitions } = config;
  const log = { codec, topicPrefix, partitions, epoch: logEpoch, logger };
  switch (name) {
    case 'ledger':
      return await startProcessorRole(ledgerProcessor({ codec, partitions }), context);
    case 'capital-accounts':
      return await startProcessorRole(capitalAccountsProcessor({ codec }), context);
    case 'sink-clickhouse': {
      const sink = await startClickHouseSink({ ...log, kafka: await context.kafka(), warehouse: context.warehouse(), onFatal: (error) => end(context, error) });
      return sink;
    }
    case 'sink-postgres': {
      const sink = await startPostgresSink({ ...log, kafka: await context.kafka(), pool: context.pool(), metrics: createMetrics(name) });
      void sink.ended.then((ended) => (ended.kind === 'failed' ? end(context, ended.error) : undefined));
      return sink;
    }
    case 'api':
      return await startApiRole(context);
  }
};
