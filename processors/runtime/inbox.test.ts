import { afterEach, describe, expect, it } from 'vitest';
import type { FetchedPartition, InboundRecord, PartitionOffset, PartitionReader } from '#platform/kafka/port.ts';
import { createInbox, type Inbox, type InboxSettings } from './inbox.ts';

const record = (partition: number, offset: number, bytes = 10): InboundRecord => ({
  topic: 'events',
  partition,
  offset: BigInt(offset),
  key: null,
  value: Buffer.alloc(bytes),
  headers: {},
  timestampMs: 0,
});
const fetched = (partition: number, from: number, count: number, nextOffset = from + count, bytes = 10): FetchedPartition => ({
  topic: 'events',
  partition,
  records: Array.from({ length: count }, (_, index) => record(partition, from + index, bytes)),
  nextOffset: BigInt(nextOffset),
  highWatermark: 100n,
  lastStableOffset: 100n,
  logStartOffset: 0n,
});

/** Answers one poll after the other as the test says; what is asked while nothing was said waits. */
const scriptedReader = () => {
  const polls: ((answer: readonly FetchedPartition[] | Error) => void)[] = [];
  const opened: (readonly PartitionOffset[])[] = [];
  const sought: PartitionOffset[] = [];
  const removed: number[] = [];
  const open: InboxSettings['openReader'] = ({ positions }) => {
    opened.push(positions);
    let close: () => void = () => undefined;
    const reader: PartitionReader = {
      poll: () =>
        new Promise((resolve, reject) => {
          polls.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
          close = () => resolve([]);
        }),
      seek: (position) => void sought.push(position),
      remove: ({ partition }) => void removed.push(partition),
      close: async () => close(),
    };
    return reader;
  };
  return { open, polls, opened, sought, removed };
};
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const answer = async (reader: ReturnType<typeof scriptedReader>, what: readonly FetchedPartition[] | Error): Promise<void> => {
  await settled();
  reader.polls.shift()?.(what);
  await settled();
};

let inbox: Inbox;
afterEach(() => inbox.close());

const openInbox = (change: Partial<InboxSettings> = {}) => {
  const reader = scriptedReader();
  const told: string[] = [];
  inbox = createInbox({
    topic: 'events',
    openReader: reader.open,
    waitMs: 1_000,
    bytesPerFetch: () => 1_000,
    bytesMax: 1_000,
    onArrival: () => told.push('arrival'),
    onFailure: (error) => {
      told.push(`failure ${String(error)}`);
      return Promise.resolve();
    },
    onRecovery: () => told.push('recovery'),
    ...change,
  });
  return { reader, told };
};

describe('the inbox of a worker', () => {
  it('gives the inputs of each partition in order, and passes control records at their end', async () => {
    const { reader, told } = openInbox();
    const first = inbox.add(0, 5n, 100n);
    const second = inbox.add(1, 0n, 100n);
    await answer(reader, [fetched(0, 5, 2, 8), fetched(1, 0, 1)]);
    expect(told).toEqual(['arrival']);
    expect(first.position()).toBe(5n);
    expect([first.peek()?.offset, first.size()]).toEqual([5n, 2]);
    first.advance();
    expect([first.peek()?.offset, first.position()]).toEqual([6n, 6n]);
    first.advance();
    expect([first.peek(), first.position(), first.size()]).toEqual([undefined, 8n, 0]);
    expect(second.position()).toBe(0n);
    expect(inbox.lag(0, first.position())).toBe(92);
    expect(inbox.unfetched()).toBe(92 + 99);
  });

  it('lets the position of an idle partition follow its control records', async () => {
    const { reader } = openInbox();
    const queue = inbox.add(0, 5n, 6n);
    await answer(reader, [fetched(0, 5, 0, 6)]);
    expect(queue.position()).toBe(6n);
  });

  it('fetches on while inputs wait, until enough do, and again when they were taken', async () => {
    const { reader } = openInbox({ bytesMax: 30 });
    const queue = inbox.add(0, 0n, 100n);
    await answer(reader, [fetched(0, 0, 2)]);
    expect(reader.polls).toHaveLength(1);
    await answer(reader, [fetched(0, 2, 2)]);
    expect(reader.polls).toHaveLength(0);
    for (let taken = 0; taken < 4; taken += 1) queue.advance();
    inbox.taken();
    await settled();
    expect(reader.polls).toHaveLength(1);
  });

  it('leaves out a partition that is slow, so that the others go on, and takes it in again when it has caught up', async () => {
    const { reader } = openInbox({ bytesMax: 100 });
    const slow = inbox.add(0, 0n, 100n);
    const quick = inbox.add(1, 0n, 100n);
    await answer(reader, [fetched(0, 0, 12), fetched(1, 0, 1)]);
    expect(reader.removed).toEqual([0]);
    // The slow one is not fetched any more, the other is.
    await answer(reader, [fetched(1, 1, 1)]);
    expect([slow.size(), quick.size()]).toEqual([12, 2]);
    for (let taken = 0; taken < 8; taken += 1) slow.advance();
    inbox.taken();
    expect(reader.sought.at(-1)).toEqual({ topic: 'events', partition: 0, offset: 12n });
    await answer(reader, [fetched(0, 12, 1)]);
    expect(slow.size()).toBe(5);
  });

  it('forgets a partition that was removed, also what a fetch under way brings of it', async () => {
    const { reader } = openInbox();
    const gone = inbox.add(0, 0n, 100n);
    const kept = inbox.add(1, 0n, 100n);
    await settled();
    inbox.remove(0);
    await answer(reader, [fetched(0, 0, 3), fetched(1, 0, 3)]);
    expect([gone.size(), kept.size()]).toEqual([0, 3]);
  });

  it('never takes what a fetch brings for a former stay of a partition that left and came back behind it', async () => {
    const { reader } = openInbox();
    inbox.add(0, 50n, 100n);
    const other = inbox.add(1, 7n, 100n);
    await settled();
    const former = reader.polls.shift();
    inbox.remove(0);
    const again = inbox.add(0, 20n, 100n);
    former?.([fetched(0, 50, 3), fetched(1, 7, 3)]);
    await settled();
    expect([again.size(), other.size()]).toEqual([0, 0]);
    expect(reader.opened.at(-1)).toEqual([
      { topic: 'events', partition: 1, offset: 7n },
      { topic: 'events', partition: 0, offset: 20n },
    ]);
    await answer(reader, [fetched(0, 20, 1), fetched(1, 7, 3)]);
    expect([again.peek()?.offset, other.size()]).toEqual([20n, 3]);
  });

  it('tells of a fetch that fails, goes on where the queues end, and tells when it works again', async () => {
    const { reader, told } = openInbox();
    inbox.add(0, 0n, 100n);
    await answer(reader, [fetched(0, 0, 2)]);
    await answer(reader, new Error('broken'));
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(reader.opened.at(-1)).toEqual([{ topic: 'events', partition: 0, offset: 2n }]);
    await answer(reader, [fetched(0, 2, 1)]);
    expect(told).toEqual(['arrival', 'failure Error: broken', 'recovery', 'arrival']);
  });
});
