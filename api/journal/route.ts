// GET /v1/funds/:fund_id/trial-balance, /journal-entries, /cash-flows: what the books of a fund say on a day, as known at a moment.
import { z } from 'zod';
import { availableCash, cashOf } from '#domain/journal/balances.ts';
import { defaultChart } from '#domain/journal/chart.ts';
import { formatMoney, parseMoney } from '#domain/money/money.ts';
import { answer } from '../answer.ts';
import type { Snapshot } from '../database.ts';
import { dateText } from '../database.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { demandParent, parents, registerList } from '../list-route.ts';
import { asOf, instantOf, knownAt } from '../point-in-time.ts';
import { dateRange, instant, localDate, meta, money, uuid, waitParameters } from '../shapes.ts';
import { cashFlows, journalEntries } from './lists.ts';

const row = z.object({
  account_code: z.string(),
  account_name: z.string().nullable(),
  account_type: z.string().nullable(),
  currency: z.string(),
  debit: money.describe('Sum of its debits.'),
  credit: money.describe('Sum of its credits.'),
  balance: money.describe('Debits less credits.'),
  last_entry_date: localDate,
});
export type TrialBalanceRow = z.output<typeof row>;

export const trialBalanceReply = z.object({
  fund_id: z.string(),
  as_of: localDate.nullable().describe('The effective date asked for; null is up to the last entry.'),
  known_at: instant.nullable().describe('The recorded time asked for; null is what is known now.'),
  currency: z.string(),
  accounts: z.array(row),
  debit: money.describe('Of all accounts; equal to credit.'),
  credit: money,
  cash: money,
  available_cash: money.describe('Cash less what declared distributions owe.'),
  meta,
});
export type TrialBalanceReply = z.output<typeof trialBalanceReply>;

const minor = (text: string): bigint => {
  const parsed = parseMoney(text);
  if (parsed.kind === 'error') throw new Error(`the store has ${text} where money stands: ${parsed.reason}`);
  return parsed.minor;
};

const readAccounts = (
  snapshot: Snapshot,
  fundId: string,
  asked: { readonly as_of?: string | undefined; readonly known_at?: string | undefined },
): Promise<readonly TrialBalanceRow[]> =>
  snapshot.rows(
    row,
    `SELECT e.account_code, coalesce(c.account_name, d.account_name) AS account_name, coalesce(c.account_type, d.account_type) AS account_type, e.currency,
            sum(e.debit)::text AS debit, sum(e.credit)::text AS credit, (sum(e.debit) - sum(e.credit))::text AS balance,
            ${dateText('max(e.entry_date)')} AS last_entry_date
       FROM journal_entries e LEFT JOIN chart_of_accounts c USING (account_code)
       LEFT JOIN json_to_recordset($4::json) AS d(account_code text, account_name text, account_type text) ON d.account_code = e.account_code
      WHERE e.fund_id = $1 AND ($2::date IS NULL OR e.entry_date <= $2::date) AND ($3::timestamptz IS NULL OR e.recorded_at <= $3::timestamptz)
      GROUP BY e.account_code, 2, 3, e.currency ORDER BY e.account_code`,
    [
      fundId,
      asked.as_of ?? null,
      asked.known_at ?? null,
      JSON.stringify(
        defaultChart.map(({ code, name, type }) => ({ account_code: code, account_name: name, account_type: type })),
      ),
    ],
  );

/** Registers the reads of the journal. */
export const registerJournal = (app: Api, deps: RouteDeps): void => {
  registerList(app, deps, journalEntries);
  registerList(app, deps, cashFlows);
  app.get(
    '/v1/funds/:fund_id/trial-balance',
    {
      schema: {
        tags: ['journal'],
        summary: 'Trial balance and available cash of a fund',
        operationId: 'getTrialBalance',
        description:
          'Entries up to the effective date as_of that were recorded up to known_at; the journal is never changed, only added to.',
        params: z.object({ fund_id: uuid }),
        querystring: z.object({ as_of: asOf, known_at: knownAt, ...waitParameters }),
        response: { 200: trialBalanceReply },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources: ['cash-flows'],
        wait: request.query,
        body: async (snapshot) => {
          const { fund_id } = request.params;
          const { as_of, known_at } = request.query;
          await demandParent(snapshot, parents.fund, fund_id);
          const accounts = await readAccounts(snapshot, fund_id, { as_of, known_at });
          const fund = await snapshot.row(
            z.object({ currency: z.string() }),
            'SELECT base_currency AS currency FROM funds WHERE fund_id = $1',
            [fund_id],
          );
          const sum = (side: 'debit' | 'credit'): string =>
            formatMoney(accounts.reduce((total, account) => total + minor(account[side]), 0n));
          const balances = new Map(accounts.map(({ account_code, balance }) => [account_code, minor(balance)]));
          return {
            data: {
              fund_id,
              as_of: as_of ?? null,
              known_at: instantOf(known_at),
              currency: fund?.currency ?? '',
              accounts: [...accounts],
              debit: sum('debit'),
              credit: sum('credit'),
              cash: formatMoney(cashOf(balances)),
              available_cash: formatMoney(availableCash(balances)),
            },
            dates: dateRange(accounts.map(({ last_entry_date }) => last_entry_date)),
          };
        },
      }),
  );
};
