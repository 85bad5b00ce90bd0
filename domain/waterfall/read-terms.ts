// Terms as written become terms to compute with: defaults filled in, decimals exact, contradictions refused by name.
import { type Fixed, fixedFromDecimal, ONE } from '../numbers/fixed.ts';
import { parseDecimalText } from '../numbers/decimal-text.ts';
import {
  type CarryStep,
  type Clawback,
  type Hurdle,
  type PartnerRules,
  type PartnerTerms,
  type Terms,
  type WaterfallError,
  waterfallError,
  type WaterfallTerms,
} from './terms.ts';

type Problems = WaterfallError[];
type Range = { readonly most: Fixed | null; readonly what: string };

const SHARE: Range = { most: ONE, what: 'a decimal string from 0 to 1, such as 0.2 for 20 %' };
const SHARE_BELOW_ONE: Range = { most: ONE - 1n, what: 'a decimal string from 0 to below 1, such as 0.2' };
const NOT_NEGATIVE: Range = { most: null, what: 'a decimal string of 0 or more, such as 0.08' };

const readNumber = (text: string, field: string, range: Range, problems: Problems): Fixed => {
  const decimal = parseDecimalText(text);
  const value = decimal === null ? null : fixedFromDecimal(decimal);
  if (value !== null && value >= 0n && (range.most === null || value <= range.most)) return value;
  problems.push(waterfallError('invalid-term', field, `${field} is '${text}'; give ${range.what}`));
  return 0n;
};

const readOptional = (text: string | null | undefined, field: string, range: Range, problems: Problems): Fixed | null =>
  text === null || text === undefined ? null : readNumber(text, field, range, problems);

const readCarrySteps = (raw: WaterfallTerms, carry: Fixed, problems: Problems): readonly CarryStep[] => {
  if (raw.carryTiers === undefined) return [{ untilLpMoic: null, carry }];
  const steps = raw.carryTiers.map((tier, index) => ({
    untilLpMoic: readOptional(tier.untilLpMoic, `terms.carryTiers[${index}].untilLpMoic`, NOT_NEGATIVE, problems),
    carry: readNumber(tier.carry, `terms.carryTiers[${index}].carry`, SHARE, problems),
  }));
  steps.forEach((step, index) => {
    const last = index === steps.length - 1;
    if ((step.untilLpMoic === null) === last) return;
    const field = `terms.carryTiers[${index}].untilLpMoic`;
    problems.push(
      waterfallError(
        'carry-tier-end',
        field,
        `${field} must ${last ? 'be left out, since the last tier takes the rest' : 'be given, since only the last tier has no end'}`,
      ),
    );
  });
  if (steps.length === 0)
    problems.push(
      waterfallError('carry-tier-end', 'terms.carryTiers', 'terms.carryTiers is empty; give at least one tier with its carry'),
    );
  return steps;
};

const readHurdles = (raw: WaterfallTerms, problems: Problems): readonly Hurdle[] | null => {
  if (raw.hurdles === undefined) return null;
  const hurdles = raw.hurdles.map((hurdle, index): Hurdle => {
    const field = `terms.hurdles[${index}]`;
    const ends = [hurdle.untilLpIrr, hurdle.untilLpMoic, hurdle.untilGpShare].some((end) => end !== null && end !== undefined);
    const last = index === (raw.hurdles?.length ?? 0) - 1;
    if (ends === last) {
      const fix = last
        ? 'must have no end (untilLpIrr null), since it takes the rest'
        : 'needs untilLpIrr, untilLpMoic or untilGpShare, since only the last hurdle takes the rest';
      problems.push(waterfallError('hurdle-end', field, `${field} ${fix}`));
    }
    // A tier that gives the LPs nothing can only end at the GP's share: it is a catch-up of 100 %.
    const lpEnds = [hurdle.untilLpIrr, hurdle.untilLpMoic].some((end) => end !== null && end !== undefined);
    const gp = readNumber(hurdle.gp, `${field}.gp`, last || !lpEnds ? SHARE : SHARE_BELOW_ONE, problems);
    return {
      untilLpIrr: readOptional(hurdle.untilLpIrr, `${field}.untilLpIrr`, NOT_NEGATIVE, problems),
      untilLpMoic: readOptional(hurdle.untilLpMoic, `${field}.untilLpMoic`, NOT_NEGATIVE, problems),
      untilGpShare: readOptional(hurdle.untilGpShare, `${field}.untilGpShare`, SHARE, problems),
      until: hurdle.until ?? 'first',
      gp,
    };
  });
  if (hurdles.length === 0)
    problems.push(
      waterfallError('hurdle-end', 'terms.hurdles', 'terms.hurdles is empty; give at least one hurdle with its gp share'),
    );
  return hurdles;
};

