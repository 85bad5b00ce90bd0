// Waterfall terms as they come in a term of the agreement: JSON text in the vocabulary of design.md 5, checked before it is adopted.
import type { FundCard } from '../messages.ts';
import { readTerms } from '../waterfall/read-terms.ts';
import { type PartnerTerms, type WaterfallError, waterfallError, type WaterfallTerms } from '../waterfall/terms.ts';

type Check = 'text' | 'text-or-null' | 'boolean' | 'list' | 'object' | readonly string[];

const checks: Readonly<Record<keyof WaterfallTerms, Check>> = {
  style: ['european', 'american'],
  lossCarryForward: 'boolean',
  hurdleRate: 'text-or-null',
  hurdleAccrual: ['effective', 'simple', 'annual', 'quarterly', 'monthly', 'daily', 'continuous', 'none'],
  dayCount: ['act/365f', 'act/360', '30/360', 'act/act'],
  tierOrder: ['capital-first', 'pref-first'],
  catchUp: 'text',
  carry: 'text',
  carryByPartner: 'object',
  carryFreePartners: 'list',
  hurdles: 'list',
  carryTiers: 'list',
  carryTierMode: ['marginal', 'full-catch-up'],
  overDistribution: ['floor', 'look-back', 'look-back-guarded'],
  clawback: 'object',
  compoundingDate: ['anniversary', 'year-end'],
  stub: ['simple', 'exponent'],
  prefStart: ['receipt', 'due', 'later-of-both', 'facility-draw'],
  prefBase: ['contributions', 'investments'],
  capitalReturned: ['contributed', 'invested', 'committed'],
  committedCapital: 'text',
  writeDowns: ['none', 'permanent', 'lower-of-cost-or-market'],
  expensesReturned: ['all', 'realised-share', 'none'],
  partialRealisation: ['whole-deal', 'cost-share'],
  aggregation: ['fund', 'partner'],
  partnerTerms: 'object',
  hurdleFlows: ['lp-net', 'deal-gross'],
  taxDistributions: ['advance-of-carry', 'none'],
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fits = (check: Check, value: unknown): boolean => {
  if (typeof check !== 'string') return check.includes(value as string);
  switch (check) {
    case 'text':
      return typeof value === 'string';
    case 'text-or-null':
      return value === null || typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
  }
};

const wanted = (check: Check): string => {
  if (typeof check !== 'string') return `one of ${check.join(', ')}`;
  return {
    text: 'a decimal string',
    'text-or-null': 'a decimal string or null',
    boolean: 'true or false',
    list: 'a list',
    object: 'an object',
  }[check];
};

const invalid = (field: string, message: string): WaterfallError => waterfallError('invalid-term', field, message);

const shapeError = (value: unknown, allowed: readonly string[]): WaterfallError | null => {
  if (!isObject(value)) return invalid('terms', 'the terms are not a JSON object; write them as { "hurdleRate": "0.08", … }');
  for (const [key, entry] of Object.entries(value)) {
    const check = allowed.includes(key) ? checks[key as keyof WaterfallTerms] : undefined;
    if (check === undefined) return invalid(`terms.${key}`, `terms.${key} is no term; known are ${allowed.join(', ')}`);
    if (!fits(check, entry)) return invalid(`terms.${key}`, `terms.${key} is ${JSON.stringify(entry)}; give ${wanted(check)}`);
  }
  return null;
};

export type ParsedTerms<Terms> = { readonly kind: 'ok'; readonly terms: Terms } | WaterfallError;

const parsed = <Terms extends PartnerTerms & WaterfallTerms>(text: string, allowed: readonly string[]): ParsedTerms<Terms> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid('terms', 'the terms are not JSON; write them as { "hurdleRate": "0.08", … }');
  }
  const error = shapeError(value, allowed);
  if (error !== null) return error;
  const read = readTerms(value as WaterfallTerms);
  return read.kind === 'error' ? read : { kind: 'ok', terms: value as Terms };
};

/** Terms of a fund: every key of the vocabulary. The first problem is named with its field and the fix. */
export const parseWaterfallTerms = (text: string): ParsedTerms<WaterfallTerms> => parsed(text, Object.keys(checks));

/** What one investor agreed for itself: carry, hurdleRate, catchUp. */
export const parseSideLetter = (text: string): ParsedTerms<PartnerTerms> => parsed(text, ['carry', 'hurdleRate', 'catchUp']);

/** Terms of a fund that has adopted none: the defaults, with the rates that its card names. */
export const termsOfCard = ({ carried_interest_rate, hurdle_rate, catch_up_provision }: FundCard): WaterfallTerms => ({
  ...(carried_interest_rate === null ? {} : { carry: carried_interest_rate }),
  ...(hurdle_rate === null ? {} : { hurdleRate: hurdle_rate }),
  ...(catch_up_provision === false ? { catchUp: '0' } : {}),
});
