// A worker on a real broker: who holds what, what is committed when, and that nobody commits what is no longer his.
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaCorner, readTo, valuesOf } from '../testing/kafka-corner.ts';
import type { KafkaCorner } from '../testing/kafka-corner.ts';
import { startKafkaProxy } from '../testing/kafka-proxy.ts';
import { testSettings } from '../testing/open-transaction.ts';
import { startWorkerLog } from '../testing/worker-log.ts';
import type { WorkerLog } from '../testing/worker-log.ts';
import { Cluster } from './cluster.ts';
import { addOffsets, initProducerId } from './transaction.ts';

const END_TXN = 26;
const PRODUCE = 0;
const ADD_OFFSETS = 28;
const HEARTBEAT = 68;

let corner: KafkaCorner;
let topic: string;
let output: string;
let groups = 0;

beforeAll(async () => {
  corner = await openKafkaCorner();
  topic = await corner.topic('in', 4);
  output = await corner.topic('out', 4);
});
afterAll(() => corner.close());

const newGroup = (): string => `${corner.prefix}group-${(groups += 1)}`;

const commitOne = async (log: WorkerLog, partition: number, value: string, position: bigint): Promise<void> => {
  const draft = log.worker.draft();
  draft.append(output, partition, null, Buffer.from(value));
  await log.worker.commit(draft, new Map([[partition, position]]));
};

const outputValues = async (): Promise<readonly (string | undefined)[]> => {
  const ends = (await corner.kafka.admin.watermarks(output)).map(({ partition, high }) => ({
    topic: output,
    partition,
    offset: high,
  }));
  const reader = corner.kafka.reader({ positions: ends.map((end) => ({ ...end, offset: 0n })) });
  const records = await readTo(
    reader,
    ends.filter(({ offset }) => offset > 0n),
  );
  await reader.close();
  return valuesOf(records);
};

const rawCluster = (): Cluster => new Cluster(testSettings(corner.brokers));

