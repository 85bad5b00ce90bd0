// The runtime against the real broker: inputs come out once, what must stop stops by name, and the other partitions go on.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { openKafkaCorner } from '#platform/kafka/testing/kafka-corner.ts';
import { topicName, type TopicName } from '#schemas/topics.ts';
import { createIsolation, uniquePrefix, type Isolation } from '#tests/support/stack.ts';
import { openBench, until, type RuntimeBench } from './testing/runtime-bench.ts';
import { balancesFixture, ledgerFixture, toCommand } from './testing/positions.ts';
import type { RunningProcessor } from './runtime.ts';

let isolation: Isolation;
let bench: RuntimeBench;
const benches: { readonly bench: RuntimeBench }[] = [];

beforeAll(async () => {
  isolation = await createIsolation({ stores: [] });
});
beforeEach(async () => {
  // Each test has topics of its own under the file's prefix.
  bench = await openBench({
    brokers: isolation.addresses.kafkaBrokers,
    topicPrefix: `${isolation.topicPrefix}${uniquePrefix()}`,
  });
  benches.push({ bench });
});
afterAll(async () => {
  await Promise.all(benches.map((entry) => entry.bench.close()));
  await isolation.drop();
});

const running = async (...processors: readonly RunningProcessor[]): Promise<void> =>
  until('every task runs', () => processors.every((processor) => processor.health().ready));
const taskOf = (
  processor: RunningProcessor,
  partition: number,
): ReturnType<RunningProcessor['health']>['tasks'][number] | undefined =>
  processor.health().tasks.find((task) => task.partition === partition);
const stopOf = async (processor: RunningProcessor): Promise<{ readonly code: string; readonly message: string }> => {
  await until('a task stops for good', () => processor.health().tasks.some(({ state }) => state === 'failed'));
  return processor.failed;
};

