// `npm run -s bench -- growth`: what becomes of rate, memory and restart when the log and its keys grow tenfold, again and again; what a
// second and a fourth worker bring, and how long partitions stand still for them; and one fund with a hundred thousand commitments.
import { surroundings } from '../report.ts';
import { product } from './contestants.ts';
import { createEventSource } from './events.ts';
import { createExpectation } from './expected.ts';
import { measureLargeFund } from './large-fund.ts';
import { startMeasuredStack, type MeasuredStack } from './measured-stack.ts';
import { timedRun, type TimedRun } from './timed-run.ts';
import { measureWorkers } from './workers.ts';

export interface GrowthOptions {
  /** Events and keys of each step. */
  readonly sizes: readonly number[];
  readonly seed: number;
  /** Parts to measure. */
  readonly parts: readonly GrowthPart[];
  readonly say: (text: string) => void;
}

export const growthParts = ['sizes', 'workers', 'large-fund'] as const;
export type GrowthPart = (typeof growthParts)[number];

const timeoutMs = 1_800_000;

interface SizeResult extends Omit<TimedRun, 'comparison' | 'contestant'> {
  readonly keys: number;
  readonly exact: boolean;
  /** Memory above that of the smallest size, per key that there is more. */
  readonly bytesPerKey: number | null;
}

const sizesOf = async (stack: MeasuredStack, { sizes, seed, say }: GrowthOptions): Promise<readonly SizeResult[]> => {
  const { log } = stack;
  const results: SizeResult[] = [];
  for (const size of sizes) {
    const contestant = product(stack);
    await log.renew(['events'], [contestant.group]);
    const source = createEventSource({ topic: log.full('events'), partitions: log.partitions, keys: size, seed });
    say(`Writing ${size} events of ${size} holdings.`);
    await log.append(source, size, say);
    const {
      comparison,
      contestant: _,
      ...run
    } = await timedRun(
      {
        log,
        source,
        expectation: createExpectation(log.kafka, log.full('events')),
        brokerCpu: () => stack.brokerCpu(),
        say,
        timeoutMs,
      },
      contestant,
    );
    const [smallest] = results;
    results.push({
      ...run,
      keys: size,
      exact: comparison.equal,
      bytesPerKey:
        smallest === undefined || run.peakRssMb === null || smallest.peakRssMb === null
          ? null
          : Math.round(((run.peakRssMb - smallest.peakRssMb) * 2 ** 20) / (size - smallest.keys)),
    });
  }
  return results;
};

/** Runs the measurement and returns the report. */
export const measureGrowth = async (options: GrowthOptions): Promise<object> => {
  const before = surroundings();
  const { parts, say, seed } = options;
  say('Starting a stack.');
  const stack = await startMeasuredStack();
  try {
    return {
      bench: 'growth',
      seed,
      ...(parts.includes('sizes') ? { sizes: await sizesOf(stack, options) } : {}),
      ...(parts.includes('workers') ? { workers: await measureWorkers(stack, { seed, say }) } : {}),
      ...(parts.includes('large-fund') ? { largeFund: await measureLargeFund(stack, { seed, say }) } : {}),
      ...before,
    };
  } finally {
    await stack.stop();
  }
};
