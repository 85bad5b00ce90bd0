// The input of `stratcap waterfall` in the vocabulary of design.md 5, checked field by field. Unknown fields are refused, since
// a misspelled term would change who gets the money.
import { z } from 'zod';
import { parseLocalDate } from '#domain/dates/local-date.ts';
import { parseMoney } from '#domain/money/money.ts';
import { parseDecimalText } from '#domain/numbers/decimal-text.ts';
import { type Fixed, fixedFromDecimal, ONE } from '#domain/numbers/fixed.ts';
import type { Flows } from '#domain/waterfall/flows.ts';
import type { WaterfallTerms } from '#domain/waterfall/terms.ts';

const MONEY_FIXES = {
  'not-a-decimal': 'give a decimal string such as "1000000.00"',
  'more-than-two-decimals': 'give at most two decimals',
  'out-of-range': 'give at most 18 digits before the point',
} as const;

const text = (fix: string): z.ZodString => z.string({ error: fix });

export const moneySchema = text('give the amount as a decimal string such as "1000000.00"').transform(
  (value, context): bigint => {
    const money = parseMoney(value);
    if (money.kind === 'ok') return money.minor;
    context.addIssue({ code: 'custom', message: `${money.reason}; ${MONEY_FIXES[money.reason]}` });
    return z.NEVER;
  },
);

export const daySchema = text('give the date as a string yyyy-mm-dd').transform((value, context): number => {
  const parsed = parseLocalDate(value);
  if (parsed.kind === 'ok') return parsed.epochDay;
  context.addIssue({ code: 'custom', message: 'not-a-date; give a calendar day as yyyy-mm-dd' });
  return z.NEVER;
});

const decimalSchema = text('give a decimal string such as "0.08"').refine((value) => parseDecimalText(value) !== null, {
  error: 'not-a-decimal; give a decimal string such as "0.08"',
});

const shareSchema = decimalSchema.transform((value, context): Fixed => {
  const decimal = parseDecimalText(value);
  const share = decimal === null ? -1n : fixedFromDecimal(decimal);
  if (share >= 0n && share <= ONE) return share;
  context.addIssue({ code: 'custom', message: 'give a decimal string from 0 to 1' });
  return z.NEVER;
});

const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, { error: `give one of ${values.join(', ')}` });

const CONTRIBUTION = z.strictObject({
  date: daySchema,
  amount: moneySchema,
  partner: text('give the partner as a string').nullish(),
  deal: text('give the deal as a string').nullish(),
  purpose: oneOf('investment', 'fee', 'expense').nullish(),
  due: daySchema.nullish(),
  facilityDraw: daySchema.nullish(),
});

const DISTRIBUTION = z.strictObject({
  date: daySchema,
  amount: moneySchema,
  partner: text('give the partner as a string').nullish(),
  deal: text('give the deal as a string').nullish(),
  kind: oneOf('ordinary', 'tax', 'current-income', 'in-kind').nullish(),
  withheld: moneySchema.nullish(),
  costShare: shareSchema.nullish(),
});

const VALUATION = z.strictObject({
  date: daySchema,
  deal: text('give the deal as a string'),
  value: moneySchema,
  permanent: z.boolean({ error: 'give true or false' }).nullish(),
});

const PARTNER_TERMS = z.strictObject({
  carry: decimalSchema.optional(),
  hurdleRate: decimalSchema.nullish(),
  catchUp: decimalSchema.optional(),
});

/** A term that is null is not given; only a null hurdleRate says something (no pref). */
const withoutNulls = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([name, term]) => term !== null || name === 'hurdleRate'))
    : value;

