// Topics and offsets of the real broker, as the system sets itself up and looks after itself.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaCorner, textRecord } from '../testing/kafka-corner.ts';
import type { KafkaCorner } from '../testing/kafka-corner.ts';

let corner: KafkaCorner;

beforeAll(async () => {
  corner = await openKafkaCorner();
});
afterAll(() => corner.close());

describe('the Kafka admin', () => {
  it('creates missing topics side by side, leaves existing ones alone, and lists them', async () => {
    const specs = ['a', 'b', 'c'].map((name) => ({
      name: `${corner.prefix}${name}`,
      partitions: 3,
      config: { 'cleanup.policy': 'compact' },
    }));
    await corner.kafka.admin.ensureTopics(specs);
    await Promise.all([corner.kafka.admin.ensureTopics(specs), corner.kafka.admin.ensureTopics(specs)]);
    expect((await corner.kafka.admin.topicNames()).filter((name) => name.startsWith(corner.prefix))).toEqual(
      specs.map(({ name }) => name),
    );
    expect(await corner.kafka.admin.partitionCount(specs[0]?.name ?? '')).toBe(3);
  });

  it('names a topic that has another number of partitions than configured', async () => {
    const name = await corner.topic('mismatch', 2);
    await expect(corner.kafka.admin.ensureTopics([{ name, partitions: 8, config: {} }])).rejects.toMatchObject({
      code: 'topic-mismatch',
      message: expect.stringContaining(`${name} has 2 partitions where 8`) as string,
    });
  });

  it('refuses a topic setting that Kafka does not know, by name', async () => {
    const wrong = { name: `${corner.prefix}wrong`, partitions: 1, config: { 'no.such.setting': '1' } };
    await expect(corner.kafka.admin.ensureTopics([wrong])).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('wrong could not be created') as string,
    });
  });

  it('gives a topic another id when it is deleted and made again', async () => {
    const name = await corner.topic('reborn', 1);
    const before = await corner.kafka.admin.topicId(name);
    expect(before).toMatch(/^[0-9a-f]{32}$/);
    expect(await corner.kafka.admin.topicId(name)).toBe(before);
    await corner.kafka.admin.deleteTopics([name]);
    await corner.topic('reborn', 1);
    expect(await corner.kafka.admin.topicId(name)).not.toBe(before);
  });

  it('tells where each partition begins and ends, undecided transactions included', async () => {
    const topic = await corner.topic('marks', 2);
    await corner.kafka.producer().send([0, 1, 2].map((index) => textRecord(topic, 1, `${index}`)));
    await corner.kafka.admin.deleteRecordsBefore([{ topic, partition: 1, offset: 2n }]);
    const transaction = await corner.openTransaction(`${topic}-open`);
    await transaction.send({ topic, messages: [{ partition: 0, value: 'open' }] });
    expect(await corner.kafka.admin.watermarks(topic)).toEqual([
      { topic, partition: 0, low: 0n, high: 1n },
      { topic, partition: 1, low: 2n, high: 3n },
    ]);
    await transaction.abort();
  });

  it('keeps offsets of a group that nobody has joined, null where there is none', async () => {
    const topic = await corner.topic('offsets', 3);
    const group = `${corner.prefix}group`;
    expect(await corner.kafka.admin.committedOffsets(group, topic)).toEqual(
      new Map([
        [0, null],
        [1, null],
        [2, null],
      ]),
    );
    await corner.kafka.admin.setOffsets(group, [
      { topic, partition: 0, offset: 0n },
      { topic, partition: 2, offset: 12_345_678_901n },
    ]);
    expect(await corner.kafka.admin.committedOffsets(group, topic)).toEqual(
      new Map([
        [0, 0n],
        [1, null],
        [2, 12_345_678_901n],
      ]),
    );
    await corner.kafka.admin.setOffsets(group, [{ topic, partition: 2, offset: 5n }]);
    expect((await corner.kafka.admin.committedOffsets(group, topic)).get(2)).toBe(5n);
  });

  it('waits with a committed offset until the transaction that holds it is decided', async () => {
    const topic = await corner.topic('unstable', 1);
    const group = `${corner.prefix}unstable`;
    const transaction = await corner.openTransaction(`${topic}-x`);
    await transaction.send({ topic, messages: [{ partition: 0, value: 'x' }] });
    await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic, partitions: [{ partition: 0, offset: '9' }] }] });
    const asked = corner.kafka.admin.committedOffsets(group, topic);
    expect(await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 300, 'waiting'))])).toBe('waiting');
    await transaction.commit();
    expect(await asked).toEqual(new Map([[0, 9n]]));
  });

  it('describes the cluster, and names a topic that does not exist', async () => {
    expect(await corner.kafka.admin.describeCluster()).toMatchObject({
      brokers: 1,
      clusterId: expect.stringMatching(/.{10,}/) as string,
    });
    const missing = `${corner.prefix}missing`;
    await expect(corner.kafka.admin.partitionCount(missing)).rejects.toThrow(`Topic ${missing} does not exist`);
    await expect(corner.kafka.admin.watermarks(missing)).rejects.toThrow(missing);
    await corner.kafka.admin.deleteTopics([missing]);
  });
});
