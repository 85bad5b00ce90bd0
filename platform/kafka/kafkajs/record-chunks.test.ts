// Cutting records into requests: nothing lost, order kept, no batch above the limit unless a single record is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KafkaError, OutboundRecord } from '../port.ts';
import { COMPRESSION } from './internals.ts';
import type { KafkajsAppended, KafkajsSendBatch } from './internals.ts';
import { chunkRecords, recordBytes, sendWhole, toSendBatch } from './record-chunks.ts';

const LIMIT = 1_000;
const record = (partition: number, bytes: number, topic = 'events'): OutboundRecord => ({
  topic,
  partition,
  key: null,
  value: Buffer.alloc(bytes),
});

describe('records cut into requests', () => {
  it('are all there, in order, with at most the limit per partition and request', () => {
    const arbitrary = fc.array(
      fc
        .tuple(fc.nat(2), fc.nat(1_200), fc.constantFrom('events', 'facts'))
        .map(([partition, bytes, topic]) => record(partition, bytes, topic)),
    );
    fc.assert(
      fc.property(arbitrary, (records) => {
        const chunks = chunkRecords(records, LIMIT);
        expect(chunks.flatMap((chunk) => chunk.records)).toEqual(records);
        for (const chunk of chunks) {
          expect(chunk.records.length).toBeGreaterThan(0);
          for (const entries of Map.groupBy(chunk.records, ({ topic, partition }) => `${topic} ${partition}`).values()) {
            const bytes = entries.reduce((sum, entry) => sum + recordBytes(entry), 0);
            expect(bytes <= LIMIT || chunk.records.length === 1).toBe(true);
          }
        }
      }),
    );
  });

  it('leave a record above the limit alone in its request, so that a refusal touches no other', () => {
    const chunks = chunkRecords([record(0, 10), record(0, 5_000), record(1, 10)], LIMIT);
    expect(chunks.map((chunk) => chunk.records.length)).toEqual([1, 1, 1]);
  });

  it('refuse a record above 32 MiB by name before anything is sent', () => {
    const huge = { ...record(7, 0), value: Buffer.alloc(33 * 1024 * 1024) };
    expect(() => chunkRecords([record(0, 10), huge], LIMIT)).toThrowError(
      expect.objectContaining({ code: 'record-too-large', message: expect.stringContaining('events/7') as string }) as KafkaError,
    );
  });

  it('are compressed with zstd, but not when they are a few bytes', () => {
    const [small] = chunkRecords([record(0, 10)], LIMIT);
    const [large] = chunkRecords([record(0, 900)], LIMIT);
    expect(small && toSendBatch(small).compression).toBe(COMPRESSION.none);
    expect(large && toSendBatch(large).compression).toBe(COMPRESSION.zstd);
  });

  it('are sent again for the partitions that the answer leaves out, and only for those, until all are told', async () => {
    const [chunk] = chunkRecords([record(0, 1), record(1, 2), record(2, 3), record(1, 4)], LIMIT);
    const asked: number[][] = [];
    const send = (batch: KafkajsSendBatch): Promise<readonly KafkajsAppended[]> => {
      const partitions = [...new Set(batch.topicMessages.flatMap(({ messages }) => messages.map(({ partition }) => partition)))];
      asked.push(batch.topicMessages.flatMap(({ messages }) => messages.map(({ partition }) => partition)));
      return Promise.resolve([{ topicName: 'events', partition: partitions[0] ?? -1, baseOffset: `${40 + asked.length}` }]);
    };
    expect(chunk && (await sendWhole(send, chunk))).toEqual(
      new Map([
        ['events 0', 41n],
        ['events 1', 42n],
        ['events 2', 43n],
      ]),
    );
    expect(asked).toEqual([[0, 1, 2, 1], [1, 2, 1], [2]]);
    const twice =
      chunk &&
      sendWhole(() => Promise.resolve([1, 1].map((partition) => ({ topicName: 'events', partition, baseOffset: '7' }))), chunk);
    await expect(twice).rejects.toThrow('events/1 were appended twice');
    const nothing = chunk && sendWhole(() => Promise.resolve([]), chunk);
    await expect(nothing).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('4 records, the first for events/0') as string,
    });
  });

  it('keep their key, tombstone, headers and time on the way to kafkajs', () => {
    const [chunk] = chunkRecords(
      [
        {
          topic: 'events',
          partition: 5,
          key: Buffer.from('k'),
          value: null,
          headers: { h: Buffer.from('v') },
          timestampMs: 1_700_000_000_000,
        },
      ],
      LIMIT,
    );
    expect(chunk && toSendBatch(chunk).topicMessages).toEqual([
      {
        topic: 'events',
        messages: [
          { partition: 5, key: Buffer.from('k'), value: null, headers: { h: Buffer.from('v') }, timestamp: '1700000000000' },
        ],
      },
    ]);
  });
});
