// Runs a processor without a broker, bytes in, bytes out, through the runtime's own batch, snapshot and fold code. For the tests of
// every processor: what a step emits, and that a crash at any point changes nothing.
import type { InboundRecord, RecordHeaders } from '#platform/kafka/port.ts';
import type { TopicName } from '#schemas/topics.ts';
import { createBatch, foldEvent } from './batch.ts';
import { createSnapshotCollector, snapshotRecords, type Slot } from './snapshot.ts';
import type { EmittedRecord, Processor } from './topology.ts';

/** A record as a test gives it. A key as text is taken as UTF-8. */
export interface PipedRecord {
  readonly topic: TopicName;
  readonly key: string | Buffer;
  readonly value: Buffer | null;
  readonly headers?: RecordHeaders;
}

/** Where the process dies while it works on a transaction; it then restarts and goes on. */
export type CrashPoint = 'before-commit' | 'after-commit';

export interface TestDriver<State> {
  /** An input record as a transaction of its own, or a record of a table that another partition wrote. */
  pipe(topic: TopicName, key: string | Buffer, value: Buffer | null, headers?: RecordHeaders): void;
  /** Several input records as one transaction, optionally with a crash in it. */
  pipeBatch(records: readonly PipedRecord[], crash?: CrashPoint): void;
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

/** A driver for one partition of a processor. */
export const createTestDriver = <State>(
  processor: Processor<State>,
  { partition = 0 }: { readonly partition?: number } = {},
): TestDriver<State> => {
  const logs = new Map<TopicName, InboundRecord[]>();
  const written: EmittedRecord[] = [];
  const tables = new Map<TopicName, Map<string, Buffer>>(processor.tables.map((topic) => [topic, new Map()]));
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

  const restore = (): void => {
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
  const compute = (inputs: readonly InboundRecord[], nextOffset: bigint): readonly EmittedRecord[] => {
    const lookup = { get: (topic: TopicName, key: string) => tables.get(topic)?.get(key) ?? null };
    const batch = createBatch({ processor, state, partition, tables: lookup, codeVersion: 'test' });
    for (const input of inputs) {
      batch.lookups(input);
      batch.add(input);
    }
    return batch.close(nextOffset);
  };

  const pipeBatch = (records: readonly PipedRecord[], crash?: CrashPoint): void => {
    const inputs: InboundRecord[] = [];
    for (const record of records) {
      if (record.topic === processor.input) inputs.push(append(record));
      else if (tables.has(record.topic)) append(record);
      else
        throw new Error(
          `${processor.name} reads ${[processor.input, ...processor.tables].join(', ')}; a record of ${record.topic} cannot be piped to it`,
        );
    }
    const last = inputs.at(-1);
    if (last === undefined) return;
    const nextOffset = last.offset + 1n;
    let outputs = compute(inputs, nextOffset);
    if (crash === 'before-commit') {
      restore();
      outputs = compute(inputs, nextOffset);
    }
    for (const record of outputs) append(record);
    written.push(...outputs);
    committed = nextOffset;
    if (crash === 'after-commit') restore();
  };

  return {
    pipe: (topic, key, value, headers) => pipeBatch([{ topic, key, value, ...(headers === undefined ? {} : { headers }) }]),
    pipeBatch,
    outputs: (topic) => written.filter((record) => record.topic === topic),
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
