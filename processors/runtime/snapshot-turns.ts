// Snapshots of a worker's partitions, in turn: at most one state is serialised per transaction, so that the loop never stands still for
// all of them at once, and all together take a bounded share of its time.
import type { Logger } from 'pino';
import { topicName } from '#schemas/topics.ts';
import type { LogEnds } from './log-ends.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { PartitionTask } from './partition-task.ts';
import { guarded } from './steps.ts';
import type { Processor } from './topology.ts';
import { partOf, type Transaction } from './transaction.ts';

/** Snapshot bytes that one transaction takes along. */
const PIECE_BYTES_MAX = 1_500_000;
/** After a state was serialised, that many times as long nothing is: at most a twentieth of the time goes into it. */
const REST_FACTOR = 19;

export interface SnapshotTurns<State> {
  /** Puts pieces of what was cut before into the transaction. */
  ride(transaction: Transaction<State>, tasks: Iterable<PartitionTask<State>>): void;
  /** True when something is left to be written. */
  hasPieces(tasks: Iterable<PartitionTask<State>>): boolean;
  /** Serialises the state of one partition of the transaction where that is due. @throws RuntimeError `step-defect`. */
  cutDue(transaction: Transaction<State>): void;
  /** Serialises the state that belongs to its queue's position. @throws RuntimeError `step-defect`. */
  cut(task: PartitionTask<State>): void;
  /** After the transaction of a cut, before the next one is sent: tells the cuts where in the events they stand. */
  place(tasks: Iterable<PartitionTask<State>>): Promise<void>;
}

export const createSnapshotTurns = <State>({
  ends,
  topicPrefix,
  processor,
  metrics,
  logger,
}: {
  readonly ends: LogEnds;
  readonly topicPrefix: string;
  readonly processor: Processor<State>;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
}): SnapshotTurns<State> => {
  let notBefore = 0;

  const cut = ({ partition, running }: PartitionTask<State>): void => {
    if (running === null) return;
    const startedAt = performance.now();
    const bytes = guarded('step-defect', `${processor.name} serialize`, partition, () => processor.serialize(running.state));
    const now = performance.now();
    notBefore = now + (now - startedAt) * REST_FACTOR;
    metrics.serialized((now - startedAt) / 1000);
    const inputPosition = running.queue.position();
    running.snapshots.cut({ inputPosition, eventsTopicId: running.eventsTopicId, stateVersion: processor.stateVersion }, bytes);
  };

  return {
    ride: (transaction, tasks) => {
      let left = PIECE_BYTES_MAX;
      for (const task of tasks) {
        const { running } = task;
        if (running === null || left <= 0) continue;
        const piece = running.snapshots.piece(left);
        if (piece.length === 0) continue;
        partOf(transaction, task, running.queue.position()).hasPiece = true;
        for (const record of piece) {
          transaction.emit(task.partition, record);
          left -= record.value?.length ?? 0;
        }
      }
    },
    hasPieces: (tasks) => {
      for (const { running } of tasks) if (running !== null && running.snapshots.isWriting()) return true;
      return false;
    },
    cutDue: ({ parts, isAlone }) => {
      if (isAlone || performance.now() < notBefore) return;
      for (const task of parts.keys()) {
        if (task.running === null || !task.running.snapshots.isDue()) continue;
        cut(task);
        return;
      }
    },
    cut,
    place: async (tasks) => {
      const cuts = [...tasks].filter(({ running }) => running?.snapshots.awaitsPlace() === true);
      if (cuts.length === 0) return;
      if (processor.input === 'events') {
        for (const { running } of cuts) running?.snapshots.place(null);
        return;
      }
      try {
        // Nothing of this worker is under way, so that the end of its events is the end of its states.
        const marks = await ends(topicName(topicPrefix, 'events'));
        for (const { partition, running } of cuts) {
          const end = marks.find((entry) => entry.partition === partition);
          if (end !== undefined) running?.snapshots.place(end.high);
        }
      } catch (error) {
        for (const { running } of cuts) running?.snapshots.abandon();
        logger.warn({ err: error }, 'a snapshot was given up, since the end of the events could not be learnt');
      }
    },
  };
};
