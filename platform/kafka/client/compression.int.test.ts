// Every compression in both directions: ours is unpacked and packed anew by the broker into the topic's own, and read back by us.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaCorner, readTo } from '../testing/kafka-corner.ts';
import { testSettings } from '../testing/open-transaction.ts';
import { Cluster } from './cluster.ts';
import { fetchRequest } from '../wire/fetch.ts';
import type { KafkaCorner } from '../testing/kafka-corner.ts';
import { CODEC_IDS } from '../wire/compress.ts';
import type { Codec } from '../wire/compress.ts';

const CODECS = Object.keys(CODEC_IDS) as readonly Codec[];
let corner: KafkaCorner;

beforeAll(async () => {
  corner = await openKafkaCorner();
});
afterAll(() => corner.close());

describe('a topic', () => {
  it.each(['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'that keeps its batches as %s takes all of ours',
    async (kept) => {
      const topic = await corner.topic(`kept-${kept}`, CODECS.length, { 'compression.type': kept });
      const records = CODECS.map((codec, partition) =>
        Array.from({ length: 3_000 }, (_, index) => ({
          topic,
          partition,
          key: Buffer.from(`${codec} ${index}`),
          value: index % 100 === 0 ? null : Buffer.from(`${index} `.repeat(index % 60)),
          headers: { ce_type: Buffer.from('CapitalCallIssued') },
          timestampMs: 1_700_000_000_000 + index,
        })),
      );
      for (const [partition, codec] of CODECS.entries()) {
        const kafka = await corner.connect({ compression: { codec, fromBytes: 0 } });
        await kafka.producer().send(records[partition] ?? []);
      }
      const ends = CODECS.map((_, partition) => ({ topic, partition, offset: 3_000n }));
      const reader = corner.kafka.reader({ positions: ends.map((end) => ({ ...end, offset: 0n })) });
      const read = await readTo(reader, ends, 30_000);
      await reader.close();
      for (const [partition, sent] of records.entries()) {
        const got = read.filter((record) => record.partition === partition);
        expect(got.map(({ offset }) => offset)).toEqual(sent.map((_, index) => BigInt(index)));
        for (const field of ['key', 'value', 'timestampMs'] as const)
          expect(got.map((record) => record[field])).toEqual(sent.map((record) => record[field]));
        expect(got.every(({ headers }) => headers['ce_type']?.toString() === 'CapitalCallIssued')).toBe(true);
      }
    },
  );

  it('may have a compression of its own among the settings of the connection', async () => {
    const [plain, packed] = [await corner.topic('plain', 1), await corner.topic('packed', 1)];
    const compression = { codec: 'zstd', fromBytes: 0, byTopic: { [plain]: 'none' } } as const;
    const producer = (await corner.connect({ compression })).producer();
    const value = Buffer.alloc(200_000, 'the same again ');
    for (const topic of [plain, packed]) await producer.send([{ topic, partition: 0, key: null, value }]);
    // The bytes on the log are read raw, to see which of the two was packed.
    const cluster = new Cluster(testSettings(corner.brokers));
    const bytesOf = async (topic: string): Promise<number> => {
      const [[leader] = [-1]] = [...(await cluster.leadersOf([{ topic, partition: 0 }]))];
      const limits = { maxWaitMs: 100, minBytes: 1, maxBytes: 1e6, isolation: 'committed' } as const;
      const topics = [{ topic, positions: [{ partition: 0, offset: 0n, bytesMax: 1_000_000 }] }];
      return (await cluster.send(leader, 'fetch', fetchRequest({ topics, ...limits }))).partitions[0]?.recordSet.length ?? 0;
    };
    expect(await bytesOf(plain)).toBeGreaterThan(200_000);
    expect(await bytesOf(packed)).toBeLessThan(10_000);
    cluster.close();
  });
});
