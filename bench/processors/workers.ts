// More than one worker: what two and four processes bring, and how long a partition stands still when one joins, leaves or is killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { product, type Contestant } from './contestants.ts';
import { createEventSource } from './events.ts';
import type { MeasuredStack } from './measured-stack.ts';
import { followOutputs, type Sighting } from './sightings.ts';
import { steadyLoad } from './steady-load.ts';
import { assertAlive } from './timed-run.ts';
import type { WatchedProcess } from './watched-process.ts';

export interface WorkersOptions {
  readonly seed: number;
  readonly say: (text: string) => void;
  readonly events?: number;
}

const eventsUsual = 1_000_000;
const keys = 10_000;
const counts = [1, 2, 4] as const;
const perSecond = 2_000;
const settleMs = 6_000;
const timeoutMs = 600_000;

/** The longest time between two outputs of one partition, of those whose middle lies in an interval. */
export const longestPause = (seen: readonly Sighting[], fromMs: number, toMs: number): number => {
  let longest = 0;
  for (const [, sightings] of Map.groupBy(seen, ({ partition }) => partition)) {
    const times = sightings.map(({ seenMs }) => seenMs).toSorted((left, right) => left - right);
    for (let at = 1; at < times.length; at += 1) {
      const [before, after] = [times[at - 1] ?? 0, times[at] ?? 0];
      const middle = (before + after) / 2;
      if (middle >= fromMs && middle < toMs) longest = Math.max(longest, after - before);
    }
  }
  return longest;
};

const throughput = async ({ log }: MeasuredStack, contestant: Contestant, count: number, events: number): Promise<object> => {
  await contestant.renew();
  const processes = Array.from({ length: count }, (_, worker) => contestant.start(String(worker)));
  try {
    const doneMs = await log.untilRead({
      group: contestant.group,
      topic: contestant.input,
      output: contestant.output,
      timeoutMs,
      check: () => processes.forEach((process) => assertAlive(process, contestant.name)),
    });
    const firstMs = Math.min(...processes.flatMap((process) => process.mark('first') ?? []));
    const sum = (of: (process: WatchedProcess) => number | null): number =>
      Math.round(processes.reduce((total, process) => total + (of(process) ?? 0), 0) * 10) / 10;
    return {
      workers: count,
      seconds: (doneMs - firstMs) / 1000,
      eventsPerSecond: Math.round((events * 1000) / (doneMs - firstMs)),
      cpuSeconds: sum((process) => process.cpuSeconds()),
      peakRssMb: sum((process) => process.peakRssMb()),
    };
  } finally {
    await Promise.all(processes.map(async (process) => await process.end('SIGTERM')));
  }
};

/** Longest pauses at 2,000 events a second: a second worker joins, a third, one leaves, one is killed and started again. */
const pauses = async ({ log }: MeasuredStack, contestant: Contestant, seed: number): Promise<object> => {
  await log.renew(['events'], [contestant.group]);
  await contestant.renew();
  const source = createEventSource({ topic: log.full('events'), partitions: log.partitions, keys, seed });
  await log.append(source, keys);
  const running = new Map<string, WatchedProcess>([['0', contestant.start('0')]]);
  const start = (worker: string): void => void running.set(worker, contestant.start(worker));
  try {
    await log.untilRead({ ...contestant, topic: contestant.input, timeoutMs, check: () => undefined });
    const sightings = await followOutputs(log, contestant.output, { patienceMs: 60_000 });
    const ending = new AbortController();
    const load = steadyLoad(log, { perSecond, next: (partition) => source.next(partition), sightings, signal: ending.signal });
    const marks: { readonly name: string; readonly fromMs: number; readonly toMs: number }[] = [];
    const during = async (name: string, change: () => Promise<void> | void): Promise<void> => {
      const fromMs = Date.now();
      await change();
      await sleep(settleMs);
      marks.push({ name, fromMs, toMs: Date.now() });
    };
    await during('nothing happens', () => undefined);
    await during('a second worker joins', () => start('1'));
    await during('a third worker joins', () => start('2'));
    await during('one leaves', async () => await running.get('1')?.end('SIGTERM'));
    await during('one is killed and started again', async () => {
      await running.get('2')?.end('SIGKILL');
      start('2');
    });
    ending.abort();
    const { events, latestMs } = await load;
    await sightings.all();
    await sightings.close();
    return {
      perSecond,
      events,
      loadLateMs: latestMs,
      longestPauseMs: Object.fromEntries(
        marks.map(({ name, fromMs, toMs }) => [name, longestPause(sightings.seen, fromMs, toMs)]),
      ),
    };
  } finally {
    await Promise.all([...running.values()].map(async (process) => await process.end('SIGTERM')));
  }
};

/** Measures both on a stack. */
export const measureWorkers = async (stack: MeasuredStack, options: WorkersOptions): Promise<object> => {
  const { seed, say, events = eventsUsual } = options;
  const { log } = stack;
  const contestant = product(stack);
  await log.renew(['events'], [contestant.group]);
  say(`Writing ${events} events for one, two and four workers.`);
  const source = createEventSource({ topic: log.full('events'), partitions: log.partitions, keys, seed });
  await log.append(source, events, say);
  const rates: object[] = [];
  for (const count of counts) {
    rates.push(await throughput(stack, contestant, count, events));
    say(`${count} workers: ${JSON.stringify(rates.at(-1))}`);
  }
  const standing = await pauses(stack, contestant, seed);
  say(`Pauses: ${JSON.stringify(standing)}`);
  return { events, keys, rates, pauses: standing };
};
