// Exactly once under kill -9 and SIGSTOP: whatever dies when, every command is booked once, in order, and every running figure is right.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { openBench, until, type RuntimeBench } from './testing/runtime-bench.ts';
import { balancesFixture, ledgerFixture } from './testing/positions.ts';
import { expectExactly, keepSending, randomFrom, workerProcesses } from './testing/worker-processes.ts';

const PARTITIONS = 3;
let isolation: Isolation;
let bench: RuntimeBench;
let workers: ReturnType<typeof workerProcesses>;

beforeEach(async () => {
  isolation = await createIsolation({ stores: [] });
  const brokers = isolation.addresses.kafkaBrokers;
  bench = await openBench({ brokers, topicPrefix: isolation.topicPrefix, partitions: PARTITIONS });
  workers = workerProcesses(bench, brokers);
});
afterEach(async () => {
  workers.killAll();
  await bench.close();
  await isolation.drop();
});

describe('workers that are killed with -9 at seeded moments', () => {
  it('book every command once, in order, with every running balance right, also when they die in the middle of a commit', async () => {
    const random = randomFrom(20_261_124);
    const sender = keepSending(bench, random);
    let diedAlone = 0;
    for (let kill = 0; kill < 14; kill += 1) {
      const inCommit = kill % 2 === 0;
      const worker = workers.start({ seed: inCommit ? 1 + random(1_000) : 0 });
      await worker.ready;
      if (inCommit) {
        await Promise.race([worker.exited, new Promise((resolve) => setTimeout(resolve, 3_000))]);
        if (worker.child.signalCode === 'SIGKILL') diedAlone += 1;
      } else await new Promise((resolve) => setTimeout(resolve, random(400)));
      worker.child.kill('SIGKILL');
      await worker.exited;
      expect(worker.output()).not.toContain('failed');
    }
    expect(diedAlone).toBeGreaterThanOrEqual(5);
    const survivor = workers.start();
    await survivor.ready;
    await expectExactly(bench, await sender.stop());
    survivor.child.kill('SIGTERM');
    await survivor.exited;
    expect(survivor.child.exitCode).toBe(0);
  }, 300_000);
});

describe('a worker that stands still while a successor takes over', () => {
  it('is fenced when it wakes, and nothing is booked twice', async () => {
    const random = randomFrom(7);
    const sender = keepSending(bench, random);
    for (let round = 0; round < 4; round += 1) {
      const zombie = workers.start();
      await zombie.ready;
      await new Promise((resolve) => setTimeout(resolve, 100 + random(300)));
      zombie.child.kill('SIGSTOP');
      const successors = [await bench.start(ledgerFixture), await bench.start(balancesFixture)];
      await until('the successor runs', () => successors.every((successor) => successor.health().ready));
      await new Promise((resolve) => setTimeout(resolve, random(300)));
      zombie.child.kill('SIGCONT');
      await until(
        'the zombie is told that it is fenced, or the successor is',
        () => zombie.output().includes('failed fenced'),
        20_000,
      );
      zombie.child.kill('SIGKILL');
      await zombie.exited;
      await Promise.all(successors.map((successor) => successor.stop()));
    }
    const successor = workers.start();
    await successor.ready;
    await expectExactly(bench, await sender.stop());
  }, 300_000);
});
