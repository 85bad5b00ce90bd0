// Waterfall terms of generated funds: every term of the vocabulary with every value, turn and turn about, so that each comes up often
// enough whatever the number of funds.
import type { WaterfallTerms } from '#domain/waterfall/terms.ts';
import type { Random } from './random.ts';

/** What a term asks of the life of its fund. */
export interface GeneratedTerms {
  readonly waterfall: WaterfallTerms;
  /** Investors that are free of carry, by place. */
  readonly carryFree: readonly number[];
  /** Terms by place of the investor; ids are put in by the caller. */
  readonly carryByPlace: Readonly<Record<number, string>> | null;
  /** Names of the terms that are written down, for the coverage. */
  readonly used: readonly string[];
}

type Base = { -readonly [Name in keyof WaterfallTerms]: WaterfallTerms[Name] };

/** Variants that stand beside one another; fund number n takes variant n of each list. */
const variants: readonly ((terms: Base, random: Random) => void)[] = [
  () => undefined,
  (terms) => {
    terms.hurdleAccrual = 'simple';
    terms.tierOrder = 'pref-first';
  },
  (terms) => {
    terms.hurdleAccrual = 'annual';
    terms.compoundingDate = 'anniversary';
    terms.stub = 'simple';
  },
  (terms) => {
    terms.hurdleAccrual = 'annual';
    terms.compoundingDate = 'year-end';
    terms.stub = 'exponent';
  },
  (terms) => {
    terms.hurdleAccrual = 'quarterly';
    terms.dayCount = 'act/360';
  },
  (terms) => {
    terms.hurdleAccrual = 'monthly';
    terms.dayCount = '30/360';
  },
  (terms) => {
    terms.hurdleAccrual = 'daily';
    terms.dayCount = 'act/act';
  },
  (terms) => {
    terms.hurdleAccrual = 'continuous';
    terms.catchUp = '0.5';
  },
  (terms) => {
    terms.hurdleRate = null;
    terms.hurdleAccrual = 'none';
    terms.catchUp = '0';
  },
  (terms) => {
    terms.overDistribution = 'look-back';
    terms.clawback = { test: 'excess-carry', taxRate: '0.4', escrowRate: '0.3' };
  },
  (terms) => {
    terms.overDistribution = 'look-back-guarded';
    terms.clawback = { test: 'greater', when: 'final' };
  },
  (terms) => {
    delete terms.hurdleRate;
    delete terms.carry;
    delete terms.catchUp;
    terms.hurdles = [
      { untilLpIrr: '0.08', gp: '0' },
      { untilLpIrr: '0.15', gp: '0.2' },
      { untilLpIrr: null, gp: '0.3' },
    ];
    terms.hurdleFlows = 'lp-net';
  },
  (terms) => {
    delete terms.hurdleRate;
    delete terms.carry;
    delete terms.catchUp;
    terms.hurdles = [
      { untilLpMoic: '1.0', gp: '0' },
      { untilLpIrr: '0.1', untilLpMoic: '1.4', until: 'both', gp: '0.1' },
      { gp: '0.2' },
    ];
    terms.hurdleFlows = 'deal-gross';
  },
  (terms) => {
    terms.carryTiers = [{ untilLpMoic: '2.0', carry: '0.2' }, { carry: '0.25' }];
    terms.carryTierMode = 'marginal';
    delete terms.carry;
  },
  (terms) => {
    terms.carryTiers = [{ untilLpMoic: '1.5', carry: '0.15' }, { carry: '0.2' }];
    terms.carryTierMode = 'full-catch-up';
    delete terms.carry;
  },
  (terms) => {
    terms.style = 'american';
    terms.lossCarryForward = true;
    terms.writeDowns = 'lower-of-cost-or-market';
    terms.expensesReturned = 'realised-share';
    terms.partialRealisation = 'cost-share';
    terms.clawback = { test: 'excess-carry', when: 'final' };
  },
  (terms) => {
    terms.style = 'american';
    terms.lossCarryForward = true;
    terms.overDistribution = 'look-back';
    terms.writeDowns = 'permanent';
    terms.expensesReturned = 'all';
    terms.partialRealisation = 'whole-deal';
    terms.clawback = { test: 'hurdle-shortfall', taxRate: '0.35' };
  },
  (terms) => {
    terms.style = 'american';
    terms.lossCarryForward = false;
    terms.writeDowns = 'none';
    terms.expensesReturned = 'none';
  },
  (terms) => {
    terms.prefStart = 'due';
    terms.prefBase = 'investments';
    terms.capitalReturned = 'invested';
    terms.taxDistributions = 'advance-of-carry';
  },
  (terms) => {
    terms.prefStart = 'later-of-both';
    terms.prefBase = 'contributions';
    terms.capitalReturned = 'contributed';
    terms.aggregation = 'fund';
    terms.taxDistributions = 'none';
  },
  (terms) => {
    terms.capitalReturned = 'committed';
  },
];

/** Terms of a fund by its number. */
export const termsOf = (number: number, random: Random): GeneratedTerms => {
  const terms: Base = {
    style: 'european',
    hurdleRate: random.pick(['0.06', '0.07', '0.08']),
    hurdleAccrual: 'effective',
    dayCount: 'act/365f',
    tierOrder: 'capital-first',
    catchUp: '1.0',
    carry: random.pick(['0.15', '0.2']),
  };
  variants[number % variants.length]?.(terms, random);
  const hasPlainCarry = terms.hurdles === undefined && terms.carryTiers === undefined;
  const carryFree = number % 4 === 1 ? [0] : [];
  const isByPartner = hasPlainCarry && number % variants.length === 0;
  const isByAggregation = hasPlainCarry && number % variants.length === 1;
  if (isByAggregation) terms.aggregation = 'partner';
  const used = [
    ...Object.keys(terms),
    ...(terms.clawback === undefined ? [] : ['clawback.test', ...Object.keys(terms.clawback).map((name) => `clawback.${name}`)]),
    ...(carryFree.length > 0 ? ['carryFreePartners'] : []),
    ...(isByPartner ? ['carryByPartner'] : []),
    ...(isByAggregation ? ['partnerTerms'] : []),
    ...(terms.capitalReturned === 'committed' ? ['committedCapital'] : []),
  ];
  return {
    waterfall: terms,
    carryFree,
    carryByPlace: isByPartner ? { 1: '0.15', 2: '0.1' } : null,
    used: [...new Set(used)],
  };
};

/** Terms that every generated set of funds must show. */
export const coveredTerms: readonly string[] = [
  'style',
  'lossCarryForward',
  'hurdleRate',
  'hurdleAccrual',
  'dayCount',
  'tierOrder',
  'catchUp',
  'carry',
  'carryByPartner',
  'carryFreePartners',
  'hurdles',
  'carryTiers',
  'carryTierMode',
  'overDistribution',
  'clawback',
  'clawback.test',
  'clawback.taxRate',
  'clawback.escrowRate',
  'clawback.when',
  'compoundingDate',
  'stub',
  'prefStart',
  'prefBase',
  'capitalReturned',
  'committedCapital',
  'writeDowns',
  'expensesReturned',
  'partialRealisation',
  'aggregation',
  'partnerTerms',
  'hurdleFlows',
  'taxDistributions',
];