describe('a worker of a group', () => {
  it('holds all partitions alone, half of them beside another, and all again when the other leaves', async () => {
    const group = newGroup();
    const first = await startWorkerLog(corner.kafka, { group, topic, workerId: '0', partitions: 'group' });
    await first.until(({ held }) => held.size === 4);
    const second = await startWorkerLog(corner.kafka, { group, topic, workerId: '1', partitions: 'group' });
    await second.until(({ held }) => held.size === 2);
    expect(first.held.size).toBe(2);
    expect(new Set([...first.held, ...second.held])).toEqual(new Set([0, 1, 2, 3]));
    await second.worker.leave();
    await first.until(({ held }) => held.size === 4);
    expect(first.told.filter((line) => line.startsWith('lost'))).toEqual([]);
    await first.worker.leave();
  });

  it('commits records and positions together, and a successor reads the position', async () => {
    const group = newGroup();
    const first = await startWorkerLog(corner.kafka, { group, topic, workerId: '0', partitions: 'group' });
    await first.until(({ held }) => held.size === 4);
    expect(await first.worker.committed(1)).toBeNull();
    await commitOne(first, 1, `${group} one`, 7n);
    expect(await first.worker.committed(1)).toBe(7n);
    await first.worker.leave();
    const second = await startWorkerLog(corner.kafka, { group, topic, workerId: '1', partitions: 'group' });
    await second.until(({ held }) => held.size === 4);
    expect(await second.worker.committed(1)).toBe(7n);
    expect((await outputValues()).filter((value) => value === `${group} one`)).toHaveLength(1);
    await second.worker.leave();
  });

  it('begins at positions that were committed before the group had members, and leaves them open to be set by hand', async () => {
    const group = newGroup();
    const producer = corner.kafka.transactionalProducer({ transactionalId: `${group}-of-old` });
    await producer.commit({ records: [], offsets: { group, positions: [{ topic, partition: 3, offset: 31n }] } });
    await producer.close();
    const log = await startWorkerLog(corner.kafka, { group, topic, workerId: '0', partitions: 'group' });
    await log.until(({ held }) => held.size === 4);
    expect(await log.worker.committed(3)).toBe(31n);
    await commitOne(log, 3, `${group} one`, 32n);
    await log.worker.leave();
    expect((await corner.kafka.admin.committedOffsets(group, topic)).get(3)).toBe(32n);
    await corner.kafka.admin.setOffsets(group, [{ topic, partition: 3, offset: 5n }]);
    expect((await corner.kafka.admin.committedOffsets(group, topic)).get(3)).toBe(5n);
  });

  it('names the topic when there is none', async () => {
    const kafka = await corner.connect({ patienceMs: 500 });
    const missing = { group: newGroup(), topic: `${corner.prefix}missing`, workerId: '0', partitions: 'group' } as const;
    await expect(startWorkerLog(kafka, missing)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`${corner.prefix}missing`) as string,
    });
  });

  it('finishes what is under way for a partition before it gives it up', async () => {
    const group = newGroup();
    const first = await startWorkerLog(corner.kafka, { group, topic, workerId: '0', partitions: 'group' });
    await first.until(({ held }) => held.size === 4);
    const committedInTime: number[] = [];
    first.onRevoked = async (partitions) => {
      for (const partition of partitions) {
        await commitOne(first, partition, `${group} last of ${partition}`, 100n + BigInt(partition));
        committedInTime.push(partition);
      }
    };
    const second = await startWorkerLog(corner.kafka, { group, topic, workerId: '1', partitions: 'group' });
    await second.until(({ held }) => held.size === 2);
    expect(new Set(committedInTime)).toEqual(second.held);
    for (const partition of second.held) expect(await second.worker.committed(partition)).toBe(100n + BigInt(partition));
    await expect(commitOne(first, committedInTime[0] ?? -1, `${group} too late`, 200n)).rejects.toMatchObject({
      code: 'transaction-aborted',
    });
    expect(await outputValues()).not.toContain(`${group} too late`);
    await Promise.all([first.worker.leave(), second.worker.leave()]);
  });

  it('is fenced by a later process of the same id, and never commits what it had computed', async () => {
    const group = newGroup();
    const old = await startWorkerLog(corner.kafka, { group, topic, workerId: '0', partitions: 'group' });
    await old.until(({ held }) => held.size === 4);
    const later = await startWorkerLog(corner.kafka, { group, topic, workerId: '0', partitions: 'group' });
    await later.until(({ held }) => held.size === 4);
    await expect(commitOne(old, 0, `${group} zombie`, 9n)).rejects.toMatchObject({
      code: expect.stringMatching(/fenced|aborted/) as string,
    });
    await old.until(({ told }) => told.some((line) => line.startsWith('lost')));
    expect(await outputValues()).not.toContain(`${group} zombie`);
    await old.worker.leave();
    await later.worker.leave();
  });

  it('loses everything when the group throws it out, comes back by itself, and drops drafts from before', async () => {
    const group = newGroup();
    const log = await startWorkerLog(corner.kafka, { group, topic, workerId: '0', partitions: 'group' });
    await log.until(({ held }) => held.size === 4);
    const draft = log.worker.draft();
    draft.append(output, 0, null, Buffer.from(`${group} from before`));
    await corner.kafka.admin.evict(group, '0');
    await log.until(({ told }) => told.some((line) => line.startsWith('lost 0,1,2,3')));
    await log.until(({ held }) => held.size === 4);
    await expect(log.worker.commit(draft, new Map([[0, 1n]]))).rejects.toMatchObject({ code: 'transaction-aborted' });
    await commitOne(log, 0, `${group} from after`, 2n);
    expect(await log.worker.committed(0)).toBe(2n);
    expect(await outputValues()).not.toContain(`${group} from before`);
    await log.worker.leave();
  });

  it('commits nothing of what others have taken over while it heard nothing from its group', async () => {
    const [host = '', port = ''] = corner.brokers.split(',')[0]?.split(':') ?? [];
    const proxy = await startKafkaProxy({ host, port: Number(port) });
    const kafka = await corner.connect({ route: () => proxy.address });
    const group = newGroup();
    const options = { group, topic, partitions: 'group', sessionTimeoutMs: 1_000 } as const;
    const zombie = await startWorkerLog(kafka, { ...options, workerId: 'zombie' });
    await zombie.until(({ held }) => held.size === 4);
    const draft = zombie.worker.draft();
    draft.append(output, 1, null, Buffer.from(`${group} of the zombie`));
    proxy.decide = (apiKey) => (apiKey === HEARTBEAT ? 'lose-request' : 'pass');
    const heir = await startWorkerLog(corner.kafka, { ...options, workerId: 'heir' });
    await heir.until(({ held }) => held.size === 4);
    await commitOne(heir, 1, `${group} of the heir`, 60n);
    expect(zombie.held.size).toBe(4); // it knows of nothing
    await expect(zombie.worker.commit(draft, new Map([[1, 50n]]))).rejects.toMatchObject({
      code: 'transaction-aborted',
      message: expect.stringContaining('UNKNOWN_MEMBER_ID') as string,
    });
    expect(await heir.worker.committed(1)).toBe(60n);
    expect(await outputValues()).not.toContain(`${group} of the zombie`);
    proxy.decide = () => 'pass';
    await zombie.until(({ told, held }) => told.some((line) => line.startsWith('lost')) && held.size === 2);
    await Promise.all([heir.worker.leave(), zombie.worker.leave()]);
    await proxy.close();
  });

  it('takes over within a moment when a worker that died is taken out of the group, also from the middle of its transaction', async () => {
    const group = newGroup();
    const child = fork(new URL('../testing/dying-worker.ts', import.meta.url), [corner.brokers, group, topic, output]);
    await once(child, 'message'); // it stands in the middle of a transaction over all partitions
    const log = await startWorkerLog(corner.kafka, { group, topic, workerId: 'heir', partitions: 'group' });
    const died = once(child, 'exit');
    child.kill('SIGKILL');
    await died;
    const startedAt = Date.now();
    await corner.kafka.admin.evict(group, 'dying');
    await corner.kafka.admin.evict(group, 'dying'); // nothing left to do
    await log.until(({ held }) => held.size === 4);
    expect(await Promise.all([0, 1, 2, 3].map((partition) => log.worker.committed(partition)))).toEqual([1n, 1n, 1n, 1n]);
    // Its session of 30 s and its transaction of 60 s would have lasted far longer.
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect((await outputValues()).filter((value) => value?.startsWith(`${group} dying`))).toEqual([`${group} dying 1`]);
    await log.worker.leave();
  });

  it('ends the transaction of a member that is gone, which would hold its partitions until it times out', async () => {
    const group = newGroup();
    const cluster = rawCluster();
    const transactionalId = `${group}~dead`;
    const identity = await initProducerId(cluster, { transactionalId, transactionTimeoutMs: 300_000 });
    await addOffsets(cluster, {
      transactionalId,
      group,
      identity,
      member: null,
      positions: [{ topic, partition: 2, offset: 55n }],
    });
    const log = await startWorkerLog(corner.kafka, { group, topic, workerId: '0', partitions: 'group' });
    await log.until(({ held }) => held.size === 4);
    expect(await log.worker.committed(2)).toBeNull();
    await log.worker.leave();
    cluster.close();
  });
});

