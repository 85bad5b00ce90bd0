// The vocabulary of a fund's distribution terms: as agreements are written down in files, in the API and in waterfall_configs
// (decimal strings), and as the engine computes with them (fixed-point). Every convention on which funds differ is a term here,
// never a constant.
import type { Fixed } from '../numbers/fixed.ts';
import type { TierOrder } from './balance.ts';
import type { CompoundingDate } from './annual-balance.ts';
import type { DayCount } from './day-count.ts';
import type { Accrual } from './growth.ts';

/** One carry rate until LP receipts reach a multiple of contributions; the last entry has no end. */
export type CarryTierTerms = { readonly untilLpMoic?: string | null | undefined; readonly carry: string };

/**
 * One hurdle: GP share `gp` until the LPs' IRR, their multiple or the GP's share of profit is reached; the last entry has no
 * end.
 */
export type HurdleTerms = {
  readonly untilLpIrr?: string | null | undefined;
  readonly untilLpMoic?: string | null | undefined;
  readonly untilGpShare?: string | null | undefined;
  readonly until?: 'first' | 'both' | undefined;
  readonly gp: string;
};

export type ClawbackTest = 'excess-carry' | 'hurdle-shortfall' | 'greater';
export type ClawbackTime = 'final' | 'annual' | 'each-distribution';

export type ClawbackTerms = {
  readonly test: ClawbackTest;
  readonly taxRate?: string | undefined;
  readonly escrowRate?: string | undefined;
  readonly when?: ClawbackTime | undefined;
};

/** Terms of one partner that differ from the fund's (side letter); a missing one is the fund's. */
export type PartnerTerms = {
  readonly carry?: string | undefined;
  readonly hurdleRate?: string | null | undefined;
  readonly catchUp?: string | undefined;
};

/** All terms, as written. What is missing has the default of design 5. */
export type WaterfallTerms = {
  readonly style?: 'european' | 'american' | undefined;
  readonly lossCarryForward?: boolean | undefined;
  readonly hurdleRate?: string | null | undefined;
  readonly hurdleAccrual?: Accrual | undefined;
  readonly dayCount?: DayCount | undefined;
  readonly tierOrder?: TierOrder | undefined;
  readonly catchUp?: string | undefined;
  readonly carry?: string | undefined;
  readonly carryByPartner?: { readonly [partner: string]: string } | undefined;
  readonly carryFreePartners?: readonly string[] | undefined;
  readonly hurdles?: readonly HurdleTerms[] | undefined;
  readonly carryTiers?: readonly CarryTierTerms[] | undefined;
  readonly carryTierMode?: 'marginal' | 'full-catch-up' | undefined;
  readonly overDistribution?: 'floor' | 'look-back' | 'look-back-guarded' | undefined;
  readonly clawback?: ClawbackTerms | undefined;
  readonly compoundingDate?: CompoundingDate | undefined;
  readonly stub?: 'simple' | 'exponent' | undefined;
  readonly prefStart?: 'receipt' | 'due' | 'later-of-both' | 'facility-draw' | undefined;
  readonly prefBase?: 'contributions' | 'investments' | undefined;
  readonly capitalReturned?: 'contributed' | 'invested' | 'committed' | undefined;
  readonly committedCapital?: string | undefined;
  readonly writeDowns?: 'none' | 'permanent' | 'lower-of-cost-or-market' | undefined;
  readonly expensesReturned?: 'all' | 'realised-share' | 'none' | undefined;
  readonly partialRealisation?: 'whole-deal' | 'cost-share' | undefined;
  readonly aggregation?: 'fund' | 'partner' | undefined;
  readonly partnerTerms?: { readonly [partner: string]: PartnerTerms } | undefined;
  readonly hurdleFlows?: 'lp-net' | 'deal-gross' | undefined;
  readonly taxDistributions?: 'advance-of-carry' | 'none' | undefined;
};

export type CarryStep = { readonly untilLpMoic: Fixed | null; readonly carry: Fixed };

/** What ends a hurdle tier; all null: nothing does. */
export type Hurdle = {
  readonly untilLpIrr: Fixed | null;
  readonly untilLpMoic: Fixed | null;
  readonly untilGpShare: Fixed | null;
  readonly until: 'first' | 'both';
  readonly gp: Fixed;
};

export type Clawback = {
  readonly test: ClawbackTest;
  readonly taxRate: Fixed;
  readonly escrowRate: Fixed | null;
  readonly when: ClawbackTime;
};

/**
 * The terms of one waterfall, complete and checked. `hurdles` is null unless the fund has hurdles instead of pref, catch-up and
 * carry.
 */
export type Terms = {
  readonly style: 'european' | 'american';
  readonly lossCarryForward: boolean;
  readonly hurdleRate: Fixed | null;
  readonly hurdleAccrual: Accrual;
  readonly dayCount: DayCount;
  readonly tierOrder: TierOrder;
  readonly catchUp: Fixed;
  readonly carry: Fixed;
  readonly carrySteps: readonly CarryStep[];
  readonly laterTiersCatchUp: boolean;
  readonly hurdles: readonly Hurdle[] | null;
  readonly overDistribution: 'floor' | 'look-back' | 'look-back-guarded';
  readonly clawback: Clawback | null;
  readonly compoundingDate: CompoundingDate;
  readonly stub: 'simple' | 'exponent';
  readonly prefStart: 'receipt' | 'due' | 'later-of-both' | 'facility-draw';
  readonly prefBase: 'contributions' | 'investments';
  readonly capitalReturned: 'contributed' | 'invested' | 'committed';
  readonly committedCapital: Fixed | null;
  readonly writeDowns: 'none' | 'permanent' | 'lower-of-cost-or-market';
  readonly expensesReturned: 'all' | 'realised-share' | 'none';
  readonly partialRealisation: 'whole-deal' | 'cost-share';
  readonly hurdleFlows: 'lp-net' | 'deal-gross';
  readonly taxDistributions: 'advance-of-carry' | 'none';
};

/** How the partners stand to the waterfall: who is free of carry, and who has a waterfall and terms of its own. */
export type PartnerRules = {
  readonly carryFree: ReadonlySet<string>;
  readonly eachAlone: boolean;
  readonly termsOf: (partner: string) => Terms;
};

/** Why terms or flows cannot be run; `field` is the path in the input. */
export type WaterfallError = {
  readonly kind: 'error';
  readonly reason: string;
  readonly field: string;
  readonly message: string;
};

export const waterfallError = (reason: string, field: string, message: string): WaterfallError => ({
  kind: 'error',
  reason,
  field,
  message,
});
