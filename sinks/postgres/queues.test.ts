// The queues between fetch and transaction.
import { describe, expect, it } from 'vitest';
import type { FetchedPartition, InboundRecord } from '#platform/kafka/port.ts';
import { SinkError } from './errors.ts';
import type { LogItem } from './log-item.ts';
import { emptyQueue, enqueue, offsetAfter, take } from './queues.ts';

const fetched = (offsets: readonly bigint[], nextOffset: bigint): FetchedPartition => ({
  topic: 'events',
  partition: 0,
  nextOffset,
  highWatermark: 99n,
  lastStableOffset: 50n,
  logStartOffset: 0n,
  records: offsets.map((offset) => ({ offset }) as InboundRecord),
});
const read = ({ offset }: InboundRecord): LogItem => ({
  kind: 'unreadable',
  offset,
  error: new SinkError('undecodable', 'not read'),
});

describe('a queue', () => {
  it('leaves out what a reader delivers again, and passes control records when nothing waits behind them', () => {
    const queue = emptyQueue('events', 0, 10n);
    enqueue(queue, fetched([10n, 11n, 12n], 14n), read);
    enqueue(queue, fetched([10n, 11n, 12n], 14n), read);
    enqueue(queue, fetched([11n, 12n, 14n], 15n), read);
    expect(take(queue, 2).map(({ offset }) => offset)).toEqual([10n, 11n]);
    expect(offsetAfter(queue)).toBe(12n);
    expect(take(queue, 2).map(({ offset }) => offset)).toEqual([12n, 14n]);
    expect(offsetAfter(queue)).toBe(15n);
    enqueue(queue, fetched([], 17n), read);
    expect(offsetAfter(queue)).toBe(17n);
    expect(queue.end).toBe(50n);
  });
});
