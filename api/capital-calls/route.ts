// GET /v1/funds/:fund_id/capital-calls, /v1/capital-calls/:call_id with its notices and payments.
import { z } from 'zod';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { readList, registerList } from '../list-route.ts';
import { ProblemError } from '../problems.ts';
import { dateRange, meta, pageParameters, uuid, waitParameters } from '../shapes.ts';
import { callNoticeRow, callNotices, callPaymentRow, callPayments, callRow, callSelect, capitalCalls } from './lists.ts';

export const callReply = z.object({
  capital_call: callRow.extend({ fund_name: z.string() }),
  notices: z.array(callNoticeRow),
  next_notices: z.string().nullable().describe('Cursor at /v1/capital-calls/:call_id/notices; null when all are here.'),
  payments: z.array(callPaymentRow),
  next_payments: z.string().nullable().describe('Cursor at /v1/capital-calls/:call_id/payments.'),
  meta,
});
export type CallReply = z.output<typeof callReply>;

/** Registers the reads of capital calls. */
export const registerCapitalCalls = (app: Api, deps: RouteDeps): void => {
  registerList(app, deps, capitalCalls);
  registerList(app, deps, callNotices);
  registerList(app, deps, callPayments);
  app.get(
    '/v1/capital-calls/:call_id',
    {
      schema: {
        tags: ['capital calls'],
        summary: 'A capital call with its notices and payments',
        operationId: 'getCapitalCall',
        params: z.object({ call_id: uuid }),
        querystring: z.object({ limit: pageParameters.limit, ...waitParameters }),
        response: { 200: callReply },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources: ['events'],
        wait: request.query,
        body: async (snapshot) => {
          const { call_id } = request.params;
          const capital_call = await snapshot.row(
            callReply.shape.capital_call,
            `SELECT ${callSelect}, f.fund_name FROM capital_calls r JOIN funds f USING (fund_id) WHERE r.call_id = $1`,
            [call_id],
          );
          if (capital_call === null)
            throw new ProblemError(
              'not-found',
              `There is no capital call ${call_id}. After a booking, pass its position as wait_for.`,
            );
          const question = { parentId: call_id, limit: request.query.limit };
          const notices = await readList(snapshot, deps, callNotices, question);
          const payments = await readList(snapshot, deps, callPayments, question);
          return {
            data: {
              capital_call,
              notices: [...notices.items],
              next_notices: notices.next_cursor,
              payments: [...payments.items],
              next_payments: payments.next_cursor,
            },
            dates: dateRange([capital_call.call_date, ...payments.items.map((row) => row.payment_date)]),
          };
        },
      }),
  );
};
