// The loop of a running task: a portion of inputs, one transaction, again. An input is committed as soon as it is there; a portion
// grows only while the former transaction is being committed.
import { topicName, type TopicName } from '#schemas/topics.ts';
import type { OutboundRecord, TransactionalProducer } from '#platform/kafka/port.ts';
import { createBatch, guarded } from './batch.ts';
import { createInbox, type Portion } from './inbox.ts';
import { groupOf } from './names.ts';
import type { Restored } from './restore.ts';
import { createSnapshotWriter, type SnapshotWriter } from './snapshot-writer.ts';
import { watermarksOf, type StartPosition } from './start-position.ts';
import type { TaskDeps } from './task.ts';
import type { EmittedRecord } from './topology.ts';
import { orAborted } from './waiting.ts';

export interface ProcessInputDeps<State> extends TaskDeps<State> {
  readonly producer: TransactionalProducer;
  readonly signal: AbortSignal;
  readonly restored: Restored<State>;
  readonly start: StartPosition;
  /** Inputs to take one by one: an input of them stopped the task, and those before it shall still be committed. */
  readonly oneByOne: number;
  readonly onCommit: (nextOffset: bigint) => void;
  readonly onLag: (lag: number) => void;
}

const bytesOf = (records: readonly { readonly value: Buffer | null }[]): number =>
  records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);

/** Processes until the signal is given, then leaves a snapshot behind. @throws on the first failure: the state is then worthless. */
export const processInput = async <State>(deps: ProcessInputDeps<State>): Promise<void> => {
  const { kafka, topicPrefix, processor, partition, tables, logger, metrics, settings, producer, signal, restored } = deps;
  const { state } = restored;
  const input = topicName(topicPrefix, processor.input);
  const group = groupOf(topicPrefix, processor.name);
  const snapshots: SnapshotWriter = createSnapshotWriter(
    { processor: processor.name, partition },
    { every: settings.snapshotEvery, restored },
  );
  let { position } = deps.start;
  let oneByOne = deps.oneByOne;

  const toOutbound = ({ topic, key, value, headers }: EmittedRecord): OutboundRecord => ({
    topic: topicName(topicPrefix, topic),
    partition,
    key,
    value,
    ...(headers === undefined ? {} : { headers }),
  });

  /** Outputs, the next piece of a snapshot and the input position, all or nothing. */
  const commit = async (outputs: readonly EmittedRecord[], nextOffset: bigint): Promise<void> => {
    const startedAt = performance.now();
    const records = [...outputs, ...snapshots.piece()].map(toOutbound);
    // Marked before and after: a reader may see the commit before its answer arrives here.
    const written = new Set(outputs.map((record) => record.topic));
    for (const topic of written) tables.markWritten(topic);
    await producer.commit({ records, offsets: { group, positions: [{ topic: input, partition, offset: nextOffset }] } });
    metrics.committed((performance.now() - startedAt) / 1000);
    position = nextOffset;
    for (const topic of written) tables.markWritten(topic);
    const bytes = snapshots.accept();
    if (bytes !== null) metrics.snapshotWritten(bytes);
  };

  /** Only at a transaction border: nothing of this task is under way, so that the end of its events is the end of its state. */
  const beginSnapshot = async (): Promise<void> => {
    const nextEventsOffset = processor.input === 'events' ? position : (await watermarksOf(deps, 'events')).high;
    const bytes = guarded('step-defect', `${processor.name} serialize`, partition, () => processor.serialize(state));
    snapshots.begin(
      { nextEventsOffset, inputPosition: position, eventsTopicId: restored.eventsTopicId, stateVersion: processor.stateVersion },
      bytes,
    );
  };

  /** False when the task was told to stop while a table was behind: the batch is dropped, and the state with it. */
  const compute = async ({
    records,
    nextOffset,
  }: Portion): Promise<{ readonly outputs: readonly EmittedRecord[]; readonly deadLetters: number } | null> => {
    const batch = createBatch({ processor, state, partition, tables, codeVersion: settings.codeVersion });
    // Every record of the portion was on the log before the first catch-up: what its sender knew is in the table after it, so that
    // one catch-up per table and portion is enough.
    const caughtUp = new Set<TopicName>();
    for (const record of records) {
      const wanted = batch.lookups(record);
      const stale = new Set(tables.stale());
      const behind = [
        ...new Set(wanted.filter(({ topic, found }) => !found || stale.has(topic)).map(({ topic }) => topic)),
      ].filter((topic) => !caughtUp.has(topic));
      if (behind.length > 0) {
        await orAborted(tables.catchUp(behind), signal);
        if (signal.aborted) return null;
        for (const topic of behind) caughtUp.add(topic);
      }
      batch.add(record);
    }
    return { outputs: batch.close(nextOffset), deadLetters: batch.deadLetters };
  };

  const positions = [{ topic: input, partition, offset: position }];
  const inbox = createInbox(kafka.reader({ positions, minBytes: 1 }), {
    from: position,
    end: deps.start.end,
    recordsMax: settings.batchRecordsMax,
    waitMs: settings.batchWaitMs,
    signal,
  });
  try {
    while (!signal.aborted) {
      if (snapshots.isDue()) await beginSnapshot();
      const portion = await inbox.take({ wait: snapshots.piece().length === 0, ...(oneByOne > 0 ? { atMost: 1 } : {}) });
      if (portion === null) {
        if (snapshots.piece().length > 0) await commit([], position);
        deps.onLag(inbox.lag());
        continue;
      }
      oneByOne -= 1;
      const computed = await compute(portion);
      if (computed === null) return;
      await commit(computed.outputs, portion.nextOffset);
      snapshots.advance(portion.records.length, bytesOf(portion.records) + bytesOf(computed.outputs));
      metrics.processed(portion.records.length);
      if (computed.deadLetters > 0) {
        metrics.deadLettered(computed.deadLetters);
        logger.warn({ count: computed.deadLetters, before: String(portion.nextOffset) }, 'input records went to dead letters');
      }
      deps.onCommit(portion.nextOffset);
      deps.onLag(portion.lag);
    }
    if (!snapshots.hasTail()) return;
    await beginSnapshot();
    while (snapshots.piece().length > 0) await commit([], position);
  } finally {
    await inbox.close();
  }
};
