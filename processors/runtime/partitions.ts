// The partitions that a worker holds: begun, restored, dropped and begun anew, failed, given away.
import type { Logger } from 'pino';
import type { KafkaPort, Worker } from '#platform/kafka/port.ts';
import { topicName } from '#schemas/topics.ts';
import { judge, type RuntimeError } from './errors.ts';
import { createInbox, type Inbox } from './inbox.ts';
import type { LogEnds } from './log-ends.ts';
import type { RuntimeMetrics } from './metrics.ts';
import { openPartition, type OpenedPartition } from './open-partition.ts';
import { newHistory, newTask, type PartitionHistory, type PartitionTask } from './partition-task.ts';
import { createSnapshotWriter } from './snapshot-writer.ts';
import type { TableStore } from './tables.ts';
import type { TaskHealth } from './task-health.ts';
import type { Processor } from './topology.ts';
import { pause } from './waiting.ts';

const BACK_OFF_MS = { first: 100, max: 5_000 };
/** What a fetch brings at most, shared by the partitions, so that none floods the inbox; each has a useful part of it. */
const FETCH_BYTES = { all: 4 * 1024 * 1024, eachMin: 1024 * 1024 };
const WAITING_BYTES_MAX = 8 * 1024 * 1024;
const PROBE_WAIT_MS = 200;

export interface PartitionsDeps<State> {
  readonly kafka: KafkaPort;
  readonly ends: LogEnds;
  readonly worker: Pick<Worker, 'committed'>;
  readonly topicPrefix: string;
  readonly processor: Processor<State>;
  readonly tables: TableStore;
  readonly logger: Logger;
  readonly metrics: RuntimeMetrics;
  readonly batchWaitMs: number;
  readonly snapshotEvery: number;
  /** Something arrived or became ready. */
  readonly onReady: () => void;
  /** A partition stopped for good. */
  readonly onFailed: (error: RuntimeError) => void;
  /** Another process has taken this worker's place. */
  readonly onFenced: (error: RuntimeError) => void;
}

export interface Partitions<State> {
  readonly held: ReadonlyMap<number, PartitionTask<State>>;
  readonly inbox: Inbox;
  /** Known before they are assigned, for whoever asks how they are. */
  expect(partitions: readonly number[]): void;
  /** From its committed position, with nothing kept of a former state; one that stopped for good stays so. */
  begin(partition: number): void;
  /** It stops for good; the others go on. */
  fail(task: PartitionTask<State>, error: RuntimeError): void;
  /** Its state is worthless: it begins anew by `beginDropped`. `cause` is null where nothing went wrong. */
  drop(task: PartitionTask<State>, cause: unknown): void;
  /** Begins the dropped ones that are free of transactions under way. */
  beginDropped(isFree: (task: PartitionTask<State>) => boolean): void;
  /** It is gone without notice; it may come back. */
  lose(partition: number, cause: Error): void;
  /** Lost ones that did not come back belong to others now. */
  forgetMissing(): void;
  /** It was handed over. */
  giveUp(partition: number): void;
  /** Nothing more is begun or fetched; every partition ends in that state. */
  end(state: 'stopped' | 'failed', error?: RuntimeError): Promise<void>;
  health(): readonly TaskHealth[];
}

