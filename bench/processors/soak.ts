// `npm run -s bench -- soak`: minutes at half of what the processor can do, watched from outside: memory and open files stay flat, and its
// event loop answers. The events are a pool that goes round, sent by the clock; what was read is deleted, so that the disk stays flat, too.
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboundRecord } from '#platform/kafka/port.ts';
import { quantile, surroundings, tenth } from '../report.ts';
import { product } from './contestants.ts';
import { createEventSource } from './events.ts';
import { countOf } from './expected.ts';
import type { BenchLog } from './log.ts';
import { startMeasuredStack, type MeasuredStack } from './measured-stack.ts';
import { assertAlive, untilDone } from './timed-run.ts';
import type { WatchedProcess } from './watched-process.ts';

export interface SoakOptions {
  readonly minutes: number;
  /** Events a second; half of what a first run reaches unless given. */
  readonly perSecond: number | null;
  readonly keys: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

const firstRunEvents = 400_000;
const poolEvents = 50_000;
const tickMs = 10;
const sampleMs = 2_000;
const deleteEveryMs = 5_000;
/** Records of each partition that are kept behind the end: rounds of the pool even when all of it stood in one partition. */
const keptOf = (keys: number): bigint => BigInt(Math.max(200_000, 4 * keys));
const timeoutMs = 600_000;
/** Sends under way; more would only fill the memory of the load when the broker cannot follow. */
const underWayMax = 50;

interface Sample {
  readonly atMs: number;
  readonly rssMb: number;
  readonly openFiles: number;
  /** p99 of the delay of the event loop since the last sample. */
  readonly loopDelayMs: number | null;
  readonly lag: number;
}

const scrape = async (socketPath: string): Promise<string> =>
  await new Promise((resolve, reject) => {
    request({ socketPath, path: '/metrics' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });

const loopDelayOf = (text: string): number | null => {
  const found = /^nodejs_eventloop_lag_p99_seconds(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1];
  return found === undefined ? null : Number(found) * 1000;
};

/** Deletes what lies well behind the end of both topics. */
const deleteRead = async ({ kafka }: BenchLog, topics: readonly string[], kept: bigint): Promise<void> => {
  for (const topic of topics) {
    const ends = await kafka.admin.watermarks(topic);
    await kafka.admin.deleteRecordsBefore(
      ends.flatMap(({ partition, high, low }) => (high - kept > low ? [{ topic, partition, offset: high - kept }] : [])),
    );
  }
};

/** Sends the pool round and round by the clock; gives the number of events when it is told to end. */
const load = async (
  { kafka }: BenchLog,
  pool: readonly OutboundRecord[],
  perSecond: number,
  signal: AbortSignal,
): Promise<number> => {
  const producer = kafka.producer();
  const under = new Set<Promise<unknown>>();
  const startMs = Date.now();
  let sent = 0;
  let failure: unknown = null;
  for (let tick = 0; !signal.aborted && failure === null; tick += 1) {
    await sleep(Math.max(0, startMs + tick * tickMs - Date.now()));
    const count = Math.min(Math.round(((Date.now() - startMs) * perSecond) / 1000) - sent, pool.length);
    if (count <= 0 || under.size >= underWayMax) continue;
    const from = sent % pool.length;
    const records = [...pool.slice(from, from + count), ...pool.slice(0, Math.max(0, from + count - pool.length))];
    sent += records.length;
    const sending: Promise<unknown> = producer.send(records).then(
      () => under.delete(sending),
      (error: unknown) => (failure = error),
    );
    under.add(sending);
  }
  if (failure !== null) throw failure as Error;
  // The last round is completed, so that every holding has had as many events as every other of its kind.
  await Promise.all(under);
  const rest = pool.slice(sent % pool.length);
  if (rest.length < pool.length) {
    await producer.send(rest);
    sent += rest.length;
  }
  await producer.close();
  return sent;
};

const watch = async (
  stack: MeasuredStack,
  process: WatchedProcess,
  {
    group,
    input,
    output,
    untilMs,
    kept,
    say,
  }: {
    readonly group: string;
    readonly input: string;
    readonly output: string;
    readonly untilMs: number;
    readonly kept: bigint;
    readonly say: (text: string) => void;
  },
): Promise<readonly Sample[]> => {
  const samples: Sample[] = [];
  const socket = join(stack.env['STRATCAP_DATA'] ?? '', 'run/holdings.sock');
  let deletedMs = Date.now();
  let saidMs = Date.now();
  while (Date.now() < untilMs) {
    await sleep(sampleMs);
    assertAlive(process, 'the processor');
    const sample = {
      atMs: Date.now(),
      rssMb: process.rssMb() ?? Number.NaN,
      openFiles: process.openFiles() ?? Number.NaN,
      loopDelayMs: loopDelayOf(await scrape(socket)),
      lag: await stack.log.lag(group, input),
    };
    samples.push(sample);
    if (sample.atMs - deletedMs > deleteEveryMs) {
      deletedMs = sample.atMs;
      await deleteRead(stack.log, [input, output], kept);
    }
    if (sample.atMs - saidMs > 30_000) {
      saidMs = sample.atMs;
      say(
        `${tenth((untilMs - sample.atMs) / 60_000)} min left: ${tenth(sample.rssMb)} MiB, ${sample.openFiles} files, event loop p99 ${tenth(sample.loopDelayMs ?? 0)} ms, lag ${sample.lag}`,
      );
    }
  }
  return samples;
};

/** Runs the measurement and returns the report. */
export const measureSoak = async (options: SoakOptions): Promise<object> => {
  const { minutes, keys, seed, say } = options;
  const before = surroundings();
  say('Starting a stack.');
  const stack = await startMeasuredStack();
  const { log } = stack;
  const contestant = product(stack);
  const source = createEventSource({ topic: contestant.input, partitions: log.partitions, keys, seed });
  await contestant.renew();
  try {
    await log.append(source, Math.max(firstRunEvents, keys), say);
    const process = contestant.start();
    try {
      const deps = { log, source, timeoutMs, say };
      const doneMs = await untilDone(deps, contestant, process);
      const reached = Math.round((Math.max(firstRunEvents, keys) * 1000) / (doneMs - (process.mark('first') ?? doneMs)));
      const perSecond = options.perSecond ?? Math.round(reached / 2);
      say(`It reached ${reached} events/s; now ${minutes} minutes at ${perSecond}/s.`);
      // Every holding stands in the pool, so that the last records of the output name each of them.
      const pool = [
        ...Array.from({ length: keys }, (_, holding) => source.of(holding)),
        ...source.next(Math.max(poolEvents - keys, keys)),
      ];
      const ending = new AbortController();
      const startMs = Date.now();
      const sending = load(log, pool, perSecond, ending.signal);
      // Awaited below; without this a failure in between would end the process.
      sending.catch(() => ending.abort());
      const samples = await watch(stack, process, {
        ...contestant,
        untilMs: startMs + minutes * 60_000,
        kept: keptOf(keys),
        say,
      });
      ending.abort();
      const sent = await sending;
      const seconds = (Date.now() - startMs) / 1000;
      await untilDone(deps, contestant, process);
      const answered = await countOf(log.kafka, contestant.output, keptOf(keys));
      const events = Math.max(firstRunEvents, keys) + sent;
      // The first fifth is left out: caches fill and the compiler settles.
      const settled = samples.slice(Math.ceil(samples.length / 5));
      const part = (from: number, to: number): readonly Sample[] =>
        settled.slice(Math.floor(settled.length * from), Math.ceil(settled.length * to));
      const median = (some: readonly Sample[], of: (sample: Sample) => number | null): number | null => {
        const value = quantile(
          some.flatMap((sample) => of(sample) ?? []),
          0.5,
        );
        return value === null ? null : tenth(value);
      };
      const [early, late] = [part(0, 0.25), part(0.75, 1)];
      const [rssEarly, rssLate] = [median(early, ({ rssMb }) => rssMb), median(late, ({ rssMb }) => rssMb)];
      const delays = settled.flatMap(({ loopDelayMs }) => loopDelayMs ?? []);
      await process.end('SIGTERM');
      return {
        bench: 'soak',
        minutes,
        keys,
        reachedPerSecond: reached,
        askedPerSecond: perSecond,
        sentPerSecond: Math.round(sent / seconds),
        events,
        /** Sum of the last event_count of every holding: each event was answered once. */
        answered,
        exact: answered === events,
        rssMb: {
          early: rssEarly,
          late: rssLate,
          growthPercent: rssEarly === null || rssLate === null ? null : tenth((rssLate / rssEarly - 1) * 100),
          peak: tenth(Math.max(...samples.map(({ rssMb }) => rssMb))),
        },
        openFiles: { early: median(early, ({ openFiles }) => openFiles), late: median(late, ({ openFiles }) => openFiles) },
        loopDelayP99Ms: { median: tenth(quantile(delays, 0.5) ?? Number.NaN), largest: tenth(Math.max(...delays)) },
        lag: { median: median(settled, ({ lag }) => lag), largest: Math.max(...settled.map(({ lag }) => lag)) },
        ...before,
      };
    } finally {
      await process.end('SIGKILL');
    }
  } finally {
    await stack.stop();
  }
};
