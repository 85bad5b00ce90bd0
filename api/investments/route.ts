// GET /v1/funds/:fund_id/investments, /transactions, /v1/investments/:investment_id with its valuations.
import { z } from 'zod';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { readList, registerList } from '../list-route.ts';
import { ProblemError } from '../problems.ts';
import { dateRange, meta, pageParameters, uuid, waitParameters } from '../shapes.ts';
import { investmentFrom, investmentRow, investments, investmentSelect, transactions, valuationRow, valuations } from './lists.ts';

export const investmentReply = z.object({
  investment: investmentRow.extend({ fund_name: z.string() }),
  valuations: z.array(valuationRow),
  next_valuations: z.string().nullable().describe('Cursor at /v1/investments/:investment_id/valuations.'),
  meta,
});

/** Registers the reads of investments and fund transactions. */
export const registerInvestments = (app: Api, deps: RouteDeps): void => {
  registerList(app, deps, investments);
  registerList(app, deps, valuations);
  registerList(app, deps, transactions);
  app.get(
    '/v1/investments/:investment_id',
    {
      schema: {
        tags: ['investments'],
        summary: 'An investment with its valuations',
        operationId: 'getInvestment',
        params: z.object({ investment_id: uuid }),
        querystring: z.object({ limit: pageParameters.limit, ...waitParameters }),
        response: { 200: investmentReply },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources: ['events', 'performance'],
        wait: request.query,
        body: async (snapshot) => {
          const { investment_id } = request.params;
          const investment = await snapshot.row(
            investmentReply.shape.investment,
            `SELECT ${investmentSelect}, f.fund_name FROM ${investmentFrom} JOIN funds f ON f.fund_id = r.fund_id WHERE r.investment_id = $1`,
            [investment_id],
          );
          if (investment === null)
            throw new ProblemError(
              'not-found',
              `There is no investment ${investment_id}. After a booking, pass its position as wait_for.`,
            );
          const told = await readList(snapshot, deps, valuations, { parentId: investment_id, limit: request.query.limit });
          return {
            data: { investment, valuations: [...told.items], next_valuations: told.next_cursor },
            dates: dateRange([investment.investment_date, investment.last_valuation_date]),
          };
        },
      }),
  );
};
