// `npm run -s bench -- domain`: the pure engines, XIRR beside pyxirr on the same series, and a back-dated valuation in a large fund while
// others book.
import { type DatedAmount, xirr } from '#domain/performance/xirr.ts';
import type { Flows } from '#domain/waterfall/flows.ts';
import { runWaterfall } from '#domain/waterfall/run-waterfall.ts';
import { createRandom } from '../../producers/generator/random.ts';
import { quantile, surroundings } from '../report.ts';
import { measureBackDated } from './back-dated.ts';
import { ratesOfPyxirr } from './pyxirr.ts';

export interface DomainBenchOptions {
  readonly seed: string;
  /** Leaves the part out that needs a stack. */
  readonly withoutStack: boolean;
  readonly say: (text: string) => void;
}

const rounds = 5;
const series = 10_000;
const flowsEach = 120;
const funds = 10_000;

const seconds = (run: () => void): number => {
  const started = performance.now();
  run();
  return (performance.now() - started) / 1000;
};
const summary = (samples: readonly number[]): { readonly min: number; readonly median: number; readonly max: number } => {
  const at = (share: number): number => Math.round((quantile(samples, share) ?? 0) * 10_000) / 10_000;
  return { min: at(0.001), median: at(0.5), max: at(1) };
};

/** Monthly flows of ten years: paid in first, received later, as a fund's are. */
const seriesOf = (seed: string): readonly (readonly DatedAmount[])[] => {
  const random = createRandom(seed);
  return Array.from({ length: series }, () =>
    Array.from({ length: flowsEach }, (_, month) => ({
      epochDay: 14_000 + month * 30 + random.whole(0, 20),
      amount:
        month < flowsEach / 2
          ? -BigInt(random.whole(1, 5_000_000))
          : BigInt(random.whole(1, Math.round(5_000_000 * (1 + random.next())))),
    })),
  );
};

const fundFlows = (seed: string): readonly Flows[] => {
  const random = createRandom(seed);
  return Array.from({ length: funds }, () => {
    const contributions = Array.from({ length: 20 }, (_, index) => ({
      day: 14_000 + index * 90 + random.whole(0, 30),
      minor: BigInt(random.whole(1_000_00, 5_000_000_00)),
      partner: null,
      deal: null,
      purpose: 'investment' as const,
      dueDay: null,
      drawDay: null,
    }));
    const distributions = Array.from({ length: 20 }, (_, index) => ({
      day: 15_500 + index * 90 + random.whole(0, 30),
      minor: BigInt(random.whole(1_000_00, 9_000_000_00)),
      partner: null,
      deal: null,
      kind: 'ordinary' as const,
      costShare: null,
    }));
    return { contributions, distributions, valuations: [] };
  });
};

/** Runs the measurement and returns the report. */
export const measureDomain = async ({ seed, withoutStack, say }: DomainBenchOptions): Promise<object> => {
  const before = surroundings();
  const flows = seriesOf(seed);
  say(`XIRR: ${series} series of ${flowsEach} flows, ${rounds} rounds.`);
  const ours = Array.from({ length: rounds }, () => seconds(() => flows.forEach((row) => xirr(row))));
  const theirs = await ratesOfPyxirr(flows, { rounds, say });
  let worst: number | null = null;
  if (typeof theirs !== 'string') {
    worst = 0;
    flows.forEach((row, index) => {
      const { rate } = xirr(row);
      const other = theirs.rates[index];
      if (rate !== null && other !== null && other !== undefined) worst = Math.max(worst ?? 0, Math.abs(Number(rate) - other));
    });
  }
  say(`Waterfalls: ${funds} funds of 40 flows, ${rounds} rounds.`);
  const lives = fundFlows(seed);
  const waterfalls = Array.from({ length: rounds }, () =>
    seconds(() => {
      for (const life of lives) {
        const { kind } = runWaterfall({ hurdleRate: '0.08', carry: '0.2' }, life);
        if (kind !== 'ok') throw new Error('a waterfall of the measurement could not be run');
      }
    }),
  );
  return {
    bench: 'domain',
    xirr: {
      series,
      flowsEach,
      seconds: summary(ours),
      pyxirr: typeof theirs === 'string' ? theirs : { version: theirs.version, seconds: summary(theirs.seconds) },
      ratio:
        typeof theirs === 'string'
          ? null
          : Math.round(((quantile(theirs.seconds, 0.5) ?? 0) / (quantile(ours, 0.5) ?? 1)) * 100) / 100,
      largestDifference: worst,
    },
    waterfall: {
      funds,
      flowsEach: 40,
      seconds: summary(waterfalls),
      perSecond: Math.round(funds / (quantile(waterfalls, 0.5) ?? 1)),
    },
    ...(withoutStack ? {} : { backDated: await measureBackDated({ seed, say }) }),
    ...before,
  };
};
