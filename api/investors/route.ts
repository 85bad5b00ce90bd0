// GET /v1/investors, /v1/investors/:investor_id.
import { z } from 'zod';
import { investorTypeValues, kycStatusValues } from '#domain/messages.ts';
import { answer } from '../answer.ts';
import { accountsOfInvestor, totalsOfInvestor } from '../capital-accounts/query.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { toPage } from '../list.ts';
import { ProblemError } from '../problems.ts';
import { dateRange, pageParameters, uuid, waitParameters } from '../shapes.ts';
import { bankAccounts, investorCard, investorFindings, investorSorts, listInvestors, totalsOfInvestors } from './query.ts';
import type { InvestorSort } from './query.ts';
import { investorListReply, investorReply, toApiCurrencyTotal } from './view.ts';

const sortNames = Object.keys(investorSorts) as [InvestorSort, ...InvestorSort[]];
const sources = ['events', 'capital-accounts'] as const;

/** Registers the read routes of investors. */
export const registerInvestors = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/investors',
    {
      schema: {
        tags: ['investors'],
        summary: 'Investors with their totals per currency',
        operationId: 'listInvestors',
        querystring: z.object({
          q: z.string().trim().min(1).max(200).optional(),
          investor_type: z.enum(investorTypeValues).optional(),
          kyc_status: z.enum(kycStatusValues).optional(),
          sort: z.enum(sortNames).default('investor_name'),
          direction: z.enum(['asc', 'desc']).default('asc'),
          ...pageParameters,
          ...waitParameters,
        }),
        response: { 200: investorListReply },
      },
    },
    (request, reply) => {
      const { sort, direction, limit, cursor, wait_for, wait_timeout_ms, ...filter } = request.query;
      const question = { list: 'investors', filter, sort, direction };
      const after = cursor === undefined ? null : deps.cursors.open(question, cursor);
      return answer(deps, request, reply, {
        sources,
        wait: { wait_for, wait_timeout_ms },
        body: async (snapshot) => {
          const rows = await listInvestors(snapshot, { filter, sort, direction, limit, after });
          const { items, next_cursor } = toPage(rows, limit, question, (row) => [row[sort], row.investor_id], deps.cursors);
          const totals = await totalsOfInvestors(
            snapshot,
            items.map((row) => row.investor_id),
          );
          const investors = items.map((row) => ({
            ...row,
            totals: totals
              .filter((total) => total.investor_id === row.investor_id)
              .map(({ investor_id: _id, ...sums }) => toApiCurrencyTotal(sums)),
          }));
          return {
            data: { investors, next_cursor },
            dates: dateRange(totals.flatMap((row) => [row.as_of_date, row.earliest_as_of_date])),
          };
        },
      });
    },
  );

  app.get(
    '/v1/investors/:investor_id',
    {
      schema: {
        tags: ['investors'],
        summary: 'An investor with all its funds',
        operationId: 'getInvestor',
        params: z.object({ investor_id: uuid }),
        querystring: z.object(waitParameters),
        response: { 200: investorReply },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources,
        wait: request.query,
        body: async (snapshot) => {
          const { investor_id } = request.params;
          const investor = await investorCard(snapshot, investor_id);
          if (investor === null)
            throw new ProblemError(
              'not-found',
              `There is no investor ${investor_id}. GET /v1/investors lists them; after a booking, pass its position as wait_for.`,
            );
          const accounts = await accountsOfInvestor(snapshot, investor_id);
          const data = {
            investor,
            totals: (await totalsOfInvestor(snapshot, investor_id)).map(toApiCurrencyTotal),
            capital_accounts: [...accounts],
            bank_accounts: [...(await bankAccounts(snapshot, investor_id))],
            findings: [...(await investorFindings(snapshot, investor_id))],
          };
          return { data, dates: dateRange(accounts.flatMap((row) => [row.as_of_date, row.earliest_as_of_date])) };
        },
      }),
  );
};
