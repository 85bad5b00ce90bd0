// A commit whose answer is lost: whether it happened is asked of the log, and a successor that took over meanwhile is not forgotten.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { startKafkaProxy, type KafkaProxy } from '#platform/kafka/testing/kafka-proxy.ts';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { openBench, until, type RuntimeBench } from './testing/runtime-bench.ts';
import { ledgerFixture, toCommand } from './testing/positions.ts';

const END_TRANSACTION = 26;
let isolation: Isolation;
let bench: RuntimeBench;
let proxy: KafkaProxy;
let behindProxy: KafkaPort;

beforeAll(async () => {
  isolation = await createIsolation({ stores: [] });
  const brokers = isolation.addresses.kafkaBrokers;
  bench = await openBench({ brokers, topicPrefix: isolation.topicPrefix, partitions: 2 });
  const [host = '', port = ''] = brokers.split(':');
  proxy = await startKafkaProxy({ host, port: Number(port) });
  behindProxy = await connectKafka({ brokers, clientId: 'behind-proxy', route: () => proxy.address });
});
afterAll(async () => {
  proxy.decide = () => 'pass';
  await bench.close();
  await behindProxy.close();
  await proxy.close();
  await isolation.drop();
});

const eventNumbers = async (partition: number): Promise<readonly number[]> =>
  (await bench.texts('events', partition)).map((text) => Number(text.split(' ')[2]));
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a task whose commit is not answered', () => {
  it.each(['lose-answer', 'lose-request'] as const)('books every command once when the wire does: %s', async (fate) => {
    const ledger = await bench.start(ledgerFixture, { kafka: behindProxy, assigned: [0], batchRecordsMax: 3 });
    await until('it runs', () => ledger.health().ready);
    const before = (await eventNumbers(0)).length;
    let commits = 0;
    proxy.decide = (apiKey) => (apiKey === END_TRANSACTION && (commits += 1) % 4 === 0 ? fate : 'pass');
    for (let round = 0; round < 20; round += 1) await bench.send('commands', 0, [toCommand('a', 1n), toCommand('b', 1n)]);
    await until('all are booked', async () => (await eventNumbers(0)).length >= before + 40);
    expect(commits).toBeGreaterThan(4);
    proxy.decide = () => 'pass';
    expect(await eventNumbers(0)).toEqual(upTo(before + 40));
    await ledger.stop();
  });

  it('waits for a broker that cannot be reached, says so, and goes on from its committed position', async () => {
    const impatient = await connectKafka({
      brokers: isolation.addresses.kafkaBrokers,
      clientId: 'impatient',
      patienceMs: 500,
      route: () => proxy.address,
    });
    const ledger = await bench.start(ledgerFixture, { kafka: impatient, assigned: [0] });
    await until('it runs', () => ledger.health().ready);
    const before = (await eventNumbers(0)).length;
    proxy.decide = () => 'lose-request';
    await bench.send('commands', 0, [toCommand('a', 1n), toCommand('b', 1n)]);
    await until('it waits', () => ledger.health().tasks[0]?.state === 'waiting');
    expect(ledger.health()).toMatchObject({ ready: false, tasks: [{ error: expect.any(String) }] });
    proxy.decide = () => 'pass';
    await until('both are booked', async () => (await eventNumbers(0)).length === before + 2);
    expect(await eventNumbers(0)).toEqual(upTo(before + 2));
    await until('it runs again', () => ledger.health().ready);
    await ledger.stop();
    await impatient.close();
  });

  it('stops as fenced when a successor has gone on in the meantime, even though its own commit had happened', async () => {
    const cutOff = await bench.start(ledgerFixture, { kafka: behindProxy, assigned: [1] });
    await until('it runs', () => cutOff.health().ready);
    let isCut = false;
    proxy.decide = (apiKey) => {
      if (isCut) return 'lose-request';
      if (apiKey !== END_TRANSACTION) return 'pass';
      isCut = true;
      return 'lose-answer';
    };
    await bench.send('commands', 1, [toCommand('a', 1n)]);
    await until('the commit arrived and was not answered', async () => isCut && (await eventNumbers(1)).length === 1);
    const successor = await bench.start(ledgerFixture, { assigned: [1] });
    await bench.send('commands', 1, [toCommand('a', 1n), toCommand('b', 1n)]);
    await until('the successor books', async () => (await eventNumbers(1)).length === 3);
    isCut = false;
    proxy.decide = () => 'pass';
    await until('the cut-off task has stopped', () => cutOff.health().tasks[0]?.state === 'failed');
    expect((await cutOff.failed).code).toBe('fenced');
    // Waking up, the cut-off task fenced its successor: whoever runs is stopped or goes on, but nothing is booked twice.
    await cutOff.stop();
    await successor.stop();
    const third = await bench.start(ledgerFixture, { assigned: [1] });
    await bench.send('commands', 1, [toCommand('a', 1n)]);
    await until('the third books', async () => (await eventNumbers(1)).length >= 4);
    expect(await eventNumbers(1)).toEqual(upTo(4));
    await third.stop();
  });
});
