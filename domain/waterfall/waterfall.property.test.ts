// What must hold for any fund (domain 1.5). Another seed: STRATCAP_SEED=123 before the test command.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { xirr } from '../performance/xirr.ts';
import type { Contribution, Distribution, Flows } from './flows.ts';
import type { OneWaterfall } from './one-waterfall.ts';
import { tierList } from './tier-amounts.ts';
import { runWaterfall } from './run-waterfall.ts';
import type { WaterfallTerms } from './terms.ts';

const SEED = Number(process.env['STRATCAP_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = { seed: SEED, numRuns: 120 };
const DEALS = ['A', 'B', 'C'];
const PARTNERS = ['LP1', 'LP2', 'GP'];

const DAY = fc.integer({ min: 17_000, max: 20_500 });
const CENTS = fc.bigInt({ min: 1n, max: 10n ** 11n });
const contribution = (day: fc.Arbitrary<number>): fc.Arbitrary<Contribution> =>
  fc.record({
    day,
    minor: CENTS,
    partner: fc.constantFrom(...PARTNERS),
    deal: fc.constantFrom(...DEALS),
    purpose: fc.constantFrom('investment', 'investment', 'fee', 'expense'),
    dueDay: fc.option(DAY),
    drawDay: fc.option(DAY),
  });
const distribution = (day: fc.Arbitrary<number>): fc.Arbitrary<Distribution> =>
  fc.record({
    day,
    minor: fc.oneof(CENTS, fc.constant(0n)),
    partner: fc.constant(null),
    deal: fc.constantFrom(...DEALS),
    kind: fc.constantFrom('ordinary', 'ordinary', 'ordinary', 'tax', 'in-kind'),
    costShare: fc.constantFrom(null, 10n ** 59n * 4n),
  });

const fund = (contributionDay = DAY, distributionDay = DAY): fc.Arbitrary<Flows> =>
  fc.record({
    contributions: fc.array(contribution(contributionDay), { minLength: 1, maxLength: 8 }),
    distributions: fc.array(distribution(distributionDay), { minLength: 1, maxLength: 8 }),
    valuations: fc.array(fc.record({ day: DAY, deal: fc.constantFrom(...DEALS), minor: CENTS, permanent: fc.boolean() }), {
      maxLength: 3,
    }),
  });

const SHARE = fc.integer({ min: 0, max: 100 }).map((percent) => (percent / 100).toFixed(2));
const RATE = fc.integer({ min: 0, max: 200 }).map((permille) => (permille / 1000).toFixed(3));
const OVER: fc.Arbitrary<WaterfallTerms['overDistribution']> = fc.constantFrom('floor', 'look-back', 'look-back-guarded');
const CLASSIC: fc.Arbitrary<WaterfallTerms> = fc.record(
  {
    hurdleRate: fc.option(RATE),
    hurdleAccrual: fc.constantFrom('effective', 'simple', 'annual', 'quarterly', 'monthly', 'daily', 'continuous', 'none'),
    dayCount: fc.constantFrom('act/365f', 'act/360', '30/360', 'act/act'),
    tierOrder: fc.constantFrom('capital-first', 'pref-first'),
    catchUp: SHARE,
    carry: SHARE,
    overDistribution: OVER,
    compoundingDate: fc.constantFrom('anniversary', 'year-end'),
    stub: fc.constantFrom('simple', 'exponent'),
    prefStart: fc.constantFrom('receipt', 'due', 'later-of-both', 'facility-draw'),
    prefBase: fc.constantFrom('contributions', 'investments'),
    capitalReturned: fc.constantFrom('contributed', 'invested'),
    taxDistributions: fc.constantFrom('advance-of-carry', 'none'),
  },
  { requiredKeys: [] },
);
const ENDS: fc.Arbitrary<Partial<WaterfallTerms>> = fc.constantFrom(
  {},
  { clawback: { test: 'excess-carry' } },
  { clawback: { test: 'hurdle-shortfall', taxRate: '0.35' } },
  { clawback: { test: 'greater', escrowRate: '0.3', when: 'annual' } },
  { clawback: { test: 'greater', when: 'each-distribution' } },
  { carryTiers: [{ untilLpMoic: '1.5', carry: '0.15' }, { untilLpMoic: '2.0', carry: '0.2' }, { carry: '0.3' }] },
  { carryTiers: [{ untilLpMoic: '1.5', carry: '0.15' }, { carry: '0.3' }], carryTierMode: 'full-catch-up' },
  {
    hurdles: [
      { untilLpIrr: '0.08', gp: '0' },
      { untilLpIrr: '0.15', untilLpMoic: '1.8', until: 'both', gp: '0.2' },
      { untilGpShare: '0.2', gp: '0.9' },
      { gp: '0.25' },
    ],
  },
  { hurdles: [{ untilLpIrr: '0.08', gp: '0.1' }, { gp: '0.25' }], hurdleFlows: 'deal-gross' },
);
const STYLE: fc.Arbitrary<Partial<WaterfallTerms>> = fc.constantFrom(
  {},
  { style: 'american', lossCarryForward: false },
  { style: 'american' },
  { style: 'american', writeDowns: 'lower-of-cost-or-market', partialRealisation: 'cost-share' },
  { style: 'american', writeDowns: 'permanent' },
);
const ANY_TERMS: fc.Arbitrary<WaterfallTerms> = fc
  .tuple(CLASSIC, ENDS, STYLE)
  .map(([classic, ends, style]) => ({ ...classic, ...ends, ...style }));

const run = (terms: WaterfallTerms, flows: Flows): OneWaterfall => {
  const ran = runWaterfall(terms, flows);
  if (ran.kind === 'error') throw new Error(ran.message);
  if (ran.result.kind !== 'fund') throw new Error('one waterfall was expected');
  return ran.result.waterfall;
};
const sumOf = (entries: readonly { readonly minor: bigint }[]): bigint => entries.reduce((sum, { minor }) => sum + minor, 0n);
const without = (waterfall: OneWaterfall): object => ({
  ...waterfall,
  paid: waterfall.paid.map(({ day, tiers, lpMinor, gpMinor }) => ({ day, tiers, lpMinor, gpMinor })),
});

describe(`any fund (seed ${SEED})`, () => {
  test('tiers add up to each distribution to the cent, none is negative, and LP + GP is all that was paid', () => {
    fc.assert(
      fc.property(ANY_TERMS, fund(), (terms, flows) => {
        const waterfall = run(terms, flows);
        for (const paid of waterfall.paid) {
          const entries = tierList(paid.tiers).flatMap(({ lpMinor, gpMinor }) => [lpMinor, gpMinor]);
          expect(entries.every((entry) => entry >= 0n)).toBe(true);
          expect(entries.reduce((sum, entry) => sum + entry, 0n)).toBe(paid.minor);
          expect(paid.lpMinor + paid.gpMinor).toBe(paid.minor);
        }
        expect(waterfall.lpMinor + waterfall.gpMinor).toBe(sumOf(flows.distributions));
        if (waterfall.clawback !== null) {
          expect(waterfall.clawback.dueMinor >= 0n).toBe(true);
          expect(waterfall.clawback.dueMinor <= waterfall.gpMinor + 1n).toBe(true);
        }
      }),
      { ...RUNS, numRuns: 400 },
    );
  });

  test('partners change whose money it is, never how much there is', () => {
    fc.assert(
      fc.property(ANY_TERMS, fund(), fc.boolean(), (terms, flows, alone) => {
        const ran = runWaterfall(
          { ...terms, carryFreePartners: ['GP'], ...(alone ? { aggregation: 'partner' as const } : {}) },
          flows,
        );
        if (ran.kind === 'error') throw new Error(ran.message);
        const waterfalls =
          ran.result.kind === 'fund' ? [ran.result.waterfall] : ran.result.partners.map(({ waterfall }) => waterfall);
        const paid = waterfalls.reduce(
          (sum, { lpMinor, gpMinor }) => sum + lpMinor + gpMinor,
          ran.result.gpCommitmentMinor ?? 0n,
        );
        expect(paid).toBe(sumOf(flows.distributions));
      }),
      RUNS,
    );
  });

  test('a distribution paid in several parts on its day is the same distribution', () => {
    fc.assert(
      fc.property(ANY_TERMS, fund(), fc.bigInt({ min: 0n, max: 100n }), (terms, flows, percent) => {
        const parts = flows.distributions.flatMap((entry) => {
          const first = (entry.minor * percent) / 100n;
          return entry.costShare === null
            ? [
                { ...entry, minor: first },
                { ...entry, minor: entry.minor - first },
              ]
            : [entry];
        });
        expect(without(run(terms, { ...flows, distributions: parts }))).toEqual(without(run(terms, flows)));
      }),
      RUNS,
    );
  });

  test('what is booked does not change when later flows come: replay and going on give the same', () => {
    fc.assert(
      fc.property(ANY_TERMS, fund(), DAY, (terms, flows, until) => {
        const cut = <T extends { readonly day: number }>(entries: readonly T[]): readonly T[] =>
          entries.filter(({ day }) => day <= until);
        const early = run(terms, {
          contributions: cut(flows.contributions),
          distributions: cut(flows.distributions),
          valuations: cut(flows.valuations),
        });
        const all = run(terms, flows);
        expect(early.paid).toEqual(all.paid.filter(({ day }) => day <= until));
      }),
      RUNS,
    );
  });

  test('the order of the input changes nothing', () => {
    fc.assert(
      fc.property(CLASSIC, ENDS, fund(), (classic, ends, flows) => {
        const terms = { ...classic, ...ends };
        const turned = {
          ...flows,
          contributions: [...flows.contributions].reverse(),
          distributions: [...flows.distributions].reverse(),
        };
        expect(without(run(terms, turned))).toEqual(without(run(terms, flows)));
      }),
      RUNS,
    );
  });

  test('a hundred times the amounts are a hundred times the figures, to the rounding of one cent per entry', () => {
    fc.assert(
      fc.property(CLASSIC, fund(), (terms, flows) => {
        const scale = <T extends { readonly minor: bigint }>(entries: readonly T[]): readonly T[] =>
          entries.map((entry) => ({ ...entry, minor: entry.minor * 100n }));
        const small = run(terms, flows);
        const large = run(terms, {
          contributions: scale(flows.contributions),
          distributions: scale(flows.distributions),
          valuations: scale(flows.valuations),
        });
        small.paid.forEach((paid, index) => {
          const difference = (large.paid[index]?.gpMinor ?? 0n) - paid.gpMinor * 100n;
          expect(difference >= -400n && difference <= 400n).toBe(true);
        });
      }),
      RUNS,
    );
  });
});

/** Contributions before any distribution: no later call makes carry that was right too much. */
const CALLED_FIRST = fund(fc.integer({ min: 17_000, max: 17_700 }), fc.integer({ min: 17_800, max: 20_500 })).map((flows) => ({
  ...flows,
  distributions: flows.distributions.map((entry) => ({ ...entry, kind: 'ordinary' as const })),
}));
const EUROPEAN: fc.Arbitrary<WaterfallTerms> = fc.record({
  hurdleRate: RATE,
  catchUp: SHARE,
  carry: SHARE,
  overDistribution: OVER,
});

describe(`a European fund whose calls come first (seed ${SEED})`, () => {
  test('carry never exceeds its share of the profit, and is exactly that once the catch-up completes', () => {
    fc.assert(
      fc.property(EUROPEAN, CALLED_FIRST, (terms, flows) => {
        const { paid, gpMinor } = run(terms, flows);
        const profit = sumOf(flows.distributions) - sumOf(flows.contributions);
        const most = (BigInt(Math.round(Number(terms.carry) * 100)) * profit) / 100n;
        const cents = BigInt(paid.length * 4);
        expect(gpMinor <= (most > 0n ? most : 0n) + cents).toBe(true);
        const last = paid.at(-1)?.tiers;
        const completed = Number(terms.catchUp) > Number(terms.carry) && last?.kind === 'carry' && last.split.gpMinor > 0n;
        if (completed) expect(gpMinor >= most - cents).toBe(true);
      }),
      RUNS,
    );
  });

  test('the LPs have their hurdle rate whenever the GP has carry', () => {
    fc.assert(
      fc.property(EUROPEAN, CALLED_FIRST, (terms, flows) => {
        const { paid, gpMinor } = run(terms, flows);
        if (gpMinor < 100n) return;
        const lpFlows = [
          ...flows.contributions.map(({ day, minor }) => ({ epochDay: day, amount: -minor })),
          ...paid.map(({ day, lpMinor }) => ({ epochDay: day, amount: lpMinor })),
        ];
        const { rate, status } = xirr(lpFlows);
        expect(status).toBe('ok');
        // A few cents of rounding on the smallest fund move the rate by no more than this.
        const tolerance = 20 / Number(sumOf(flows.contributions)) + 1e-12;
        expect(Number(rate)).toBeGreaterThanOrEqual(Number(terms.hurdleRate) - tolerance);
      }),
      RUNS,
    );
  });

  test('a larger last distribution pays nobody less', () => {
    fc.assert(
      fc.property(EUROPEAN, CALLED_FIRST, CENTS, (terms, flows, more) => {
        const [first, ...others] = flows.distributions;
        if (first === undefined) return;
        const late = { ...first, day: 20_600 };
        const before = run(terms, { ...flows, distributions: [...others, late] });
        const after = run(terms, { ...flows, distributions: [...others, { ...late, minor: late.minor + more }] });
        expect(after.lpMinor >= before.lpMinor - 4n && after.gpMinor >= before.gpMinor - 4n).toBe(true);
      }),
      RUNS,
    );
  });

  test('another order of the partners moves no more than the cents that ties decide', () => {
    fc.assert(
      fc.property(EUROPEAN, CALLED_FIRST, (terms, flows) => {
        const each = (contributions: readonly Contribution[]): ReadonlyMap<string, bigint> => {
          const ran = runWaterfall({ ...terms, aggregation: 'partner' }, { ...flows, contributions });
          if (ran.kind === 'error' || ran.result.kind !== 'partners') throw new Error('partners were expected');
          return new Map(ran.result.partners.map(({ partner, waterfall }) => [partner, waterfall.lpMinor]));
        };
        const forward = each(flows.contributions);
        for (const [partner, lpMinor] of each([...flows.contributions].reverse())) {
          const difference = lpMinor - (forward.get(partner) ?? 0n);
          expect(difference >= -50n && difference <= 50n).toBe(true);
        }
      }),
      RUNS,
    );
  });
});
