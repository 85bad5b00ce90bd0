// A partition whose next input looks something up that the tables cannot answer yet waits by itself, so that no other partition waits
// with it and no transaction stays open meanwhile.
import type { Logger } from 'pino';
import type { TopicName } from '#schemas/topics.ts';
import type { PartitionTask } from './partition-task.ts';
import type { TableStore } from './tables.ts';
import { orAborted, pause } from './waiting.ts';

const RETRY_MS = 500;

export interface ParkDeps {
  readonly tables: TableStore;
  readonly logger: Logger;
  readonly onReady: () => void;
}

/** Parks the partition until the tables were read to the end that they have now; what is on the log by now needs no second time. */
export const park = async <State>(
  { tables, logger, onReady }: ParkDeps,
  task: PartitionTask<State>,
  topics: readonly TopicName[],
): Promise<void> => {
  const { running, history, release } = task;
  if (running === null) return;
  const { signal } = release;
  const upTo = running.queue.fetchedTo();
  running.isParked = true;
  for (let isBehind = true; isBehind && !signal.aborted;) {
    try {
      await orAborted(tables.catchUp(topics), signal);
      isBehind = false;
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ err: error, partition: task.partition }, 'a table cannot be caught up with; it is tried again');
      history.health.set({ state: 'waiting', error: error instanceof Error ? error.message : String(error) });
      await pause(RETRY_MS, signal);
    }
  }
  if (signal.aborted) return;
  for (const topic of topics) running.caughtUpTo.set(topic, upTo);
  running.isParked = false;
  if (history.health.now.state === 'waiting') history.health.set({ state: 'running', error: null });
  onReady();
};
