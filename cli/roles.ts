// The roles of the system, each a process of its own: here they get their connections and nothing else.
import { readFileSync } from 'node:fs';
import { createMetrics, type Metrics } from '#platform/observability/metrics.ts';
import type { RunningRole } from '#platform/process/graceful.ts';
import { startClock } from '../producers/clock/clock.ts';
import { createIntake } from '../producers/commands/intake.ts';
import { capitalAccountsProcessor } from '../processors/capital-accounts/processor.ts';
import { cashFlowsProcessor } from '../processors/cash-flows/processor.ts';
import { holdingsProcessor } from '../processors/holdings/processor.ts';
import { ledgerProcessor } from '../processors/ledger/processor.ts';
import { performanceProcessor } from '../processors/performance/processor.ts';
import { qualityProcessor } from '../processors/quality/processor.ts';
import { createRuntimeMetrics, type RuntimeMetrics } from '../processors/runtime/metrics.ts';
import { startProcessor } from '../processors/runtime/runtime.ts';
import type { Processor } from '../processors/runtime/topology.ts';
import { waterfallsProcessor } from '../processors/waterfalls/processor.ts';
import { startAlerts } from '../sinks/alerts/sink.ts';
import { startClickHouseSink } from '../sinks/clickhouse/sink.ts';
import { startPostgresSink } from '../sinks/postgres/sink.ts';
import { startApiRole } from './api-role.ts';
import { logEpoch, type Context } from './context.ts';
import { serveMetrics, withRoleMetrics } from './metrics.ts';
import { roleNames, type RoleName } from './role-names.ts';

/** Written into dead letters, so that one can tell which version could not process them. */
const codeVersion = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;

interface Role extends Required<RunningRole> {
  /** Whether it does its work now. */
  ready(): boolean;
}

/** A role that stops for good ends its process: the supervisor says so and starts it again with growing pauses. */
const end = (context: Context, error: unknown): void => {
  context.logger.fatal({ err: error }, 'the role cannot go on');
  setTimeout(() => process.exit(1), 50);
};

/**
 * A killed role comes back under its own name within a second, so that nobody waits for the end of its session; a busy machine may keep a
 * role that computes from its heartbeat for longer than a short session.
 */
const membership = { sessionTimeoutMs: 45_000 } as const;
/** Figures of many days may follow from one event: fewer of them are one transaction. */
const figuresBatchMax = 200;

const startProcessorRole = async <State>(
  processor: Processor<State>,
  context: Context,
  metrics: RuntimeMetrics,
  batchRecordsMax?: number,
): Promise<Role> => {
  const { topicPrefix, partitions, workerId } = context.config;
  const running = await startProcessor(processor, {
    kafka: await context.kafka(),
    topicPrefix,
    partitions,
    workerId,
    logger: context.logger,
    metrics,
    membership,
    codeVersion,
    ...(batchRecordsMax === undefined ? {} : { batchRecordsMax }),
  });
  // A task that stopped for a defect would stop again: its partition waits for a mended version, the others go on.
  void running.failed.then((error) =>
    error.code === 'fenced'
      ? end(context, error)
      : context.logger.fatal({ err: error }, 'a task has stopped for good; its partition waits'),
  );
  return { stop: async () => await running.stop(), health: () => running.health(), ready: () => running.health().ready };
};

/** Several processors in one process: each has its own group, transactions and state, and what one of them meets stops none of the others. */
const together = (roles: readonly Role[]): Role => ({
  stop: async () => void (await Promise.all(roles.map(async (role) => await role.stop()))),
  health: () => roles.map((role) => role.health()),
  ready: () => roles.every((role) => role.ready()),
});

const startPart = async (name: RoleName, context: Context, metrics: Metrics): Promise<Role> => {
  const { codec, config, logger } = context;
  const { topicPrefix, partitions } = config;
  const log = { codec, topicPrefix, partitions, epoch: logEpoch, logger };
  switch (name) {
    case 'ledger':
      return await startProcessorRole(ledgerProcessor({ codec, partitions }), context, createRuntimeMetrics(metrics));
    case 'capital-accounts':
      return await startProcessorRole(capitalAccountsProcessor({ codec }), context, createRuntimeMetrics(metrics));
    // What follows from the events of a fund's life; four processes would spend more on themselves than on the work.
    case 'accounting': {
      const shared = createRuntimeMetrics(metrics);
      return together([
        await startProcessorRole(cashFlowsProcessor({ codec }), context, shared),
        await startProcessorRole(performanceProcessor({ codec }), context, shared, figuresBatchMax),
        await startProcessorRole(waterfallsProcessor({ codec }), context, shared, figuresBatchMax),
        await startProcessorRole(qualityProcessor({ codec }), context, shared),
      ]);
    }
    case 'holdings':
      return await startProcessorRole(holdingsProcessor({ codec }), context, createRuntimeMetrics(metrics));
    case 'sink-clickhouse': {
      const sink = await startClickHouseSink({
        ...log,
        kafka: await context.kafka(),
        warehouse: context.warehouse(),
        metrics,
        onFatal: (error) => end(context, error),
      });
      return { ...sink, ready: () => sink.health().state === 'running' };
    }
    case 'sink-postgres': {
      const sink = await startPostgresSink({ ...log, kafka: await context.kafka(), pool: context.pool(), metrics });
      void sink.ended.then((ended) => (ended.kind === 'failed' ? end(context, ended.error) : undefined));
      return { stop: async () => await sink.stop(), health: () => sink.health(), ready: () => sink.health().state === 'ready' };
    }
    case 'alerts': {
      const { alertWebhookUrl } = config;
      if (alertWebhookUrl === null)
        throw new Error('the role alerts has nowhere to post to; set STRATCAP_ALERT_WEBHOOK_URL to an http(s) URL');
      const alerts = await startAlerts({ ...log, kafka: await context.kafka(), webhookUrl: alertWebhookUrl });
      return { ...alerts, ready: () => alerts.health().state === 'running' };
    }
    case 'clock': {
      const intake = await createIntake({ ...log, kafka: await context.kafka() });
      const clock = startClock({
        submit: async (command) => await intake.submit(command, { withPosition: false }),
        partitions,
        tenantId: config.tenantId,
        logger,
      });
      return {
        stop: async () => {
          await clock.stop();
          await intake.close();
        },
        health: () => clock.health(),
        ready: () => intake.health().ready,
      };
    }
    case 'api': {
      const api = await startApiRole(
        context,
        withRoleMetrics(
          metrics,
          config.addresses.dataFolder,
          roleNames.filter((role) => role !== 'api'),
        ),
      );
      return { ...api, ready: () => true };
    }
  }
};

/** Starts a role with the connections of its context; its metrics and health can be asked for at once. */
export const startRole = async (name: RoleName, context: Context): Promise<Role> => {
  const metrics = createMetrics(name);
  const role = await startPart(name, context, metrics);
  let isStopping = false;
  const { metricsPort, workerId } = context.config;
  const endpoint = await serveMetrics({
    dataFolder: context.config.addresses.dataFolder,
    // A second process of a role has a socket of its own; the API gathers those of the first ones.
    role: workerId === '0' ? name : `${name}.${workerId}`,
    metrics,
    // From the signal on nothing new is sent here, while what is under way is finished.
    ready: () => !isStopping && role.ready(),
    ...(metricsPort === null ? {} : { port: metricsPort }),
  });
  return {
    ...role,
    ready: () => !isStopping && role.ready(),
    stop: async () => {
      isStopping = true;
      await role.stop();
      await endpoint.close();
    },
  };
};
