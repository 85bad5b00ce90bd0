// Writing to ingress topics of the real broker: every record once, its offset told, one caller's mistake no trouble for another.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaCorner, readTo, textRecord, valuesOf } from '../testing/kafka-corner.ts';
import type { KafkaCorner } from '../testing/kafka-corner.ts';
import { startKafkaProxy } from '../testing/kafka-proxy.ts';

let corner: KafkaCorner;

beforeAll(async () => {
  corner = await openKafkaCorner();
});
afterAll(() => corner.close());

const readAll = async (topic: string) => {
  const ends = (await corner.kafka.admin.watermarks(topic))
    .map(({ partition, high }) => ({ topic, partition, offset: high }))
    .filter(({ offset }) => offset > 0n);
  const reader = corner.kafka.reader({ positions: ends.map(({ partition }) => ({ topic, partition, offset: 0n })) });
  const records = await readTo(reader, ends);
  await reader.close();
  return records;
};

describe('a record producer', () => {
  it('tells the offset of each record, in the order given, over many concurrent and sequential calls', async () => {
    const topic = await corner.topic('offsets', 4);
    const producer = corner.kafka.producer();
    const call = async (name: string) => {
      const records = Array.from({ length: 7 }, (_, index) => textRecord(topic, index % 4, `${name}/${index}`));
      const offsets = await producer.send(records);
      return records.map((record, index) => [`${record.partition}@${offsets[index]?.offset}`, record.value?.toString()] as const);
    };
    const told = (await Promise.all(Array.from({ length: 200 }, (_, index) => call(`concurrent-${index}`)))).flat();
    for (let index = 0; index < 30; index += 1) told.push(...(await call(`sequential-${index}`)));
    const read = await readAll(topic);
    expect(read).toHaveLength(230 * 7);
    expect(new Map(read.map(({ partition, offset, value }) => [`${partition}@${offset}`, value?.toString()]))).toEqual(
      new Map(told),
    );
    expect(await producer.send([])).toEqual([]);
  });

  it('writes keys, tombstones, headers and times as they are', async () => {
    const topic = await corner.topic('as-is', 1);
    const producer = corner.kafka.producer();
    const headers = { ce_type: Buffer.from('X'), bytes: Buffer.from([0, 255]) };
    await producer.send([
      { topic, partition: 0, key: Buffer.alloc(0), value: null, headers, timestampMs: 1_700_000_000_000 },
      { topic, partition: 0, key: null, value: Buffer.alloc(0), timestampMs: 1_600_000_000_000 },
    ]);
    const [first, second] = await readAll(topic);
    expect(first).toMatchObject({ key: Buffer.alloc(0), value: null, timestampMs: 1_700_000_000_000 });
    expect({ ...first?.headers }).toEqual(headers);
    expect(second).toMatchObject({ key: null, value: Buffer.alloc(0), timestampMs: 1_600_000_000_000 });
  });

  it('refuses a record above the topic limit by name, and only its call', async () => {
    const topic = await corner.topic('limit', 1, { 'max.message.bytes': '100000' });
    const producer = corner.kafka.producer();
    const noise = Buffer.from(Array.from({ length: 750_000 }, () => Math.floor(Math.random() * 256)));
    const calls = await Promise.allSettled([
      producer.send([textRecord(topic, 0, 'a')]),
      producer.send([{ topic, partition: 0, key: null, value: noise }]),
      producer.send([textRecord(topic, 0, 'b')]),
    ]);
    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(calls[1]).toMatchObject({ reason: { code: 'record-too-large' } });
    expect(valuesOf(await readAll(topic))).toEqual(['a', 'b']);
  });

  it('appends once when the answer is lost on the way', async () => {
    const topic = await corner.topic('once', 1);
    const [host = '', port = ''] = corner.brokers.split(',')[0]?.split(':') ?? [];
    const proxy = await startKafkaProxy({ host, port: Number(port) });
    const kafka = await corner.connect({ route: () => proxy.address });
    const producer = kafka.producer();
    let requests = 0;
    proxy.decide = (apiKey) => (apiKey === 0 && (requests += 1) % 2 === 1 ? 'lose-answer' : 'pass');
    for (let index = 0; index < 5; index += 1)
      expect(await producer.send([textRecord(topic, 0, `${index}`)])).toMatchObject([{ offset: BigInt(index) }]);
    expect(valuesOf(await readAll(topic))).toEqual(['0', '1', '2', '3', '4']);
    await kafka.close();
    await proxy.close();
  });

  it('appends what follows a send that was given up, although that was on the log already', async () => {
    const topic = await corner.topic('given-up', 1);
    const [host = '', port = ''] = corner.brokers.split(',')[0]?.split(':') ?? [];
    const proxy = await startKafkaProxy({ host, port: Number(port) });
    const kafka = await corner.connect({ route: () => proxy.address, patienceMs: 400 });
    const producer = kafka.producer();
    await producer.send([textRecord(topic, 0, 'first')]);
    proxy.decide = (apiKey) => (apiKey === 0 ? 'lose-answer' : 'pass');
    await expect(producer.send([textRecord(topic, 0, 'given up')])).rejects.toMatchObject({ code: 'unavailable' });
    proxy.decide = () => 'pass';
    const [appended] = await producer.send([textRecord(topic, 0, 'next')]);
    expect(valuesOf(await readAll(topic))).toEqual(['first', 'given up', 'next']);
    expect(appended?.offset).toBe(2n);
    await kafka.close();
    await proxy.close();
  });

  it('finishes what it was given before it closes', async () => {
    const topic = await corner.topic('closing', 1);
    const producer = corner.kafka.producer();
    const sent = producer.send([textRecord(topic, 0, 'last')]);
    await producer.close();
    expect(await sent).toHaveLength(1);
    await expect(producer.send([textRecord(topic, 0, 'after')])).rejects.toMatchObject({ code: 'unavailable' });
  });
});
