// One transaction of a worker while it is filled: records go straight into the draft, and what its partitions did is kept beside it.
import type { TransactionDraft } from '#platform/kafka/port.ts';
import { topicName, topics, type TopicName } from '#schemas/topics.ts';
import type { PartitionTask } from './partition-task.ts';
import type { Emit } from './steps.ts';
import type { TableStore } from './tables.ts';
import type { Processor } from './topology.ts';

/** What one partition has in a transaction. */
export interface Part {
  inputs: number;
  /** Keys and values of its inputs. */
  bytes: number;
  deadLetters: number;
  /** Timestamp of its first input. */
  oldestMs: number;
  /** The next input after it. */
  position: bigint;
  /** Pieces of a snapshot ride along. */
  hasPiece: boolean;
}

export interface Transaction<State> {
  readonly sequence: number;
  readonly draft: TransactionDraft;
  readonly parts: Map<PartitionTask<State>, Part>;
  readonly emit: Emit;
  readonly openedAt: number;
  inputs: number;
  bytes: number;
  /** One input of one partition and nothing else, to find what cannot be committed. */
  isAlone: boolean;
  /** Set when it can never be committed: it is discarded in its turn. */
  doomed: { readonly task: PartitionTask<State>; readonly error: unknown } | null;
}

interface Output {
  readonly name: string;
  readonly isTable: boolean;
}

/** Opens transactions of one worker; `sequence` numbers them. */
export const transactionOpener = <State>({
  processor,
  topicPrefix,
  tables,
}: {
  readonly processor: Processor<State>;
  readonly topicPrefix: string;
  readonly tables: TableStore;
}): ((sequence: number, draft: TransactionDraft) => Transaction<State>) => {
  const outputs = new Map<TopicName, Output>(
    Object.values(topics).map(({ name }) => [
      name,
      { name: topicName(topicPrefix, name), isTable: processor.tables.includes(name) },
    ]),
  );
  return (sequence, draft) => {
    const timestampMs = Date.now();
    const emit: Emit = (partition, record) => {
      const output = outputs.get(record.topic);
      if (output === undefined) throw new Error(`${record.topic} is not a topic of the deployment`);
      draft.append(output.name, partition, record.key, record.value, record.headers, timestampMs);
      if (output.isTable) tables.write({ topic: record.topic, key: record.key, value: record.value, partition, sequence });
    };
    return {
      sequence,
      draft,
      parts: new Map(),
      emit,
      openedAt: performance.now(),
      inputs: 0,
      bytes: 0,
      isAlone: false,
      doomed: null,
    };
  };
};

/** The part of a task, made when it has none yet. */
export const partOf = <State>(transaction: Transaction<State>, task: PartitionTask<State>, position: bigint): Part => {
  const known = transaction.parts.get(task);
  if (known !== undefined) return known;
  const part: Part = {
    inputs: 0,
    bytes: 0,
    deadLetters: 0,
    oldestMs: Number.POSITIVE_INFINITY,
    position,
    hasPiece: false,
  };
  transaction.parts.set(task, part);
  return part;
};
