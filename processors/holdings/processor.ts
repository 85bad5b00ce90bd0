// Holdings: reads the events of a partition and keeps the balances of each investor in a fund, one fact per event that touches
// them. The smallest stateful processor of the system, and therefore the one that the runtime is measured with.
import { deserialize, serialize } from 'node:v8';
import type { AnyEvent, EventEnvelope, Holding, Minor, Uuid } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
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

/** Balances by `fund|investor`, which is the record key, too. */
export type HoldingsState = Map<string, Balances>;

/** What of an event a holding needs. */
interface HoldingEvent {
  readonly envelope: Pick<EventEnvelope, 'event_id' | 'recorded_at'>;
  readonly fund_id: Uuid;
  readonly investor_id: Uuid;
  readonly currency: string;
}

const balancesOf = (state: HoldingsState, key: string): Balances => {
  let balances = state.get(key);
  if (balances === undefined) {
    balances = { eventCount: 0, committed: 0n, called: 0n, distributed: 0n, remaining: null };
    state.set(key, balances);
  }
  balances.eventCount += 1;
  return balances;
};

const keyOf = ({ fund_id, investor_id }: HoldingEvent): string => `${fund_id}|${investor_id}`;

/**
 * Folds an event into the holdings, in place; null when it touches none. Pledges, calls and distributions add up; what an opening
 * balance does not state changes nothing; of remaining values the last on the log counts, whatever its effective date.
 */
const fold = (
  state: HoldingsState,
  event: AnyEvent,
): { readonly key: string; readonly value: HoldingEvent; readonly balances: Balances } | null => {
  switch (event.type) {
    case 'CommitmentMade': {
      const key = keyOf(event.value);
      const balances = balancesOf(state, key);
      balances.committed += event.value.commitment_amount;
      return { key, value: event.value, balances };
    }
    case 'OpeningBalanceRecorded': {
      const key = keyOf(event.value);
      const balances = balancesOf(state, key);
      balances.called += event.value.called_amount ?? 0n;
      balances.distributed += event.value.distributed_amount ?? 0n;
      balances.remaining = event.value.remaining_value ?? balances.remaining;
      return { key, value: event.value, balances };
    }
    case 'ValuationRecorded': {
      const key = keyOf(event.value);
      const balances = balancesOf(state, key);
      balances.remaining = event.value.remaining_value;
      return { key, value: event.value, balances };
    }
    default:
      return null;
  }
};

/** The processor of holdings. */
export const holdingsProcessor = ({ codec }: { readonly codec: Codec }): Processor<HoldingsState> => {
  const eventOf = (record: InboundRecord): AnyEvent => {
    const { type, value } = codec.decode(record.value);
    return { type, value } as AnyEvent;
  };
  const factOf = ({ value, balances }: NonNullable<ReturnType<typeof fold>>, { partition, offset }: InboundRecord): Holding => ({
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
    evolve: (state, record) => void fold(state, eventOf(record)),
    step: (state, record) => {
      const touched = fold(state, eventOf(record));
      if (touched === null) return { kind: 'Emit', records: [] };
      const fact: EmittedRecord = {
        topic: 'holdings',
        key: Buffer.from(touched.key, 'latin1'),
        value: codec.encode('stratcap.fact.Holding', factOf(touched, record)),
      };
      return { kind: 'Emit', records: [fact] };
    },
    serialize: (state) => serialize(state),
    deserialize: (bytes) => deserialize(bytes) as HoldingsState,
  };
};
