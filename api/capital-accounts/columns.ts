// Columns of a capital account as every feature reads and shows them: the words of stratcap.fact.CapitalAccount.
import { z } from 'zod';
import { dateText } from '../database.ts';
import { localDate, money, moneyOrUnknown, multiple } from '../shapes.ts';

/** The figures of one capital account. */
export const accountFigures = z.object({
  currency: z.string().describe('ISO 4217 code of every amount in this object.'),
  as_of_date: localDate.describe('Latest effective date of what it contains.'),
  earliest_as_of_date: localDate.describe(
    'Earliest date up to which one of its parts is known; other than as_of_date in a total over different dates.',
  ),
  commitments: z.number().int(),
  committed_amount: money,
  called_amount: moneyOrUnknown,
  distributed_amount: moneyOrUnknown,
  remaining_value: moneyOrUnknown,
  total_value: moneyOrUnknown,
  unfunded_amount: moneyOrUnknown,
  called_unknown: z.number().int().describe('Commitments whose called capital is unknown: the sum is without them.'),
  distributed_unknown: z.number().int().describe('Commitments whose distributions are unknown.'),
  remaining_unknown: z.number().int().describe('Commitments whose net asset value is unknown.'),
  pic: multiple,
  dpi: multiple,
  rvpi: multiple,
  tvpi: multiple,
  irr: z.string().nullable().describe('Net IRR from dated flows, a decimal fraction; null where irr_status says why.'),
  irr_status: z.string(),
  reported_irr: z.string().nullable().describe('As the source publishes it; kept, never used.'),
  reported_multiple: z.string().nullable().describe('As the source publishes it; kept, never used.'),
});
export type AccountFigures = z.output<typeof accountFigures>;

const texts = [
  'committed_amount',
  'called_amount',
  'distributed_amount',
  'remaining_value',
  'total_value',
  'unfunded_amount',
  'pic',
  'dpi',
  'rvpi',
  'tvpi',
  'irr',
  'reported_irr',
  'reported_multiple',
] as const;
const plain = ['currency', 'commitments', 'called_unknown', 'distributed_unknown', 'remaining_unknown', 'irr_status'] as const;

/** SELECT list of the figures of capital_accounts under `alias`; money and multiples leave the store as text. */
export const accountColumns = (alias: string): string =>
  [
    ...texts.map((name) => `${alias}.${name}::text AS ${name}`),
    ...plain.map((name) => `${alias}.${name} AS ${name}`),
    `${dateText(`${alias}.as_of_date`)} AS as_of_date`,
    `${dateText(`${alias}.earliest_as_of_date`)} AS earliest_as_of_date`,
  ].join(', ');
