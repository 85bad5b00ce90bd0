// What a person asks of one partition of a processor: what it does now, how far it is, and why it does not go on.
import type { TaskMetrics } from './metrics.ts';

/** fencing: its committed position is being settled; waiting: for something that failed and may pass. */
export type TaskState = 'fencing' | 'restoring' | 'running' | 'waiting' | 'failed' | 'stopped';

/** Offsets as text, since JSON has no bigint. */
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

/** The health of a partition, as long as the worker holds it, restarts included. */
export interface HealthCell {
  readonly now: TaskHealth;
  set(change: Partial<TaskHealth>): void;
  /** It dropped its state and starts anew. */
  restarted(error: unknown): void;
}

export const createHealthCell = (partition: number, metrics: TaskMetrics): HealthCell => {
  let now: TaskHealth = {
    partition,
    state: 'fencing',
    restore: null,
    nextOffset: null,
    lag: null,
    lastCommitAt: null,
    restarts: 0,
    error: null,
  };
  const set = (change: Partial<TaskHealth>): void => {
    now = { ...now, ...change };
    metrics.running(now.state === 'running');
    if (change.lag !== undefined && change.lag !== null) metrics.lag(change.lag);
  };
  metrics.running(false);
  return {
    get now() {
      return now;
    },
    set,
    restarted: (error) => {
      metrics.restarted();
      set({
        state: 'waiting',
        restore: null,
        restarts: now.restarts + 1,
        error: error instanceof Error ? error.message : String(error),
      });
    },
  };
};
