// Totals over many capital accounts: sums of what is known with the number of parts that are not, and multiples from summed parts only,
// over the accounts that are wholly known. Never an average of ratios.
import { z } from 'zod';
import { ratio } from '#domain/capital-accounts/ratio.ts';
import { parseMoney } from '#domain/money/money.ts';
import { dateText } from '../database.ts';
import { localDate, money, moneyOrUnknown, multiple } from '../shapes.ts';

const count = z.coerce.number().int();

/** One row of sums, as SQL gives it by `totalColumns`. */
export const totalRow = z.object({
  funds: count,
  investors: count,
  accounts: count,
  commitments: count,
  complete_accounts: count,
  committed_amount: money,
  called_amount: moneyOrUnknown,
  distributed_amount: moneyOrUnknown,
  remaining_value: moneyOrUnknown,
  unfunded_amount: moneyOrUnknown,
  called_unknown: count,
  distributed_unknown: count,
  remaining_unknown: count,
  complete_committed: moneyOrUnknown,
  complete_called: moneyOrUnknown,
  complete_distributed: moneyOrUnknown,
  complete_remaining: moneyOrUnknown,
  as_of_date: localDate.nullable(),
  earliest_as_of_date: localDate.nullable(),
});
export type TotalRow = z.output<typeof totalRow>;

const complete = (alias: string): string =>
  `${alias}.called_unknown = 0 AND ${alias}.distributed_unknown = 0 AND ${alias}.remaining_unknown = 0`;

/** SELECT list of the sums over rows of capital_accounts (one per investor in a fund) under `alias`. */
export const totalColumns = (alias: string): string =>
  [
    `count(DISTINCT ${alias}.fund_id) AS funds`,
    `count(DISTINCT ${alias}.investor_id) AS investors`,
    'count(*) AS accounts',
    `coalesce(sum(${alias}.commitments), 0) AS commitments`,
    `count(*) FILTER (WHERE ${complete(alias)}) AS complete_accounts`,
    `coalesce(sum(${alias}.committed_amount), 0.00)::text AS committed_amount`,
    ...['called_amount', 'distributed_amount', 'remaining_value', 'unfunded_amount'].map(
      (name) => `sum(${alias}.${name})::text AS ${name}`,
    ),
    ...['called_unknown', 'distributed_unknown', 'remaining_unknown'].map(
      (name) => `coalesce(sum(${alias}.${name}), 0) AS ${name}`,
    ),
    ...[
      ['committed_amount', 'complete_committed'],
      ['called_amount', 'complete_called'],
      ['distributed_amount', 'complete_distributed'],
      ['remaining_value', 'complete_remaining'],
    ].map(([name, as]) => `sum(${alias}.${name}) FILTER (WHERE ${complete(alias)})::text AS ${as}`),
    `${dateText(`max(${alias}.as_of_date)`)} AS as_of_date`,
    `${dateText(`min(${alias}.earliest_as_of_date)`)} AS earliest_as_of_date`,
  ].join(', ');

/** A total as the API shows it. */
export const totalView = z.object({
  funds: z.number().int(),
  investors: z.number().int(),
  commitments: z.number().int(),
  committed_amount: money,
  called_amount: moneyOrUnknown,
  distributed_amount: moneyOrUnknown,
  remaining_value: moneyOrUnknown,
  unfunded_amount: moneyOrUnknown.describe('Sum of what can still be called, where called is known.'),
  called_unknown: z.number().int(),
  distributed_unknown: z.number().int(),
  remaining_unknown: z.number().int(),
  pic: multiple,
  dpi: multiple,
  rvpi: multiple,
  tvpi: multiple,
  accounts: z.number().int().describe('Capital accounts in the sums.'),
  multiples_over: z
    .number()
    .int()
    .describe(
      'Capital accounts that the multiples are computed over: those whose called, distributed and remaining are wholly known.',
    ),
  as_of_date: localDate.nullable(),
  earliest_as_of_date: localDate.nullable(),
});
export type TotalView = z.output<typeof totalView>;

const minorOf = (text: string | null): bigint => {
  const parsed = parseMoney(text ?? '0');
  if (parsed.kind === 'error') throw new Error(`the store gave "${String(text)}" as money: ${parsed.reason}`);
  return parsed.minor;
};

/** The total with its multiples: sums of the wholly known accounts divided, ten decimals (domain/capital-accounts/ratio.ts). */
export const toApiTotal = (row: TotalRow): TotalView => {
  const committed = minorOf(row.complete_committed);
  const called = minorOf(row.complete_called);
  const distributed = minorOf(row.complete_distributed);
  const remaining = minorOf(row.complete_remaining);
  const {
    complete_committed: _c,
    complete_called: _l,
    complete_distributed: _d,
    complete_remaining: _r,
    complete_accounts,
    ...sums
  } = row;
  return {
    ...sums,
    pic: ratio(called, committed),
    dpi: ratio(distributed, called),
    rvpi: ratio(remaining, called),
    tvpi: ratio(distributed + remaining, called),
    multiples_over: complete_accounts,
  };
};
