// Holdings: reads the events of a partition and keeps the balances of each investor in a fund, one fact per event that touches
// them. The smallest stateful processor of the system, and therefore the one that the runtime is measured with.
import { deserialize, serialize } from 'node:v8';
import type { Holding, Minor, Uuid } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { Projected } from '#schemas/codec/projection.ts';
import type { Codec } from '#schemas/codec.ts';
import type { EmittedRecord, Processor } from '../runtime/topology.ts';

/** Balances of an investor in a fund, changed in place. */
interface Balances {
  eventCount: number;
  committed: Minor;
  called: Minor;
  distributed: Minor;
  remaining: Minor | null;
}

/** Balances by fund, then by investor: ids come from the codec as the same strings again, so that two look-ups cost less than a joined key. */
export type HoldingsState = Map<Uuid, Map<Uuid, Balances>>;

/** What of an event a holding needs. */
const wanted = ['envelope.event_id', 'envelope.recorded_at', 'fund_id', 'investor_id', 'currency'] as const;
const wantedFields = {
  'stratcap.event.CommitmentMade': [...wanted, 'commitment_amount'],
  'stratcap.event.OpeningBalanceRecorded': [...wanted, 'called_amount', 'distributed_amount', 'remaining_value'],
  'stratcap.event.ValuationRecorded': [...wanted, 'remaining_value'],
} as const;
type HoldingEvent = Projected<typeof wantedFields>;

interface Touched {
  readonly event: HoldingEvent;
  readonly balances: Balances;
}

const balancesOf = (state: HoldingsState, { fund_id, investor_id }: HoldingEvent['value']): Balances => {
  let investors = state.get(fund_id);
  if (investors === undefined) state.set(fund_id, (investors = new Map()));
  let balances = investors.get(investor_id);
  if (balances === undefined) {
    balances = { eventCount: 0, committed: 0n, called: 0n, distributed: 0n, remaining: null };
    investors.set(investor_id, balances);
  }
  return balances;
};

/**
 * Folds an event into its holding, in place. Pledges, calls and distributions add up; what an opening balance does not state changes
 * nothing; of remaining values the last on the log counts, whatever its effective date.
 */
const fold = (balances: Balances, event: HoldingEvent): void => {
  balances.eventCount += 1;
  switch (event.type) {
    case 'CommitmentMade':
      balances.committed += event.value.commitment_amount;
      return;
    case 'OpeningBalanceRecorded': {
      const { called_amount, distributed_amount, remaining_value } = event.value;
      if (called_amount !== null) balances.called += called_amount;
      if (distributed_amount !== null) balances.distributed += distributed_amount;
      if (remaining_value !== null) balances.remaining = remaining_value;
      return;
    }
    case 'ValuationRecorded':
      balances.remaining = event.value.remaining_value;
  }
};

/** The processor of holdings. */
export const holdingsProcessor = ({ codec }: { readonly codec: Codec }): Processor<HoldingsState> => {
  const events = codec.projection(wantedFields);
  /** Folds an event and says which holding it touched; null when it touches none. */
  const apply = (state: HoldingsState, record: InboundRecord): Touched | null => {
    const event = events.read(record.value);
    if (event === null) return null;
    const balances = balancesOf(state, event.value);
    fold(balances, event);
    return { event, balances };
  };
  const factOf = ({ event: { value }, balances }: Touched, { partition, offset }: InboundRecord): Holding => ({
    fund_id: value.fund_id,
    investor_id: value.investor_id,
    event_count: balances.eventCount,
    last_event_id: value.envelope.event_id,
    currency: value.currency,
    committed_amount: balances.committed,
    called_amount: balances.called,
    distributed_amount: balances.distributed,
    remaining_value: balances.remaining,
    position: { partition, offset: Number(offset) },
    recorded_at: value.envelope.recorded_at,
  });
  return {
    name: 'holdings',
    stateVersion: 1,
    input: 'events',
    outputs: ['holdings'],
    tables: [],
    createState: () => new Map(),
    evolve: (state, record) => void apply(state, record),
    step: (state, record) => {
      const touched = apply(state, record);
      if (touched === null) return { kind: 'Emit', records: [] };
      const fact: EmittedRecord = {
        topic: 'holdings',
        key: Buffer.from(`${touched.event.value.fund_id}|${touched.event.value.investor_id}`, 'latin1'),
        value: codec.encode('stratcap.fact.Holding', factOf(touched, record)),
      };
      return { kind: 'Emit', records: [fact] };
    },
    serialize: (state) => serialize(state),
    deserialize: (bytes) => deserialize(bytes) as HoldingsState,
  };
};
