// SQL of the capital accounts: of one fund, of one investor, or all by keyset.
import { z } from 'zod';
import type { Snapshot } from '../database.ts';
import { createParameters } from '../database.ts';
import type { KeysetOrder } from '../keyset.ts';
import { afterRow, orderBy } from '../keyset.ts';
import { accountColumns, accountFigures } from './columns.ts';
import { totalColumns, totalRow } from './totals.ts';

/** An account with the names of its fund and investor, and the fields of its commitments that were assumed. */
export const accountRow = accountFigures.extend({
  fund_id: z.string(),
  investor_id: z.string().nullable(),
  fund_name: z.string(),
  investor_name: z.string().nullable(),
  vintage_year: z.number().int().nullable(),
  investment_strategy: z.string().nullable(),
  assumed_fields: z.array(z.string()),
  commitment_id: z.string().nullable().describe('The commitment behind it when it is the only one.'),
});
export type AccountRow = z.output<typeof accountRow>;

const select = `
  SELECT a.fund_id, a.investor_id, f.fund_name, i.investor_name, f.vintage_year, f.investment_strategy, ${accountColumns('a')},
         coalesce((SELECT array_agg(DISTINCT field ORDER BY field) FROM commitments c, unnest(c.assumed_fields) AS field
                    WHERE c.fund_id = a.fund_id AND (a.investor_id IS NULL OR c.investor_id = a.investor_id)), '{}') AS assumed_fields,
         (SELECT CASE WHEN count(*) = 1 THEN min(c.commitment_id::text) END FROM commitments c WHERE c.fund_id = a.fund_id AND c.investor_id = a.investor_id) AS commitment_id
    FROM capital_accounts a JOIN funds f USING (fund_id) LEFT JOIN investors i ON i.investor_id = a.investor_id`;

/** The accounts of a fund: its investors by name, and the whole fund as the row without an investor. */
export const accountsOfFund = (snapshot: Snapshot, fundId: string): Promise<readonly AccountRow[]> =>
  snapshot.rows(accountRow, `${select} WHERE a.fund_id = $1 ORDER BY i.investor_name NULLS LAST, a.investor_id`, [fundId]);

/** The accounts of an investor, one per fund, by name of the fund. */
export const accountsOfInvestor = (snapshot: Snapshot, investorId: string): Promise<readonly AccountRow[]> =>
  snapshot.rows(accountRow, `${select} WHERE a.investor_id = $1 ORDER BY f.fund_name, a.fund_id`, [investorId]);

export const currencyTotalRow = totalRow.extend({ currency: z.string() });

/** Sums of an investor's accounts per currency. */
export const totalsOfInvestor = (snapshot: Snapshot, investorId: string): Promise<readonly z.output<typeof currencyTotalRow>[]> =>
  snapshot.rows(
    currencyTotalRow,
    `SELECT a.currency, ${totalColumns('a')} FROM capital_accounts a WHERE a.investor_id = $1 GROUP BY a.currency ORDER BY a.currency`,
    [investorId],
  );

export interface AccountListQuestion {
  readonly fund_id?: string | undefined;
  readonly investor_id?: string | undefined;
  readonly limit: number;
  readonly after: readonly (string | number | null)[] | null;
}

/** One page of investors' accounts in the order of fund and investor, and one row more. */
export const listAccounts = (snapshot: Snapshot, question: AccountListQuestion): Promise<readonly AccountRow[]> => {
  const { add, values } = createParameters();
  const order: KeysetOrder = { column: 'a.fund_id', type: 'uuid', direction: 'asc', id: 'a.investor_id' };
  const found = ['a.investor_id IS NOT NULL'];
  if (question.fund_id !== undefined) found.push(`a.fund_id = ${add(question.fund_id)}`);
  if (question.investor_id !== undefined) found.push(`a.investor_id = ${add(question.investor_id)}`);
  if (question.after !== null) found.push(afterRow(order, question.after, add));
  return snapshot.rows(
    accountRow,
    `${select} WHERE ${found.join(' AND ')} ORDER BY ${orderBy(order)} LIMIT ${add(question.limit + 1)}`,
    values,
  );
};
