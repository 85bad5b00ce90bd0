// What a processor is to the runtime: a pure definition, built apart from being run, so that the test driver runs the
// same definition without a broker, bytes in, bytes out.
import type { InboundRecord, RecordHeaders } from '#platform/kafka/port.ts';
import type { TopicName } from '#schemas/topics.ts';

/** A record that a step emits. The runtime writes it to the task's own partition (design.md 2.2). */
export interface EmittedRecord {
  readonly topic: TopicName;
  readonly key: Buffer;
  /** null is a tombstone of a compacted topic. */
  readonly value: Buffer | null;
  readonly headers?: RecordHeaders;
}

/** What one input record led to. */
export type StepResult =
  | { readonly kind: 'Emit'; readonly records: readonly EmittedRecord[] }
  /** The bytes cannot be processed: they go to dead letters with the reason, and the partition goes on. Only for ingress topics. */
  | {
      readonly kind: 'DeadLetter';
      readonly reason: string;
      readonly detail: string;
      /** The error behind it: its class and stack go into the headers of the dead letter. */
      readonly cause?: unknown;
    };

/** Current values of the compacted tables that a processor looks things up in. */
export interface TableLookup {
  get(topic: TopicName, key: string): Buffer | null;
}

/** A look-up that a step will make. */
export interface Lookup {
  readonly topic: TopicName;
  readonly key: string;
  /** Whether the value will do; one that will not is taken as stale, and the table is caught up with first. */
  suffices?(value: Buffer): boolean;
}

export interface StepContext {
  readonly partition: number;
  readonly tables: TableLookup;
}

/**
 * A stateful exactly-once processor. State is a fold of the events of one partition; the functions may change the state
 * in place, since a task that fails is dropped and restored from the log.
 */
export interface Processor<State> {
  /** Consumer group, transactional ids and snapshots are named after it. */
  readonly name: string;
  /** Raised with every change of the state's shape; snapshots of another version are ignored. */
  readonly stateVersion: number;
  readonly input: 'commands' | 'events';
  readonly outputs: readonly TopicName[];
  /** Compacted topics that every task reads whole. */
  readonly tables: readonly TopicName[];
  createState(partition: number): State;
  /**
   * Folds one event of the task's partition into the state, without output. Used to restore: for an `events` processor up
   * to its committed position, for a `commands` processor up to the end of its own events.
   * @throws when the event cannot be decoded or applied: the task stops with an alarm, it is never skipped.
   */
  evolve(state: State, event: InboundRecord): void;
  /** Processes one input record: changes the state and says what to emit. For `events` processors it includes `evolve`. */
  step(state: State, input: InboundRecord, context: StepContext): StepResult;
  /** Keys that the step will look up; when one is missing, or will not do, the runtime first catches up with the end of the table. */
  lookups?(state: State, input: InboundRecord): readonly Lookup[];
  /** Records at the end of a transaction, for example the progress of the processor; `nextOffset` is the next input. */
  closeBatch?(state: State, nextOffset: bigint, context: StepContext): readonly EmittedRecord[];
  /** The state as bytes (any length: the runtime cuts it into chunks); restored by `deserialize` of the same stateVersion. */
  serialize(state: State): Buffer;
  deserialize(bytes: Buffer, partition: number): State;
}
