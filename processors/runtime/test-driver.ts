// Runs a processor without a broker, bytes in, bytes out, through the runtime's own steps, snapshots and folds. For the tests of
// every processor: what a step emits, and that a crash at any point changes nothing.
import type { InboundRecord, RecordHeaders } from '#platform/kafka/port.ts';
import type { TopicName } from '#schemas/topics.ts';
import { createSnapshotCollector, snapshotRecords, type Slot } from './snapshot.ts';
import { createSteps, foldEvent, type StepPlace } from './steps.ts';
import { createTableOverlay } from './table-overlay.ts';
import type { EmittedRecord, Processor, TableLookup } from './topology.ts';

/** A record as a test gives it. A key as text is taken as UTF-8. */
export interface PipedRecord {
  readonly topic: TopicName;
  readonly key: string | Buffer;
  readonly value: Buffer | null;
  readonly headers?: RecordHeaders;
}

/**
 * Where the process dies while it works on a transaction; it then restarts and goes on. A number: so many of its inputs were
 * processed. `ahead` and `overtaken` need a following transaction, which was computed on the state of this one before it was
 * committed: with `ahead` this one's commit fails, with `overtaken` it succeeds and the process dies before the following one's.
 */
export type CrashPoint = 'before-commit' | 'after-commit' | number | 'ahead' | 'overtaken';

export interface TestDriver<State> {
  /** An input record as a transaction of its own, or a record of a table that another partition wrote. */
  pipe(topic: TopicName, key: string | Buffer, value: Buffer | null, headers?: RecordHeaders): void;
  /** Several input records as one transaction, optionally with a crash in it; `following` is computed ahead where the crash asks for it. */
  pipeBatch(records: readonly PipedRecord[], crash?: CrashPoint, following?: readonly PipedRecord[]): void;
  /** Everything that committed transactions wrote to a topic, in order. */
  outputs(topic: TopicName): readonly EmittedRecord[];
  /** Cuts a snapshot at this transaction border, as the runtime does. */
  snapshot(): void;
  /** Drops the state and restores it: the last snapshot that fits, then the events after it. */
  crashAndRestore(): void;
  /** The live state, for assertions on it. */
  state(): State;
  /** Committed input position: the next offset. */
  position(): bigint;
}

const TOPIC_ID = 'test-driver';
const bufferOf = (key: string | Buffer): Buffer => (typeof key === 'string' ? Buffer.from(key, 'utf8') : key);
/** As it stands after it was written: a step may reuse the memory of what it emitted. */
const written = ({ topic, key, value, headers }: EmittedRecord): EmittedRecord => ({
  topic,
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  ...(headers === undefined ? {} : { headers }),
});

