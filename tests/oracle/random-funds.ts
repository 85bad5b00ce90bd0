// Random funds for the comparison of the oracle with the engine: every term of design.md 5 in turn, combined as funds combine them.

import { printCents } from './fraction.ts';
import { seededRandom, type Random } from './random.ts';
import type { Contribution, Distribution, Hurdle, Inputs, Terms, Valuation } from './terms.ts';

const dayFrom = (start: string, days: number): string =>
  new Date(Date.parse(start) + days * 86_400_000).toISOString().slice(0, 10);

const amount = (random: Random, from: number, to: number): string => {
  const units = BigInt(random.whole(from, to));
  if (random.chance(0.5)) return printCents(units * 100_000_00n);
  return printCents(units * 100_000_00n + BigInt(random.whole(0, 9_999_999)));
};

const hurdleList = (random: Random): Hurdle[] => {
  const first: Hurdle = { untilLpIrr: random.pick(['0.06', '0.08']), gp: '0.0' };
  const second = random.pick<Hurdle>([
    { untilLpIrr: '0.15', gp: '0.2' },
    { untilLpMoic: '1.8', gp: '0.2' },
    { untilGpShare: '0.2', gp: '0.6' },
    { untilGpShare: '0.2', gp: '1.0' },
    { untilLpIrr: '0.12', untilLpMoic: '1.6', until: 'both', gp: '0.15' },
    { untilLpIrr: '0.12', untilLpMoic: '1.6', until: 'first', gp: '0.15' },
  ]);
  return [first, second, ...(random.chance(0.5) ? [{ untilLpMoic: '2.5', gp: '0.25' }] : []), { untilLpIrr: null, gp: '0.3' }];
};

const prefTerms = (random: Random): Partial<Terms> => {
  const hurdleAccrual = random.pick([
    'effective',
    'simple',
    'annual',
    'annual',
    'quarterly',
    'monthly',
    'daily',
    'continuous',
    'none',
  ] as const);
  return {
    hurdleAccrual,
    hurdleRate: random.pick(['0.08', '0.08', '0.06', '0.1', null]),
    ...(hurdleAccrual === 'annual' && {
      compoundingDate: random.pick(['anniversary', 'year-end'] as const),
      stub: random.pick(['simple', 'exponent'] as const),
    }),
  };
};

const carryTerms = (random: Random): Partial<Terms> => {
  if (random.chance(0.2)) {
    const first = random.pick(['0.1', '0.15', '0.2']);
    const middle = random.chance(0.5) ? [{ untilLpMoic: '2.2', carry: '0.25' }] : [];
    return {
      carryTiers: [{ untilLpMoic: random.pick(['1.3', '1.6']), carry: first }, ...middle, { carry: '0.3' }],
      carryTierMode: random.pick(['marginal', 'full-catch-up'] as const),
    };
  }
  return { carry: random.pick(['0.2', '0.2', '0.15', '0.25']) };
};

const clawbackTerms = (random: Random): Partial<Terms> => ({
  clawback: {
    test: random.pick(['excess-carry', 'hurdle-shortfall', 'greater'] as const),
    ...(random.chance(0.5) && { taxRate: random.pick(['0.4', '0.37']) }),
    when: random.pick(['final', 'annual', 'each-distribution'] as const),
    ...(random.chance(0.5) && { escrowRate: random.pick(['0.3', '0.5']) }),
  },
});

const partnerTerms = (random: Random, oneCarry: boolean): Partial<Terms> => {
  const rules = oneCarry ? random.whole(1, 5) : random.pick([1, 4]);
  if (rules === 1) return { carryFreePartners: ['GP'] };
  if (rules === 2) return { carryByPartner: { 'LP 1': '0.15', 'LP 2': '0.0' } };
  if (rules === 3) return { carryByPartner: { 'LP 2': '0.1' }, carryFreePartners: ['GP'] };
  if (rules === 4) return { aggregation: 'partner' };
  return {
    aggregation: 'partner',
    partnerTerms: { 'LP 1': { carry: '0.175', hurdleRate: '0.07' }, 'LP 2': { hurdleRate: null, catchUp: '0.5' } },
  };
};

const americanTerms = (random: Random): Partial<Terms> => ({
  style: 'american',
  lossCarryForward: random.chance(0.65),
});

