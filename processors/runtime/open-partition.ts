// The way of a partition from its assignment to its first input: stable committed position, both ends of the log, state, tables.
import type { Logger } from 'pino';
import type { KafkaPort, Worker } from '#platform/kafka/port.ts';
import type { LogEnds } from './log-ends.ts';
import { collectSnapshots, restore, type Restored, type RestoreProgressListener } from './restore.ts';
import { startPosition, type StartPosition } from './start-position.ts';
import type { TableStore } from './tables.ts';
import type { HealthCell } from './task-health.ts';
import type { TaskMetrics } from './metrics.ts';
import type { Processor } from './topology.ts';
import { orAborted } from './waiting.ts';

export interface OpenPartitionDeps<State> {
  readonly kafka: KafkaPort;
  readonly ends: LogEnds;
  readonly worker: Pick<Worker, 'committed'>;
  readonly topicPrefix: string;
  readonly processor: Processor<State>;
  readonly tables: TableStore;
  readonly logger: Logger;
}

export interface OpenedPartition<State> {
  readonly start: StartPosition;
  readonly restored: Restored<State>;
}

/**
 * Restores a partition that the worker holds. null when the signal was given meanwhile.
 * @throws RuntimeError when going on from there is not safe; whatever the log threw.
 */
export const openPartition = async <State>(
  { kafka, ends, worker, topicPrefix, processor, tables, logger }: OpenPartitionDeps<State>,
  {
    partition,
    signal,
    health,
    metrics,
  }: { readonly partition: number; readonly signal: AbortSignal; readonly health: HealthCell; readonly metrics: TaskMetrics },
): Promise<OpenedPartition<State> | null> => {
  const startedAt = performance.now();
  health.set({ state: 'fencing' });
  const place = { kafka, ends, topicPrefix, processor, partition, signal };
  const collected = collectSnapshots({ ...place, logger });
  const tablesRead = orAborted(tables.catchUp(processor.tables), signal);
  // Whoever fails first is told; the others are not left without a listener.
  for (const work of [collected, tablesRead]) work.catch(() => undefined);
  // Stable: no transaction over it is undecided, so that the ends read after it hold everything that was written before.
  const committed = await worker.committed(partition);
  if (signal.aborted) return null;
  const start = await startPosition(place, committed);
  if (signal.aborted) return null;
  health.set({ state: 'restoring', nextOffset: String(start.position), lag: Number(start.end - start.position) });
  let counted = 0;
  const onProgress: RestoreProgressListener = ({ restored, position, target }) => {
    if (signal.aborted) return;
    metrics.restoring(restored - counted, Number(target - position));
    counted = restored;
    health.set({ restore: { restored, position: String(position), target: String(target) } });
  };
  const restored = await restore({ ...place, logger, collected, onProgress }, start.position);
  await tablesRead;
  if (signal.aborted) return null;
  const ms = Math.round(performance.now() - startedAt);
  metrics.restored(ms / 1000);
  logger.info(
    { partition, position: String(start.position), events: restored.events, snapshot: restored.snapshot !== null, ms },
    'partition restored',
  );
  return { start, restored };
};
