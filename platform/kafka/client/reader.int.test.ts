// Reading from the real broker: committed records only, every end is reached, nothing is skipped.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaCorner, readTo, textRecord, valuesOf } from '../testing/kafka-corner.ts';
import type { KafkaCorner } from '../testing/kafka-corner.ts';
import type { InboundRecord, PartitionOffset } from '../port.ts';

const INT32_ZERO = Buffer.alloc(4);
let corner: KafkaCorner;

beforeAll(async () => {
  corner = await openKafkaCorner();
});
afterAll(() => corner.close());

const ends = async (topic: string): Promise<readonly PartitionOffset[]> =>
  (await corner.kafka.admin.watermarks(topic)).map(({ partition, high }) => ({ topic, partition, offset: high }));

const readAll = async (topic: string, from = 0n): Promise<readonly InboundRecord[]> => {
  const all = await ends(topic);
  const reader = corner.kafka.reader({ positions: all.map(({ partition }) => ({ topic, partition, offset: from })) });
  try {
    return await readTo(
      reader,
      all.filter(({ offset }) => offset > from),
    );
  } finally {
    await reader.close();
  }
};

describe('a committed reader', () => {
  it('never delivers a record of two interleaved aborted transactions, also not where a key is int32 0', async () => {
    const topic = await corner.topic('interleaved', 1);
    const producer = corner.kafka.producer();
    const expected: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const [first, second] = await Promise.all([corner.openTransaction(`${topic}-a`), corner.openTransaction(`${topic}-b`)]);
      const send = (transaction: typeof first, text: string) =>
        transaction.send({ topic, messages: [{ partition: 0, key: INT32_ZERO, value: `aborted-${text}-${round}` }] });
      await send(first, 'a1');
      await send(second, 'b1');
      await producer.send([textRecord(topic, 0, `kept-${round}`, INT32_ZERO)]);
      await send(first, 'a2');
      // The later transaction ends first in every other round, so that the broker lists the two in both orders.
      await (round % 2 === 0 ? second : first).abort();
      await (round % 2 === 0 ? first : second).abort();
      expected.push(`kept-${round}`);
    }
    expect(valuesOf(await readAll(topic))).toEqual(expected);
    const reader = corner.kafka.reader({ positions: [{ topic, partition: 0, offset: 0n }], isolation: 'uncommitted' });
    expect(await readTo(reader, await ends(topic))).toHaveLength(80);
    await reader.close();
  });

  it('delivers none of them either when it begins inside the open transactions', async () => {
    const topic = `${corner.prefix}interleaved`;
    const [end] = await ends(topic);
    for (let offset = 0n; offset < (end?.offset ?? 0n); offset += 1n) {
      expect(valuesOf(await readAll(topic, offset)).every((value) => value?.startsWith('kept-'))).toBe(true);
    }
  });

  it('stays before an open transaction, and goes on when it is decided', async () => {
    const topic = await corner.topic('open', 1);
    const transaction = await corner.openTransaction(`${topic}-open`);
    await transaction.send({ topic, messages: [{ partition: 0, value: 'open' }] });
    await corner.kafka.producer().send([textRecord(topic, 0, 'behind it')]);
    const reader = corner.kafka.reader({ positions: [{ topic, partition: 0, offset: 0n }] });
    expect(await reader.poll(300)).toEqual([]);
    await transaction.commit();
    expect(valuesOf(await readTo(reader, await ends(topic)))).toEqual(['open', 'behind it']);
    await reader.close();
  });

  it('reaches the end of an empty partition at once, and of one that holds only aborted records', async () => {
    const topic = await corner.topic('aborted-only', 2);
    const transaction = await corner.openTransaction(`${topic}-x`);
    await transaction.send({
      topic,
      messages: [
        { partition: 1, value: 'a' },
        { partition: 1, value: 'b' },
      ],
    });
    await transaction.abort();
    await expect
      .poll(() => ends(topic))
      .toEqual([
        { topic, partition: 0, offset: 0n },
        { topic, partition: 1, offset: 3n },
      ]);
    expect(await readAll(topic)).toEqual([]);
  });

  it('reaches the end of a compacted topic with an aborted tail', async () => {
    const topic = await corner.topic('compacted', 1, {
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0.01',
      'segment.ms': '100',
      'max.compaction.lag.ms': '100',
    });
    const producer = corner.kafka.producer();
    for (let round = 0; round < 40; round += 1)
      await producer.send(Array.from({ length: 10 }, (_, key) => textRecord(topic, 0, `${round}`, `key-${key}`)));
    for (let round = 0; round < 3; round += 1) {
      await sleep(150);
      const transaction = await corner.openTransaction(`${topic}-tail`);
      await transaction.send({ topic, messages: [{ partition: 0, key: 'key-1', value: 'aborted' }] });
      await transaction.abort();
    }
    let records = await readAll(topic);
    for (const until = Date.now() + 60_000; records.length > 100 && Date.now() < until; records = await readAll(topic))
      await sleep(500);
    expect(records.length).toBeLessThan(100);
    expect(new Map(records.map(({ key, value }) => [key?.toString(), value?.toString()])).get('key-1')).toBe('39');
  });

  it('stops with an error at a position that was deleted, and at one that never was; it never jumps', async () => {
    const topic = await corner.topic('expired', 2);
    await corner.kafka.producer().send([0, 1, 2, 3].map((index) => textRecord(topic, 0, `${index}`)));
    await corner.kafka.admin.deleteRecordsBefore([{ topic, partition: 0, offset: 3n }]);
    for (const offset of [2n, 5n]) {
      const reader = corner.kafka.reader({ positions: [{ topic, partition: 0, offset }] });
      for (let attempt = 0; attempt < 2; attempt += 1) {
        await expect(reader.poll(1_000)).rejects.toMatchObject({
          code: 'offset-out-of-range',
          message: expect.stringContaining(`Position ${offset} of ${topic}/0`) as string,
        });
      }
      reader.seek({ topic, partition: 0, offset: 3n });
      expect(valuesOf((await reader.poll(1_000)).flatMap(({ records }) => records))).toEqual(['3']);
      await reader.close();
    }
  });

  it('delivers the records of other partitions before the error of one, and loses none of them', async () => {
    const topic = `${corner.prefix}expired`;
    await corner.kafka.producer().send([textRecord(topic, 1, 'kept')]);
    const reader = corner.kafka.reader({
      positions: [
        { topic, partition: 0, offset: 0n },
        { topic, partition: 1, offset: 0n },
      ],
    });
    expect(valuesOf((await reader.poll(1_000)).flatMap(({ records }) => records))).toEqual(['kept']);
    await expect(reader.poll(1_000)).rejects.toMatchObject({ code: 'offset-out-of-range' });
    await reader.close();
  });

  it('keeps the order of every partition, takes partitions in and out, and says where it stands', async () => {
    const topic = await corner.topic('many', 4);
    await corner.kafka.producer().send(Array.from({ length: 400 }, (_, index) => textRecord(topic, index % 4, `${index}`)));
    const reader = corner.kafka.reader({ positions: [0, 1].map((partition) => ({ topic, partition, offset: 10n })) });
    reader.seek({ topic, partition: 2, offset: 99n });
    reader.remove({ topic, partition: 1 });
    const records = await readTo(reader, [
      { topic, partition: 0, offset: 100n },
      { topic, partition: 2, offset: 100n },
    ]);
    expect(valuesOf(records.filter(({ partition }) => partition === 0))).toEqual(
      Array.from({ length: 90 }, (_, index) => `${(index + 10) * 4}`),
    );
    expect(valuesOf(records.filter(({ partition }) => partition === 2))).toEqual(['398']);
    expect(records.some(({ partition }) => partition === 1)).toBe(false);
    reader.seek({ topic, partition: 0, offset: 99n });
    const [fetched] = await reader.poll(1_000);
    expect(fetched).toMatchObject({
      topic,
      partition: 0,
      nextOffset: 100n,
      highWatermark: 100n,
      lastStableOffset: 100n,
      logStartOffset: 0n,
    });
    await reader.close();
  });

  it('makes progress on a partition whose batches are larger than the fetch, beside busy ones', async () => {
    const topic = await corner.topic('large', 3);
    const producer = corner.kafka.producer();
    const noise = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, () => Math.floor(Math.random() * 256)));
    const large = Array.from({ length: 4 }, () => ({ topic, partition: 1, key: null, value: noise(300_000) }));
    for (const record of large) await producer.send([record]);
    await producer.send(
      Array.from({ length: 300 }, (_, index) => ({ topic, partition: (index % 2) * 2, key: null, value: noise(1_000) })),
    );
    const reader = corner.kafka.reader({
      positions: [0, 1, 2].map((partition) => ({ topic, partition, offset: 0n })),
      maxBytesPerPartition: 10_000,
    });
    const records = await readTo(reader, await ends(topic));
    expect(records.filter(({ partition }) => partition === 1).map(({ value }) => value)).toEqual(large.map(({ value }) => value));
    expect(records).toHaveLength(304);
    await reader.close();
  });

  it('hands a dense fetch out in steps of whole batches, without a gap', async () => {
    const topic = await corner.topic('dense', 1);
    await corner.kafka.producer().send(Array.from({ length: 60_000 }, (_, index) => textRecord(topic, 0, `${index}`)));
    const reader = corner.kafka.reader({ positions: [{ topic, partition: 0, offset: 0n }] });
    const sizes: number[] = [];
    let next = 0n;
    while (next < 60_000n) {
      for (const fetched of await reader.poll(1_000)) {
        expect(fetched.records[0]?.offset).toBe(next);
        next = fetched.nextOffset;
        sizes.push(fetched.records.length);
      }
    }
    expect(Math.max(...sizes)).toBeLessThan(60_000);
    await reader.close();
  });

  it('rests without partitions, and takes one in the middle of a poll', async () => {
    const topic = await corner.topic('late', 1);
    await corner.kafka.producer().send([textRecord(topic, 0, 'there')]);
    const reader = corner.kafka.reader({ positions: [] });
    const before = process.cpuUsage();
    expect(await reader.poll(300)).toEqual([]);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(150);
    const waiting = reader.poll(5_000);
    reader.seek({ topic, partition: 0, offset: 0n });
    expect(valuesOf((await waiting).flatMap(({ records }) => records))).toEqual(['there']);
    await reader.close();
  });

  it('ends a waiting poll when it is closed, and refuses two polls at once', async () => {
    const topic = await corner.topic('idle', 1);
    const reader = corner.kafka.reader({ positions: [{ topic, partition: 0, offset: 0n }] });
    const waiting = reader.poll(60_000);
    await expect(reader.poll(10)).rejects.toThrow('another poll');
    await sleep(50);
    await reader.close();
    expect(await waiting).toEqual([]);
  });
});