const startTerms = (random: Random): Partial<Terms> => ({
  prefStart: random.pick(['receipt', 'due', 'later-of-both', 'facility-draw'] as const),
  prefBase: random.pick(['contributions', 'contributions', 'investments'] as const),
});

const poolTerms = (random: Random): Partial<Terms> => ({
  writeDowns: random.pick(['none', 'permanent', 'lower-of-cost-or-market'] as const),
  expensesReturned: random.pick(['all', 'realised-share', 'none'] as const),
  partialRealisation: random.pick(['whole-deal', 'cost-share'] as const),
});

/** The terms of one random fund; what contradicts itself (clawback with hurdles) is not made. */
const randomTerms = (random: Random): Partial<Terms> => {
  const american = random.chance(0.5) ? americanTerms(random) : {};
  const byHurdles = random.chance(0.2);
  const shared: Partial<Terms> = {
    ...american,
    ...(american.lossCarryForward === true && random.chance(0.7) && poolTerms(random)),
    dayCount: random.pick(['act/365f', 'act/360', '30/360', 'act/act'] as const),
  };
  if (byHurdles)
    return {
      ...shared,
      ...(random.chance(0.3) && partnerTerms(random, false)),
      hurdles: hurdleList(random),
      hurdleFlows: random.pick(['lp-net', 'deal-gross'] as const),
    };
  const carry = carryTerms(random);
  Object.assign(shared, random.chance(0.35) ? partnerTerms(random, carry.carryTiers === undefined) : {});
  const european = american.style === undefined;
  const committed =
    european && shared.carryByPartner === undefined && shared.carryFreePartners === undefined && shared.aggregation === undefined;
  return {
    ...shared,
    ...carry,
    ...prefTerms(random),
    tierOrder: random.pick(['capital-first', 'pref-first'] as const),
    catchUp: random.pick(['1.0', '1.0', '0.8', '0.5', '0.2', '0.1', '0.0']),
    overDistribution: random.pick(['floor', 'look-back', 'look-back-guarded'] as const),
    ...startTerms(random),
    ...(random.chance(0.4) && {
      capitalReturned: random.pick(committed ? (['invested', 'committed'] as const) : (['invested'] as const)),
    }),
    taxDistributions: random.pick(['advance-of-carry', 'none'] as const),
    ...(carry.carryTiers === undefined && random.chance(0.5) && clawbackTerms(random)),
  };
};

const needsPartners = (terms: Partial<Terms>): boolean =>
  [terms.carryFreePartners, terms.carryByPartner, terms.partnerTerms].some((each) => each !== undefined) ||
  terms.aggregation === 'partner';

const contributionsOf = (random: Random, terms: Partial<Terms>, start: string, deals: string[]): Contribution[] =>
  Array.from({ length: random.whole(2, 7) }, (_, i): Contribution => {
    const date = dayFrom(start, i === 0 ? 0 : random.whole(0, 2400));
    const purpose = random.pick(['investment', 'investment', 'investment', 'fee', 'expense'] as const);
    return {
      date,
      amount: amount(random, 1, 60),
      ...(needsPartners(terms) && { partner: random.pick(['LP 1', 'LP 2', 'LP 3', 'GP']) }),
      ...(terms.style === 'american' &&
        (purpose === 'investment' || i === 0 || terms.lossCarryForward === false || random.chance(0.3)) && {
          deal: random.pick(deals),
        }),
      ...(i > 0 && { purpose }),
      ...(random.chance(0.5) && { due: dayFrom(date, random.whole(-20, 40)) }),
      ...(random.chance(0.5) && { facilityDraw: dayFrom(date, -random.whole(0, 180)) }),
    };
  });

