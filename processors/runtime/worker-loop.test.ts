// The loop of a worker on a log in memory: what is computed ahead of a commit, and what becomes of it when that commit fails.
import { afterEach, describe, expect, it } from 'vitest';
import { KafkaError } from '#platform/kafka/port.ts';
import { startProcessor, type ProcessorDeps, type RunningProcessor } from './runtime.ts';
import { createMemoryKafka, type MemoryKafka } from './testing/memory-kafka.ts';
import { balancesFixture, ledgerFixture, type Accounts } from './testing/positions.ts';
import { silent, until } from './testing/runtime-bench.ts';
import type { Processor } from './topology.ts';

const started: { readonly log: MemoryKafka; readonly running: RunningProcessor }[] = [];
afterEach(async () => {
  for (const { log, running } of started.splice(0)) {
    log.commitAll();
    await running.stop();
  }
});

const start = async (
  processor: Processor<Accounts>,
  { log = createMemoryKafka('t.', 3), ...settings }: Partial<ProcessorDeps> & { readonly log?: MemoryKafka } = {},
): Promise<{ readonly log: MemoryKafka; readonly running: RunningProcessor }> => {
  const running = await startProcessor(processor, {
    kafka: log.kafka,
    topicPrefix: 't.',
    partitions: 3,
    logger: silent,
    snapshotEvery: 1_000_000,
    batchWaitMs: 20,
    ...settings,
  });
  started.push({ log, running });
  return { log, running };
};
const ready = (running: RunningProcessor, count: number): Promise<void> =>
  until('all run', () => {
    const { ready: isReady, tasks } = running.health();
    return isReady && tasks.length === count;
  });
const facts = (log: MemoryKafka, partition: number): readonly string[] =>
  log.texts('capital-accounts', partition).filter((text) => text.includes(' '));
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

