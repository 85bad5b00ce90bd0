// Two workers whose connections break at random, requests and answers of every kind lost: everything is copied once, in order.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEchoWorker } from '../testing/echo-worker.ts';
import { openKafkaCorner, readTo } from '../testing/kafka-corner.ts';
import type { KafkaCorner } from '../testing/kafka-corner.ts';
import { startKafkaProxy } from '../testing/kafka-proxy.ts';
import type { KafkaProxy } from '../testing/kafka-proxy.ts';

const PARTITIONS = 4;
const ROUNDS = 400;
const FETCH = 1;
let corner: KafkaCorner;
let proxy: KafkaProxy;

beforeAll(async () => {
  corner = await openKafkaCorner();
  const [host = '', port = ''] = corner.brokers.split(',')[0]?.split(':') ?? [];
  proxy = await startKafkaProxy({ host, port: Number(port) });
});
afterAll(async () => {
  await corner.close();
  await proxy.close();
});

/** Numbers between 0 and 1 that are the same in every run (mulberry32). */
const seeded = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

it.each([1, 2])(
  'copies every record once while connections break at random, seed %i',
  async (seed) => {
    const input = await corner.topic(`in-${seed}`, PARTITIONS);
    const output = await corner.topic(`out-${seed}`, PARTITIONS);
    const kafka = await corner.connect({ route: () => proxy.address });
    const options = {
      group: `${corner.prefix}lost-${seed}`,
      topic: input,
      partitions: 'group',
      sessionTimeoutMs: 3_000,
    } as const;
    const random = seeded(seed);
    const lost = new Map<number, number>();
    proxy.decide = (apiKey) => {
      // A fetch that waits is cheap to lose and there are many; the others are where it hurts.
      if (random() > (apiKey === FETCH ? 0.02 : 0.04)) return 'pass';
      lost.set(apiKey, (lost.get(apiKey) ?? 0) + 1);
      return random() < 0.5 ? 'lose-answer' : 'lose-request';
    };
    const first = await startEchoWorker(kafka, output, { ...options, workerId: '0' });
    const producer = corner.kafka.producer();
    let second = await startEchoWorker(kafka, output, { ...options, workerId: '1' });
    for (let round = 0; round < ROUNDS; round += 1) {
      await producer.send(
        Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: input, partition, key: null, value: null })),
      );
      await sleep(10);
      if (round % 100 === 50) {
        await second.stop();
        second = await startEchoWorker(kafka, output, { ...options, workerId: '1' });
      }
    }
    const expected = Array.from({ length: ROUNDS }, (_, index) => BigInt(index));
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      let copies: readonly bigint[] = [];
      for (const until = Date.now() + 40_000; copies.length < ROUNDS && Date.now() < until; await sleep(100)) {
        const high = (await corner.kafka.admin.watermarks(output)).find((entry) => entry.partition === partition)?.high ?? 0n;
        if (high === 0n) continue;
        const reader = corner.kafka.reader({ positions: [{ topic: output, partition, offset: 0n }] });
        copies = (await readTo(reader, [{ topic: output, partition, offset: high }], 20_000)).map(({ value }) =>
          BigInt(value?.toString() ?? -1),
        );
        await reader.close();
      }
      expect(copies, [...first.troubles, ...second.troubles].join('\n')).toEqual(expected);
    }
    proxy.decide = () => 'pass';
    expect([...lost.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
    await Promise.all([first.stop(), second.stop()]);
  },
  120_000,
);
