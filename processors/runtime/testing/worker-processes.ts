// Worker processes of the kill and hand-over tests, the load that they work on, and the independent fold that their results are held
// against.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { toCommand } from './positions.ts';
import { until, type RuntimeBench } from './runtime-bench.ts';

/** Small, seeded, the same on every machine: mulberry32. */
export const randomFrom = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Its processors run, or it has ended. */
  readonly ready: Promise<void>;
  readonly exited: Promise<unknown>;
  /** From its start to the first line of its program. */
  readonly bootMs: () => number;
  /** Partitions of the ledger that it said it runs, when it was asked last. */
  readonly holds: () => readonly number[];
}

/** Starts worker processes over the topics of a bench; `killAll` ends them. */
export const workerProcesses = (bench: RuntimeBench, brokers: string) => {
  const children = new Set<ChildProcess>();
  return {
    /** With a seed the process kills itself in the middle of a commit. */
    start: ({ seed = 0, workerId = '0' }: { readonly seed?: number; readonly workerId?: string } = {}): WorkerProcess => {
      const script = new URL('./worker.ts', import.meta.url).pathname;
      const args = [script, brokers, bench.topicPrefix, String(bench.partitions), String(seed), workerId];
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      children.add(child);
      const spawnedAt = performance.now();
      let bootMs = 0;
      let output = '';
      const exited = once(child, 'exit').then(() => children.delete(child));
      const ready = new Promise<void>((resolve) => {
        child.stdout.on('data', (text: Buffer) => {
          if (output === '') bootMs = performance.now() - spawnedAt;
          output += text.toString();
          if (output.includes('ready')) resolve();
        });
      });
      return {
        child,
        output: () => output,
        bootMs: () => bootMs,
        ready: Promise.race([ready, exited.then(() => undefined)]),
        exited,
        holds: () => {
          const last = output.split('\n').findLast((line) => line.startsWith('holds '));
          return (last ?? 'holds ').slice(6).split(',').filter(Boolean).map(Number);
        },
      };
    },
    killAll: (): void => {
      for (const child of children) child.kill('SIGKILL');
      children.clear();
    },
  };
};

export interface Booking {
  readonly account: string;
  readonly amountMinor: bigint;
}

/** What was sent, per partition in order. */
export type Sent = readonly (readonly Booking[])[];

/** Commands go in all the time until `stop`: with `everyMs` some to every partition at this pace, otherwise now here, now there. */
export const keepSending = (
  bench: RuntimeBench,
  random: (below: number) => number,
  { everyMs }: { readonly everyMs?: number } = {},
): { stop(): Promise<Sent> } => {
  const sent = Array.from({ length: bench.partitions }, (): Booking[] => []);
  const all = sent.map((_, partition) => partition);
  let on = true;
  const send = async (partition: number, count: number): Promise<void> => {
    const bookings = Array.from({ length: count }, () => ({
      account: `a${random(5)}`,
      amountMinor: BigInt(random(2_000) - 1_000),
    }));
    sent[partition]?.push(...bookings);
    await bench.send(
      'commands',
      partition,
      bookings.map(({ account, amountMinor }) => toCommand(account, amountMinor)),
    );
  };
  const sending = (async () => {
    while (on) {
      if (everyMs === undefined) await send(random(bench.partitions), 1 + random(4));
      else await Promise.all(all.map((partition) => send(partition, 1)));
      await sleep(everyMs ?? random(50));
    }
  })();
  // Where a test fails before it stops the sending, that failure is the one to be told.
  sending.catch(() => undefined);
  return {
    stop: async () => {
      on = false;
      await sending;
      return sent;
    },
  };
};

const countOf = async (bench: RuntimeBench, sent: Sent): Promise<number> => {
  const counts = await Promise.all(
    sent.map(
      async (_, partition) => (await bench.texts('capital-accounts', partition)).filter((text) => text.includes(' ')).length,
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};

/** Recomputes everything from what was sent and compares every record of every output, not only the last ones. */
export const expectExactly = async (bench: RuntimeBench, sent: Sent): Promise<void> => {
  const total = sent.reduce((sum, bookings) => sum + bookings.length, 0);
  await until(
    `${total} facts`,
    async () => {
      await sleep(200);
      return (await countOf(bench, sent)) >= total;
    },
    60_000,
  );
  for (const [partition, bookings] of sent.entries()) {
    const balances = new Map<string, bigint>();
    const expected = bookings.map(({ account, amountMinor }, index) => {
      const balance = (balances.get(account) ?? 0n) + amountMinor;
      balances.set(account, balance);
      return { event: `${account} ${amountMinor} ${index + 1} ${balance}`, fact: `${index + 1} ${balance}` };
    });
    expect(await bench.texts('events', partition)).toEqual(expected.map(({ event }) => event));
    expect((await bench.texts('capital-accounts', partition)).filter((text) => text.includes(' '))).toEqual(
      expected.map(({ fact }) => fact),
    );
    expect(await bench.read('outcomes', partition)).toHaveLength(expected.length);
    const progress = (await bench.read('capital-accounts', partition)).filter(({ key }) =>
      key?.toString().startsWith('progress|'),
    );
    const offsets = progress.map(({ value }) => BigInt(value?.toString() ?? '-1'));
    expect(offsets).toEqual(offsets.toSorted((a, b) => (a < b ? -1 : 1)));
  }
};

/** The longest time between two events of one partition that were computed between the two moments, over all partitions; milliseconds. */
export const longestPause = async (bench: RuntimeBench, from: number, to: number): Promise<number> => {
  let longest = 0;
  for (let partition = 0; partition < bench.partitions; partition += 1) {
    const times = (await bench.read('events', partition)).map(({ timestampMs }) => timestampMs);
    for (const [index, time] of times.entries()) {
      const before = times[index - 1];
      if (before !== undefined && time > from && before < to) longest = Math.max(longest, time - before);
    }
  }
  return longest;
};
