// Capital accounts: reads the events of a partition and keeps the account of each investor in a fund and of each fund
// as facts, one per event and account: so the history of a figure does not depend on how events fell into transactions.
import { deserialize, serialize } from 'node:v8';
import {
  capitalAccountOf,
  foldCapitalAccounts,
  type CapitalAccounts,
  type FactSource,
} from '#domain/capital-accounts/capital-account.ts';
import type { AnyEvent, ProcessorProgress } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import type { EmittedRecord, Processor } from '../runtime/topology.ts';

export interface CapitalAccountsTaskState {
  readonly accounts: CapitalAccounts;
  recordedAt: number | null;
}

const name = 'capital-accounts';

/** The processor of capital accounts. */
export const capitalAccountsProcessor = ({ codec }: { readonly codec: Codec }): Processor<CapitalAccountsTaskState> => {
  const eventOf = (record: InboundRecord): AnyEvent => {
    const { type, value } = codec.decode(record.value);
    return { type, value } as AnyEvent;
  };
  const accountRecord = (
    state: CapitalAccountsTaskState,
    fundId: string,
    investorId: string | null,
    source: FactSource,
  ): EmittedRecord => ({
    topic: 'capital-accounts',
    key: Buffer.from(`${fundId}|${investorId ?? ''}`, 'utf8'),
    value: codec.encode('stratcap.fact.CapitalAccount', capitalAccountOf(state.accounts, fundId, investorId, source)),
  });
  return {
    name,
    stateVersion: 3,
    input: 'events',
    outputs: ['capital-accounts'],
    tables: [],
    createState: () => ({ accounts: new Map(), recordedAt: null }),
    evolve: (state, record) => {
      const event = eventOf(record);
      foldCapitalAccounts(state.accounts, event);
      state.recordedAt = event.value.envelope.recorded_at;
    },
    step: (state, record) => {
      const event = eventOf(record);
      const { envelope } = event.value;
      const touched = foldCapitalAccounts(state.accounts, event);
      state.recordedAt = envelope.recorded_at;
      if (touched === null) return { kind: 'Emit', records: [] };
      const source: FactSource = {
        source_event: { aggregate_id: envelope.aggregate_id, event_version: envelope.event_version },
        position: { partition: record.partition, offset: Number(record.offset) },
        recorded_at: envelope.recorded_at,
      };
      return {
        kind: 'Emit',
        records: [...touched.investorIds, null].map((investorId) => accountRecord(state, touched.fundId, investorId, source)),
      };
    },
    closeBatch: (state, nextOffset, { partition }) => {
      const progress: ProcessorProgress = {
        processor: name,
        partition,
        next_offset: Number(nextOffset),
        recorded_at: state.recordedAt,
      };
      return [
        {
          topic: 'capital-accounts',
          key: Buffer.from(`progress|${name}|${partition}`, 'utf8'),
          value: codec.encode('stratcap.fact.ProcessorProgress', progress),
        },
      ];
    },
    serialize: (state) => serialize(state),
    deserialize: (bytes) => deserialize(bytes) as CapitalAccountsTaskState,
  };
};
