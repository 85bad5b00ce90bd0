// Which items a transaction takes: causes first, whatever the batches; nothing is left for ever that could be written.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyEvent, CapitalAccount } from '#domain/messages.ts';
import type { LogItem } from './log-item.ts';
import { emptyQueue, offsetAfter, take, type Queue } from './queues.ts';
import { selectNext } from './selection.ts';

const partitions = 3;
/** Bookings in the order in which a ledger decided them: each may depend on an earlier one of any partition. */
const story = fc.array(
  fc.record({ partition: fc.nat(partitions - 1), depends: fc.option(fc.nat(50), { nil: undefined }), hasFact: fc.boolean() }),
  { maxLength: 40 },
);

const eventOf = (id: number, dependsOn: number | undefined): AnyEvent =>
  ({
    type: 'FundCreated',
    value: {
      envelope: {
        aggregate_id: String(id),
        event_version: 1,
        depends_on: dependsOn === undefined ? [] : [{ aggregate_id: String(dependsOn), event_version: 1 }],
      },
    },
  }) as unknown as AnyEvent;

describe('the choice of what to write', () => {
  it('takes every event once, in the order of its partition, after what it depends on, and each fact after its event', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 7 }), (bookings, limit) => {
        const events: Queue[] = [0, 1, 2].map((partition) => emptyQueue('events', partition, 0n));
        const facts: Queue[] = [0, 1, 2].map((partition) => emptyQueue('capital-accounts', partition, 0n));
        const push = (queue: Queue | undefined, make: (offset: bigint) => LogItem): void => {
          if (queue === undefined) throw new Error('no queue');
          queue.items = [...queue.items, make(queue.fetchedTo)];
          queue.fetchedTo += 1n;
        };
        bookings.forEach(({ partition, depends, hasFact }, id) => {
          const dependsOn = depends !== undefined && depends < id ? depends : undefined;
          push(events[partition], (offset) => ({ kind: 'event', offset, event: eventOf(id, dependsOn) }));
          const at = Number((events[partition]?.fetchedTo ?? 1n) - 1n);
          if (hasFact)
            push(facts[partition], (offset) => ({
              kind: 'fact',
              offset,
              fact: { type: 'CapitalAccount', value: { position: { partition, offset: at } } as CapitalAccount },
            }));
        });
        const written = new Set<string>();
        const writtenTo = [0n, 0n, 0n];
        for (;;) {
          const { counts } = selectNext({
            eventQueues: events,
            factQueues: facts,
            known: (id) => (written.has(id) ? 1 : 0),
            takenTo: (partition) => writtenTo[partition] ?? 0n,
            limit,
          });
          if (counts.size === 0) break;
          const taken = [...counts].map(([queue, count]) => ({ queue, items: take(queue, count) }));
          const inBatch = new Set(
            taken.flatMap(({ items }) =>
              items.flatMap((item) => (item.kind === 'event' ? [item.event.value.envelope.aggregate_id] : [])),
            ),
          );
          expect(inBatch.size).toBeLessThanOrEqual(limit);
          for (const { queue } of taken) if (queue.source === 'events') writtenTo[queue.partition] = offsetAfter(queue);
          for (const { items } of taken) {
            for (const item of items) {
              if (item.kind === 'event')
                for (const { aggregate_id } of item.event.value.envelope.depends_on)
                  expect(written.has(aggregate_id) || inBatch.has(aggregate_id)).toBe(true);
              if (item.kind === 'fact') {
                const { position } = item.fact.value;
                expect(BigInt(position.offset)).toBeLessThan(writtenTo[position.partition] ?? 0n);
              }
            }
          }
          for (const id of inBatch) {
            expect(written.has(id)).toBe(false);
            written.add(id);
          }
        }
        expect(written.size).toBe(bookings.length);
        expect([...events, ...facts].every((queue) => queue.items.length === 0)).toBe(true);
      }),
    );
  });

  it('gives a quiet partition its turn in every batch, however long the backlog of another is', () => {
    const busy = emptyQueue('events', 0, 0n);
    busy.items = Array.from({ length: 100 }, (_, at) => ({ kind: 'event', offset: BigInt(at), event: eventOf(at, undefined) }));
    const quiet = emptyQueue('events', 1, 0n);
    quiet.items = [{ kind: 'event', offset: 0n, event: eventOf(1_000, undefined) }];
    const { counts } = selectNext({ eventQueues: [busy, quiet], factQueues: [], known: () => 0, takenTo: () => 0n, limit: 10 });
    expect([counts.get(busy), counts.get(quiet)]).toEqual([9, 1]);
  });

  it('takes the chunks of notices with the event that announces them, or waits until all of them were fetched', () => {
    const at = (place: number, type: string, body: object): LogItem => ({
      kind: 'event',
      offset: BigInt(place),
      event: {
        type,
        value: { envelope: { aggregate_id: 'call', event_version: place + 2, depends_on: [] }, ...body },
      } as unknown as AnyEvent,
    });
    const log = [
      at(0, 'CapitalCallIssued', { chunk_count: 2 }),
      at(1, 'CapitalCallNoticesIssued', {}),
      at(2, 'CapitalCallNoticesIssued', {}),
      at(3, 'CapitalCallPaymentReceived', {}),
    ];
    const taken = (fetched: number): number | undefined => {
      const queue = emptyQueue('events', 0, 0n);
      queue.items = log.slice(0, fetched);
      const { counts } = selectNext({ eventQueues: [queue], factQueues: [], known: () => 0, takenTo: () => 0n, limit: 1 });
      return counts.get(queue);
    };
    expect([1, 2, 3, 4].map(taken)).toEqual([undefined, undefined, 3, 3]);
  });
});