const distributionsOf = (random: Random, terms: Partial<Terms>, start: string, deals: string[]): Distribution[] =>
  Array.from({ length: random.whole(1, 7) }, (): Distribution => {
    const kind = random.pick(['ordinary', 'ordinary', 'ordinary', 'ordinary', 'tax', 'current-income', 'in-kind'] as const);
    const writeOff = terms.style === 'american' && random.chance(0.1);
    const isTax = kind === 'tax' && terms.hurdles === undefined;
    return {
      date: dayFrom(start, random.whole(30, 4400)),
      amount: writeOff ? '0.00' : isTax ? amount(random, 0, 3) : amount(random, 0, 90),
      ...(terms.style === 'american' && { deal: random.pick(deals) }),
      ...(needsPartners(terms) && random.chance(0.1) && { partner: random.pick(['LP 1', 'LP 2', 'GP']) }),
      ...(kind !== 'ordinary' && (kind !== 'tax' || isTax) && { kind }),
      ...(random.chance(0.2) && { withheld: '1000.00' }),
      ...(terms.partialRealisation === 'cost-share' &&
        random.chance(0.6) && { costShare: random.pick(['0.25', '0.5', '0.3333']) }),
    };
  });

const valuationsOf = (random: Random, start: string, deals: string[]): Valuation[] =>
  Array.from({ length: random.whole(1, 4) }, () => ({
    date: dayFrom(start, random.whole(100, 3000)),
    deal: random.pick(deals),
    value: amount(random, 0, 20),
    permanent: random.chance(0.5),
  }));

/** A fund that meets its borders exactly: after three years to the day capital and pref, or the whole catch-up, are paid to the cent. */
const borderFund = (random: Random): Inputs => {
  const millions = BigInt(random.whole(1, 400));
  // 1.08^3 = 1.259712; its pref of 0.259712 asks for a catch-up of 0.064928.
  const factor = random.pick([1_000_000n, 1_259_712n, 1_324_640n]);
  const terms: Partial<Terms> = {
    overDistribution: random.pick(['floor', 'look-back', 'look-back-guarded'] as const),
    tierOrder: random.pick(['capital-first', 'pref-first'] as const),
    catchUp: random.pick(['1.0', '0.5']),
    ...(random.chance(0.5) && clawbackTerms(random)),
  };
  return {
    contributions: [{ date: '2021-01-01', amount: printCents(millions * 100_000_000n) }],
    distributions: [
      { date: '2024-01-01', amount: printCents(millions * factor * 100n) },
      { date: '2025-01-01', amount: amount(random, 1, 90) },
    ],
    terms,
  };
};

/** The fund of a seed; the same seed gives the same fund. */
export const randomFund = (seed: number): Inputs => {
  const random = seededRandom(seed);
  if (random.chance(0.05)) return borderFund(random);
  const start = dayFrom('2008-01-01', random.whole(0, 3000));
  const deals = ['A', 'B', 'C'].slice(0, random.whole(1, 3));
  const terms = randomTerms(random);
  const contributions = contributionsOf(random, terms, start, deals);
  const distributions = distributionsOf(random, terms, start, deals);
  // Some days see two distributions, or a call and a distribution.
  const [first, second] = distributions;
  if (first !== undefined && second !== undefined && random.chance(0.2)) second.date = first.date;
  if (first !== undefined && random.chance(0.1)) first.date = random.pick(contributions).date;
  const valuations =
    terms.writeDowns === undefined || terms.writeDowns === 'none' ? {} : { valuations: valuationsOf(random, start, deals) };
  const committed = terms.capitalReturned === 'committed' ? { committedCapital: amount(random, 100, 400) } : {};
  return { contributions, distributions, ...valuations, terms: { ...terms, ...committed } };
};

/** At least `total` funds, and further ones until each term that `termsOf` names is used by `perTerm` of them. */
export const fundsForEveryTerm = (
  total: number,
  perTerm: number,
  termsOf: (fund: Inputs) => string[],
): { seed: number; fund: Inputs }[] => {
  const uses = new Map<string, number>();
  const chosen: { seed: number; fund: Inputs }[] = [];
  for (let seed = 1; seed <= total * 10; seed += 1) {
    const fund = randomFund(seed);
    const terms = termsOf(fund);
    const isScarce = terms.some((term) => (uses.get(term) ?? 0) < perTerm);
    // The first half as it comes; the second half only for terms that are still scarce, while there are any.
    const scarceLeft = chosen.length < total / 2 || [...uses.values()].every((count) => count >= perTerm);
    if (!isScarce && !scarceLeft) continue;
    chosen.push({ seed, fund });
    for (const term of terms) uses.set(term, (uses.get(term) ?? 0) + 1);
    if (chosen.length >= total && [...uses.values()].every((count) => count >= perTerm)) break;
  }
  return chosen;
};
