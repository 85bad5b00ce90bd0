// Cash flows and journal: reads the events of a partition and tells every dated flow and every balanced entry that follows from them,
// one by one, so that their history does not depend on how events fell into transactions.
import { deserialize, serialize } from 'node:v8';
import { cashFlowsOf, type CashFlowState, emptyCashFlows } from '#domain/cash-flows/cash-flows.ts';
import { emptyJournal, type JournalState } from '#domain/journal/journal-state.ts';
import { post } from '#domain/journal/post.ts';
import type { AnyEvent, CashFlow, JournalEntry } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { factIdOf } from '#schemas/fact-ids.ts';
import { progressRecord } from '../progress.ts';
import type { EmittedRecord, Processor } from '../runtime/topology.ts';

export interface CashFlowsTaskState {
  readonly flows: CashFlowState;
  readonly journal: JournalState;
  /** Currency by fund: an entry names it, not every event does. */
  readonly currencies: Map<string, string>;
  recordedAt: number | null;
}

const name = 'cash-flows';

/** The processor of cash flows and of the journal. */
export const cashFlowsProcessor = ({ codec }: { readonly codec: Codec }): Processor<CashFlowsTaskState> => {
  const eventOf = (record: InboundRecord): AnyEvent => {
    const { type, value } = codec.decode(record.value);
    return { type, value } as AnyEvent;
  };
  const fold = (state: CashFlowsTaskState, event: AnyEvent) => {
    state.recordedAt = event.value.envelope.recorded_at;
    if (event.type === 'FundCreated') state.currencies.set(event.value.fund.fund_id, event.value.fund.base_currency);
    return { flows: cashFlowsOf(state.flows, event), postings: post(state.journal, event) };
  };
  return {
    name,
    stateVersion: 1,
    input: 'events',
    outputs: [name],
    tables: [],
    createState: () => ({ flows: emptyCashFlows(), journal: emptyJournal(), currencies: new Map(), recordedAt: null }),
    evolve: (state, record) => void fold(state, eventOf(record)),
    step: (state, record) => {
      const event = eventOf(record);
      const { envelope } = event.value;
      const { flows, postings } = fold(state, event);
      const source = {
        source_event: { aggregate_id: envelope.aggregate_id, event_version: envelope.event_version },
        position: { partition: record.partition, offset: Number(record.offset) },
        recorded_at: envelope.recorded_at,
      };
      const records: EmittedRecord[] = [];
      flows.forEach((flow, place) => {
        const fact: CashFlow = { cash_flow_id: factIdOf('cash-flow', envelope.event_id, place), ...flow, ...source };
        records.push({
          topic: name,
          key: Buffer.from(`${flow.fund_id}|${fact.cash_flow_id}`, 'utf8'),
          value: codec.encode('stratcap.fact.CashFlow', fact),
        });
      });
      postings.forEach((posting, place) => {
        const fact: JournalEntry = {
          journal_entry_id: factIdOf('journal-entry', envelope.event_id, place),
          currency: state.currencies.get(posting.fund_id) ?? '',
          ...posting,
          ...source,
        };
        records.push({
          topic: name,
          key: Buffer.from(`${posting.fund_id}|${fact.journal_entry_id}`, 'utf8'),
          value: codec.encode('stratcap.fact.JournalEntry', fact),
        });
      });
      return { kind: 'Emit', records };
    },
    closeBatch: (state, nextOffset, { partition }) => [
      progressRecord(codec, name, { processor: name, partition, recorded_at: state.recordedAt }, nextOffset),
    ],
    serialize: (state) => serialize(state),
    deserialize: (bytes) => deserialize(bytes) as CashFlowsTaskState,
  };
};