describe('a worker', () => {
  it('puts what came for all of its partitions into one transaction, each with its closing record', async () => {
    const { log, running } = await start(balancesFixture);
    log.assign(0, 1, 2);
    await ready(running, 3);
    log.send('events', 0, 'a 1');
    const first = await log.nextCommit();
    // While that one is under way:
    log.send('events', 0, 'a 2');
    log.send('events', 1, 'b 5', 'b 6');
    log.send('events', 2, 'c 7');
    await settled();
    first.succeed();
    const second = await log.nextCommit();
    expect([...second.positions].toSorted(([a], [b]) => a - b)).toEqual([
      [0, 2n],
      [1, 2n],
      [2, 1n],
    ]);
    second.succeed();
    await until('they are there', () => log.commits === 2);
    expect(log.texts('capital-accounts', 0)).toEqual(['1 1', '1', '2 3', '2']);
    expect(log.texts('capital-accounts', 1)).toEqual(['1 5', '2 11', '2']);
  });

  it('drops what it computed ahead when the commit before it fails, and computes both again to the same bytes', async () => {
    const { log, running } = await start(balancesFixture);
    log.assign(0, 1);
    await ready(running, 2);
    log.send('events', 0, 'a 1', 'a 2');
    const first = await log.nextCommit();
    log.send('events', 0, 'a 3');
    log.send('events', 1, 'b 1');
    await settled();
    first.fail();
    log.commitAll();
    await until('all are booked', () => facts(log, 0).length === 3 && facts(log, 1).length === 1);
    expect(facts(log, 0)).toEqual(['1 1', '2 3', '3 6']);
    expect(running.health().tasks.map(({ restarts }) => restarts)).toEqual([1, 1]);
  });

  it('commits nothing of partitions that it lost while a transaction over them was filled, and goes on with the others', async () => {
    const { log, running } = await start(balancesFixture);
    log.assign(0, 1);
    await ready(running, 2);
    log.send('events', 1, 'b 1');
    const first = await log.nextCommit();
    log.send('events', 0, 'a 1');
    log.send('events', 1, 'b 2');
    await settled();
    log.lose(0);
    first.succeed();
    log.commitAll();
    await until('the kept one goes on', () => facts(log, 1).length === 2);
    expect(facts(log, 1)).toEqual(['1 1', '2 3']);
    expect(facts(log, 0)).toEqual([]);
    log.assign(0);
    await until('the lost one comes back', () => facts(log, 0).length === 1);
  });

  it('finishes what is under way for a partition before it gives it up, and keeps the state of the others', async () => {
    let created = 0;
    const counting: Processor<Accounts> = {
      ...balancesFixture,
      createState: (partition) => {
        created += 1;
        return balancesFixture.createState(partition);
      },
    };
    const { log, running } = await start(counting);
    log.assign(0, 1);
    await ready(running, 2);
    log.send('events', 0, 'a 1');
    const first = await log.nextCommit();
    log.send('events', 0, 'a 2');
    await settled();
    let acknowledged = false;
    const revocation = log.revoke(0).then(() => (acknowledged = true));
    await settled();
    // Arrived after the revocation: the successor's.
    log.send('events', 0, 'a 3');
    first.succeed();
    const second = await log.nextCommit();
    await settled();
    expect(acknowledged).toBe(false);
    second.succeed();
    await revocation;
    expect(log.committed(0)).toBe(2n);
    log.commitAll();
    log.send('events', 1, 'b 1');
    await until('the kept one goes on', () => facts(log, 1).length === 1);
    expect(created).toBe(2);
    expect(running.health().tasks.map(({ partition }) => partition)).toEqual([1]);
  });

  it('acknowledges a revocation at once when nothing of the partition is under way, also while it restores', async () => {
    const { log, running } = await start(balancesFixture);
    log.assign(0, 1);
    await log.revoke(0);
    await ready(running, 1);
    expect(running.health().tasks.map(({ partition }) => partition)).toEqual([1]);
  });

  it('is not ready any more from the moment it is told to stop, and commits what it has taken', async () => {
    const { log, running } = await start(balancesFixture);
    log.assign(0);
    await ready(running, 1);
    log.send('events', 0, 'a 1');
    const first = await log.nextCommit();
    log.send('events', 0, 'a 2');
    await settled();
    const stopped = running.stop();
    expect(running.health().ready).toBe(false);
    first.succeed();
    log.commitAll();
    await stopped;
    expect(facts(log, 0)).toEqual(['1 1', '2 3']);
    expect(running.health().tasks.map(({ state }) => state)).toEqual(['stopped']);
  });

  it('lets a partition with little to do go on beside one whose steps are slow', async () => {
    const slow: Processor<Accounts> = {
      ...balancesFixture,
      step: (state, input, context) => {
        if (context.partition === 0) for (const until = performance.now() + 2; performance.now() < until;);
        return balancesFixture.step(state, input, context);
      },
    };
    const { log, running } = await start(slow);
    log.commitAll();
    log.assign(0, 1);
    await ready(running, 2);
    log.send('events', 0, ...Array.from({ length: 1_000 }, () => 'a 1'));
    await settled();
    log.send('events', 1, 'b 1');
    await until('the neighbour is done', () => facts(log, 1).length === 1);
    expect(facts(log, 0).length).toBeLessThan(900);
    await until('the slow one is done', () => facts(log, 0).length === 1_000);
  });

  it('stops in time when the log does not answer', async () => {
    const { log, running } = await start(balancesFixture, { stopWithinMs: 200 });
    log.assign(0);
    await ready(running, 1);
    log.send('events', 0, 'a 1');
    await log.nextCommit();
    const startedAt = performance.now();
    await running.stop();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(log.commits).toBe(0);
  });
});

describe('a snapshot', () => {
  it('is the state at the end of a transaction that is committed, though the worker is ahead of it', async () => {
    const { log, running } = await start(balancesFixture, { snapshotEvery: 2 });
    log.assign(0);
    await ready(running, 1);
    log.send('events', 0, 'a 1', 'a 2');
    const first = await log.nextCommit();
    expect(first.records.filter(({ topic }) => topic === 't.snapshots')).toEqual([]);
    log.send('events', 0, 'a 3');
    await settled();
    first.succeed();
    const second = await log.nextCommit();
    const pieces = second.records.filter(({ topic }) => topic === 't.snapshots').map(({ value }) => value?.toString() ?? '');
    expect(pieces[0]).toBe('{"count":2,"balances":[["a","3"]]}');
    expect(JSON.parse(pieces[1] ?? '')).toMatchObject({ next_events_offset: '2', input_position: '2' });
    second.succeed();
  });

  it('is given up together with the transaction that it was cut at', async () => {
    const { log, running } = await start(balancesFixture, { snapshotEvery: 2 });
    log.assign(0);
    await ready(running, 1);
    log.send('events', 0, 'a 1', 'a 2');
    (await log.nextCommit()).fail();
    const again = await log.nextCommit();
    expect(again.records.filter(({ topic }) => topic === 't.snapshots')).toEqual([]);
    again.succeed();
  });

  it('of a ledger names where its events ended then', async () => {
    const { log, running } = await start(ledgerFixture, { snapshotEvery: 2 });
    log.commitAll();
    log.assign(0);
    await ready(running, 1);
    log.send('commands', 0, 'a 1', 'register b', 'a 2');
    await until('it is written', () => log.texts('snapshots', 0).some((text) => text.includes('sha256')));
    const manifest = log.texts('snapshots', 0).find((text) => text.includes('sha256')) ?? '';
    expect(JSON.parse(manifest)).toMatchObject({ next_events_offset: '2', input_position: '3' });
  });
});

