// Holdings: reads the events of a partition and keeps the balances of each investor in a fund, one fact per event that touches
// them. The smallest stateful processor of the system, and therefore the one that the runtime is measured with.
import { deserialize, serialize } from 'node:v8';
import type { Holding, Minor, Uuid } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { Projected } from '#schemas/codec/projection.ts';
import type { Codec } from '#schemas/codec.ts';
import type { Processor } from '../runtime/topology.ts';

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

const idBytes = 36;
const keyBytes = 2 * idBytes + 1;
/** More than any holding needs: four amounts of nine bytes, three ids, a currency, numbers. */
const factBytes = 512;
const nothing = { kind: 'Emit', records: [] } as const;

/** The processor of holdings. */
export const holdingsProcessor = ({ codec }: { readonly codec: Codec }): Processor<HoldingsState> => {
  const events = codec.projection(wantedFields);
  // Key and fact are written into the same bytes at every step: the runtime copies what a step emits before the next one.
  const key = Buffer.alloc(keyBytes, '|');
  const fact = Buffer.alloc(factBytes);
  const keyOf = ({ fund_id, investor_id }: HoldingEvent['value']): Buffer => {
    key.write(fund_id, 0, idBytes, 'latin1');
    key.write(investor_id, idBytes + 1, idBytes, 'latin1');
    return key;
  };
  const factOf = (value: HoldingEvent['value'], balances: Balances, { partition, offset }: InboundRecord): Buffer => {
    const holding: Holding = {
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
    };
    const end = codec.encodeInto('stratcap.fact.Holding', holding, fact, 0);
    return end < 0 ? codec.encode('stratcap.fact.Holding', holding) : fact.subarray(0, end);
  };
  return {
    name: 'holdings',
    stateVersion: 1,
    input: 'events',
    outputs: ['holdings'],
    tables: [],
    createState: () => new Map(),
    evolve: (state, record) => {
      const event = events.read(record.value);
      if (event !== null) fold(balancesOf(state, event.value), event);
    },
    step: (state, record) => {
      const event = events.read(record.value);
      if (event === null) return nothing;
      const balances = balancesOf(state, event.value);
      fold(balances, event);
      return {
        kind: 'Emit',
        records: [{ topic: 'holdings', key: keyOf(event.value), value: factOf(event.value, balances, record) }],
      };
    },
    serialize: (state) => serialize(state),
    deserialize: (bytes) => deserialize(bytes) as HoldingsState,
  };
};
