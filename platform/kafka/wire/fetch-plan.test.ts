// A reader makes progress on every partition, whatever the others hold.
import { describe, expect, it } from 'vitest';
import { gapEnd, inRequestOrder } from './fetch-plan.ts';
import type { FetchedRecordSet } from './fetch.ts';

const partitions = ['events 0', 'events 1', 'facts 0', 'events 2', 'facts 1'].map((text) => {
  const [topic = '', partition = ''] = text.split(' ');
  return { topic, partition: Number(partition) };
});

const answer = (bytes: number): FetchedRecordSet => ({
  topic: 'events',
  partition: 0,
  errorCode: 0,
  highWatermark: 30n,
  lastStableOffset: 20n,
  logStartOffset: 0n,
  aborted: [],
  recordSet: Buffer.alloc(bytes),
});

describe('a fetch over many partitions', () => {
  it('asks for each partition first in its turn, for all of them every time, and names each topic once', () => {
    const firsts = partitions.map((_, turn) => {
      const order = inRequestOrder(partitions, turn);
      expect(new Set(order.map(([topic]) => topic)).size).toBe(order.length);
      expect(new Set(order.flatMap(([, members]) => members))).toEqual(new Set(partitions));
      return order[0]?.[1][0];
    });
    expect(new Set(firsts)).toEqual(new Set(partitions));
    expect(inRequestOrder([], 3)).toEqual([]);
  });

  it('takes an empty answer as a compacted gap up to the readable end, unless a size limit may have emptied it', () => {
    expect(gapEnd(answer(0), 'committed', false)).toBe(20n);
    expect(gapEnd(answer(0), 'uncommitted', false)).toBe(30n);
    expect(gapEnd(answer(0), 'committed', true)).toBeNull();
    expect(gapEnd(answer(61), 'committed', false)).toBeNull();
  });
});
