// Runs a processor against Kafka: one worker of its group, exactly once (design.md 2.3). This is the only entry point of the
// runtime for roles; the definition of a processor knows nothing of it.
import type { Logger } from 'pino';
import type { KafkaPort, Worker, WorkerOptions } from '#platform/kafka/port.ts';
import { topicName } from '#schemas/topics.ts';
import { judge, type RuntimeError } from './errors.ts';
import { createLogEnds } from './log-ends.ts';
import { noMetrics, type RuntimeMetrics } from './metrics.ts';
import { groupOf } from './names.ts';
import { startTables } from './tables.ts';
import type { TaskHealth } from './task-health.ts';
import { checkTopology } from './topology-check.ts';
import type { Processor } from './topology.ts';
import { pause } from './waiting.ts';
import { createWorkerLoop } from './worker-loop.ts';

export interface ProcessorDeps {
  readonly kafka: KafkaPort;
  /** Prefix of every topic, group and transactional id, for example `stratcap.`. */
  readonly topicPrefix: string;
  /** Partitions of every topic of the deployment. */
  readonly partitions: number;
  /** Names this worker within the group of its processor, `0` unless given: stable over restarts, never two processes with one id. */
  readonly workerId?: string;
  /** Exactly these partitions, without membership. Unless given, the broker shares all of them out among the workers of the group. */
  readonly assigned?: readonly number[];
  readonly logger: Logger;
  readonly metrics?: RuntimeMetrics;
  /** Inputs after which a partition writes a snapshot. */
  readonly snapshotEvery?: number;
  /** Inputs of one transaction. */
  readonly batchRecordsMax?: number;
  /** How long a fetch waits at the broker when nothing is there. It delays an input of a partition that was just taken over, and no other. */
  readonly batchWaitMs?: number;
  /** After this long the broker aborts the transaction of a dead process; longer than any batch. */
  readonly transactionTimeoutMs?: number;
  /** How soon a revocation is heard, and how long a silent worker keeps its partitions; the port's own unless given. */
  readonly membership?: Pick<WorkerOptions, 'heartbeatIntervalMs' | 'sessionTimeoutMs' | 'rebalanceTimeoutMs'>;
  /** After this long without an answer of the log a stop gives up what is under way; nothing of that is committed then, or all. */
  readonly stopWithinMs?: number;
  /** Written into dead letters. */
  readonly codeVersion?: string;
}

export interface ProcessorHealth {
  readonly processor: string;
  readonly workerId: string;
  /** True when every partition that it holds is processed; false from the moment it is told to stop. */
  readonly ready: boolean;
  /** Offsets behind over all partitions that it holds; null until each has a position. */
  readonly lag: number | null;
  readonly tasks: readonly TaskHealth[];
}

export interface RunningProcessor {
  /** Finishes what is under way, writes snapshots, leaves the group and ends, in well under ten seconds. */
  stop(): Promise<void>;
  health(): ProcessorHealth;
  /** Resolves with the first error for which a partition stopped for good. The others go on, except with `fenced`; the role decides. */
  readonly failed: Promise<RuntimeError>;
}

const START_RETRY_MS = 1_000;
/** A member that was given nothing for so long has nothing to wait for: there are more workers than partitions. */
const IDLE_AFTER_MS = 2_000;

const within = async (work: Promise<void>, ms: number): Promise<boolean> => {
  const giveUp = new AbortController();
  const done = work.then(
    () => true,
    () => false,
  );
  const result = await Promise.race([done, pause(ms, giveUp.signal).then(() => false)]);
  giveUp.abort();
  return result;
};

/**
 * Starts a worker and returns at once; `health()` tells how far its partitions are.
 * @throws RuntimeError `topology-invalid` when the definition or the topics cannot be right.
 */
export const startProcessor = async <State>(processor: Processor<State>, deps: ProcessorDeps): Promise<RunningProcessor> => {
  const { kafka, topicPrefix, partitions, metrics = noMetrics, workerId = '0', stopWithinMs = 8_000 } = deps;
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  await checkTopology(processor, { admin: kafka.admin, topicPrefix, partitions, assigned: deps.assigned ?? all });
  const logger = deps.logger.child({ processor: processor.name, worker: workerId });
  const openWorker = (): Worker =>
    kafka.worker({
      group: groupOf(topicPrefix, processor.name),
      topic: topicName(topicPrefix, processor.input),
      workerId,
      partitions: deps.assigned ?? 'group',
      transactionTimeoutMs: deps.transactionTimeoutMs ?? 60_000,
      ...deps.membership,
    });
  let worker = openWorker();
  const { promise: failed, resolve: onStopped } = Promise.withResolvers<RuntimeError>();
  const ends = createLogEnds(kafka.admin);
  const tables = startTables({ kafka, ends, topicPrefix, topics: processor.tables, logger });
  const loop = createWorkerLoop({
    kafka,
    ends,
    worker: {
      committed: (partition) => worker.committed(partition),
      draft: () => worker.draft(),
      commit: (draft, positions) => worker.commit(draft, positions),
    },
    topicPrefix,
    processor,
    fixed: deps.assigned ?? null,
    tables,
    logger,
    metrics,
    settings: {
      batchRecordsMax: deps.batchRecordsMax ?? 50_000,
      batchWaitMs: deps.batchWaitMs ?? 100,
      snapshotEvery: deps.snapshotEvery ?? 20_000,
      codeVersion: deps.codeVersion ?? 'unknown',
    },
    onStopped: (error) => {
      onStopped(error);
      // At once, before the worker takes its identity anew and fences in its turn whoever has it now.
      if (error.code === 'fenced') void within(worker.leave(), stopWithinMs);
    },
  });

  const stopping = new AbortController();
  let joinedAt: number | null = null;
  const join = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await worker.start(loop.listener);
        joinedAt = Date.now();
        return;
      } catch (error) {
        const verdict = judge(error, `${processor.name} worker ${workerId}`, -1);
        if (verdict.kind === 'stop') return loop.end(verdict.error);
        logger.warn({ err: error }, 'the worker could not join its group; it is tried again');
        await pause(START_RETRY_MS, stopping.signal);
        // One whose start failed is over.
        worker = openWorker();
      }
    }
  };
  const joining = join();

  const stop = async (): Promise<void> => {
    stopping.abort();
    const startedAt = performance.now();
    const drained = await within(loop.drain(), stopWithinMs);
    if (!drained) logger.warn({ stopWithinMs }, 'the log did not answer in time; what was under way is given up');
    const left = Math.max(500, stopWithinMs - (performance.now() - startedAt));
    await within(
      joining.then(() => worker.leave()),
      left,
    );
    await loop.close();
    await tables.stop();
  };
  let stopped: Promise<void> | null = null;
  return {
    failed,
    stop: () => (stopped ??= stop()),
    health: () => {
      const tasks = loop.health();
      const lags = tasks.map(({ lag }) => lag);
      const isMember = joinedAt !== null && (tasks.length > 0 || Date.now() - joinedAt > IDLE_AFTER_MS);
      return {
        processor: processor.name,
        workerId,
        ready: !stopping.signal.aborted && isMember && tasks.every(({ state }) => state === 'running'),
        lag: lags.every((lag) => lag !== null) ? lags.reduce((sum, lag) => sum + lag, 0) : null,
        tasks,
      };
    },
  };
};
