// What the oracle reads: the inputs of design.md 5 as plain JSON, nothing converted. Defaults are applied in withDefaults.

import { parse, type Fraction } from './fraction.ts';
import type { DayCount } from './days.ts';

export type CarryTier = { untilLpMoic?: string; carry: string };
export type Hurdle = {
  untilLpIrr?: string | null;
  untilLpMoic?: string;
  untilGpShare?: string;
  until?: 'first' | 'both';
  gp: string;
};
export type ClawbackTerms = {
  test: 'excess-carry' | 'hurdle-shortfall' | 'greater';
  taxRate?: string;
  escrowRate?: string;
  when?: 'final' | 'annual' | 'each-distribution';
};

export type Terms = {
  style: 'european' | 'american';
  lossCarryForward: boolean;
  hurdleRate: string | null;
  hurdleAccrual: 'effective' | 'simple' | 'annual' | 'quarterly' | 'monthly' | 'daily' | 'continuous' | 'none';
  dayCount: DayCount;
  tierOrder: 'capital-first' | 'pref-first';
  catchUp: string;
  carry: string;
  carryByPartner?: Record<string, string>;
  carryFreePartners?: string[];
  hurdles?: Hurdle[];
  carryTiers?: CarryTier[];
  carryTierMode: 'marginal' | 'full-catch-up';
  overDistribution: 'floor' | 'look-back' | 'look-back-guarded';
  clawback?: ClawbackTerms;
  compoundingDate: 'anniversary' | 'year-end';
  stub: 'simple' | 'exponent';
  prefStart: 'receipt' | 'due' | 'later-of-both' | 'facility-draw';
  prefBase: 'contributions' | 'investments';
  capitalReturned: 'contributed' | 'invested' | 'committed';
  committedCapital?: string;
  writeDowns: 'none' | 'permanent' | 'lower-of-cost-or-market';
  expensesReturned: 'all' | 'realised-share' | 'none';
  partialRealisation: 'whole-deal' | 'cost-share';
  aggregation: 'fund' | 'partner';
  partnerTerms?: Record<string, { carry?: string; hurdleRate?: string | null; catchUp?: string }>;
  hurdleFlows: 'lp-net' | 'deal-gross';
  taxDistributions: 'advance-of-carry' | 'none';
};

export type Purpose = 'investment' | 'fee' | 'expense';
export type Contribution = {
  date: string;
  amount: string;
  partner?: string;
  deal?: string;
  purpose?: Purpose;
  due?: string;
  facilityDraw?: string;
};
export type Distribution = {
  date: string;
  amount: string;
  partner?: string;
  deal?: string;
  kind?: 'ordinary' | 'tax' | 'current-income' | 'in-kind';
  withheld?: string;
  /** The part of its deal's cost that a partial realisation sold, 0 to 1; all of it when missing. */
  costShare?: string;
};
/** What an unrealised deal is worth on a date, and whether the loss is permanent. */
export type Valuation = { date: string; deal: string; value: string; permanent?: boolean };

export type Inputs = {
  contributions: Contribution[];
  distributions: Distribution[];
  valuations?: Valuation[];
  terms?: Partial<Terms>;
};

/** The terms with the defaults of design.md 5 (the first of each further term). */
export const withDefaults = (terms: Partial<Terms> = {}): Terms => ({
  style: 'european',
  lossCarryForward: true,
  hurdleRate: '0.08',
  hurdleAccrual: 'effective',
  dayCount: 'act/365f',
  tierOrder: 'capital-first',
  catchUp: '1.0',
  carry: '0.2',
  carryTierMode: 'marginal',
  overDistribution: 'floor',
  compoundingDate: 'anniversary',
  stub: 'simple',
  prefStart: 'receipt',
  prefBase: 'contributions',
  capitalReturned: 'contributed',
  writeDowns: 'none',
  expensesReturned: 'all',
  partialRealisation: 'whole-deal',
  aggregation: 'fund',
  hurdleFlows: 'lp-net',
  taxDistributions: 'advance-of-carry',
  ...terms,
});

/** The pref rate; 0 when there is no pref. */
export const prefRate = (terms: Terms): Fraction =>
  terms.hurdleRate === null || terms.hurdleAccrual === 'none' ? parse('0') : parse(terms.hurdleRate);
