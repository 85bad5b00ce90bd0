// What an operator sees of the processors. Names follow Kafka Streams' task, thread and fetch metrics where it has them
// (process-rate, commit-latency, records-lag, restore-*); rates are counters, as Prometheus wants them.
import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client';

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

const labelNames = ['processor', 'partition'] as const;
type Label = (typeof labelNames)[number];

/** Registers the metrics of all processors of a process; call it once per registry. */
export const createRuntimeMetrics = (registry: Registry): RuntimeMetrics => {
  const registers = [registry];
  const counter = (name: string, help: string): Counter<Label> =>
    new Counter({ name: `stratcap_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string): Gauge<Label> =>
    new Gauge({ name: `stratcap_${name}`, help, labelNames, registers });
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
  const commitLatency = new Histogram({
    name: 'stratcap_commit_latency_seconds',
    help: 'From the first record of a transaction sent to its commit answered.',
    labelNames,
    registers,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  });
  const restoreSeconds = new Histogram({
    name: 'stratcap_restore_seconds',
    help: 'From the fence of a task to its first poll.',
    labelNames,
    registers,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  });
  return {
    task: (processor, partition) => {
      const labels = { processor, partition: String(partition) };
      return {
        processed: (records) => processTotal.inc(labels, records),
        committed: (seconds) => commitLatency.observe(labels, seconds),
        deadLettered: (records) => deadLettersTotal.inc(labels, records),
        lag: (records) => recordsLag.set(labels, records),
        restoring: (restoredSince, remaining) => {
          restoreTotal.inc(labels, restoredSince);
          restoreRemaining.set(labels, remaining);
        },
        restored: (seconds) => restoreSeconds.observe(labels, seconds),
        restarted: () => restartsTotal.inc(labels),
        snapshotWritten: (bytes) => snapshotBytesTotal.inc(labels, bytes),
        running: (isRunning) => taskRunning.set(labels, isRunning ? 1 : 0),
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
