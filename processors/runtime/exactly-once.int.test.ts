// Exactly once under kill -9 and SIGSTOP: whatever dies when, every command is booked once, in order, and every running figure is right.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { openBench, until, type RuntimeBench } from './testing/runtime-bench.ts';
import { balancesFixture, ledgerFixture, toCommand } from './testing/positions.ts';

const PARTITIONS = 3;
let isolation: Isolation;
let bench: RuntimeBench;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  isolation = await createIsolation({ stores: [] });
  bench = await openBench({
    brokers: isolation.addresses.kafkaBrokers,
    topicPrefix: isolation.topicPrefix,
    partitions: PARTITIONS,
  });
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await bench.close();
  await isolation.drop();
});

/** Small, seeded, the same on every machine: mulberry32. */
const randomFrom = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

const startWorker = (
  seed: number,
): {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ready: Promise<void>;
  readonly exited: Promise<unknown>;
} => {
  const script = new URL('./testing/worker.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    [script, isolation.addresses.kafkaBrokers, bench.topicPrefix, String(PARTITIONS), String(seed)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  children.add(child);
  let output = '';
  const exited = once(child, 'exit').then(() => children.delete(child));
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
      if (output.includes('ready')) resolve();
    });
  });
  return { child, output: () => output, ready: Promise.race([ready, exited.then(() => undefined)]), exited };
};

/** Commands go in all the time, a few every few milliseconds, until `stop`; returns what was sent, per partition in order. */
const keepSending = (
  random: (below: number) => number,
): { stop(): Promise<readonly (readonly { account: string; amountMinor: bigint }[])[]> } => {
  const sent = Array.from({ length: PARTITIONS }, (): { account: string; amountMinor: bigint }[] => []);
  let on = true;
  const sending = (async () => {
    while (on) {
      const partition = random(PARTITIONS);
      const commands = Array.from({ length: 1 + random(4) }, () => ({
        account: `a${random(5)}`,
        amountMinor: BigInt(random(2_000) - 1_000),
      }));
      sent[partition]?.push(...commands);
      await bench.send(
        'commands',
        partition,
        commands.map(({ account, amountMinor }) => toCommand(account, amountMinor)),
      );
      await new Promise((resolve) => setTimeout(resolve, random(50)));
    }
  })();
  return {
    stop: async () => {
      on = false;
      await sending;
      return sent;
    },
  };
};

/** Recomputes everything from what was sent and compares every record of every output, not only the last ones. */
const expectExactly = async (sent: readonly (readonly { account: string; amountMinor: bigint }[])[]): Promise<void> => {
  const total = sent.reduce((sum, commands) => sum + commands.length, 0);
  await until(
    `${total} facts`,
    async () => {
      const counts = await Promise.all(
        sent.map(
          async (_, partition) => (await bench.texts('capital-accounts', partition)).filter((text) => text.includes(' ')).length,
        ),
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
      return counts.reduce((sum, count) => sum + count, 0) >= total;
    },
    60_000,
  );
  for (const [partition, commands] of sent.entries()) {
    const balances = new Map<string, bigint>();
    const expected = commands.map(({ account, amountMinor }, index) => {
      const balance = (balances.get(account) ?? 0n) + amountMinor;
      balances.set(account, balance);
      return {
        event: `${account} ${amountMinor} ${index + 1} ${balance}`,
        fact: `${index + 1} ${balance}`,
        outcome: String(index),
      };
    });
    expect(await bench.texts('events', partition)).toEqual(expected.map(({ event }) => event));
    expect((await bench.texts('capital-accounts', partition)).filter((text) => text.includes(' '))).toEqual(
      expected.map(({ fact }) => fact),
    );
    const outcomes = await bench.read('outcomes', partition);
    expect(outcomes).toHaveLength(expected.length);
    const progress = (await bench.read('capital-accounts', partition)).filter(({ key }) =>
      key?.toString().startsWith('progress|'),
    );
    const offsets = progress.map(({ value }) => BigInt(value?.toString() ?? '-1'));
    expect(offsets).toEqual(offsets.toSorted((a, b) => (a < b ? -1 : 1)));
  }
};

describe('workers that are killed with -9 at seeded moments', () => {
  it('book every command once, in order, with every running balance right, also when they die in the middle of a commit', async () => {
    const random = randomFrom(20_261_124);
    const sender = keepSending(random);
    let diedAlone = 0;
    for (let kill = 0; kill < 14; kill += 1) {
      const inCommit = kill % 2 === 0;
      const worker = startWorker(inCommit ? 1 + random(1_000) : 0);
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
    const survivor = startWorker(0);
    await survivor.ready;
    await expectExactly(await sender.stop());
    survivor.child.kill('SIGTERM');
    await survivor.exited;
    expect(survivor.child.exitCode).toBe(0);
  });
});

describe('a worker that stands still while a successor takes over', () => {
  it('is fenced when it wakes, and nothing is booked twice', async () => {
    const random = randomFrom(7);
    const sender = keepSending(random);
    for (let round = 0; round < 4; round += 1) {
      const zombie = startWorker(0);
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
    const successor = startWorker(0);
    await successor.ready;
    await expectExactly(await sender.stop());
  });
});
