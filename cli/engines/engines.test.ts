import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runAllocateCommand } from './allocate.ts';
import { runIrrCommand } from './irr.ts';
import { runWaterfallCommand } from './waterfall.ts';

type Json = { readonly [key: string]: unknown };
type CaseFile = {
  readonly cases: readonly (Json & {
    readonly id: string;
    readonly expected: unknown;
    readonly status?: string;
    readonly allRoots?: readonly string[];
  })[];
};

const fileOf = (name: string): string => readFileSync(new URL(`../../tests/cases/${name}.json`, import.meta.url), 'utf8');
const casesOf = (name: string): CaseFile['cases'] => (JSON.parse(fileOf(name)) as CaseFile).cases;
const answerOf = (text: string): Json & { readonly cases: readonly Json[] } =>
  JSON.parse(text) as Json & { readonly cases: readonly Json[] };

describe('stratcap waterfall', () => {
  const answers = answerOf(runWaterfallCommand(fileOf('waterfall'))).cases;
  test.each(casesOf('waterfall').map((entry, index) => [entry.id, entry.expected, answers[index]] as const))(
    '%s, every figure',
    (id, expected, answer) => {
      expect(answer).toMatchObject({ id, result: expected });
    },
  );

  const inputs = {
    contributions: [{ date: '2021-01-01', amount: '100.00' }],
    distributions: [{ date: '2022-01-01', amount: '200.00' }],
    terms: {},
  };
  const changed = (change: object): Json => answerOf(runWaterfallCommand(JSON.stringify({ ...inputs, ...change })));

  test('one bare input gives one bare result, and one case its result', () => {
    expect(changed({})).toMatchObject({ totals: { lp: '180.00', gpCarry: '20.00' } });
    expect(answerOf(runWaterfallCommand(JSON.stringify({ id: 'only', inputs })))).toMatchObject({
      id: 'only',
      result: { totals: { lp: '180.00' } },
    });
  });

  test('a term that is null is not given, except a null hurdle rate, which is no pref', () => {
    expect(changed({ terms: { clawback: null, carry: null, hurdles: null } })).toMatchObject({
      totals: { lp: '180.00' },
      perDistribution: [{ tiers: { preferredReturn: { lp: '8.00' } } }],
    });
    expect(changed({ terms: { hurdleRate: null } })).toMatchObject({
      perDistribution: [{ tiers: { preferredReturn: { lp: '0.00' } } }],
    });
  });

  test.each([
    [{ terms: { carry: '1.2' } }, 'invalid-term', "terms.carry is '1.2'; give a decimal string from 0 to 1"],
    [{ terms: { carry: 0.2 } }, 'invalid-input', 'terms.carry is 0.2: give a decimal string'],
    [{ terms: { style: 'martian' } }, 'invalid-input', 'terms.style is "martian": give one of european, american'],
    [{ terms: { hurdlerate: '0.08' } }, 'unknown-field', 'terms.hurdlerate is not a field of this input'],
    [
      { terms: { clawback: { test: 'greater' }, hurdles: [{ gp: '0.2' }] } },
      'clawback-with-hurdles',
      'terms.clawback cannot be used with terms.hurdles',
    ],
    [
      { terms: { clawback: { test: 'greater' }, carryTiers: [{ carry: '0.2' }] } },
      'clawback-with-carry-tiers',
      'terms.clawback cannot be used with terms.carryTiers',
    ],
    [{ terms: { hurdles: [{ untilLpIrr: '0.08', gp: '0.2' }] } }, 'hurdle-end', 'terms.hurdles[0] must have no end'],
    [{ terms: { style: 'american' } }, 'distribution-without-deal', 'distributions[0].deal is missing'],
    [
      { contributions: [{ date: '2021-02-30', amount: '1' }] },
      'invalid-input',
      'contributions[0].date is "2021-02-30": not-a-date',
    ],
    [
      { contributions: [{ date: '2021-02-03', amount: '1.001' }] },
      'invalid-input',
      'contributions[0].amount is "1.001": more-than-two-decimals',
    ],
    [{ contributions: [{ date: '2021-02-03', amount: '-1' }] }, 'negative-amount', 'contributions[0].amount is negative'],
    [{ distributions: undefined }, 'invalid-input', 'distributions is missing'],
  ])('what cannot be run is refused by field, value and fix: %j', (change, error, message) => {
    const answer = changed(change);
    expect(answer['error']).toBe(error);
    expect(answer['message']).toContain(message);
  });

  test('a case that cannot be run leaves the others alone, and text that is not JSON says so', () => {
    const answer = answerOf(
      runWaterfallCommand(
        JSON.stringify({
          cases: [
            { id: 'bad', inputs: { ...inputs, terms: { carry: 'x' } } },
            { id: 'good', inputs },
          ],
        }),
      ),
    );
    expect(answer.cases).toMatchObject([
      { id: 'bad', error: 'invalid-input' },
      { id: 'good', result: { totals: { lp: '180.00' } } },
    ]);
    expect(answerOf(runWaterfallCommand('{'))).toMatchObject({ error: 'invalid-json' });
    expect(answerOf(runWaterfallCommand('{"cases": 5}'))).toMatchObject({ error: 'invalid-input', field: 'cases' });
  });
});

describe('stratcap irr', () => {
  const answers = answerOf(runIrrCommand(fileOf('xirr'))).cases;
  test.each(casesOf('xirr').map((entry, index) => [entry, answers[index]] as const))(
    '$0.id',
    ({ id, status, expected, allRoots }, answer) => {
      expect(answer).toMatchObject({ id, status, rate: expected, roots: allRoots });
    },
  );

  test('flows that are not known are no_flows; amounts may have any number of decimals', () => {
    expect(answerOf(runIrrCommand('{"flows": null}'))).toMatchObject({ status: 'no_flows', rate: null, roots: [] });
    const flows = [
      { date: '2021-01-01', amount: '-1.00001' },
      { date: '2022-01-01', amount: '1.100011' },
    ];
    expect(answerOf(runIrrCommand(JSON.stringify({ flows })))).toMatchObject({ rate: '0.1' });
    expect(answerOf(runIrrCommand('{"flows": [{"date": "2021-01-01", "amount": 5}]}'))).toMatchObject({
      error: 'invalid-input',
      field: 'flows[0].amount',
    });
  });
});

describe('stratcap allocate', () => {
  const cases = casesOf('allocation').filter(({ id }) => /^A0[124]/.test(id));
  const answers = answerOf(runAllocateCommand(JSON.stringify({ cases }))).cases;
  test.each(
    cases.map((entry, index) => [entry.id, entry.expected as { readonly shares: readonly string[] }, answers[index]] as const),
  )('%s', (id, expected, answer) => {
    expect(answer).toEqual({ id, shares: expected.shares });
  });

  test('what nobody can bear is refused by name', () => {
    expect(answerOf(runAllocateCommand('{"total": "1.00", "weights": ["0"]}'))).toMatchObject({
      error: 'no-weight',
      field: 'weights',
    });
    expect(answerOf(runAllocateCommand('{"total": "1.00", "weights": ["1.5", "0.5"]}'))).toEqual({ shares: ['0.75', '0.25'] });
  });
});
