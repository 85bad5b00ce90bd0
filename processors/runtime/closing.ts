// The closing records of a transaction: what a processor says at the end of it for each of its partitions.
import type { Logger } from 'pino';
import type { RuntimeError } from './errors.ts';
import type { PartitionTask } from './partition-task.ts';
import type { Partitions } from './partitions.ts';
import type { Steps } from './steps.ts';
import { partOf, type Transaction } from './transaction.ts';

export interface ClosingDeps<State> {
  readonly steps: Steps<State>;
  readonly partitions: Pick<Partitions<State>, 'drop' | 'fail'>;
  readonly logger: Logger;
}

/**
 * Closes the parts of a transaction that is about to be sent. A partition that cannot be closed keeps its inputs in there: its state is
 * dropped, and on the restored one it is closed once more.
 */
export const closeParts = <State>({ steps, partitions, logger }: ClosingDeps<State>, transaction: Transaction<State>): void => {
  for (const [task, part] of transaction.parts) {
    const { running } = task;
    // Dropped in the middle: its position is the input that it stopped at.
    if (running === null) continue;
    part.position = running.queue.position();
    try {
      if (part.inputs > 0) steps.close(running, part.position, transaction.emit);
    } catch (error) {
      task.history.owesClose = true;
      logger.warn({ err: error, partition: task.partition }, 'a transaction could not be closed; it is tried once more');
      partitions.drop(task, null);
    }
  }
};

/** Closing records that could not be written with the inputs that they close. */
export const closeOwed = <State>(
  { steps, partitions }: ClosingDeps<State>,
  task: PartitionTask<State>,
  transaction: Transaction<State>,
): void => {
  const { running, history } = task;
  if (!history.owesClose || running === null) return;
  history.owesClose = false;
  const position = running.queue.position();
  try {
    steps.close(running, position, transaction.emit);
    partOf(transaction, task, position);
  } catch (error) {
    partitions.fail(task, error as RuntimeError);
  }
};
