// Latency at a steady rate: from the moment at which an event was due until a committed reader sees its holding. Open loop: events
// leave by the clock, whatever became of those before.
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile, tenth } from '../report.ts';
import type { Contestant } from './contestants.ts';
import { holdingReader } from './expected.ts';
import { assertAlive, untilDone, type RunDeps } from './timed-run.ts';

export interface LatencyRun {
  readonly contestant: string;
  readonly perSecond: number;
  readonly samples: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface LatencyOptions {
  readonly perSecond: number;
  readonly seconds: number;
}

const tickMs = 5;
/** The first seconds are left out: connections, caches and compilers settle. */
const warmUpMs = 5_000;
const patienceMs = 30_000;

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
    const ends = await log.kafka.admin.watermarks(contestant.output);
    const reader = log.kafka.reader({
      positions: ends.map(({ partition, high }) => ({ topic: contestant.output, partition, offset: high })),
    });
    const due = new Map<string, number>();
    const samples: number[] = [];
    const eventIdOf = holdingReader();
    let sent = 0;
    let seen = 0;
    const total = (seconds * 1000 + warmUpMs) * (perSecond / 1000);
    const producer = log.kafka.producer();
    const startAt = Date.now() + 200;
    const load = (async () => {
      const under: Promise<unknown>[] = [];
      for (let tick = 0; sent < total; tick += 1) {
        const dueMs = startAt + tick * tickMs;
        const records = source.next(Math.round(((tick + 1) * tickMs * perSecond) / 1000) - sent);
        await sleep(Math.max(0, dueMs - Date.now()));
        for (const { headers } of records) due.set(headers?.['ce_id']?.toString() ?? '', dueMs);
        sent += records.length;
        under.push(producer.send(records));
      }
      await Promise.all(under);
    })();
    const follow = (async () => {
      let heardAt = Date.now();
      while (seen < total) {
        assertAlive(process, contestant.name);
        for (const { records } of await reader.poll(100)) {
          const now = Date.now();
          heardAt = now;
          for (const { value } of records) {
            const dueMs = value === null ? undefined : due.get(eventIdOf(value));
            if (dueMs === undefined) continue;
            seen += 1;
            if (dueMs - startAt >= warmUpMs) samples.push(now - dueMs);
          }
        }
        if (Date.now() - heardAt > patienceMs)
          throw new Error(`${contestant.name}: ${total - seen} events of ${total} were never answered`);
      }
    })();
    await Promise.all([load, follow]);
    await reader.close();
    await producer.close();
    const at = (share: number): number => tenth(quantile(samples, share) ?? Number.NaN);
    const run = {
      contestant: contestant.name,
      perSecond,
      samples: samples.length,
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      max: at(1),
    };
    say(`${contestant.name} at ${perSecond}/s: p50 ${run.p50} ms, p90 ${run.p90} ms, p99 ${run.p99} ms`);
    await process.end('SIGTERM');
    return run;
  } finally {
    await process.end('SIGKILL');
    await contestant.clear();
  }
};