describe('a chain of two processors', () => {
  it('books every command once and tells the balance after each event', async () => {
    const ledger = await bench.start(ledgerFixture);
    const balances = await bench.start(balancesFixture);
    await running(ledger, balances);
    await bench.send('commands', 0, [toCommand('a', 100n), toCommand('b', 5n), toCommand('a', -30n)]);
    await bench.send('commands', 1, [toCommand('c', 7n)]);
    await until(
      'balances are there',
      async () =>
        (await bench.texts('capital-accounts', 0)).includes('3 70') && (await bench.texts('capital-accounts', 1)).includes('1 7'),
    );
    expect(await bench.texts('events', 0)).toEqual(['a 100 1 100', 'b 5 2 5', 'a -30 3 70']);
    expect((await bench.texts('capital-accounts', 0)).filter((text) => text.includes(' '))).toEqual(['1 100', '2 5', '3 70']);
    expect(balances.health()).toMatchObject({ processor: 'balances', ready: true, lag: 0 });
    await ledger.stop();
    expect(ledger.health().tasks.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  });

  it('shows the event of a single command at once: no timer and no full batch is waited for', async () => {
    const ledger = await bench.start(ledgerFixture, { batchWaitMs: 5_000 });
    await running(ledger);
    const reader = bench.kafka.reader({
      positions: [{ topic: topicName(bench.topicPrefix, 'events'), partition: 1, offset: 0n }],
    });
    const took: number[] = [];
    for (let round = 0; round < 21; round += 1) {
      const sentAt = performance.now();
      await bench.send('commands', 1, [toCommand('c', 1n)]);
      while (!(await reader.poll(1_000)).some(({ records }) => records.length > 0));
      took.push(performance.now() - sentAt);
    }
    await reader.close();
    expect(took.toSorted((a, b) => a - b)[10]).toBeLessThan(500);
  });

  it('loses nothing over stops and starts under load, and a stop takes well under ten seconds', async () => {
    const balances = await bench.start(balancesFixture);
    for (let round = 0; round < 5; round += 1) {
      const ledger = await bench.start(ledgerFixture, { batchRecordsMax: 20 });
      await bench.send(
        'commands',
        0,
        Array.from({ length: 200 }, () => toCommand('a', 1n)),
      );
      await running(ledger);
      const startedAt = performance.now();
      await ledger.stop();
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    }
    const ledger = await bench.start(ledgerFixture);
    await until('all are booked', async () => (await bench.texts('events', 0)).length >= 1_000);
    await ledger.stop();
    await until('all are folded', () => taskOf(balances, 0)?.lag === 0);
    const facts = (await bench.texts('capital-accounts', 0)).filter((text) => text.includes(' '));
    expect(facts).toEqual(Array.from({ length: 1_000 }, (_, index) => `${index + 1} ${index + 1}`));
  });
});

/** The broker's answers to readers of a topic arrive 150 ms late, so that what was just committed has not been read. */
const withSlowReader = (topic: TopicName): KafkaPort => ({
  ...bench.kafka,
  reader: (options) => {
    const reader = bench.kafka.reader(options);
    if (options.positions[0]?.topic !== topicName(bench.topicPrefix, topic)) return reader;
    const poll = reader.poll.bind(reader);
    return Object.assign(reader, {
      poll: async (maxWaitMs: number) => {
        const fetched = await poll(maxWaitMs);
        await new Promise((resolve) => setTimeout(resolve, 150));
        return fetched;
      },
    });
  },
});

describe('look-ups in a table', () => {
  it('see the newest card when another partition of the process has just committed it', async () => {
    const ledger = await bench.start(ledgerFixture, { kafka: withSlowReader('investors') });
    await running(ledger);
    for (let round = 0; round < 8; round += 1) {
      const before = (await bench.texts('investors', 0)).length;
      await bench.send('commands', 0, [`register x card-${round}`]);
      await until('the investor is committed', async () => (await bench.texts('investors', 0)).length > before);
      await bench.send('commands', 1, [toCommand('x', 1n)]);
      await until('it is decided', async () => (await bench.texts('outcomes', 1)).length === round + 1);
    }
    expect(await bench.texts('outcomes', 1)).toEqual(Array.from({ length: 8 }, (_, round) => `card-${round}`));
  });

  it('see what another process has committed, when the key is not there at first', async () => {
    const first = await bench.start(ledgerFixture, { workerId: 'a', assigned: [0] });
    const second = await bench.start(ledgerFixture, { workerId: 'b', assigned: [1] });
    await running(first, second);
    await bench.send('commands', 0, ['register x']);
    await until('the investor is committed', async () => (await bench.texts('investors', 0)).length === 1);
    await bench.send('commands', 1, [toCommand('x', 1n), toCommand('y', 1n)]);
    await until('both are decided', async () => (await bench.texts('outcomes', 1)).length === 2);
    expect(await bench.texts('outcomes', 1)).toEqual(['known', 'unknown']);
  });
});

describe('what cannot be processed', () => {
  it('is a dead letter with its bytes, place and reason when it is a command, and the partition goes on', async () => {
    const ledger = await bench.start(ledgerFixture, { codeVersion: '0.1.0' });
    await running(ledger);
    const poison = Buffer.from([0, 0, 0, 0, 99, 7, 7]);
    await bench.send('commands', 1, [toCommand('a', 1n), poison, toCommand('a', 2n)]);
    await until('the next is booked', async () => (await bench.texts('events', 1)).length === 2);
    const [letter] = await bench.read('dead-letters', 1);
    expect(letter?.value).toEqual(poison);
    const headers = Object.fromEntries(
      Object.entries(letter?.headers ?? {}).map(([name, bytes]) => [name, bytes.toString('utf8')]),
    );
    expect(headers).toMatchObject({
      dead_letter_topic: topicName(bench.topicPrefix, 'commands'),
      dead_letter_partition: '1',
      dead_letter_offset: '1',
      dead_letter_schema_id: '99',
      dead_letter_reason: 'not-decodable',
      dead_letter_error_class: 'SyntaxError',
      dead_letter_processor: 'ledger',
      dead_letter_code_version: '0.1.0',
    });
    expect(await bench.texts('events', 1)).toEqual(['a 1 1 1', 'a 2 2 3']);
  });

  it('stops the task when it is an event, with its place, and the other partition goes on', async () => {
    const balances = await bench.start(balancesFixture);
    await running(balances);
    await bench.send('events', 0, ['a 1', '?', 'a 2']);
    const stop = await stopOf(balances);
    expect(stop).toMatchObject({
      code: 'event-not-applicable',
      partition: 0,
      message: expect.stringMatching(/events partition 0 offset 1/),
    });
    expect(balances.health().ready).toBe(false);
    await bench.send('events', 1, ['b 5']);
    await until('the other goes on', async () => (await bench.texts('capital-accounts', 1)).includes('1 5'));
    await balances.stop();
    expect(taskOf(balances, 0)).toMatchObject({ state: 'failed', error: expect.stringContaining('event-not-applicable') });
    // What came before it was committed, once; a restart does not get past it either.
    const again = await bench.start(balancesFixture);
    expect((await stopOf(again)).code).toBe('event-not-applicable');
    expect((await bench.texts('capital-accounts', 0)).filter((text) => text.includes(' '))).toEqual(['1 1']);
    expect(taskOf(again, 0)?.nextOffset).toBe('1');
  });

  it('stops the task when our own code fails on a command', async () => {
    const ledger = await bench.start(ledgerFixture);
    await running(ledger);
    await bench.send('commands', 0, ['defect']);
    expect(await stopOf(ledger)).toMatchObject({ code: 'step-defect', message: expect.stringContaining('planted defect') });
  });
});

describe('a position that cannot be trusted', () => {
  const bookThree = async (): Promise<void> => {
    const ledger = await bench.start(ledgerFixture);
    await running(ledger);
    await bench.send('commands', 0, ['a 1', 'a 1', 'a 1']);
    await until('three are booked', async () => (await bench.texts('events', 0)).length === 3);
    await ledger.stop();
  };
  const commands = (): string => topicName(bench.topicPrefix, 'commands');

  it('stops when records were deleted before they were read', async () => {
    await bookThree();
    await bench.send('commands', 0, ['a 1', 'a 1', 'a 1']);
    await bench.kafka.admin.deleteRecordsBefore([{ topic: commands(), partition: 0, offset: 5n }]);
    const ledger = await bench.start(ledgerFixture);
    expect(await stopOf(ledger)).toMatchObject({
      code: 'offset-expired',
      partition: 0,
      message: expect.stringMatching(/committed offset 3 .* first kept offset 5/),
    });
    await until('the other runs', () => taskOf(ledger, 1)?.state === 'running');
    expect(await bench.texts('events', 0)).toHaveLength(3);
  });

  it('stops when records were deleted before a processor ran for the first time', async () => {
    await bench.send('commands', 0, ['a 1', 'a 1']);
    await bench.kafka.admin.deleteRecordsBefore([{ topic: commands(), partition: 0, offset: 1n }]);
    expect((await stopOf(await bench.start(ledgerFixture))).code).toBe('offset-expired');
  });

  it('stops when the committed position lies beyond the end', async () => {
    await bench.kafka.admin.setOffsets(`${bench.topicPrefix}ledger`, [{ topic: commands(), partition: 1, offset: 7n }]);
    expect(await stopOf(await bench.start(ledgerFixture))).toMatchObject({ code: 'position-beyond-end', partition: 1 });
  });

  it('stops when the group has none although the outputs are not empty', async () => {
    await bench.send('events', 1, ['a 1 1 1']);
    expect(await stopOf(await bench.start(ledgerFixture))).toMatchObject({
      code: 'offset-missing',
      partition: 1,
      message: expect.stringContaining('has no committed offset'),
    });
  });

  it('begins at the start when all that ever came to the outputs was aborted', async () => {
    const events = topicName(bench.topicPrefix, 'events');
    const died = bench.kafka.transactionalProducer({ transactionalId: `${bench.topicPrefix}ledger-0` });
    await died.fence();
    const records = [Buffer.from('a 1 1 1'), randomBytes(12_000_000)].map((value) => ({
      topic: events,
      partition: 0,
      key: null,
      value,
    }));
    await expect(died.commit({ records })).rejects.toMatchObject({
      code: expect.stringMatching(/record-too-large|transaction-aborted/),
    });
    await died.close();
    const high = (await bench.kafka.admin.watermarks(events)).find(({ partition }) => partition === 0)?.high;
    expect(high).toBeGreaterThan(0n);
    await bookThree();
    expect(await bench.texts('events', 0)).toEqual(['a 1 1 1', 'a 1 2 2', 'a 1 3 3']);
  });

  it('is refused before the first record when a topic has another number of partitions', async () => {
    await expect(bench.start(ledgerFixture, { partitions: 3 })).rejects.toMatchObject({
      code: 'topology-invalid',
      message: expect.stringMatching(/has 2 partitions where 3 are configured/),
    });
  });
});

describe('two processes with partitions of their own', () => {
  it('do not wait for each other: a task starts although a transaction over another partition is undecided', async () => {
    const corner = await openKafkaCorner(isolation.addresses.kafkaBrokers);
    const input = topicName(bench.topicPrefix, 'commands');
    const open = await corner.openTransaction(`${bench.topicPrefix}ledger-0`);
    await open.send({ topic: topicName(bench.topicPrefix, 'outcomes'), messages: [{ partition: 0, value: 'undecided' }] });
    await open.sendOffsets({
      consumerGroupId: `${bench.topicPrefix}ledger`,
      topics: [{ topic: input, partitions: [{ partition: 0, offset: '1' }] }],
    });
    const neighbour = await bench.start({ ...ledgerFixture, tables: [] }, { assigned: [1] });
    await until('the neighbour runs', () => neighbour.health().ready, 5_000);
    await open.abort();
    await corner.close();
  });
});

describe('two processes with the same partitions', () => {
  it('end with the later owner: the earlier one stops as fenced, and nothing is booked twice', async () => {
    const earlier = await bench.start(ledgerFixture);
    await running(earlier);
    await bench.send('commands', 0, ['a 1']);
    await until('the first is booked', async () => (await bench.texts('events', 0)).length === 1);
    const later = await bench.start(ledgerFixture);
    await running(later);
    for (let round = 0; round < 10; round += 1) {
      await bench.send('commands', 0, ['a 1']);
      await bench.send('commands', 1, ['a 1']);
    }
    expect(await stopOf(earlier)).toMatchObject({
      code: 'fenced',
      message: expect.stringContaining('another process owns its transactional id'),
    });
    await until('the later owner books', async () => (await bench.texts('events', 0)).length === 11);
    expect(await bench.texts('events', 0)).toEqual(Array.from({ length: 11 }, (_, index) => `a 1 ${index + 1} ${index + 1}`));
    await until('the later owner goes on', () => later.health().ready);
  });
});
