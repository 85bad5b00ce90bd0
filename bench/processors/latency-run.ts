// Latency at a steady rate: from the moment at which an event was due until a committed reader sees its holding.
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile, tenth } from '../report.ts';
import type { Contestant } from './contestants.ts';
import { followOutputs } from './sightings.ts';
import { steadyLoad } from './steady-load.ts';
import { assertAlive, untilDone, type RunDeps } from './timed-run.ts';

export interface LatencyRun {
  readonly contestant: string;
  readonly perSecond: number;
  readonly samples: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** How late the load itself was at worst; the times count from when events were due. */
  readonly loadLateMs: number;
}

export interface LatencyOptions {
  readonly perSecond: number;
  readonly seconds: number;
}

/** The first seconds are left out: connections, caches and compilers settle. */
const warmUpMs = 5_000;
const patienceMs = 30_000;

/** Percentiles of samples in milliseconds. */
export const percentiles = (samples: readonly number[]): Pick<LatencyRun, 'samples' | 'p50' | 'p90' | 'p99' | 'max'> => {
  const at = (share: number): number => tenth(quantile(samples, share) ?? Number.NaN);
  return { samples: samples.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
};

/** Runs the load on a contestant that has caught up. */
export const latencyRun = async (
  deps: RunDeps,
  contestant: Contestant,
  { perSecond, seconds }: LatencyOptions,
): Promise<LatencyRun> => {
  const { log, source, say } = deps;
  await contestant.renew();
  const process = contestant.start();
  try {
    await untilDone(deps, contestant, process);
    const sightings = await followOutputs(log, contestant.output, {
      patienceMs,
      onPoll: () => assertAlive(process, contestant.name),
    });
    const startMs = Date.now();
    const ending = new AbortController();
    const load = steadyLoad(log, { perSecond, next: (partition) => source.next(partition), sightings, signal: ending.signal });
    await sleep(warmUpMs + seconds * 1000);
    ending.abort();
    const { latestMs } = await load;
    await sightings.all();
    await sightings.close();
    const samples = sightings.seen.filter(({ dueMs }) => dueMs - startMs >= warmUpMs).map(({ dueMs, seenMs }) => seenMs - dueMs);
    const run = { contestant: contestant.name, perSecond, ...percentiles(samples), loadLateMs: latestMs };
    say(`${contestant.name} at ${perSecond}/s: p50 ${run.p50} ms, p90 ${run.p90} ms, p99 ${run.p99} ms`);
    await process.end('SIGTERM');
    return run;
  } finally {
    await process.end('SIGKILL');
    await contestant.clear();
  }
};
