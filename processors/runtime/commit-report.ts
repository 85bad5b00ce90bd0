// What a commit means for each of its partitions: health, metrics, and what it settles of their histories.
import type { Logger } from 'pino';
import type { Part, Transaction } from './transaction.ts';
import type { PartitionTask } from './partition-task.ts';

const settleHistory = <State>({ history }: PartitionTask<State>, { position }: Part): void => {
  if (history.aloneUntil !== null && position >= history.aloneUntil) history.aloneUntil = null;
  if (history.culprit !== null && position > history.culprit) history.culprit = null;
};

/** To be called once, when the transaction is committed. */
export const reportCommitted = <State>({ parts }: Transaction<State>, logger: Logger): void => {
  const nowMs = Date.now();
  const lastCommitAt = new Date(nowMs).toISOString();
  for (const [task, part] of parts) {
    const { partition, running, history } = task;
    history.health.set({ nextOffset: String(part.position), lastCommitAt });
    if (running !== null) running.committed = part.position;
    settleHistory(task, part);
    if (part.inputs > 0) {
      history.metrics.processed(part.inputs);
      history.metrics.endToEnd(Math.max(0, nowMs - part.oldestMs) / 1000);
    }
    if (part.deadLetters > 0) {
      history.metrics.deadLettered(part.deadLetters);
      logger.warn({ partition, count: part.deadLetters, before: String(part.position) }, 'inputs went to dead letters');
    }
    const bytes = part.hasPiece ? (running?.snapshots.accept() ?? null) : null;
    if (bytes !== null) history.metrics.snapshotWritten(bytes);
  }
};
