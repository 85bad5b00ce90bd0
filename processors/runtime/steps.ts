// The functions of a processor on the state of one partition, without a broker: what the worker writes into a transaction and what
// the test driver runs alike. What a function throws becomes a named error: the state may be half changed and is never used again.
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { TopicName } from '#schemas/topics.ts';
import { deadLetter } from './dead-letter.ts';
import { RuntimeError, type RuntimeErrorCode } from './errors.ts';
import type { EmittedRecord, Processor, StepContext, StepResult } from './topology.ts';

/** The state of a partition, with what its steps may see beside it. */
export interface StepPlace<State> {
  readonly state: State;
  readonly context: StepContext;
}

/** Takes a record of a step into the transaction. Its bytes may be a view that the next step overwrites: they are copied there. */
export type Emit = (partition: number, record: EmittedRecord) => void;

export interface Steps<State> {
  /**
   * Tables that must be caught up with before the step of this input: a key is missing there, or its value will not do, or
   * `isStale` says so. @throws RuntimeError when the processor cannot tell.
   */
  unanswered(place: StepPlace<State>, input: InboundRecord, isStale: (topic: TopicName) => boolean): readonly TopicName[];
  /** Runs the step; true when the input went to dead letters. @throws RuntimeError when it cannot be processed: nothing of it was emitted. */
  run(place: StepPlace<State>, input: InboundRecord, emit: Emit): boolean;
  /** The closing records of a transaction whose next input is `nextOffset`. */
  close(place: StepPlace<State>, nextOffset: bigint, emit: Emit): void;
}

const placeOf = (input: InboundRecord): string => `${input.topic} partition ${input.partition} offset ${input.offset}`;
const detailOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const none: readonly TopicName[] = [];

/** Runs a function of the processor; what it throws is a defect or an event that cannot be applied, never a failure to wait out. */
export const guarded = <Result>(code: RuntimeErrorCode, what: string, partition: number, run: () => Result): Result => {
  try {
    return run();
  } catch (cause) {
    throw new RuntimeError(code, `${what}: ${detailOf(cause)}`, { cause, partition });
  }
};

/** Folds one event into the state; used by every restore. @throws RuntimeError `event-not-applicable`. */
export const foldEvent = <State>(processor: Processor<State>, state: State, event: InboundRecord): void => {
  try {
    processor.evolve(state, event);
  } catch (cause) {
    throw new RuntimeError(
      'event-not-applicable',
      `${processor.name} cannot apply the event at ${placeOf(event)}; mend the code, the event is never skipped: ${detailOf(cause)}`,
      { cause, partition: event.partition },
    );
  }
};

export const createSteps = <State>(processor: Processor<State>, codeVersion: string): Steps<State> => {
  const outputs: ReadonlySet<TopicName> = new Set(processor.outputs);
  const defect: RuntimeErrorCode = processor.input === 'events' ? 'event-not-applicable' : 'step-defect';

  const checkTopics = (records: readonly EmittedRecord[], partition: number, where: () => string): void => {
    for (const { topic } of records) {
      if (outputs.has(topic)) continue;
      throw new RuntimeError(
        'step-defect',
        `${processor.name} emitted to ${topic} at ${where()}; its outputs are ${processor.outputs.join(', ')}`,
        { partition },
      );
    }
  };

  const resultOf = ({ state, context }: StepPlace<State>, input: InboundRecord): StepResult => {
    try {
      return processor.step(state, input, context);
    } catch (cause) {
      throw new RuntimeError(
        defect,
        `${processor.name} cannot process ${placeOf(input)}; mend the code, it is never skipped: ${detailOf(cause)}`,
        { cause, partition: context.partition },
      );
    }
  };

  return {
    unanswered: ({ state, context }, input, isStale) => {
      if (processor.lookups === undefined) return none;
      const { partition, tables } = context;
      return guarded(defect, `${processor.name} lookups for ${placeOf(input)}`, partition, () => {
        const wanted = processor.lookups?.(state, input) ?? [];
        if (wanted.length === 0) return none;
        const behind = wanted.filter((each) => {
          const value = tables.get(each.topic, each.key);
          return value === null || isStale(each.topic) || each.suffices?.(value) === false;
        });
        return behind.length === 0 ? none : [...new Set(behind.map(({ topic }) => topic))];
      });
    },
    run: (place, input, emit) => {
      const { partition } = place.context;
      const result = resultOf(place, input);
      if (result.kind === 'Emit') {
        checkTopics(result.records, partition, () => placeOf(input));
        for (const record of result.records) emit(partition, record);
        return false;
      }
      if (processor.input === 'events') {
        throw new RuntimeError(
          'event-not-applicable',
          `${processor.name} refuses the event at ${placeOf(input)} (${result.reason}: ${result.detail}); an event is never dead-lettered`,
          { partition, cause: result.cause },
        );
      }
      emit(partition, deadLetter(input, result, { processor: processor.name, codeVersion }));
      return true;
    },
    close: ({ state, context }, nextOffset, emit) => {
      if (processor.closeBatch === undefined) return;
      const { partition } = context;
      const closing = guarded(
        'step-defect',
        `${processor.name} closeBatch before offset ${nextOffset}`,
        partition,
        () => processor.closeBatch?.(state, nextOffset, context) ?? [],
      );
      checkTopics(closing, partition, () => `the end of a transaction before offset ${nextOffset}`);
      for (const record of closing) emit(partition, record);
    },
  };
};
