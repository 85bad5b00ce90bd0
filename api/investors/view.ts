// Investors as the API shows them: totals per currency come from summed parts.
import { z } from 'zod';
import { accountRow } from '../capital-accounts/query.ts';
import type { currencyTotalRow } from '../capital-accounts/query.ts';
import { toApiTotal, totalView } from '../capital-accounts/totals.ts';
import { finding } from '../findings/columns.ts';
import { meta } from '../shapes.ts';
import { bankAccountRow, investorCardRow, investorRow } from './query.ts';

export const currencyTotal = totalView.extend({ currency: z.string() }).meta({ id: 'CurrencyTotal' });
export type CurrencyTotal = z.output<typeof currencyTotal>;

export const investorListReply = z.object({
  investors: z.array(
    investorRow.extend({ totals: z.array(currencyTotal).describe('One per currency; empty before the first commitment.') }),
  ),
  next_cursor: z.string().nullable(),
  meta,
});
export type InvestorListReply = z.output<typeof investorListReply>;

export const investorReply = z.object({
  investor: investorCardRow.describe('Personal fields are masked.'),
  totals: z.array(currencyTotal),
  capital_accounts: z.array(accountRow).describe('Its capital accounts, one per fund, by name.'),
  bank_accounts: z.array(bankAccountRow).describe('Masked.'),
  findings: z.array(finding),
  meta,
});
export type InvestorReply = z.output<typeof investorReply>;

/** A sum of one currency with its multiples. */
export const toApiCurrencyTotal = (row: z.output<typeof currencyTotalRow>): CurrencyTotal => {
  const { currency, ...sums } = row;
  return { currency, ...toApiTotal(sums) };
};
