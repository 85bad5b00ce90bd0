// One partition as its worker holds it: from its assignment, or a new start, to its release. What outlives a new start is in `history`.
import type { TopicName } from '#schemas/topics.ts';
import type { RuntimeError } from './errors.ts';
import type { InputQueue } from './input-queue.ts';
import type { TaskMetrics } from './metrics.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';
import type { StepPlace } from './steps.ts';
import { createHealthCell, type HealthCell } from './task-health.ts';

/** What is known of a partition as long as this worker holds it, however often its state is dropped. */
export interface PartitionHistory {
  readonly health: HealthCell;
  readonly metrics: TaskMetrics;
  /** It stopped for good. */
  failed: RuntimeError | null;
  /** The input whose step failed once: when it fails again, the partition stops. */
  culprit: bigint | null;
  /** The closing records of what was committed before the culprit are still to be written. */
  owesClose: boolean;
  /** Inputs before it are taken one by one, each in a transaction of its own, so that the one that cannot be committed shows. */
  aloneUntil: bigint | null;
}

/** A partition whose state is restored. */
export interface RunningPartition<State> extends StepPlace<State> {
  readonly queue: InputQueue;
  /** Committed position of its inputs. */
  committed: bigint;
  readonly snapshots: SnapshotWriter;
  readonly eventsTopicId: string;
  /** Per table: inputs before this offset were on the log when the table was read to its end. */
  readonly caughtUpTo: Map<TopicName, bigint>;
  /** A table is being caught up with for its next input. */
  isParked: boolean;
}

export interface PartitionTask<State> {
  readonly partition: number;
  readonly history: PartitionHistory;
  /** Aborted when the state is dropped, whatever for: nothing that was begun for it counts any more. */
  readonly release: AbortController;
  /** No further input of it is taken. */
  isLeaving: boolean;
  /** null until it is restored, and after it was dropped. */
  running: RunningPartition<State> | null;
}

export const newHistory = (partition: number, metrics: TaskMetrics): PartitionHistory => ({
  health: createHealthCell(partition, metrics),
  metrics,
  failed: null,
  culprit: null,
  owesClose: false,
  aloneUntil: null,
});

export const newTask = <State>(partition: number, history: PartitionHistory): PartitionTask<State> => ({
  partition,
  history,
  release: new AbortController(),
  isLeaving: false,
  running: null,
});
