// Events by the clock: an open loop that sends what is due, whatever became of what was sent before.
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboundRecord } from '#platform/kafka/port.ts';
import type { BenchLog } from './log.ts';
import type { Sightings } from './sightings.ts';

const tickMs = 5;

export interface SteadyLoadOptions {
  readonly perSecond: number;
  /** The next so many events. */
  readonly next: (count: number) => readonly OutboundRecord[];
  readonly sightings: Sightings;
  /** Ends the load when it aborts. */
  readonly signal: AbortSignal;
}

export interface SentLoad {
  readonly events: number;
  /** How late the latest events left: on a machine that is too busy for the load, figures say little. */
  readonly latestMs: number;
}

/** Sends until the signal; resolves when everything is on the log. */
export const steadyLoad = async ({ kafka }: BenchLog, options: SteadyLoadOptions): Promise<SentLoad> => {
  const { perSecond, next, sightings, signal } = options;
  const producer = kafka.producer();
  const startMs = Date.now() + 100;
  const under: Promise<unknown>[] = [];
  let sent = 0;
  let latestMs = 0;
  for (let tick = 0; !signal.aborted; tick += 1) {
    const dueMs = startMs + tick * tickMs;
    const records = next(Math.round(((tick + 1) * tickMs * perSecond) / 1000) - sent);
    await sleep(Math.max(0, dueMs - Date.now()));
    if (records.length === 0) continue;
    latestMs = Math.max(latestMs, Date.now() - dueMs);
    for (const { headers } of records) sightings.due(headers?.['ce_id']?.toString() ?? '', dueMs);
    sent += records.length;
    under.push(producer.send(records));
  }
  await Promise.all(under);
  await producer.close();
  return { events: sent, latestMs };
};
