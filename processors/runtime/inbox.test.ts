import { describe, expect, it } from 'vitest';
import type { FetchedPartition, PartitionReader } from '#platform/kafka/port.ts';
import { createInbox } from './inbox.ts';

const fetched = (first: number, count: number, nextOffset: number, highWatermark: number): FetchedPartition => ({
  topic: 't',
  partition: 0,
  records: Array.from({ length: count }, (_, index) => ({
    topic: 't',
    partition: 0,
    offset: BigInt(first + index),
    key: null,
    value: null,
    headers: {},
    timestampMs: 0,
  })),
  nextOffset: BigInt(nextOffset),
  highWatermark: BigInt(highWatermark),
  lastStableOffset: BigInt(highWatermark),
  logStartOffset: 0n,
});

/** A reader that answers from a script; afterwards it waits as a broker does. */
const scripted = (...answers: readonly (FetchedPartition | Error | null)[]): PartitionReader & { polls: number } => {
  const rest = [...answers];
  return {
    polls: 0,
    async poll(maxWaitMs) {
      this.polls += 1;
      const next = rest.shift();
      await new Promise((resolve) => setTimeout(resolve, next === undefined || next === null ? maxWaitMs : 1));
      if (next instanceof Error) throw next;
      return next === undefined || next === null ? [] : [next];
    },
    seek: () => undefined,
    remove: () => undefined,
    close: () => Promise.resolve(),
  };
};
const open = (reader: PartitionReader): ReturnType<typeof createInbox> =>
  createInbox(reader, { from: 0n, end: 4n, recordsMax: 3, waitMs: 5, signal: new AbortController().signal });
const offsets = (portion: { readonly records: readonly { readonly offset: bigint }[] } | null): readonly number[] | null =>
  portion?.records.map(({ offset }) => Number(offset)) ?? null;

describe('the input of a task', () => {
  it('comes in portions, and the last of a fetch takes the position beyond its control records', async () => {
    const inbox = open(scripted(fetched(0, 5, 7, 9)));
    const first = await inbox.take({ wait: true });
    const second = await inbox.take({ wait: true });
    expect([offsets(first), first?.nextOffset, first?.lag]).toEqual([[0, 1, 2], 3n, 6]);
    expect([offsets(second), second?.nextOffset, second?.lag]).toEqual([[3, 4], 7n, 2]);
    await inbox.close();
  });

  it('is null when nothing is there, and a fetch of control records alone is nothing', async () => {
    const inbox = open(scripted(fetched(0, 0, 2, 2), null, fetched(2, 1, 3, 3)));
    expect(inbox.lag()).toBe(4);
    expect(await inbox.take({ wait: true })).toBeNull();
    expect(inbox.lag()).toBe(0);
    expect(await inbox.take({ wait: false })).toBeNull();
    let portion = await inbox.take({ wait: true });
    while (portion === null) portion = await inbox.take({ wait: true });
    expect([offsets(portion), portion.nextOffset]).toEqual([[2], 3n]);
    await inbox.close();
  });

  it('goes on fetching while a portion is worked on, but holds no more than a portion and a fetch', async () => {
    const reader = scripted(
      fetched(0, 1, 1, 9),
      fetched(1, 2, 3, 9),
      fetched(3, 2, 5, 9),
      fetched(5, 2, 7, 9),
      fetched(7, 2, 9, 9),
    );
    const inbox = open(reader);
    expect(offsets(await inbox.take({ wait: true }))).toEqual([0]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(reader.polls).toBe(3);
    expect(offsets(await inbox.take({ wait: false }))).toEqual([1, 2, 3]);
    await inbox.close();
  });

  it('delivers what was fetched before an error, then the error', async () => {
    const inbox = open(scripted(fetched(0, 1, 1, 1), new Error('gone')));
    expect(offsets(await inbox.take({ wait: true }))).toEqual([0]);
    await expect(inbox.take({ wait: true })).rejects.toThrow('gone');
    await inbox.close();
  });
});
