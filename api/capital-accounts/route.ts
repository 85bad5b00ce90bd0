// GET /v1/capital-accounts: the account of each investor in each fund.
import { z } from 'zod';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { toPage } from '../list.ts';
import { dateRange, meta, pageParameters, uuid, waitParameters } from '../shapes.ts';
import { accountRow, listAccounts } from './query.ts';

/** Registers the list of capital accounts. */
export const registerCapitalAccounts = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/capital-accounts',
    {
      schema: {
        tags: ['capital accounts'],
        summary: 'Capital accounts of investors in funds',
        operationId: 'listCapitalAccounts',
        querystring: z.object({ fund_id: uuid.optional(), investor_id: uuid.optional(), ...pageParameters, ...waitParameters }),
        response: { 200: z.object({ capital_accounts: z.array(accountRow), next_cursor: z.string().nullable(), meta }) },
      },
    },
    (request, reply) => {
      const { limit, cursor, wait_for, wait_timeout_ms, ...filter } = request.query;
      const question = { list: 'capital-accounts', filter };
      const after = cursor === undefined ? null : deps.cursors.open(question, cursor);
      return answer(deps, request, reply, {
        sources: ['events', 'capital-accounts'],
        wait: { wait_for, wait_timeout_ms },
        body: async (snapshot) => {
          const rows = await listAccounts(snapshot, { ...filter, limit, after });
          const { items, next_cursor } = toPage(rows, limit, question, (row) => [row.fund_id, row.investor_id], deps.cursors);
          return {
            data: { capital_accounts: [...items], next_cursor },
            dates: dateRange(items.flatMap((row) => [row.as_of_date, row.earliest_as_of_date])),
          };
        },
      });
    },
  );
};
