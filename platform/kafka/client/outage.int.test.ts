// A broker that dies, freezes and comes back: nothing is lost or doubled, calls wait for a bounded time, and end by name after it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngines } from '#platform/stack/engines.ts';
import type { RunningEngines } from '#platform/stack/engines.ts';
import { connectKafka } from '../connect.ts';
import type { InboundRecord, PartitionReader } from '../port.ts';
import { openKafkaCorner, textRecord, valuesOf } from '../testing/kafka-corner.ts';
import type { KafkaCorner } from '../testing/kafka-corner.ts';

let folder: string;
let engines: RunningEngines;
let corner: KafkaCorner;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stratcap-outage-'));
  engines = await startEngines({
    dataFolder: folder,
    ports: 'free',
    env: process.env,
    onProgress: () => undefined,
    only: ['kafka'],
  });
  corner = await openKafkaCorner(engines.addresses.kafkaBrokers);
});
afterAll(async () => {
  await corner?.close();
  await engines?.stop();
  await rm(folder, { recursive: true, force: true });
});

const brokerPid = (): number => {
  const pid = engines.engines.find(({ name }) => name === 'kafka')?.pid;
  if (pid === null || pid === undefined) throw new Error('the broker is not running');
  return pid;
};

/** Polls until `count` records are there. */
const readCount = async (reader: PartitionReader, count: number, withinMs = 60_000): Promise<readonly InboundRecord[]> => {
  const records: InboundRecord[] = [];
  for (const until = Date.now() + withinMs; records.length < count && Date.now() < until;) {
    for (const fetched of await reader.poll(200)) records.push(...fetched.records);
  }
  return records;
};

describe('a broker that is away', () => {
  it('is waited for by readers, writers and transactions when it was killed, and everything is there once', async () => {
    const topic = await corner.topic('killed', 1);
    const writer = corner.kafka.producer();
    const transactional = corner.kafka.transactionalProducer({ transactionalId: `${topic}-0` });
    const reader = corner.kafka.reader({ positions: [{ topic, partition: 0, offset: 0n }] });
    await transactional.fence();
    await transactional.commit({ records: [textRecord(topic, 0, 'before')] });
    expect(valuesOf(await readCount(reader, 1))).toEqual(['before']);

    process.kill(brokerPid(), 'SIGKILL');
    const sent = writer.send([textRecord(topic, 0, 'sent while away')]);
    const read = readCount(reader, 2);
    // A commit during the outage may end as aborted; the same transaction then passes, as the runtime does it.
    const committed = (async () => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await transactional.commit({ records: [textRecord(topic, 0, 'committed while away')] });
        } catch (error) {
          if (attempt > 5 || (error as { code?: string }).code !== 'transaction-aborted') throw error;
        }
      }
    })();
    await Promise.all([sent, committed]);
    expect(new Set(valuesOf(await read))).toEqual(new Set(['committed while away', 'sent while away']));
    expect(await corner.kafka.admin.describeCluster()).toMatchObject({ brokers: 1 });
    await transactional.commit({ records: [textRecord(topic, 0, 'after')] });
    expect(valuesOf(await readCount(reader, 1))).toEqual(['after']);
    await reader.close();
  });

  it('that is frozen ends every call as unavailable within its patience, and is used again when it wakes', async () => {
    const topic = await corner.topic('frozen', 1);
    const kafka = await corner.connect({ patienceMs: 1_500, requestTimeoutMs: 500 });
    const writer = kafka.producer();
    const transactional = kafka.transactionalProducer({ transactionalId: `${topic}-0` });
    const reader = kafka.reader({ positions: [{ topic, partition: 0, offset: 0n }] });
    await transactional.fence();
    await writer.send([textRecord(topic, 0, 'before')]);
    expect(valuesOf(await readCount(reader, 1))).toEqual(['before']);

    const pid = brokerPid();
    process.kill(pid, 'SIGSTOP');
    await sleep(250); // on a busy machine its threads still answer for a moment
    try {
      const startedAt = Date.now();
      const ends = await Promise.allSettled([
        writer.send([textRecord(topic, 0, 'maybe')]),
        transactional.fence(),
        kafka.admin.watermarks(topic),
        readCount(reader, 1),
        connectKafka({ brokers: corner.brokers, clientId: 'late', patienceMs: 1_500, requestTimeoutMs: 500 }),
      ]);
      expect(ends.map((end) => (end.status === 'rejected' ? (end.reason as { code?: string }).code : end.status))).toEqual(
        Array.from({ length: 5 }, () => 'unavailable'),
      );
      expect(Date.now() - startedAt).toBeLessThan(10_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await transactional.fence();
    await transactional.commit({ records: [textRecord(topic, 0, 'after')] });
    const values: (string | undefined)[] = [];
    while (!values.includes('after')) values.push(...valuesOf(await readCount(reader, 1)));
    // The write that was given up may have been appended, at most once; the transaction is there once.
    expect(values.filter((value) => value !== 'maybe')).toEqual(['after']);
    expect(values.length).toBeLessThanOrEqual(2);
    await kafka.close();
  });

  it('leaves a commit in doubt as unavailable when it does not come back in time, and nothing more passes before a fence', async () => {
    const topic = await corner.topic('doubt', 1);
    const kafka = await corner.connect({ patienceMs: 1_500, requestTimeoutMs: 500 });
    const transactional = kafka.transactionalProducer({ transactionalId: `${topic}-0` });
    await transactional.fence();
    await transactional.commit({ records: [textRecord(topic, 0, 'before')] });
    const pid = brokerPid();
    process.kill(pid, 'SIGSTOP');
    await sleep(250);
    let ended: unknown;
    try {
      ended = await transactional.commit({ records: [textRecord(topic, 0, 'during')] }).catch((error: unknown) => error);
      expect(['unavailable', 'transaction-aborted']).toContain((ended as { code?: string }).code);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await transactional.fence();
    await transactional.commit({ records: [textRecord(topic, 0, 'after')] });
    const reader = kafka.reader({ positions: [{ topic, partition: 0, offset: 0n }] });
    await sleep(200);
    const values = valuesOf(await readCount(reader, 2));
    expect(values).toEqual(['before', 'after']);
    await kafka.close();
  });

  it('that no one listens at is named when connecting', async () => {
    await expect(connectKafka({ brokers: '127.0.0.1:1', clientId: 'test', patienceMs: 300 })).rejects.toMatchObject({
      code: 'unavailable',
    });
    await expect(connectKafka({ brokers: 'localhost', clientId: 'test' })).rejects.toThrow('host:port');
  });
});
