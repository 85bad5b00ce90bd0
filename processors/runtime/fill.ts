// Inputs of one partition into the open transaction, one step after the other, as fast as they go.
import { RuntimeError } from './errors.ts';
import type { PartitionTask } from './partition-task.ts';
import type { Steps } from './steps.ts';
import type { TableStore } from './tables.ts';
import { partOf, type Transaction } from './transaction.ts';
import type { TopicName } from '#schemas/topics.ts';

export interface FillDeps<State> {
  readonly steps: Steps<State>;
  readonly tables: TableStore;
  /** The next input looks something up that the tables cannot answer yet: the partition waits, the others go on. */
  readonly park: (task: PartitionTask<State>, topics: readonly TopicName[]) => void;
  /** The next input cannot be processed; what came before it stays in the transaction. */
  readonly onDefect: (task: PartitionTask<State>, error: RuntimeError) => void;
}

/** Inputs between two looks at the clock. */
const LOOK_EVERY = 8;

/** Takes at most `max` inputs, until `endAt` on the clock of `performance.now()`, at least one; returns how many it took. */
export const takeInputs = <State>(
  { steps, tables, park, onDefect }: FillDeps<State>,
  task: PartitionTask<State>,
  transaction: Transaction<State>,
  max: number,
  endAt: number,
): number => {
  const { running } = task;
  if (running === null) return 0;
  const { queue, caughtUpTo } = running;
  const { emit } = transaction;
  const isStale = (topic: TopicName): boolean => tables.isStale(topic);
  const before = queue.bytes();
  let taken = 0;
  let deadLetters = 0;
  let oldestMs = Number.POSITIVE_INFINITY;
  let behind: readonly TopicName[] = [];
  let trouble: { readonly error: unknown } | null = null;
  try {
    for (let input = queue.peek(); input !== undefined && taken < max; input = queue.peek()) {
      const unanswered = steps.unanswered(running, input, isStale);
      if (unanswered.length > 0) {
        const { offset } = input;
        behind = unanswered.filter((topic) => isStale(topic) || offset >= (caughtUpTo.get(topic) ?? 0n));
        if (behind.length > 0) break;
      }
      if (steps.run(running, input, emit)) deadLetters += 1;
      if (taken === 0) oldestMs = input.timestampMs;
      queue.advance();
      taken += 1;
      if (taken % LOOK_EVERY === 0 && performance.now() > endAt) break;
    }
  } catch (error) {
    trouble = { error };
  }
  if (taken > 0) {
    const bytes = Math.max(0, before - queue.bytes());
    const part = partOf(transaction, task, queue.position());
    part.inputs += taken;
    part.bytes += bytes;
    part.deadLetters += deadLetters;
    part.oldestMs = Math.min(part.oldestMs, oldestMs);
    part.position = queue.position();
    transaction.inputs += taken;
    transaction.bytes += bytes;
  }
  if (trouble === null) {
    if (behind.length > 0) park(task, behind);
  } else if (trouble.error instanceof RuntimeError) onDefect(task, trouble.error);
  else {
    // The draft may hold half of a step: it can never be committed.
    partOf(transaction, task, queue.position());
    transaction.doomed = { task, error: trouble.error };
  }
  return taken;
};
