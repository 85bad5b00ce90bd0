// Runs a processor against Kafka: one task per partition, each exactly once (design.md 2.3). This is the only entry point of the
// runtime for roles; the definition of a processor knows nothing of it.
import type { Logger } from 'pino';
import type { KafkaPort } from '#platform/kafka/port.ts';
import type { RuntimeError } from './errors.ts';
import { noMetrics, type RuntimeMetrics } from './metrics.ts';
import { startTables } from './tables.ts';
import { startTask, type TaskHealth } from './task.ts';
import { checkTopology } from './topology-check.ts';
import type { Processor } from './topology.ts';

export interface ProcessorDeps {
  readonly kafka: KafkaPort;
  /** Prefix of every topic, group and transactional id, for example `stratcap.`. */
  readonly topicPrefix: string;
  /** Partitions of every topic of the deployment. */
  readonly partitions: number;
  /** The partitions that this process works on; all unless given. */
  readonly assigned?: readonly number[];
  readonly logger: Logger;
  readonly metrics?: RuntimeMetrics;
  /** Events after which a task writes a snapshot. */
  readonly snapshotEvery?: number;
  /** Inputs of one transaction. */
  readonly batchRecordsMax?: number;
  /** How long a fetch waits at the broker when nothing is there. It delays neither an input nor a stop. */
  readonly batchWaitMs?: number;
  /** After this long the broker aborts the transaction of a dead process; longer than any batch. */
  readonly transactionTimeoutMs?: number;
  /** Written into dead letters. */
  readonly codeVersion?: string;
}

export interface ProcessorHealth {
  readonly processor: string;
  /** True when every task processes its input. */
  readonly ready: boolean;
  /** Offsets behind over all tasks; null until each has processed something. */
  readonly lag: number | null;
  readonly tasks: readonly TaskHealth[];
}

export interface RunningProcessor {
  /** Finishes what is under way, writes snapshots and ends; every task stops within a few hundred milliseconds. */
  stop(): Promise<void>;
  health(): ProcessorHealth;
  /** Resolves with the first error for which a task stopped for good. The other partitions go on; the role decides. */
  readonly failed: Promise<RuntimeError>;
}

/**
 * Starts every assigned task and returns at once; `health()` tells how far they are.
 * @throws RuntimeError `topology-invalid` when the definition or the topics cannot be right.
 */
export const startProcessor = async <State>(processor: Processor<State>, deps: ProcessorDeps): Promise<RunningProcessor> => {
  const { kafka, topicPrefix, partitions, logger, metrics = noMetrics } = deps;
  const assigned = deps.assigned ?? Array.from({ length: partitions }, (_, partition) => partition);
  await checkTopology(processor, { admin: kafka.admin, topicPrefix, partitions, assigned });
  const settings = {
    batchRecordsMax: deps.batchRecordsMax ?? 500,
    batchWaitMs: deps.batchWaitMs ?? 1_000,
    snapshotEvery: deps.snapshotEvery ?? 20_000,
    transactionTimeoutMs: deps.transactionTimeoutMs ?? 60_000,
    codeVersion: deps.codeVersion ?? 'unknown',
  };
  const tables = startTables({ kafka, topicPrefix, topics: processor.tables, logger });
  const tasks = assigned.map((partition) =>
    startTask({
      kafka,
      topicPrefix,
      processor,
      partition,
      tables,
      logger,
      metrics: metrics.task(processor.name, partition),
      settings,
    }),
  );
  const { promise: failed, resolve } = Promise.withResolvers<RuntimeError>();
  for (const { done } of tasks) {
    void done.then((error) => {
      if (error !== null) resolve(error);
    });
  }
  return {
    failed,
    stop: async () => {
      await Promise.all(tasks.map((task) => task.stop()));
      await tables.stop();
    },
    health: () => {
      const states = tasks.map((task) => task.health());
      const lags = states.map(({ lag }) => lag);
      return {
        processor: processor.name,
        ready: states.every(({ state }) => state === 'running'),
        lag: lags.every((lag) => lag !== null) ? lags.reduce((sum, lag) => sum + lag, 0) : null,
        tasks: states,
      };
    },
  };
};
