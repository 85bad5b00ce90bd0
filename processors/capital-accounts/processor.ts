// Capital accounts: reads the events of a partition and keeps the account of each investor in a fund and of each fund
// as facts. Of one transaction only the last state of an account is written.
import { deserialize, serialize } from 'node:v8';
import { capitalAccountOf, foldCapitalAccounts, type CapitalAccounts, type FactSource } from '#domain/capital-accounts/capital-account.ts';
import type { AnyEvent, ProcessorProgress } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import type { EmittedRecord, Processor } from '../runtime/topology.ts';

export interface CapitalAccountsTaskState {
  readonly accounts: CapitalAccounts;
  recordedAt: number | null;
  /** Accounts touched since the last transaction with the event after which they are true, by record key. */
  readonly touched: Map<string, { readonly fundId: string; readonly investorId: string | null; readonly source: FactSource }>;
}

const name = 'capital-accounts';

/** The processor of capital accounts. */
export const capitalAccountsProcessor = ({ codec }: { readonly codec: Codec }): Processor<CapitalAccountsTaskState> => {
  const eventOf = (record: InboundRecord): AnyEvent => {
    const { type, value } = codec.decode(record.value);
    return { type, value } as AnyEvent;
  };
  return {
    name,
    stateVersion: 1,
    input: 'events',
    outputs: ['capital-accounts'],
    tables: [],
    createState: () => ({ accounts: new Map(), recordedAt: null, touched: new Map() }),
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
      if (touched !== null) {
        const source: FactSource = {
          source_event: { aggregate_id: envelope.aggregate_id, event_version: envelope.event_version },
          position: { partition: record.partition, offset: Number(record.offset) },
          recorded_at: envelope.recorded_at,
        };
        for (const investorId of [touched.investorId, null]) {
          state.touched.set(`${touched.fundId}|${investorId ?? ''}`, { fundId: touched.fundId, investorId, source });
        }
      }
      return { kind: 'Emit', records: [] };
    },
    closeBatch: (state, nextOffset, { partition }) => {
      const records: EmittedRecord[] = [...state.touched].map(([key, { fundId, investorId, source }]) => ({
        topic: 'capital-accounts',
        key: Buffer.from(key, 'utf8'),
        value: codec.encode('stratcap.fact.CapitalAccount', capitalAccountOf(state.accounts, fundId, investorId, source)),
      }));
      state.touched.clear();
      const progress: ProcessorProgress = { processor: name, partition, next_offset: Number(nextOffset), recorded_at: state.recordedAt };
      records.push({ topic: 'capital-accounts', key: Buffer.from(`progress|${name}|${partition}`, 'utf8'), value: codec.encode('stratcap.fact.ProcessorProgress', progress) });
      return records;
    },
    serialize: (state) => serialize(state),
    deserialize: (bytes) => deserialize(bytes) as CapitalAccountsTaskState,
  };
};
