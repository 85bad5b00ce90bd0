// One fund with a hundred thousand commitments, all of them valued at once, while the other funds of its partition, and those of the
// other partitions, go on with their bookings: how fast the large one is done, and how long the others wait meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboundRecord } from '#platform/kafka/port.ts';
import { seededIntegers } from '../positions.ts';
import { product } from './contestants.ts';
import { createEventSource, type EventSource } from './events.ts';
import { percentiles } from './latency-run.ts';
import type { MeasuredStack } from './measured-stack.ts';
import { followOutputs } from './sightings.ts';
import { steadyLoad } from './steady-load.ts';
import { assertAlive } from './timed-run.ts';

export interface LargeFundOptions {
  readonly seed: number;
  readonly say: (text: string) => void;
  readonly commitments?: number;
}

const commitmentsUsual = 100_000;
const others = 8_000;
/** Bookings of the other funds, a second, over all partitions. */
const perSecond = 400;
const quietMs = 5_000;
/** Small, so that the bookings of the others leave in time between two of them. */
const portion = 500;
const patienceMs = 120_000;

/** Events of chosen holdings, one after the other in an order that the seed gives. */
const eventsOf = (
  source: EventSource,
  holdings: readonly number[],
  seed: number,
): ((count: number) => readonly OutboundRecord[]) => {
  const next = seededIntegers(seed);
  return (count) => Array.from({ length: count }, () => source.of(holdings[next(holdings.length)] ?? 0));
};

/** Measures it on a stack and gives the figures. */
export const measureLargeFund = async (stack: MeasuredStack, options: LargeFundOptions): Promise<object> => {
  const { seed, say, commitments = commitmentsUsual } = options;
  const { log } = stack;
  const contestant = product(stack);
  await log.renew(['events'], [contestant.group]);
  await contestant.renew();
  const keys = commitments + others;
  const source = createEventSource({ topic: log.full('events'), partitions: log.partitions, keys, seed, largeFund: commitments });
  say(`Writing the ${commitments} commitments of one fund and ${others} of others.`);
  await log.append(source, keys, say);
  const process = contestant.start();
  try {
    await log.untilRead({
      group: contestant.group,
      topic: contestant.input,
      output: contestant.output,
      timeoutMs: patienceMs,
      check: () => assertAlive(process, contestant.name),
    });
    const large = source.partitionOf(0);
    const sightings = await followOutputs(log, contestant.output, {
      patienceMs,
      onPoll: () => assertAlive(process, contestant.name),
    });
    // The valuations are made before: what is measured is the pipeline, not the writing of a hundred thousand events.
    const burst = Array.from({ length: commitments }, (_, holding) => source.of(holding));
    const neighbours = Array.from({ length: others }, (_, at) => commitments + at);
    const ending = new AbortController();
    const load = steadyLoad(log, { perSecond, next: eventsOf(source, neighbours, seed), sightings, signal: ending.signal });
    await sleep(quietMs);
    say(`All ${commitments} commitments of the fund are valued at once.`);
    const lastId = burst.at(-1)?.headers?.['ce_id']?.toString() ?? '';
    const burstSightings = await followOutputs(log, contestant.output, { patienceMs });
    const burstMs = Date.now();
    burstSightings.due(lastId, burstMs);
    const producer = log.kafka.producer();
    for (let at = 0; at < burst.length; at += portion) await producer.send(burst.slice(at, at + portion));
    const writtenMs = Date.now();
    await producer.close();
    await burstSightings.all();
    await burstSightings.close();
    const doneMs = burstSightings.seen[0]?.seenMs ?? Number.NaN;
    await sleep(quietMs);
    ending.abort();
    const { latestMs } = await load;
    await sightings.all();
    await sightings.close();
    const waits = (from: number, to: number, inPartition: boolean): object =>
      percentiles(
        sightings.seen
          .filter(({ dueMs, partition }) => dueMs >= from && dueMs < to && (partition === large) === inPartition)
          .map(({ dueMs, seenMs }) => seenMs - dueMs),
      );
    const startedMs = burstMs - quietMs;
    const result = {
      commitments,
      otherBookingsPerSecond: perSecond,
      loadLateMs: latestMs,
      seconds: Math.round((doneMs - burstMs) / 10) / 100,
      writtenAfterSeconds: Math.round((writtenMs - burstMs) / 10) / 100,
      perSecond: Math.round((commitments * 1000) / (doneMs - burstMs)),
      waitMs: {
        neighboursBefore: waits(startedMs, burstMs, true),
        neighboursMeanwhile: waits(burstMs, doneMs, true),
        neighboursAfter: waits(doneMs, doneMs + quietMs, true),
        otherPartitionsMeanwhile: waits(burstMs, doneMs, false),
      },
    };
    say(
      `The large fund: ${result.perSecond} events/s; its neighbours waited ${JSON.stringify(result.waitMs.neighboursMeanwhile)}`,
    );
    await process.end('SIGTERM');
    return result;
  } finally {
    await process.end('SIGKILL');
  }
};