describe('a defect of one partition', () => {
  it('stops that one exactly at the input that fails, with everything before it committed and closed, while the others go on', async () => {
    const { log, running } = await start(balancesFixture);
    log.commitAll();
    log.assign(0, 1);
    await ready(running, 2);
    log.send('events', 0, 'a 1', 'a 2', '?', 'a 3');
    log.send('events', 1, 'b 1');
    const error = await running.failed;
    expect(error).toMatchObject({ code: 'event-not-applicable', partition: 0 });
    log.send('events', 1, 'b 2');
    await until('the other goes on', () => facts(log, 1).length === 2);
    expect(log.texts('capital-accounts', 0)).toEqual(['1 1', '2 3', '2']);
    expect(running.health()).toMatchObject({ ready: false, tasks: [{ state: 'failed', nextOffset: '2' }, { state: 'running' }] });
  });

  it('is got over when the input can be processed the second time', async () => {
    let failures = 1;
    const moody: Processor<Accounts> = {
      ...balancesFixture,
      step: (state, input, context) => {
        if (input.value?.toString() === 'a 2' && failures-- > 0) {
          state.count += 100;
          throw new Error('once');
        }
        return balancesFixture.step(state, input, context);
      },
    };
    const { log, running } = await start(moody);
    log.commitAll();
    log.assign(0);
    await ready(running, 1);
    log.send('events', 0, 'a 1', 'a 2', 'a 3');
    await until('all are booked', () => facts(log, 0).length === 3);
    expect(facts(log, 0)).toEqual(['1 1', '2 3', '3 6']);
  });

  it('stops the partition when its transactions cannot be closed, with its inputs committed', async () => {
    const unclosable: Processor<Accounts> = {
      ...balancesFixture,
      closeBatch: (state, nextOffset, context) => {
        if (context.partition === 0) throw new Error('planted');
        return balancesFixture.closeBatch?.(state, nextOffset, context) ?? [];
      },
    };
    const { log, running } = await start(unclosable);
    log.commitAll();
    log.assign(0, 1);
    await ready(running, 2);
    log.send('events', 0, 'a 1');
    log.send('events', 1, 'b 1');
    expect(await running.failed).toMatchObject({ code: 'step-defect', message: expect.stringContaining('closeBatch') as string });
    await until('the other is closed', () => log.texts('capital-accounts', 1).length === 2);
    expect(facts(log, 0)).toEqual(['1 1']);
  });

  it('finds the record that is too large for the log, and commits everything before it', async () => {
    const growing: Processor<Accounts> = {
      ...balancesFixture,
      step: (state, input, context) => {
        const result = balancesFixture.step(state, input, context);
        if (input.value?.toString() !== 'a 3') return result;
        return { kind: 'Emit', records: [{ topic: 'capital-accounts', key: Buffer.from('k'), value: Buffer.alloc(2_000_000) }] };
      },
    };
    const { log, running } = await start(growing);
    log.commitAll();
    log.assign(0, 1);
    await ready(running, 2);
    log.send('events', 0, 'a 1', 'a 2', 'a 3', 'a 4');
    log.send('events', 1, 'b 1');
    expect(await running.failed).toMatchObject({ code: 'log-refused', partition: 0 });
    await until('the other goes on', () => facts(log, 1).length === 1);
    expect(facts(log, 0)).toEqual(['1 1', '2 3']);
  });

  it('finds the partition whose transaction the log refuses for good', async () => {
    const { log, running } = await start(balancesFixture);
    log.assign(0, 1);
    await ready(running, 2);
    log.send('events', 0, 'a 1');
    const first = await log.nextCommit();
    log.send('events', 0, 'a 2');
    log.send('events', 1, 'b 1');
    await settled();
    first.succeed();
    const tooLarge = new KafkaError('record-too-large', 'it is');
    (await log.nextCommit()).fail(tooLarge);
    // Each alone now: the one of partition 0 fails again.
    for (let refused = 0; refused < 1;) {
      const alone = await log.nextCommit();
      expect(alone.positions.size).toBe(1);
      if (alone.positions.has(0)) {
        refused += 1;
        alone.fail(tooLarge);
      } else alone.succeed();
    }
    log.commitAll();
    expect(await running.failed).toMatchObject({ code: 'log-refused', partition: 0 });
    log.send('events', 1, 'b 2');
    await until('the other goes on', () => facts(log, 1).length === 2);
    expect(facts(log, 0)).toEqual(['1 1']);
    expect(facts(log, 1)).toEqual(['1 1', '2 3']);
  });
});