const readClawback = (raw: WaterfallTerms, problems: Problems): Clawback | null => {
  if (raw.clawback === undefined) return null;
  for (const other of ['hurdles', 'carryTiers'] as const) {
    if (raw[other] === undefined) continue;
    problems.push(
      waterfallError(
        `clawback-with-${other === 'hurdles' ? 'hurdles' : 'carry-tiers'}`,
        'terms.clawback',
        `terms.clawback cannot be used with terms.${other}: its tests know one carry rate and one pref; leave one of the two out`,
      ),
    );
  }
  return {
    test: raw.clawback.test,
    taxRate: readOptional(raw.clawback.taxRate, 'terms.clawback.taxRate', SHARE, problems) ?? 0n,
    escrowRate: readOptional(raw.clawback.escrowRate, 'terms.clawback.escrowRate', SHARE, problems),
    when: raw.clawback.when ?? 'final',
  };
};

const CONTRADICTIONS: readonly (readonly [keyof WaterfallTerms, keyof WaterfallTerms, string])[] = [
  ['hurdles', 'carryTiers', 'hurdles-with-carry-tiers'],
  ['hurdles', 'carryByPartner', 'hurdles-with-carry-by-partner'],
  ['carryTiers', 'carryByPartner', 'carry-tiers-with-carry-by-partner'],
];

const checkTogether = (raw: WaterfallTerms, problems: Problems): void => {
  for (const [one, other, reason] of CONTRADICTIONS) {
    if (raw[one] !== undefined && raw[other] !== undefined)
      problems.push(
        waterfallError(reason, `terms.${other}`, `terms.${other} and terms.${one} exclude each other; leave one of them out`),
      );
  }
  if (raw.capitalReturned === 'committed' && raw.committedCapital === undefined) {
    problems.push(
      waterfallError(
        'committed-capital-missing',
        'terms.committedCapital',
        'terms.capitalReturned is committed; give terms.committedCapital as an amount',
      ),
    );
  }
};

const readOne = (raw: WaterfallTerms, problems: Problems): Terms => {
  const carry = readNumber(raw.carry ?? '0.2', 'terms.carry', SHARE, problems);
  const hurdleRate = raw.hurdleRate === undefined ? '0.08' : raw.hurdleRate;
  const committed = readOptional(raw.committedCapital, 'terms.committedCapital', NOT_NEGATIVE, problems);
  return {
    style: raw.style ?? 'european',
    lossCarryForward: raw.lossCarryForward ?? true,
    hurdleRate: readOptional(hurdleRate, 'terms.hurdleRate', NOT_NEGATIVE, problems),
    hurdleAccrual: raw.hurdleAccrual ?? 'effective',
    dayCount: raw.dayCount ?? 'act/365f',
    tierOrder: raw.tierOrder ?? 'capital-first',
    catchUp: readNumber(raw.catchUp ?? '1.0', 'terms.catchUp', SHARE, problems),
    carry,
    carrySteps: readCarrySteps(raw, carry, problems),
    laterTiersCatchUp: raw.carryTierMode === 'full-catch-up',
    hurdles: readHurdles(raw, problems),
    overDistribution: raw.overDistribution ?? 'floor',
    clawback: readClawback(raw, problems),
    compoundingDate: raw.compoundingDate ?? 'anniversary',
    stub: raw.stub ?? 'simple',
    prefStart: raw.prefStart ?? 'receipt',
    prefBase: raw.prefBase ?? 'contributions',
    capitalReturned: raw.capitalReturned ?? 'contributed',
    committedCapital: committed === null ? null : committed * 100n,
    writeDowns: raw.writeDowns ?? 'none',
    expensesReturned: raw.expensesReturned ?? 'all',
    partialRealisation: raw.partialRealisation ?? 'whole-deal',
    hurdleFlows: raw.hurdleFlows ?? 'lp-net',
    taxDistributions: raw.taxDistributions ?? 'advance-of-carry',
  };
};

export type ReadTerms = { readonly kind: 'ok'; readonly terms: Terms; readonly partners: PartnerRules };

/**
 * Reads written terms. The first problem comes back as a named error with its field and fix: clawback with hurdles or
 * carryTiers, two ways of carry at once, a tier without an end before the last, a share outside 0 to 1.
 */
export const readTerms = (raw: WaterfallTerms): ReadTerms | WaterfallError => {
  const problems: Problems = [];
  const terms = readOne(raw, problems);
  checkTogether(raw, problems);
  const partnerTerms = new Map<string, Terms>();
  const own: { readonly [partner: string]: PartnerTerms } = raw.partnerTerms ?? {};
  const carries: { readonly [partner: string]: string } = raw.carryByPartner ?? {};
  for (const partner of new Set([...Object.keys(own), ...Object.keys(carries)])) {
    const changed: PartnerTerms = { ...(carries[partner] === undefined ? {} : { carry: carries[partner] }), ...own[partner] };
    partnerTerms.set(partner, readOne({ ...raw, ...changed }, problems));
  }
  const [problem] = problems;
  if (problem !== undefined) return problem;
  const partners: PartnerRules = {
    carryFree: new Set(raw.carryFreePartners ?? []),
    eachAlone: raw.carryByPartner !== undefined || raw.partnerTerms !== undefined || raw.aggregation === 'partner',
    termsOf: (partner) => partnerTerms.get(partner) ?? terms,
  };
  return { kind: 'ok', terms, partners };
};