export const createPartitions = <State>(deps: PartitionsDeps<State>): Partitions<State> => {
  const { kafka, ends, worker, topicPrefix, processor, tables, logger, metrics, onReady, onFailed, onFenced } = deps;
  const topic = topicName(topicPrefix, processor.input);
  const held = new Map<number, PartitionTask<State>>();
  const histories = new Map<number, PartitionHistory>();
  const dropped = new Set<PartitionTask<State>>();
  /** Lost ones that have not come back yet. */
  const missing = new Set<number>();
  let isEnded = false;

  const historyOf = (partition: number): PartitionHistory => {
    const known = histories.get(partition) ?? newHistory(partition, metrics.task(processor.name, partition));
    histories.set(partition, known);
    return known;
  };
  const release = (task: PartitionTask<State>): void => {
    task.release.abort();
    task.running = null;
    dropped.delete(task);
    if (held.get(task.partition) === task) inbox.remove(task.partition);
  };
  const forget = (partition: number): void => {
    histories.get(partition)?.metrics.running(false);
    histories.delete(partition);
  };
  const placeOf = (partition: number): string => `${processor.name} partition ${partition}`;

  const fail: Partitions<State>['fail'] = (task, error) => {
    release(task);
    task.history.failed = error;
    task.history.health.set({ state: 'failed', restore: null, error: `${error.code}: ${error.message}` });
    logger.fatal({ err: error, code: error.code, partition: task.partition }, 'a partition stopped for good');
    onFailed(error);
  };

  /** Which partition it is that cannot be read: each is asked for by itself. */
  const probe = async (task: PartitionTask<State>): Promise<void> => {
    if (task.running === null) return;
    const reader = kafka.reader({ positions: [{ topic, partition: task.partition, offset: task.running.queue.fetchedTo() }] });
    try {
      await reader.poll(PROBE_WAIT_MS);
    } catch (error) {
      const verdict = judge(error, placeOf(task.partition), task.partition);
      if (verdict.kind === 'stop' && !task.release.signal.aborted) fail(task, verdict.error);
    } finally {
      await reader.close();
    }
  };
  const runningTasks = (): readonly PartitionTask<State>[] => [...held.values()].filter(({ running }) => running !== null);

  const inbox = createInbox({
    topic,
    openReader: (options) => kafka.reader(options),
    waitMs: deps.batchWaitMs,
    bytesPerFetch: () => Math.max(FETCH_BYTES.eachMin, Math.floor(FETCH_BYTES.all / Math.max(1, held.size))),
    bytesMax: WAITING_BYTES_MAX,
    onArrival: onReady,
    onFailure: async (error) => {
      logger.warn({ err: error }, 'the inputs could not be fetched; it is tried again');
      if (judge(error, processor.name, -1).kind === 'stop') await Promise.all(runningTasks().map(probe));
      const message = error instanceof Error ? error.message : String(error);
      for (const { history } of runningTasks()) history.health.set({ state: 'waiting', error: message });
    },
    onRecovery: () => {
      for (const { history } of runningTasks()) history.health.set({ state: 'running', error: null });
    },
  });

  const resume = (task: PartitionTask<State>, { start, restored }: OpenedPartition<State>): void => {
    const { partition, history } = task;
    task.running = {
      state: restored.state,
      context: { partition, tables },
      queue: inbox.add(partition, start.position, start.end),
      committed: start.position,
      snapshots: createSnapshotWriter({ processor: processor.name, partition }, { every: deps.snapshotEvery, restored }),
      eventsTopicId: restored.eventsTopicId,
      caughtUpTo: new Map(),
      isParked: false,
    };
    history.health.set({ state: 'running', restore: null, error: null });
    onReady();
  };
  const open = async (task: PartitionTask<State>): Promise<void> => {
    const { partition, history } = task;
    const { signal } = task.release;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const place = { partition, signal, health: history.health, metrics: history.metrics };
        const opened = await openPartition({ kafka, ends, worker, topicPrefix, processor, tables, logger }, place);
        if (opened !== null) resume(task, opened);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const verdict = judge(error, placeOf(partition), partition);
        if (verdict.kind === 'stop') {
          if (verdict.error.code === 'fenced') onFenced(verdict.error);
          else fail(task, verdict.error);
          return;
        }
        const waitMs = Math.min(BACK_OFF_MS.first * 2 ** failures, BACK_OFF_MS.max);
        logger.warn({ err: error, partition, waitMs }, 'a partition could not be restored; it is tried again');
        history.health.restarted(error);
        await pause(waitMs, signal);
      }
    }
  };
  const begin = (partition: number): void => {
    if (isEnded) return;
    const former = held.get(partition);
    if (former !== undefined) release(former);
    const task = newTask<State>(partition, historyOf(partition));
    held.set(partition, task);
    if (task.history.failed === null) void open(task);
  };

  return {
    held,
    inbox,
    expect: (partitions) => {
      for (const partition of partitions) historyOf(partition);
    },
    begin: (partition) => {
      missing.delete(partition);
      begin(partition);
    },
    fail,
    drop: (task, cause) => {
      if (task.release.signal.aborted) return;
      release(task);
      if (cause === null) task.history.health.set({ state: 'fencing' });
      else task.history.health.restarted(cause);
      dropped.add(task);
    },
    beginDropped: (isFree) => {
      const free = dropped.size === 0 ? [] : [...dropped].filter(isFree);
      for (const task of free) {
        dropped.delete(task);
        if (held.get(task.partition) === task && !task.isLeaving) begin(task.partition);
      }
    },
    lose: (partition, cause) => {
      const task = held.get(partition);
      if (task === undefined) return;
      if (!task.release.signal.aborted) task.history.health.restarted(cause);
      release(task);
      held.delete(partition);
      missing.add(partition);
    },
    forgetMissing: () => {
      for (const partition of missing) forget(partition);
      missing.clear();
    },
    giveUp: (partition) => {
      const task = held.get(partition);
      if (task !== undefined) release(task);
      held.delete(partition);
      forget(partition);
    },
    end: async (state, error) => {
      isEnded = true;
      for (const task of held.values()) release(task);
      for (const { failed, health } of histories.values()) {
        if (state === 'failed' || failed === null)
          health.set({ state, restore: null, ...(error === undefined ? {} : { error: `${error.code}: ${error.message}` }) });
      }
      await inbox.close();
    },
    health: () => [...histories.values()].map(({ health }) => health.now).sort((a, b) => a.partition - b.partition),
  };
};