/** A driver for one partition of a processor. */
export const createTestDriver = <State>(
  processor: Processor<State>,
  { partition = 0 }: { readonly partition?: number } = {},
): TestDriver<State> => {
  const steps = createSteps(processor, 'test');
  const logs = new Map<TopicName, InboundRecord[]>();
  const outputs: EmittedRecord[] = [];
  const tables = new Map<TopicName, Map<string, Buffer>>(processor.tables.map((topic) => [topic, new Map()]));
  const overlay = createTableOverlay();
  let state = processor.createState(partition);
  let committed = 0n;
  let slot: Slot = 0;

  const append = ({ topic, key, value, headers = {} }: PipedRecord | EmittedRecord): InboundRecord => {
    const log = logs.get(topic) ?? [];
    logs.set(topic, log);
    const record = { topic, partition, offset: BigInt(log.length), key: bufferOf(key), value, headers, timestampMs: 0 };
    log.push(record);
    const table = tables.get(topic);
    if (value === null) table?.delete(record.key.toString('utf8'));
    else table?.set(record.key.toString('utf8'), value);
    return record;
  };
  /** What one transaction wrote and the next one, computed ahead of its commit, sees already. */
  const lookup: TableLookup = {
    get: (topic, key) => {
      const own = overlay.get(topic, key);
      return own === undefined ? (tables.get(topic)?.get(key) ?? null) : own;
    },
  };

  const restore = (): void => {
    overlay.forget();
    const events = logs.get('events') ?? [];
    const target = processor.input === 'events' ? committed : BigInt(events.length);
    const collector = createSnapshotCollector({ processor: processor.name, partition });
    for (const record of logs.get('snapshots') ?? []) collector.add(record);
    const { snapshots, ignored } = collector.usable({
      stateVersion: processor.stateVersion,
      eventsTopicId: TOPIC_ID,
      notAfter: target,
    });
    if (ignored.length > 0) throw new Error(`the driver's own snapshots must be usable: ${ignored.join('; ')}`);
    const [snapshot] = snapshots;
    state = snapshot === undefined ? processor.createState(partition) : processor.deserialize(snapshot.state, partition);
    for (const event of events.slice(Number(snapshot?.nextEventsOffset ?? 0n), Number(target)))
      foldEvent(processor, state, event);
  };

  /** Runs the step of each input on the live state and returns what the transaction would write. */
  const compute = (inputs: readonly InboundRecord[], dieAfter?: number): readonly EmittedRecord[] => {
    const place: StepPlace<State> = { state, context: { partition, tables: lookup } };
    const emitted: EmittedRecord[] = [];
    const emit = (_partition: number, record: EmittedRecord): void => {
      const copy = written(record);
      emitted.push(copy);
      if (tables.has(copy.topic))
        overlay.write({ topic: copy.topic, key: copy.key.toString('utf8'), value: copy.value, partition, sequence: 1 });
    };
    for (const input of inputs.slice(0, dieAfter)) {
      steps.unanswered(place, input, () => false);
      steps.run(place, input, emit);
    }
    const last = inputs.at(-1);
    if (dieAfter === undefined && last !== undefined) steps.close(place, last.offset + 1n, emit);
    return emitted;
  };
  const commit = (inputs: readonly InboundRecord[], emitted: readonly EmittedRecord[]): void => {
    for (const record of emitted) append(record);
    overlay.forget();
    for (const record of emitted) outputs.push(record);
    committed = (inputs.at(-1)?.offset ?? committed - 1n) + 1n;
  };

  const arrive = (records: readonly PipedRecord[]): readonly InboundRecord[] => {
    const inputs: InboundRecord[] = [];
    for (const record of records) {
      if (record.topic === processor.input) inputs.push(append(record));
      else if (tables.has(record.topic)) append(record);
      else
        throw new Error(
          `${processor.name} reads ${[processor.input, ...processor.tables].join(', ')}; a record of ${record.topic} cannot be piped to it`,
        );
    }
    return inputs;
  };

  const pipeBatch: TestDriver<State>['pipeBatch'] = (records, crash, following = []) => {
    const inputs = arrive(records);
    if (inputs.length === 0) return;
    if (crash === 'ahead' || crash === 'overtaken') {
      const first = compute(inputs);
      const next = arrive(following);
      if (next.length > 0) compute(next);
      if (crash === 'overtaken') commit(inputs, first);
      restore();
      if (crash === 'ahead') commit(inputs, compute(inputs));
      if (next.length > 0) commit(next, compute(next));
      return;
    }
    if (typeof crash === 'number') {
      compute(inputs, crash);
      restore();
    }
    let emitted = compute(inputs);
    if (crash === 'before-commit') {
      restore();
      emitted = compute(inputs);
    }
    commit(inputs, emitted);
    if (crash === 'after-commit') restore();
  };

  return {
    pipe: (topic, key, value, headers) => pipeBatch([{ topic, key, value, ...(headers === undefined ? {} : { headers }) }]),
    pipeBatch,
    outputs: (topic) => outputs.filter((record) => record.topic === topic),
    snapshot: () => {
      const nextEventsOffset = processor.input === 'events' ? committed : BigInt(logs.get('events')?.length ?? 0);
      const position = {
        nextEventsOffset,
        inputPosition: committed,
        eventsTopicId: TOPIC_ID,
        stateVersion: processor.stateVersion,
      };
      for (const record of snapshotRecords(
        { processor: processor.name, partition },
        { position, state: processor.serialize(state), slot, formerChunks: 0 },
      ))
        append(record);
      slot = slot === 0 ? 1 : 0;
    },
    crashAndRestore: restore,
    state: () => state,
    position: () => committed,
  };
};
