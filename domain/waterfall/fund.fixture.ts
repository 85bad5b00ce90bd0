// Funds for the tests of this folder, written as an accountant would: date, amount, deal.
import { toEpochDay } from '../dates/local-date.ts';
import { parseMoney } from '../money/money.ts';
import type { Contribution, Distribution, Flows } from './flows.ts';
import { toWaterfallText, type WaterfallText } from './result-text.ts';
import { runWaterfall } from './run-waterfall.ts';
import type { WaterfallTerms } from './terms.ts';

type Row = { readonly date: string; readonly amount: string } & Partial<
  Omit<Contribution & Distribution, 'day' | 'minor' | 'dueDay' | 'drawDay'>
> & {
    readonly due?: string;
    readonly facilityDraw?: string;
  };

export const cents = (amount: string): bigint => {
  const money = parseMoney(amount);
  if (money.kind === 'error') throw new Error(`${amount}: ${money.reason}`);
  return money.minor;
};

const contribution = (row: Row): Contribution => ({
  day: toEpochDay(row.date),
  minor: cents(row.amount),
  partner: row.partner ?? null,
  deal: row.deal ?? null,
  purpose: row.purpose ?? 'investment',
  dueDay: row.due === undefined ? null : toEpochDay(row.due),
  drawDay: row.facilityDraw === undefined ? null : toEpochDay(row.facilityDraw),
});

const distribution = (row: Row): Distribution => ({
  day: toEpochDay(row.date),
  minor: cents(row.amount),
  partner: row.partner ?? null,
  deal: row.deal ?? null,
  kind: row.kind ?? 'ordinary',
  costShare: row.costShare ?? null,
});

export type FundRows = {
  readonly contributions: readonly Row[];
  readonly distributions: readonly Row[];
  readonly valuations?: readonly {
    readonly date: string;
    readonly deal: string;
    readonly amount: string;
    readonly permanent?: boolean;
  }[];
};

export const flowsOf = ({ contributions, distributions, valuations = [] }: FundRows): Flows => ({
  contributions: contributions.map(contribution),
  distributions: distributions.map(distribution),
  valuations: valuations.map(({ date, deal, amount, permanent }) => ({
    day: toEpochDay(date),
    deal,
    minor: cents(amount),
    permanent: permanent ?? false,
  })),
});

/** The result as text; an error throws with its message. */
export const runFund = (terms: WaterfallTerms, rows: FundRows): WaterfallText => {
  const run = runWaterfall(terms, flowsOf(rows));
  if (run.kind === 'error') throw new Error(`${run.reason}: ${run.message}`);
  return toWaterfallText(run.result);
};

/** LP and GP totals of each distribution, in order. */
export const totalsPerDate = (result: WaterfallText): readonly (readonly [string, string, string])[] =>
  (result.perDistribution ?? []).map(({ date, lpTotal, gpTotal }) => [date, lpTotal, gpTotal]);
