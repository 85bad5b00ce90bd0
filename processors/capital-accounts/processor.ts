// Capital accounts: reads the events of a partition and keeps the account of each investor in a fund and of each fund
// as facts, one per event and account: so the history of a figure does not depend on how events fell into transactions.
import { deserialize, serialize } from 'node:v8';
import {
  capitalAccountOf,
  foldCapitalAccounts,
  type CapitalAccounts,
  type FactSource,
} from '#domain/capital-accounts/capital-account.ts';
import type { ProcessorProgress } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import type { EmittedRecord, Processor } from '../runtime/topology.ts';

export interface CapitalAccountsTaskState {
  readonly accounts: CapitalAccounts;
  recordedAt: number | null;
}

const name = 'capital-accounts';

/** What the accounts need of the events, which are read whole by nobody here: the types hold it against what the fold reads. */
const envelope = ['envelope.effective_date', 'envelope.aggregate_id', 'envelope.event_version', 'envelope.recorded_at'] as const;
const booking = [...envelope, 'fund_id'] as const;
const reference = [...booking, 'commitment_id', 'investor_id'] as const;

/** The processor of capital accounts. */
export const capitalAccountsProcessor = ({ codec }: { readonly codec: Codec }): Processor<CapitalAccountsTaskState> => {
  const events = codec.projection({
    'stratcap.event.CommitmentMade': [...reference, 'commitment_amount', 'commitment_date', 'currency'],
    'stratcap.event.OpeningBalanceRecorded': [
      ...reference,
      'called_amount',
      'distributed_amount',
      'remaining_value',
      'reported_irr',
      'reported_multiple',
    ],
    'stratcap.event.ValuationRecorded': [...reference, 'remaining_value'],
    'stratcap.event.CommitmentAmountChanged': [...reference, 'new_amount'],
    'stratcap.event.CommitmentCancelled': reference,
    'stratcap.event.CommitmentTransferred': [
      ...reference,
      'to_commitment_id',
      'to_investor_id',
      'transferred_amount',
      'old_amount',
      'new_amount',
      'paid_in_moved',
      'distributed_moved',
    ],
    'stratcap.event.CapitalCallIssued': booking,
    'stratcap.event.CapitalCallNoticesIssued': booking,
    'stratcap.event.CapitalCallPaymentReceived': booking,
    'stratcap.event.InvestmentMade': booking,
    'stratcap.event.InvestmentIncreased': booking,
    'stratcap.event.InvestmentValued': booking,
    'stratcap.event.InvestmentRealised': booking,
    'stratcap.event.InvestmentWrittenOff': booking,
    'stratcap.event.FundTransactionRecorded': booking,
    'stratcap.event.DistributionDeclared': booking,
    'stratcap.event.CarryClawedBack': booking,
    'stratcap.event.*': envelope,
  });
  const eventOf = (record: InboundRecord): NonNullable<ReturnType<typeof events.read>> => {
    const event = events.read(record.value);
    if (event === null) throw new Error(`the events topic has a record that is no event at offset ${record.offset}`);
    return event;
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
      const { aggregate_id, event_version, recorded_at } = event.value.envelope;
      const touched = foldCapitalAccounts(state.accounts, event);
      state.recordedAt = recorded_at;
      if (touched === null) return { kind: 'Emit', records: [] };
      const source: FactSource = {
        source_event: { aggregate_id, event_version },
        position: { partition: record.partition, offset: Number(record.offset) },
        recorded_at,
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
