// What an operator sees of the sink.
import type { Metrics } from '#platform/observability/metrics.ts';
import type { Queue } from './queues.ts';
import { positionKey, type Positions } from './positions.ts';
import type { Written } from './engine.ts';

export interface SinkMetrics {
  written(written: Written): void;
  /** Offsets between what is written and what is decided on the log, per source and partition. */
  lag(queues: readonly Queue[], positions: Positions): void;
  state(ready: boolean, parkedPartitions: number): void;
}

/** Offsets of one partition that are on the log but not yet in Postgres. */
export const lagOf = (queue: Queue, positions: Positions): number => {
  const at = positions.get(positionKey(queue.source, queue.partition))?.sourceNextOffset ?? 0n;
  return queue.end > at ? Number(queue.end - at) : 0;
};

/** Registers the metrics of the sink in those of its process. */
export const createSinkMetrics = (metrics: Metrics): SinkMetrics => {
  const rows = metrics.counter({
    name: 'sink_postgres_records_total',
    help: 'Records of the log written to Postgres.',
    labels: ['source'],
  });
  const seconds = metrics.histogram({
    name: 'sink_postgres_transaction_seconds',
    help: 'From the choice of a batch to its commit.',
  });
  const lag = metrics.gauge({
    name: 'sink_postgres_lag_records',
    help: 'Offsets on the log that are not yet in Postgres.',
    labels: ['source', 'partition'],
  });
  const ready = metrics.gauge({
    name: 'sink_postgres_ready',
    help: '1 while the sink writes, 0 while it waits for an engine or has stopped.',
  });
  const parked = metrics.gauge({
    name: 'sink_postgres_parked_partitions',
    help: 'Partitions whose next event waits for one of another partition.',
  });
  return {
    written: (written) => {
      for (const [source, records] of written.records) rows.inc({ source }, records);
      seconds.observe(written.seconds);
    },
    lag: (queues, positions) => {
      for (const queue of queues) lag.set({ source: queue.source, partition: String(queue.partition) }, lagOf(queue, positions));
    },
    state: (isReady, parkedPartitions) => {
      ready.set(isReady ? 1 : 0);
      parked.set(parkedPartitions);
    },
  };
};
