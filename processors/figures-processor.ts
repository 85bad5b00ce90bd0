// Dated figures: keeps the books of the funds of a partition and tells some of their figures by fact date, for every fund whose figures
// follow from dated flows. Told once per transaction: what a batch changed in a fund is one news.
import { deserialize, serialize } from 'node:v8';
import type { BookChange, FundBooks } from '#domain/fund-book/book.ts';
import { foldFundBooks } from '#domain/fund-book/fold.ts';
import type { FactSource, Figure } from '#domain/fund-book/figures.ts';
import { advanceBooks, joinChange, type Pending, tellPending, type Told } from '#domain/fund-book/recompute.ts';
import type { AnyEvent, EventEnvelope, Uuid } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import type { TopicName } from '#schemas/topics.ts';
import { progressRecord } from './progress.ts';
import type { EmittedRecord, Processor } from './runtime/topology.ts';

export interface FiguresTaskState {
  readonly books: FundBooks;
  readonly told: Map<Uuid, Told>;
  /** Changes of the open transaction, and the event that made the last of them. */
  readonly pending: Map<Uuid, Pending & { source: FactSource }>;
  recordedAt: number | null;
}

/** Which figures a processor of dated figures tells, and where. */
export interface FiguresDefinition {
  readonly name: 'performance' | 'waterfalls';
  readonly topic: Extract<TopicName, 'performance' | 'waterfalls'>;
  readonly tells: readonly Figure['type'][];
}

const changesOf = (books: FundBooks, event: AnyEvent): readonly BookChange[] =>
  event.type === 'BusinessDateAdvanced'
    ? advanceBooks(books, event.value.business_date, event.value.previous_date)
    : foldFundBooks(books, event);

const recordOf = (codec: Codec, topic: TopicName, { type, value }: Figure): EmittedRecord => {
  const business = [
    value.as_of_date,
    'investor_id' in value ? (value.investor_id ?? '') : '',
    'investment_id' in value ? (value.investment_id ?? '') : '',
  ];
  return {
    topic,
    key: Buffer.from(`${value.fund_id}|${type}|${business.join('|')}`, 'utf8'),
    value: codec.encode(`stratcap.fact.${type}`, value),
  };
};

/** A processor that keeps the books of its funds and tells some of their figures. */
export const figuresProcessor = (
  { name, topic, tells }: FiguresDefinition,
  { codec }: { readonly codec: Codec },
): Processor<FiguresTaskState> => {
  const fold = (
    state: FiguresTaskState,
    record: InboundRecord,
  ): { readonly envelope: EventEnvelope; readonly changes: readonly BookChange[] } => {
    const { type, value } = codec.decode(record.value);
    const event = { type, value } as AnyEvent;
    const { envelope } = event.value;
    state.recordedAt = envelope.recorded_at;
    return { envelope, changes: changesOf(state.books, event) };
  };
  return {
    name,
    stateVersion: 1,
    input: 'events',
    outputs: [topic],
    tables: [],
    createState: () => ({ books: new Map(), told: new Map(), pending: new Map(), recordedAt: null }),
    evolve: (state, record) => void fold(state, record),
    step: (state, record) => {
      const { envelope, changes } = fold(state, record);
      if (changes.length > 0) {
        const source: FactSource = {
          source_event: { aggregate_id: envelope.aggregate_id, event_version: envelope.event_version },
          position: { partition: record.partition, offset: Number(record.offset) },
          recorded_at: envelope.recorded_at,
        };
        for (const change of changes) {
          const { fundId } = change.book;
          state.pending.set(fundId, { ...joinChange(state.pending.get(fundId), change), source });
        }
      }
      return { kind: 'Emit', records: [] };
    },
    closeBatch: (state, nextOffset, { partition }) => {
      const records: EmittedRecord[] = [];
      for (const [fundId, pending] of state.pending) {
        const told = state.told.get(fundId) ?? new Map();
        state.told.set(fundId, told);
        for (const figure of tellPending(pending, told, tells, pending.source)) records.push(recordOf(codec, topic, figure));
      }
      state.pending.clear();
      records.push(progressRecord(codec, topic, { processor: name, partition, recorded_at: state.recordedAt }, nextOffset));
      return records;
    },
    serialize: (state) => serialize(state),
    deserialize: (bytes) => deserialize(bytes) as FiguresTaskState,
  };
};
