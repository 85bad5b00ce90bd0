// Chooses what the next transaction writes: in the order of each partition, an event only after the events of other partitions that
// it depends on and with the chunks that belong to it, a fact only after the event that it is true for. Causes stand before effects on the log, so that the partitions can
// never wait for one another in a circle.
import type { EventRef } from '#domain/messages.ts';
import type { LogItem } from './log-item.ts';
import { itemAt, type Queue } from './queues.ts';

/** Highest version of an aggregate that is in the database or on the way to it; undefined when nobody has asked. */
export type KnownVersions = (aggregateId: string) => number | undefined;

/** What one transaction takes. */
export interface Selection {
  /** Items to take from each queue that gives any. */
  readonly counts: ReadonlyMap<Queue, number>;
  /** Aggregates that must be looked up before more can be taken. */
  readonly unknown: ReadonlySet<string>;
  /** What the heads of the other queues wait for. */
  readonly waiting: ReadonlyMap<Queue, EventRef>;
}

export interface SelectionInput {
  readonly eventQueues: readonly Queue[];
  readonly factQueues: readonly Queue[];
  readonly known: KnownVersions;
  /** Offset of events, by partition, before which everything was taken by transactions before this one. */
  readonly takenTo: (partition: number) => bigint;
  /** Most events and most facts. */
  readonly limit: number;
}

const firstUnmet = (item: LogItem, met: (reference: EventRef) => boolean): EventRef | undefined =>
  item.kind === 'event' ? item.event.value.envelope.depends_on.find((reference) => !met(reference)) : undefined;

/** How much a queue may give at a time, so that a quiet partition does not wait behind the backlog of another. */
const shareOf = (input: SelectionInput, queues: readonly Queue[]): number =>
  Math.max(1, Math.ceil(input.limit / Math.max(1, queues.length)));

/** Events that follow an event in its decision and are written with it: the chunks of the notices that it announces. */
const chunksAfter = (item: LogItem): number =>
  item.kind === 'event' && (item.event.type === 'CapitalCallIssued' || item.event.type === 'DistributionDeclared')
    ? item.event.value.chunk_count
    : 0;

/** How many items are taken together at a place of a queue; 0 when some of them have not been fetched yet. */
const unitAt = (queue: Queue, place: number, item: LogItem): number => {
  const chunks = chunksAfter(item);
  for (let chunk = 1; chunk <= chunks; chunk += 1) {
    const next = itemAt(queue, place + chunk);
    if (next === undefined) return 0;
    // The sink stops at it, after what stands before it.
    if (next.kind === 'unreadable') return 1;
  }
  return 1 + chunks;
};

/** Takes from the event queues in rounds until none of them moves. */
const selectEvents = (input: SelectionInput): Selection => {
  const counts = new Map<Queue, number>();
  const unknown = new Set<string>();
  const waiting = new Map<Queue, EventRef>();
  const inBatch = new Map<string, number>();
  const met = ({ aggregate_id, event_version }: EventRef): boolean => {
    if ((inBatch.get(aggregate_id) ?? 0) >= event_version) return true;
    const version = input.known(aggregate_id);
    if (version === undefined) unknown.add(aggregate_id);
    return (version ?? 0) >= event_version;
  };
  const share = shareOf(input, input.eventQueues);
  let left = input.limit;
  for (let moved = true; moved && left > 0;) {
    moved = false;
    for (const queue of input.eventQueues) {
      waiting.delete(queue);
      let count = counts.get(queue) ?? 0;
      const end = count + Math.min(share, left);
      for (let item = itemAt(queue, count); item?.kind === 'event' && count < end; item = itemAt(queue, count)) {
        const unmet = firstUnmet(item, met);
        if (unmet !== undefined) {
          waiting.set(queue, unmet);
          break;
        }
        const unit = unitAt(queue, count, item);
        if (unit === 0) break;
        const { aggregate_id, event_version } = item.event.value.envelope;
        inBatch.set(aggregate_id, event_version + unit - 1);
        count += unit;
        left -= unit;
        moved = true;
      }
      if (count > 0) counts.set(queue, count);
    }
  }
  return { counts, unknown, waiting };
};

const selectFacts = (input: SelectionInput, events: Selection): ReadonlyMap<Queue, number> => {
  const counts = new Map<Queue, number>();
  const writtenTo = new Map<number, bigint>();
  for (const [queue, count] of events.counts) writtenTo.set(queue.partition, itemAt(queue, count)?.offset ?? queue.fetchedTo);
  const isTrueAlready = (item: LogItem): boolean => {
    if (item.kind !== 'fact') return item.kind === 'progress';
    const { partition, offset } = item.fact.value.position;
    return BigInt(offset) < (writtenTo.get(partition) ?? input.takenTo(partition));
  };
  const share = shareOf(input, input.factQueues);
  let left = input.limit;
  for (let moved = true; moved && left > 0;) {
    moved = false;
    for (const queue of input.factQueues) {
      let count = counts.get(queue) ?? 0;
      const end = count + Math.min(share, left);
      for (
        let item = itemAt(queue, count);
        item !== undefined && count < end && isTrueAlready(item);
        item = itemAt(queue, count)
      ) {
        count += 1;
        left -= 1;
        moved = true;
      }
      if (count > 0) counts.set(queue, count);
    }
  }
  return counts;
};

/** What the next transaction takes; nothing when every queue is empty, waits or cannot be read on. */
export const selectNext = (input: SelectionInput): Selection => {
  const events = selectEvents(input);
  return { ...events, counts: new Map([...events.counts, ...selectFacts(input, events)]) };
};