describe('a look-up', () => {
  it('finds what another partition wrote in the same open transaction, and in one that is being committed', async () => {
    const { log, running } = await start(ledgerFixture);
    log.assign(0, 1);
    await ready(running, 2);
    log.send('commands', 0, 'a 1');
    const first = await log.nextCommit();
    log.send('commands', 0, 'register x');
    await settled();
    log.send('commands', 1, 'x 1');
    await settled();
    first.succeed();
    const second = await log.nextCommit();
    expect(second.positions.get(1)).toBe(1n);
    log.send('commands', 1, 'x 2');
    await settled();
    second.succeed();
    log.commitAll();
    await until('both are decided', () => log.texts('outcomes', 1).length === 2);
    expect(log.texts('outcomes', 1)).toEqual(['known', 'known']);
  });

  it('that must wait for the table lets the other partitions go on, and its own inputs stay in order', async () => {
    const { log, running } = await start(ledgerFixture);
    log.commitAll();
    log.assign(0, 1);
    await ready(running, 2);
    log.send('commands', 1, 'unknown 1', 'unknown 2', 'unknown 3');
    log.send('commands', 0, 'register x', 'x 1');
    await until('all are decided', () => log.texts('outcomes', 1).length === 3 && log.texts('outcomes', 0).length === 1);
    expect(log.texts('events', 1)).toEqual(['unknown 1 1 1', 'unknown 2 2 3', 'unknown 3 3 6']);
    expect(log.texts('outcomes', 0)).toEqual(['known']);
  });

  it('does not see what was written by a transaction that was never committed', async () => {
    const { log, running } = await start(ledgerFixture);
    log.assign(0, 1);
    await ready(running, 2);
    log.send('commands', 0, 'register x');
    const first = await log.nextCommit();
    log.send('commands', 1, 'x 1');
    await settled();
    // The registering partition goes to another worker before its transaction is through.
    log.lose(0, 1);
    first.succeed();
    log.commitAll();
    log.assign(1);
    await until('it is decided', () => log.texts('outcomes', 1).length === 1);
    expect(log.texts('investors', 0)).toEqual([]);
    expect(log.texts('outcomes', 1)).toEqual(['unknown']);
  });

  it('asks the tables again once they have what the worker wrote itself', async () => {
    const { log, running } = await start(ledgerFixture);
    log.commitAll();
    log.assign(0, 1);
    await ready(running, 2);
    log.send('commands', 0, 'register x mine');
    await until('it is registered', () => log.texts('investors', 0).length === 1);
    log.send('commands', 1, 'x 1');
    await until('it is decided', () => log.texts('outcomes', 1).length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    log.put('investors', 0, 'x', 'newer');
    await settled();
    log.send('commands', 1, 'x 2');
    await until('the second is decided', () => log.texts('outcomes', 1).length === 2);
    expect(log.texts('outcomes', 1)).toEqual(['mine', 'newer']);
  });

  it('sees what another worker wrote after a partition went there, not what was written here before', async () => {
    const { log, running } = await start(ledgerFixture);
    log.commitAll();
    log.assign(0, 1);
    await ready(running, 2);
    log.send('commands', 0, 'register x mine');
    await until('it is registered', () => log.texts('investors', 0).length === 1);
    await log.revoke(0);
    log.put('investors', 0, 'x', 'theirs');
    log.send('commands', 1, 'x 1');
    await until('it is decided', () => log.texts('outcomes', 1).length === 1);
    expect(log.texts('outcomes', 1)).toEqual(['theirs']);
  });
});