const TERM_FIELDS = z.strictObject({
  style: oneOf('european', 'american').optional(),
  lossCarryForward: z.boolean({ error: 'give true or false' }).optional(),
  hurdleRate: decimalSchema.nullish(),
  hurdleAccrual: oneOf('effective', 'simple', 'annual', 'quarterly', 'monthly', 'daily', 'continuous', 'none').optional(),
  dayCount: oneOf('act/365f', 'act/360', '30/360', 'act/act').optional(),
  tierOrder: oneOf('capital-first', 'pref-first').optional(),
  catchUp: decimalSchema.optional(),
  carry: decimalSchema.optional(),
  carryByPartner: z.record(z.string(), decimalSchema).optional(),
  carryFreePartners: z.array(text('give partners as strings')).optional(),
  hurdles: z
    .array(
      z.strictObject({
        untilLpIrr: decimalSchema.nullish(),
        untilLpMoic: decimalSchema.nullish(),
        untilGpShare: decimalSchema.nullish(),
        until: oneOf('first', 'both').optional(),
        gp: decimalSchema,
      }),
    )
    .optional(),
  carryTiers: z.array(z.strictObject({ untilLpMoic: decimalSchema.nullish(), carry: decimalSchema })).optional(),
  carryTierMode: oneOf('marginal', 'full-catch-up').optional(),
  overDistribution: oneOf('floor', 'look-back', 'look-back-guarded').optional(),
  clawback: z
    .preprocess(
      withoutNulls,
      z.strictObject({
        test: oneOf('excess-carry', 'hurdle-shortfall', 'greater'),
        taxRate: decimalSchema.optional(),
        escrowRate: decimalSchema.optional(),
        when: oneOf('final', 'annual', 'each-distribution').optional(),
      }),
    )
    .optional(),
  compoundingDate: oneOf('anniversary', 'year-end').optional(),
  stub: oneOf('simple', 'exponent').optional(),
  prefStart: oneOf('receipt', 'due', 'later-of-both', 'facility-draw').optional(),
  prefBase: oneOf('contributions', 'investments').optional(),
  capitalReturned: oneOf('contributed', 'invested', 'committed').optional(),
  committedCapital: decimalSchema.optional(),
  writeDowns: oneOf('none', 'permanent', 'lower-of-cost-or-market').optional(),
  expensesReturned: oneOf('all', 'realised-share', 'none').optional(),
  partialRealisation: oneOf('whole-deal', 'cost-share').optional(),
  aggregation: oneOf('fund', 'partner').optional(),
  partnerTerms: z.record(z.string(), PARTNER_TERMS).optional(),
  hurdleFlows: oneOf('lp-net', 'deal-gross').optional(),
  taxDistributions: oneOf('advance-of-carry', 'none').optional(),
});

const TERMS = z.preprocess(withoutNulls, TERM_FIELDS);

const INPUTS = z.strictObject({
  contributions: z.array(CONTRIBUTION),
  distributions: z.array(DISTRIBUTION),
  valuations: z.array(VALUATION).optional(),
  terms: TERMS,
});

export type WaterfallInputs = { readonly terms: WaterfallTerms; readonly flows: Flows };

/** Checked inputs, amounts as hundredths and dates as epoch days. */
export const waterfallInputsSchema = INPUTS.transform(({ contributions, distributions, valuations, terms }): WaterfallInputs => ({
  terms,
  flows: {
    contributions: contributions.map((entry) => ({
      day: entry.date,
      minor: entry.amount,
      partner: entry.partner ?? null,
      deal: entry.deal ?? null,
      purpose: entry.purpose ?? 'investment',
      dueDay: entry.due ?? null,
      drawDay: entry.facilityDraw ?? null,
    })),
    distributions: distributions.map((entry) => ({
      day: entry.date,
      minor: entry.amount,
      partner: entry.partner ?? null,
      deal: entry.deal ?? null,
      kind: entry.kind ?? 'ordinary',
      costShare: entry.costShare ?? null,
    })),
    valuations: (valuations ?? []).map((entry) => ({
      day: entry.date,
      deal: entry.deal,
      minor: entry.value,
      permanent: entry.permanent ?? false,
    })),
  },
}));
