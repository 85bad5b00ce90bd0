// Funds as the API shows them.
import { z } from 'zod';
import { accountFigures } from '../capital-accounts/columns.ts';
import { accountRow } from '../capital-accounts/query.ts';
import { toApiTotal, totalView } from '../capital-accounts/totals.ts';
import { finding } from '../findings/columns.ts';
import { meta, money } from '../shapes.ts';
import type { FundRow, FundTotalRow } from './query.ts';
import { fundCardRow, fundTermRow } from './query.ts';

const card = fundCardRow.pick({
  fund_id: true,
  fund_name: true,
  fund_type: true,
  fund_status: true,
  base_currency: true,
  vintage_year: true,
  fund_manager: true,
  investment_strategy: true,
  sub_strategy: true,
  geography: true,
});

/** A fund in a list: its card, the account of the whole fund (null before the first commitment) and what to look at. */
export const fundListItem = card
  .extend({
    account: accountFigures.nullable().describe('Capital account of the whole fund; null while nobody committed.'),
    investors: z.number().int(),
    findings: z.number().int().describe('Warnings and notes of rules about the fund and what is in it.'),
    warnings: z.number().int().describe('Of these, warnings.'),
  })
  .meta({ id: 'FundListItem' });
export type FundListItem = z.output<typeof fundListItem>;

export const fundListReply = z.object({ funds: z.array(fundListItem), next_cursor: z.string().nullable(), meta });
export type FundListReply = z.output<typeof fundListReply>;

export const fundTotalsReply = z.object({
  funds: z.number().int().describe('Funds in the selection, those without a commitment included.'),
  totals: z.array(totalView.extend({ currency: z.string() })),
  by_vintage: z.array(totalView.extend({ currency: z.string(), vintage_year: z.number().int().nullable() })),
  strategies: z.array(z.string()).describe('Strategies in use, over all funds.'),
  meta,
});
export type FundTotalsReply = z.output<typeof fundTotalsReply>;

export const fundReply = z.object({
  fund: fundCardRow.extend({ fund_size: money.nullable(), target_size: money.nullable() }),
  account: accountFigures.nullable().describe('Capital account of the whole fund.'),
  capital_accounts: z.array(accountRow).describe('Capital accounts of its investors, by name.'),
  terms: z.array(fundTermRow),
  findings: z.array(finding),
  meta,
});
export type FundReply = z.output<typeof fundReply>;

const cardNames = Object.keys(card.shape) as (keyof typeof card.shape)[];
const figureNames = Object.keys(accountFigures.shape) as (keyof typeof accountFigures.shape)[];

/** A row of the list: card and account apart; a fund without an account has null for it, never zeros. */
export const toApiFundListItem = (row: FundRow): FundListItem => ({
  ...card.parse(Object.fromEntries(cardNames.map((name) => [name, row[name]]))),
  account:
    row.committed_amount === null ? null : accountFigures.parse(Object.fromEntries(figureNames.map((name) => [name, row[name]]))),
  investors: row.investors,
  findings: row.findings,
  warnings: row.warnings,
});

/** Sums per currency and per vintage with their multiples. */
export const toApiFundTotals = (rows: readonly FundTotalRow[]): Pick<FundTotalsReply, 'totals' | 'by_vintage'> => ({
  totals: rows
    .filter((row) => row.level === 'currency')
    .map((row) => {
      const { level: _level, currency, vintage_year: _year, ...sums } = row;
      return { currency, ...toApiTotal(sums) };
    }),
  by_vintage: rows
    .filter((row) => row.level === 'vintage_year')
    .map((row) => {
      const { level: _level, currency, vintage_year, ...sums } = row;
      return { currency, vintage_year, ...toApiTotal(sums) };
    }),
});
