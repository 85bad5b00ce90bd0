// Several workers of one group: partitions go from one to another under load, with exact results and short pauses, whether a worker
// comes, leaves, dies, or stands still and wakes again.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { groupOf } from './names.ts';
import { openBench, until, type RuntimeBench } from './testing/runtime-bench.ts';
import {
  expectExactly,
  keepSending,
  longestPause,
  randomFrom,
  workerProcesses,
  type WorkerProcess,
} from './testing/worker-processes.ts';

const PARTITIONS = 6;
/** Below the session of 6 s: nobody waited for one to time out. A quiet machine needs a tenth of it (README.md), a busy one far more. */
const HAND_OVER_MS_MAX = 5_500;
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

/** Each partition has one owner, and nobody has more than its share. */
const shared = (...owners: readonly WorkerProcess[]): Promise<void> =>
  until(`${owners.length} workers share the partitions`, () => {
    const held = owners.map((owner) => owner.holds());
    return (
      held.flat().length === PARTITIONS &&
      new Set(held.flat()).size === PARTITIONS &&
      held.every(({ length }) => length <= Math.ceil(PARTITIONS / owners.length))
    );
  });

/** How long the slowest partition stood still over what was done and the half second after it. */
const pauseOver = async (what: () => Promise<void>): Promise<number> => {
  const from = Date.now();
  await what();
  await sleep(500);
  return longestPause(bench, from, Date.now());
};

describe('workers of one group', () => {
  it('take over from each other within moments when one joins, leaves, is started again or is known to be dead, and book everything once', async () => {
    const sender = keepSending(bench, randomFrom(1), { everyMs: 10 });
    const first = workers.start({ workerId: '0' });
    await shared(first);
    let second = workers.start({ workerId: '1' });
    let third = first;
    const pauses = {
      secondJoins: await pauseOver(() => shared(first, second)),
      thirdJoins: await pauseOver(async () => {
        third = workers.start({ workerId: '2' });
        await shared(first, second, third);
      }),
      oneLeaves: await pauseOver(async () => {
        second.child.kill('SIGTERM');
        await second.exited;
        await shared(first, third);
      }),
      itComesBack: await pauseOver(async () => {
        second = workers.start({ workerId: '1' });
        await shared(first, second, third);
      }),
      oneIsKilledAndStartedAgain: await pauseOver(async () => {
        third.child.kill('SIGKILL');
        await third.exited;
        third = workers.start({ workerId: '2' });
        await shared(first, second, third);
      }),
      oneDiesAndIsTakenOutOfItsGroups: await pauseOver(async () => {
        second.child.kill('SIGKILL');
        await second.exited;
        // What a supervisor does that sees the process end.
        for (const processor of ['ledger', 'balances']) await bench.kafka.admin.evict(groupOf(bench.topicPrefix, processor), '1');
        await shared(first, third);
      }),
    };
    // How long Node takes to start on a busy machine says nothing of the hand-over.
    pauses.oneIsKilledAndStartedAgain -= third.bootMs();
    if (process.env['STRATCAP_TEST_LOG'] !== undefined) process.stderr.write(`${JSON.stringify(pauses)}\n`);
    for (const [what, ms] of Object.entries(pauses)) expect(ms, what).toBeLessThan(HAND_OVER_MS_MAX);
    await expectExactly(bench, await sender.stop());
    for (const worker of [first, second, third]) expect(worker.output()).not.toContain('failed');
  }, 300_000);

  it('take over from one that is gone for good, and one that stood still meanwhile commits nothing more and works again', async () => {
    const random = randomFrom(2);
    const sender = keepSending(bench, random, { everyMs: 20 });
    const first = workers.start({ workerId: '0' });
    const second = workers.start({ workerId: '1' });
    const third = workers.start({ workerId: '2' });
    await shared(first, second, third);
    second.child.kill('SIGSTOP');
    await shared(first, third);
    await sleep(random(300));
    second.child.kill('SIGCONT');
    await shared(first, second, third);
    third.child.kill('SIGKILL');
    await shared(first, second);
    await expectExactly(bench, await sender.stop());
    for (const worker of [first, second]) expect(worker.output()).not.toContain('failed');
  }, 300_000);

  it.each([2, 3])(
    '%i of them under seeded kills, stops, leaves and joins lose and double nothing',
    async (count) => {
      const random = randomFrom(20_261_124 + count);
      const sender = keepSending(bench, random, { everyMs: 15 });
      const slots = Array.from({ length: count }, (_, slot) => workers.start({ workerId: String(slot) }));
      const startAgain = (slot: number, seed = 0): void => {
        slots[slot] = workers.start({ workerId: String(slot), seed });
      };
      await shared(...slots);
      for (let round = 0; round < 10; round += 1) {
        const slot = random(count);
        const worker = slots[slot];
        if (worker === undefined) continue;
        switch (random(4)) {
          case 0:
            worker.child.kill('SIGKILL');
            await sleep(random(200));
            startAgain(slot);
            break;
          case 1:
            worker.child.kill('SIGTERM');
            await worker.exited;
            await sleep(random(300));
            startAgain(slot);
            break;
          case 2:
            worker.child.kill('SIGSTOP');
            await sleep(random(1_500));
            worker.child.kill('SIGCONT');
            break;
          default: {
            // Dies in the middle of one of its commits, and somebody starts it again.
            worker.child.kill('SIGTERM');
            await worker.exited;
            startAgain(slot, 1 + random(1_000));
            const deadly = slots[slot];
            await Promise.race([deadly?.exited, sleep(4_000)]);
            deadly?.child.kill('SIGKILL');
            startAgain(slot);
          }
        }
        await sleep(200 + random(400));
      }
      await expectExactly(bench, await sender.stop());
      for (const worker of slots) expect(worker.output()).not.toContain('failed');
    },
    300_000,
  );
});
