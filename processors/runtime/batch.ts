// One batch of inputs through a processor, without a broker: what the runtime commits as one transaction and what the test
// driver runs alike. A defect in here stops the task: the state may be half changed and is never used again.
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { TopicName } from '#schemas/topics.ts';
import { deadLetter } from './dead-letter.ts';
import { RuntimeError, type RuntimeErrorCode } from './errors.ts';
import type { EmittedRecord, Processor, StepContext, TableLookup } from './topology.ts';

export interface BatchDeps<State> {
  readonly processor: Processor<State>;
  readonly state: State;
  readonly partition: number;
  readonly tables: TableLookup;
  readonly codeVersion: string;
}

export interface Batch {
  /** What the step of this input will look up; a table that lacks a key must be caught up with before `add(input)`. */
  lookups(input: InboundRecord): readonly { readonly topic: TopicName; readonly found: boolean }[];
  /** Runs the step. @throws RuntimeError when the input cannot be processed. */
  add(input: InboundRecord): void;
  /** Everything to write, the processor's closing records included; `nextOffset` is the next input. */
  close(nextOffset: bigint): readonly EmittedRecord[];
  readonly inputs: number;
  readonly deadLetters: number;
}

const placeOf = (input: InboundRecord): string => `${input.topic} partition ${input.partition} offset ${input.offset}`;
const detailOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs a function of the processor; what it throws is a defect or an event that cannot be applied, never a failure to wait out. */
export const guarded = <Result>(code: RuntimeErrorCode, what: string, partition: number, run: () => Result): Result => {
  try {
    return run();
  } catch (cause) {
    throw new RuntimeError(code, `${what}: ${detailOf(cause)}`, { cause, partition });
  }
};

/** Folds one event into the state; used by every restore. @throws RuntimeError `event-not-applicable`. */
export const foldEvent = <State>(processor: Processor<State>, state: State, event: InboundRecord): void =>
  guarded(
    'event-not-applicable',
    `${processor.name} cannot apply the event at ${placeOf(event)}; mend the code, the event is never skipped`,
    event.partition,
    () => processor.evolve(state, event),
  );

export const createBatch = <State>({ processor, state, partition, tables, codeVersion }: BatchDeps<State>): Batch => {
  const emitted: EmittedRecord[] = [];
  const written = new Map<string, Buffer | null>();
  let inputs = 0;
  let deadLetters = 0;
  const defect: RuntimeErrorCode = processor.input === 'events' ? 'event-not-applicable' : 'step-defect';
  const tableKey = (topic: TopicName, key: string): string => `${topic}|${key}`;
  // A step sees what earlier steps of its own transaction wrote to a table, as it will after the commit.
  const lookup: TableLookup = {
    get: (topic, key) => {
      const own = written.get(tableKey(topic, key));
      return own === undefined ? tables.get(topic, key) : own;
    },
  };
  const context: StepContext = { partition, tables: lookup };

  const emit = (records: readonly EmittedRecord[], place: string): void => {
    for (const record of records) {
      if (!processor.outputs.includes(record.topic)) {
        throw new RuntimeError(
          'step-defect',
          `${processor.name} emitted to ${record.topic} at ${place}; its outputs are ${processor.outputs.join(', ')}`,
          { partition },
        );
      }
      emitted.push(record);
      if (processor.tables.includes(record.topic)) written.set(tableKey(record.topic, record.key.toString('utf8')), record.value);
    }
  };

  return {
    lookups: (input) => {
      if (processor.lookups === undefined) return [];
      const wanted = guarded(
        defect,
        `${processor.name} lookups for ${placeOf(input)}`,
        partition,
        () => processor.lookups?.(state, input) ?? [],
      );
      return wanted.map((each) => {
        const value = lookup.get(each.topic, each.key);
        return { topic: each.topic, found: value !== null && (each.suffices?.(value) ?? true) };
      });
    },
    add: (input) => {
      const place = placeOf(input);
      const result = guarded(
        defect,
        `${processor.name} cannot process ${place}; mend the code, it is never skipped`,
        partition,
        () => processor.step(state, input, context),
      );
      inputs += 1;
      if (result.kind === 'Emit') return emit(result.records, place);
      if (processor.input === 'events') {
        throw new RuntimeError(
          'event-not-applicable',
          `${processor.name} refuses the event at ${place} (${result.reason}: ${result.detail}); an event is never dead-lettered`,
          {
            partition,
            cause: result.cause,
          },
        );
      }
      emitted.push(deadLetter(input, result, { processor: processor.name, codeVersion }));
      deadLetters += 1;
    },
    close: (nextOffset) => {
      const closing = guarded(
        'step-defect',
        `${processor.name} closeBatch before offset ${nextOffset}`,
        partition,
        () => processor.closeBatch?.(state, nextOffset, context) ?? [],
      );
      emit(closing, `the end of a transaction before offset ${nextOffset}`);
      return emitted;
    },
    get inputs() {
      return inputs;
    },
    get deadLetters() {
      return deadLetters;
    },
  };
};
