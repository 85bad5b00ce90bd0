// One task: one partition of one processor, with its state, its transactional id and its position. It fences, finds its position,
// restores and processes; whatever fails, it drops all of that and starts again from the fence.
import type { Logger } from 'pino';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { judge, type RuntimeError } from './errors.ts';
import type { TaskMetrics } from './metrics.ts';
import { transactionalIdOf } from './names.ts';
import { processInput } from './process-input.ts';
import { restore, type RestoreProgressListener } from './restore.ts';
import { startPosition } from './start-position.ts';
import type { TableStore } from './tables.ts';
import type { Processor } from './topology.ts';
import { orAborted, pause } from './waiting.ts';

export interface TaskSettings {
  readonly batchRecordsMax: number;
  readonly batchWaitMs: number;
  readonly snapshotEvery: number;
  readonly transactionTimeoutMs: number;
  readonly codeVersion: string;
}

export interface TaskDeps<State> {
  readonly kafka: KafkaPort;
  readonly topicPrefix: string;
  readonly processor: Processor<State>;
  readonly partition: number;
  readonly tables: TableStore;
  readonly logger: Logger;
  readonly metrics: TaskMetrics;
  readonly settings: TaskSettings;
}

export type TaskState = 'fencing' | 'restoring' | 'running' | 'waiting' | 'failed' | 'stopped';

/** What a person asks of a task. Offsets as text, since JSON has no bigint. */
export interface TaskHealth {
  readonly partition: number;
  readonly state: TaskState;
  /** While restoring: events folded so far, and the way from the position to the target. */
  readonly restore: { readonly restored: number; readonly position: string; readonly target: string } | null;
  readonly nextOffset: string | null;
  readonly lag: number | null;
  readonly lastCommitAt: string | null;
  readonly restarts: number;
  readonly error: string | null;
}

export interface Task {
  /** Ends when the task stopped: with null when it was asked to, with the error when it stopped for good. */
  readonly done: Promise<RuntimeError | null>;
  /** Finishes the transaction under way, writes a snapshot, and ends. */
  stop(): Promise<void>;
  health(): TaskHealth;
}

const BACK_OFF_MS = { first: 100, max: 5_000 };

const isDefect = ({ code }: RuntimeError): boolean => code === 'event-not-applicable' || code === 'step-defect';

export const startTask = <State>(deps: TaskDeps<State>): Task => {
  const { kafka, topicPrefix, processor, partition, tables, metrics, settings } = deps;
  const logger = deps.logger.child({ processor: processor.name, partition });
  const stopping = new AbortController();
  const { signal } = stopping;
  let health: TaskHealth = {
    partition,
    state: 'fencing',
    restore: null,
    nextOffset: null,
    lag: null,
    lastCommitAt: null,
    restarts: 0,
    error: null,
  };
  let failuresInARow = 0;
  let oneByOne = 0;
  const set = (change: Partial<TaskHealth>): void => {
    health = { ...health, ...change };
    metrics.running(health.state === 'running');
  };

  const onLag = (lag: number): void => {
    metrics.lag(lag);
    if (health.lag !== lag) set({ lag });
  };
  const onCommit = (nextOffset: bigint): void => {
    failuresInARow = 0;
    set({ nextOffset: String(nextOffset), lastCommitAt: new Date().toISOString() });
  };
  const progressOf = (): RestoreProgressListener => {
    let counted = 0;
    return ({ restored, position, target }) => {
      metrics.restoring(restored - counted, Number(target - position));
      counted = restored;
      set({ restore: { restored, position: String(position), target: String(target) } });
    };
  };

  const runOnce = async (): Promise<void> => {
    const startedAt = performance.now();
    set({ state: 'fencing' });
    const place = { kafka, topicPrefix, processor, partition, signal };
    const producer = kafka.transactionalProducer({
      transactionalId: transactionalIdOf(topicPrefix, processor.name, partition),
      transactionTimeoutMs: settings.transactionTimeoutMs,
    });
    try {
      await producer.fence();
      const start = await startPosition(place);
      onLag(Number(start.end - start.position));
      set({ state: 'restoring', nextOffset: String(start.position) });
      const restored = await restore({ ...place, logger, onProgress: progressOf() }, start.position);
      await orAborted(tables.catchUp(processor.tables), signal);
      if (signal.aborted) return;
      const ms = Math.round(performance.now() - startedAt);
      metrics.restored(ms / 1000);
      logger.info(
        { position: String(start.position), events: restored.events, snapshot: restored.snapshot !== null, ms },
        'task restored',
      );
      set({ state: 'running', restore: null, error: null });
      await processInput({ ...deps, logger, producer, signal, restored, start, oneByOne, onCommit, onLag });
    } finally {
      await producer.close();
    }
  };

  const run = async (): Promise<RuntimeError | null> => {
    while (!signal.aborted) {
      try {
        await runOnce();
      } catch (error) {
        const verdict = judge(error, `${processor.name} partition ${partition}`, partition);
        if (verdict.kind === 'stop' && isDefect(verdict.error) && health.state === 'running' && oneByOne === 0) {
          // The inputs before the culprit are right: they are committed one by one, so that the task stops exactly at it.
          oneByOne = settings.batchRecordsMax;
          logger.warn({ err: verdict.error }, 'an input cannot be processed; the inputs before it are committed one by one');
          continue;
        }
        if (verdict.kind === 'stop') {
          logger.fatal({ err: verdict.error, code: verdict.error.code }, 'task stopped for good');
          set({ state: 'failed', restore: null, error: `${verdict.error.code}: ${verdict.error.message}` });
          return verdict.error;
        }
        if (signal.aborted) {
          logger.warn({ err: error }, 'the last transaction of a stopping task failed; nothing of it was committed');
          break;
        }
        const waitMs = Math.min(BACK_OFF_MS.first * 2 ** failuresInARow, BACK_OFF_MS.max);
        failuresInARow += 1;
        metrics.restarted();
        logger.warn({ err: error, waitMs }, 'task starts anew from its fence');
        set({
          state: 'waiting',
          restore: null,
          restarts: health.restarts + 1,
          error: error instanceof Error ? error.message : String(error),
        });
        await pause(waitMs, signal);
      }
    }
    set({ state: 'stopped', restore: null });
    return null;
  };

  const done = run();
  return {
    done,
    stop: async () => {
      stopping.abort();
      await done;
    },
    health: () => health,
  };
};