describe('a worker of fixed partitions', () => {
  it('holds exactly these, without membership', async () => {
    const group = newGroup();
    const log = await startWorkerLog(corner.kafka, { group, topic, workerId: 'a', partitions: [1, 3] });
    await log.until(({ held }) => held.size === 2);
    expect(log.told).toEqual(['assigned 1,3']);
    await commitOne(log, 3, `${group} fixed`, 11n);
    expect(await log.worker.committed(3)).toBe(11n);
    await expect(commitOne(log, 0, `${group} not ours`, 1n)).rejects.toMatchObject({ code: 'transaction-aborted' });
    await log.until(({ told }) => told.length === 3);
    expect(log.told.slice(1)).toEqual(['lost 1,3: transaction-aborted', 'assigned 1,3']);
    await log.worker.leave();
  });

  it('stays down once a later process has fenced it: nobody can tell it that it is the owner again', async () => {
    const group = newGroup();
    const old = await startWorkerLog(corner.kafka, { group, topic, workerId: 'a', partitions: [0] });
    const later = await startWorkerLog(corner.kafka, { group, topic, workerId: 'a', partitions: [0] });
    await old.until(({ held }) => held.size === 1);
    await later.until(({ held }) => held.size === 1);
    await expect(commitOne(old, 0, `${group} zombie`, 1n)).rejects.toMatchObject({ code: 'fenced' });
    await commitOne(later, 0, `${group} owner`, 2n);
    await expect(commitOne(old, 0, `${group} zombie again`, 3n)).rejects.toMatchObject({ code: 'fenced' });
    expect(await later.worker.committed(0)).toBe(2n);
    await Promise.all([old.worker.leave(), later.worker.leave()]);
  });

  it.each([
    ['the answer to the end of the transaction', END_TXN, 'lose-answer'],
    ['the request that ends the transaction', END_TXN, 'lose-request'],
    ['the answer to the records', PRODUCE, 'lose-answer'],
    ['the answer to the positions', ADD_OFFSETS, 'lose-answer'],
  ] as const)('commits once when %s is lost', async (_, apiKey, fate) => {
    const [host = '', port = ''] = corner.brokers.split(',')[0]?.split(':') ?? [];
    const proxy = await startKafkaProxy({ host, port: Number(port) });
    const kafka = await corner.connect({ route: () => proxy.address });
    const group = newGroup();
    const log = await startWorkerLog(kafka, { group, topic, workerId: 'a', partitions: [0, 1] });
    await log.until(({ held }) => held.size === 2);
    let losses = 2;
    proxy.decide = (key) => (key === apiKey && losses-- > 0 ? fate : 'pass');
    await commitOne(log, 0, `${group} once`, 21n);
    proxy.decide = () => 'pass';
    expect(losses).toBeLessThanOrEqual(0);
    expect(await log.worker.committed(0)).toBe(21n);
    expect((await outputValues()).filter((value) => value === `${group} once`)).toHaveLength(1);
    expect(log.told).toEqual(['assigned 0,1']);
    await log.worker.leave();
    await proxy.close();
  });

  it('cuts batches that a topic refuses as too large, and names a record that is', async () => {
    const small = await corner.topic('small', 2, { 'max.message.bytes': '20000' });
    const group = newGroup();
    const log = await startWorkerLog(corner.kafka, { group, topic, workerId: 'a', partitions: [0] });
    await log.until(({ held }) => held.size === 1);
    const draft = log.worker.draft();
    for (let index = 0; index < 400; index += 1) {
      const noise = randomBytes(500); // nothing to compress
      draft.append(small, index % 2, Buffer.from(String(index)), noise);
    }
    await log.worker.commit(draft, new Map([[0, 5n]]));
    const ends = (await corner.kafka.admin.watermarks(small)).map(({ partition, high }) => ({
      topic: small,
      partition,
      offset: high,
    }));
    const reader = corner.kafka.reader({ positions: ends.map((end) => ({ ...end, offset: 0n })) });
    const records = await readTo(reader, ends);
    await reader.close();
    for (const partition of [0, 1]) {
      const keys = records.filter((record) => record.partition === partition).map(({ key }) => Number(key?.toString()));
      expect(keys).toEqual(Array.from({ length: 200 }, (_, index) => index * 2 + partition));
    }
    const tooLarge = log.worker.draft();
    tooLarge.append(small, 1, null, randomBytes(50_000));
    await expect(log.worker.commit(tooLarge, new Map([[0, 6n]]))).rejects.toMatchObject({
      code: 'record-too-large',
      message: expect.stringContaining(`${small}/1`) as string,
    });
    await log.until(({ told }) => told.length === 3);
    expect(await log.worker.committed(0)).toBe(5n);
    await log.worker.leave();
  });
});
