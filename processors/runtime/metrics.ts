// What an operator sees of the processors. Names follow Kafka Streams' task, thread and fetch metrics where it has them
// (process-rate, commit-latency, records-lag, restore-*); rates are counters, as Prometheus wants them.
import type { Metrics } from '#platform/observability/metrics.ts';

export interface TaskMetrics {
  processed(records: number): void;
  /** From the timestamp of the oldest input of a transaction to its commit. */
  endToEnd(seconds: number): void;
  deadLettered(records: number): void;
  lag(records: number): void;
  restoring(restoredSince: number, remaining: number): void;
  restored(seconds: number): void;
  restarted(): void;
  snapshotWritten(bytes: number): void;
  /** 1 while the task processes, 0 otherwise. */
  running(isRunning: boolean): void;
}

export interface WorkerMetrics {
  /** From the first request of a transaction to its commit answered. */
  committed(seconds: number): void;
  /** The loop stood still so long to serialise the state of one partition. */
  serialized(seconds: number): void;
}

export interface RuntimeMetrics {
  task(processor: string, partition: number): TaskMetrics;
  worker(processor: string): WorkerMetrics;
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
  const restartsTotal = counter(
    'task_restarts_total',
    'Times that a partition dropped its state and started anew from its committed position.',
  );
  const restoreTotal = counter('restore_total', 'Events folded to restore state; its rate is the restore-rate.');
  const snapshotBytesTotal = counter('snapshot_bytes_total', 'State written as snapshots.');
  const restoreRemaining = gauge('restore_remaining_records', 'Offsets still to read until the state is restored.');
  const recordsLag = gauge('records_lag', 'Offsets between the committed position and the end of the input partition.');
  const taskRunning = gauge(
    'task_running',
    '1 while the partition is processed, 0 while it is fenced, restored, waits or has stopped.',
  );
  const commitLatency = metrics.histogram({
    name: 'commit_latency_seconds',
    help: 'From the first request of a transaction sent to its commit answered; one transaction covers all partitions of a worker.',
    labels: ['processor'],
  });
  const endToEndLatency = metrics.histogram({
    name: 'record_e2e_latency_seconds',
    help: 'From the timestamp of the oldest input of a transaction to its commit answered.',
    labels,
  });
  const serializeSeconds = metrics.histogram({
    name: 'snapshot_serialize_seconds',
    help: 'How long the worker stood still to serialise the state of one partition.',
    labels: ['processor'],
  });
  const restoreSeconds = metrics.histogram({
    name: 'restore_seconds',
    help: 'From the assignment of a partition to its first fetch.',
    labels,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  });
  return {
    task: (processor, partition) => {
      const task = { processor, partition: String(partition) };
      return {
        processed: (records) => processTotal.inc(task, records),
        endToEnd: (seconds) => endToEndLatency.observe(task, seconds),
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
    worker: (processor) => ({
      committed: (seconds) => commitLatency.observe({ processor }, seconds),
      serialized: (seconds) => serializeSeconds.observe({ processor }, seconds),
    }),
  };
};

/** For processors that nobody measures, such as those of a test. */
export const noMetrics: RuntimeMetrics = {
  task: () => ({
    processed: () => undefined,
    endToEnd: () => undefined,
    deadLettered: () => undefined,
    lag: () => undefined,
    restoring: () => undefined,
    restored: () => undefined,
    restarted: () => undefined,
    snapshotWritten: () => undefined,
    running: () => undefined,
  }),
  worker: () => ({ committed: () => undefined, serialized: () => undefined }),
};
