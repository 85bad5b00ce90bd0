// GET /v1/funds, /v1/funds/totals, /v1/funds/:fund_id.
import { z } from 'zod';
import { fundStatusValues } from '#domain/messages.ts';
import { answer } from '../answer.ts';
import { accountsOfFund } from '../capital-accounts/query.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { toPage } from '../list.ts';
import { ProblemError } from '../problems.ts';
import { dateRange, pageParameters, uuid, waitParameters } from '../shapes.ts';
import { countFunds, fundCard, fundFindings, fundSorts, fundStrategies, fundTerms, listFunds, totalFunds } from './query.ts';
import type { FundSort } from './query.ts';
import { fundListReply, fundReply, fundTotalsReply, toApiFundListItem, toApiFundTotals } from './view.ts';

const sortNames = Object.keys(fundSorts) as [FundSort, ...FundSort[]];
const filterParameters = {
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('Words of the name or the manager; the beginning of a word is enough.'),
  investment_strategy: z.string().max(200).optional(),
  vintage_year: z.coerce.number().int().min(1900).max(2200).optional(),
  fund_status: z.enum(fundStatusValues).optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, for example USD')
    .optional(),
};
const sources = ['events', 'capital-accounts'] as const;

/** Registers the read routes of funds. */
export const registerFunds = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/funds',
    {
      schema: {
        tags: ['funds'],
        summary: 'Funds with their capital accounts',
        operationId: 'listFunds',
        querystring: z.object({
          ...filterParameters,
          sort: z.enum(sortNames).default('fund_name'),
          direction: z.enum(['asc', 'desc']).default('asc'),
          ...pageParameters,
          ...waitParameters,
        }),
        response: { 200: fundListReply },
      },
    },
    (request, reply) => {
      const { sort, direction, limit, cursor, wait_for, wait_timeout_ms, ...filter } = request.query;
      const question = { list: 'funds', filter, sort, direction };
      const after = cursor === undefined ? null : deps.cursors.open(question, cursor);
      return answer(deps, request, reply, {
        sources,
        wait: { wait_for, wait_timeout_ms },
        body: async (snapshot) => {
          const rows = await listFunds(snapshot, { filter, sort, direction, limit, after });
          const { items, next_cursor } = toPage(rows, limit, question, (row) => [row.sort_value, row.fund_id], deps.cursors);
          return {
            data: { funds: items.map(toApiFundListItem), next_cursor },
            dates: dateRange(items.flatMap((row) => [row.as_of_date, row.earliest_as_of_date])),
          };
        },
      });
    },
  );

  app.get(
    '/v1/funds/totals',
    {
      schema: {
        tags: ['funds'],
        summary: 'Sums over a selection of funds, per currency and vintage',
        operationId: 'totalFunds',
        description:
          'Multiples are computed from summed parts of the wholly known capital accounts, never averaged; multiples_over says how many those are.',
        querystring: z.object({ ...filterParameters, ...waitParameters }),
        response: { 200: fundTotalsReply },
      },
    },
    (request, reply) => {
      const { wait_for, wait_timeout_ms, ...filter } = request.query;
      return answer(deps, request, reply, {
        sources,
        wait: { wait_for, wait_timeout_ms },
        body: async (snapshot) => {
          const rows = await totalFunds(snapshot, filter);
          const data = {
            funds: await countFunds(snapshot, filter),
            ...toApiFundTotals(rows),
            strategies: [...(await fundStrategies(snapshot))],
          };
          return { data, dates: dateRange(rows.flatMap((row) => [row.as_of_date, row.earliest_as_of_date])) };
        },
      });
    },
  );

  app.get(
    '/v1/funds/:fund_id',
    {
      schema: {
        tags: ['funds'],
        summary: 'A fund with its investors, terms and findings',
        operationId: 'getFund',
        params: z.object({ fund_id: uuid }),
        querystring: z.object(waitParameters),
        response: { 200: fundReply },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources,
        wait: request.query,
        body: async (snapshot) => {
          const { fund_id } = request.params;
          const fund = await fundCard(snapshot, fund_id);
          if (fund === null)
            throw new ProblemError(
              'not-found',
              `There is no fund ${fund_id}. GET /v1/funds lists them; after a booking, pass its position as wait_for.`,
            );
          const accounts = await accountsOfFund(snapshot, fund_id);
          const whole = accounts.find((row) => row.investor_id === null) ?? null;
          const data = {
            fund,
            account: whole,
            capital_accounts: accounts.filter((row) => row.investor_id !== null),
            terms: [...(await fundTerms(snapshot, fund_id))],
            findings: [...(await fundFindings(snapshot, fund_id))],
          };
          return { data, dates: dateRange(accounts.flatMap((row) => [row.as_of_date, row.earliest_as_of_date])) };
        },
      }),
  );
};
