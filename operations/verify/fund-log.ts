// The log by fund: everything inside a fund follows from its own events and the clock of its partition, so that funds can be
// recomputed and compared some at a time.
import type { AnyEvent, Uuid } from '#domain/messages.ts';
import type { Model, PlacedEvent } from './model.ts';

/** Events of some funds and of the clocks of their partitions, each partition in its order. */
export type FundEvents = readonly (readonly PlacedEvent[])[];

interface FundIndex {
  readonly funds: ReadonlyMap<Uuid, { readonly partition: number; readonly events: PlacedEvent[] }>;
  /** Days of the clock by partition. */
  readonly clocks: ReadonlyMap<number, readonly PlacedEvent[]>;
}

/** The fund that an event is about; null for investors, reference data, the clock and commands that were rejected. */
export const fundOf = (event: AnyEvent): Uuid | null => {
  if (event.type === 'CommandRejected') return null;
  if (event.type === 'FundCreated' || event.type === 'FundUpdated') return event.value.fund.fund_id;
  return 'fund_id' in event.value ? event.value.fund_id : null;
};

const indexes = new WeakMap<Model, FundIndex>();

const indexOf = (model: Model): FundIndex => {
  const known = indexes.get(model);
  if (known !== undefined) return known;
  const funds = new Map<Uuid, { readonly partition: number; readonly events: PlacedEvent[] }>();
  const clocks = new Map<number, PlacedEvent[]>();
  for (const placed of model.events) {
    const fundId = fundOf(placed.event);
    if (fundId !== null) {
      const fund = funds.get(fundId) ?? { partition: placed.partition, events: [] };
      funds.set(fundId, fund);
      fund.events.push(placed);
    } else if (placed.event.type === 'BusinessDateAdvanced') {
      const clock = clocks.get(placed.partition) ?? [];
      clocks.set(placed.partition, clock);
      clock.push(placed);
    }
  }
  const index = { funds, clocks };
  indexes.set(model, index);
  return index;
};

/** Events of some funds up to the position of a model. */
export const eventsOfFunds = (model: Model, fundIds: readonly Uuid[]): FundEvents => {
  const { funds, clocks } = indexOf(model);
  const partitions = new Map<number, PlacedEvent[]>();
  for (const fundId of fundIds) {
    const fund = funds.get(fundId);
    if (fund === undefined) continue;
    const events = partitions.get(fund.partition) ?? [...(clocks.get(fund.partition) ?? [])];
    partitions.set(fund.partition, events);
    for (const placed of fund.events) events.push(placed);
  }
  return [...partitions.values()].map((events) =>
    events.sort((left, right) => (left.offset < right.offset ? -1 : left.offset > right.offset ? 1 : 0)),
  );
};

const eventsPerBatch = 6_000;
const fundsPerBatch = 200;

/** All funds of the log and of `others`, in batches of bounded size. */
export const fundBatches = (model: Model, others: Iterable<Uuid>): readonly (readonly Uuid[])[] => {
  const { funds } = indexOf(model);
  const batches: Uuid[][] = [];
  let events = Number.POSITIVE_INFINITY;
  for (const fundId of new Set([...funds.keys(), ...others])) {
    const own = funds.get(fundId)?.events.length ?? 0;
    const batch = batches.at(-1);
    if (batch === undefined || events + own > eventsPerBatch || batch.length >= fundsPerBatch) {
      batches.push([fundId]);
      events = own;
    } else {
      batch.push(fundId);
      events += own;
    }
  }
  return batches;
};
