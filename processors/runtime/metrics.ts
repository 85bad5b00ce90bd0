// What an operator sees of the processors. Names follow Kafka Streams' task, thread and fetch metrics where it has them
// (process-rate, commit-latency, records-lag, restore-*); rates are counters, as Prometheus wants them.
import type { Metrics } from '#platform/observability/metrics.ts';

export interface TaskMetrics {
  processed(records: number): void;
  committed(seconds: number): void;
  deadLettered(records: number): void;
  lag(records: number): void;
  restoring(restoredSince: number, remaining: number): void;
  restored(seconds: number): void;
  restarted(): void;
  snapshotWritten(bytes: number): void;
  /** 1 while the task processes, 0 otherwise. */
  running(isRunning: boolean): void;
}

export interface RuntimeMetrics {
  task(processor: string, partition: number): TaskMetrics;
}

const labels = ['processor', 'partition'];

/** The metrics of all processors of a process. */
export const createRuntimeMetrics = (metrics: Metrics): RuntimeMetrics => {
  const counter = (name: string, help: string): ReturnType<Metrics['counter']> => metrics.counter({ name, help, labels });
  const gauge = (name: string, help: string): ReturnType<Metrics['gauge']> => metrics.gauge({ name, help, labels });
  const processTotal = counter(
    'process_total',
    'Input records processed in committed transactions; its rate is the process-rate.',
  );
  const deadLettersTotal = counter('dropped_records_total', 'Input records sent to dead letters.');
  const restartsTotal = counter('task_restarts_total', 'Times that a task dropped its state and started anew from its fence.');
  const restoreTotal = counter('restore_total', 'Events folded to restore state; its rate is the restore-rate.');
  const snapshotBytesTotal = counter('snapshot_bytes_total', 'State written as snapshots.');
  const restoreRemaining = gauge('restore_remaining_records', 'Offsets still to read until the state is restored.');
  const recordsLag = gauge('records_lag', 'Offsets between the committed position and the end of the input partition.');
  const taskRunning = gauge(
    'task_running',
    '1 while the task processes input, 0 while it fences, restores, waits or has stopped.',
  );
  const commitLatency = metrics.histogram({
    name: 'commit_latency_seconds',
    help: 'From the first record of a transaction sent to its commit answered.',
    labels,
  });
  const restoreSeconds = metrics.histogram({
    name: 'restore_seconds',
    help: 'From the fence of a task to its first poll.',
    labels,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  });
  return {
    task: (processor, partition) => {
      const task = { processor, partition: String(partition) };
      return {
        processed: (records) => processTotal.inc(task, records),
        committed: (seconds) => commitLatency.observe(task, seconds),
        deadLettered: (records) => deadLettersTotal.inc(task, records),
        lag: (records) => recordsLag.set(task, records),
        restoring: (restoredSince, remaining) => {
          restoreTotal.inc(task, restoredSince);
          restoreRemaining.set(task, remaining);
        },
        restored: (seconds) => restoreSeconds.observe(task, seconds),
        restarted: () => restartsTotal.inc(task),
        snapshotWritten: (bytes) => snapshotBytesTotal.inc(task, bytes),
        running: (isRunning) => taskRunning.set(task, isRunning ? 1 : 0),
      };
    },
  };
};

/** For processors that nobody measures, such as those of a test. */
export const noMetrics: RuntimeMetrics = {
  task: () => ({
    processed: () => undefined,
    committed: () => undefined,
    deadLettered: () => undefined,
    lag: () => undefined,
    restoring: () => undefined,
    restored: () => undefined,
    restarted: () => undefined,
    snapshotWritten: () => undefined,
    running: () => undefined,
  }),
};
