// `npm run -s bench -- processors`: the product's runtime and Kafka Streams do the same job on the same broker in one run, in turn.
import { quantile, surroundings } from '../report.ts';
import { kafkaStreams, product, type Contestant } from './contestants.ts';
import { createEventSource } from './events.ts';
import { createExpectation } from './expected.ts';
import { buildKafkaStreams, kafkaStreamsVersions } from './kafka-streams.ts';
import { latencyRun, type LatencyRun } from './latency-run.ts';
import { startMeasuredStack } from './measured-stack.ts';
import { timedRun, type RunDeps, type TimedRun } from './timed-run.ts';

export interface ProcessorsBenchOptions {
  readonly events: number;
  readonly keys: number;
  readonly seed: number;
  readonly runs: number;
  /** Whether the latency at 2,000 events a second is measured, too. */
  readonly latency: boolean;
  readonly say: (text: string) => void;
}

const perSecond = 2_000;
const latencySeconds = 10;
const timeoutMs = 600_000;

const medianOf = (values: readonly (number | null)[]): number | null =>
  quantile(
    values.filter((value) => value !== null),
    0.5,
  );
const ratio = (over: number | null, under: number | null): number | null =>
  over === null || under === null || under === 0 ? null : Math.round((over / under) * 100) / 100;

const mediansOf = (runs: readonly TimedRun[]): Readonly<Record<string, number | null>> => {
  const of = (pick: (run: TimedRun) => number | null): number | null => medianOf(runs.map(pick));
  return {
    seconds: of(({ seconds }) => seconds),
    eventsPerSecond: of(({ eventsPerSecond }) => eventsPerSecond),
    secondsFromStart: of(({ secondsFromStart }) => secondsFromStart),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    peakRssMb: of(({ peakRssMb }) => peakRssMb),
    brokerCpuSeconds: of(({ brokerCpuSeconds }) => brokerCpuSeconds),
    restoreSeconds: of(({ restoreSeconds }) => restoreSeconds),
  };
};
const latencyMedians = (runs: readonly LatencyRun[]): Readonly<Record<string, number | null>> => ({
  p50: medianOf(runs.map(({ p50 }) => p50)),
  p90: medianOf(runs.map(({ p90 }) => p90)),
  p99: medianOf(runs.map(({ p99 }) => p99)),
});

const byName = <Run extends { readonly contestant: string }, Result>(
  runs: readonly Run[],
  medians: (runs: readonly Run[]) => Result,
): Readonly<Record<string, Result>> =>
  Object.fromEntries([...Map.groupBy(runs, ({ contestant }) => contestant)].map(([name, group]) => [name, medians(group)]));

/** Medians by name as lines of columns. */
const tableOf = (rows: Readonly<Record<string, Readonly<Record<string, number | null>>>>): string => {
  const columns = Object.keys(Object.values(rows)[0] ?? {});
  const width = Math.max(0, ...Object.keys(rows).map(({ length }) => length));
  const line = (name: string, cells: readonly string[]): string =>
    [name.padEnd(width), ...cells.map((cell, at) => cell.padStart(Math.max(8, columns[at]?.length ?? 0)))].join('  ');
  return [
    line('', columns),
    ...Object.entries(rows).map(([name, row]) =>
      line(
        name,
        columns.map((column) => String(row[column] ?? '-')),
      ),
    ),
  ].join('\n');
};

/** Runs the measurement and returns the report. */
export const measureProcessors = async (options: ProcessorsBenchOptions): Promise<object> => {
  const { events, keys, seed, runs, latency, say } = options;
  await buildKafkaStreams(say);
  const before = surroundings();
  say('Starting a stack.');
  const stack = await startMeasuredStack();
  try {
    const { log } = stack;
    const source = createEventSource({ topic: log.full('events'), partitions: log.partitions, keys, seed });
    say(`Writing ${events} events of ${keys} holdings.`);
    await log.append(source, events, say);
    const deps: RunDeps = {
      log,
      source,
      expectation: createExpectation(log.kafka, log.full('events')),
      brokerCpu: () => stack.brokerCpu(),
      say,
      timeoutMs,
    };
    const contestants: readonly (() => Contestant)[] = [
      () => kafkaStreams(stack, { cache: 'on', commitMs: 100 }),
      () => kafkaStreams(stack, { cache: 'off', commitMs: 100 }),
      () => product(stack),
    ];
    const timed: TimedRun[] = [];
    for (let run = 0; run < runs; run += 1) for (const contestant of contestants) timed.push(await timedRun(deps, contestant()));
    const quick: readonly (() => Contestant)[] = [
      () => kafkaStreams(stack, { cache: 'on', commitMs: 100 }),
      () => kafkaStreams(stack, { cache: 'on', commitMs: 10 }),
      () => product(stack),
    ];
    const latencies: LatencyRun[] = [];
    if (latency)
      for (let run = 0; run < runs; run += 1)
        for (const contestant of quick)
          latencies.push(await latencyRun(deps, contestant(), { perSecond, seconds: latencySeconds }));
    const medians = byName(timed, mediansOf);
    const latencyMs = byName(latencies, latencyMedians);
    const [on, off, ours] = [medians['kafka-streams, cache on'], medians['kafka-streams, cache off'], medians['stratcap']];
    const theirP99 = Object.entries(latencyMs).flatMap(([name, { p99 }]) => (name === 'stratcap' ? [] : (p99 ?? [])));
    const over = (name: string, of: Readonly<Record<string, number | null>> | undefined): number | null =>
      ratio(ours?.[name] ?? null, of?.[name] ?? null);
    say(`\n${tableOf(medians)}\n\n${tableOf(latencyMs)}`);
    const wrong = timed.filter(({ comparison }) => !comparison.equal);
    return {
      bench: 'processors',
      events,
      keys,
      seed,
      exact: wrong.length === 0,
      ratios: {
        throughput_cache_on: over('eventsPerSecond', on),
        throughput_cache_off: over('eventsPerSecond', off),
        cpu_cache_on: over('cpuSeconds', on),
        cpu_cache_off: over('cpuSeconds', off),
        memory_cache_on: over('peakRssMb', on),
        memory_cache_off: over('peakRssMb', off),
        restore_cache_on: over('restoreSeconds', on),
        p99_to_best: theirP99.length === 0 ? null : ratio(latencyMs['stratcap']?.['p99'] ?? null, Math.min(...theirP99)),
      },
      medians,
      latencyMs,
      runs: timed,
      latencyRuns: latencies,
      ...before,
      versions: { ...(before as { readonly versions: object }).versions, ...kafkaStreamsVersions() },
    };
  } finally {
    await stack.stop();
  }
};
