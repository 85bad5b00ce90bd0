// GET /v1/funds/:fund_id/distributions, /v1/distributions/:distribution_id with its notices, and how its figures came about.
import { z } from 'zod';
import { answer } from '../answer.ts';
import type { Snapshot } from '../database.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { readList, registerList } from '../list-route.ts';
import { ProblemError } from '../problems.ts';
import { dateRange, meta, pageParameters, uuid, waitParameters } from '../shapes.ts';
import { calculation, readCalculation } from './calculation.ts';
import {
  clawbacks,
  distributionNoticeRow,
  distributionNotices,
  distributionRow,
  distributions,
  distributionSelect,
} from './lists.ts';

export const distributionReply = z.object({
  distribution: distributionRow.extend({ fund_name: z.string() }),
  notices: z.array(distributionNoticeRow),
  next_notices: z.string().nullable().describe('Cursor at /v1/distributions/:distribution_id/notices; null when all are here.'),
  calculation: calculation.nullable(),
  meta,
});
export type DistributionReply = z.output<typeof distributionReply>;

const distributionOf = async (
  snapshot: Snapshot,
  distributionId: string,
): Promise<z.output<typeof distributionReply.shape.distribution>> => {
  const found = await snapshot.row(
    distributionReply.shape.distribution,
    `SELECT ${distributionSelect}, f.fund_name FROM distributions r JOIN funds f USING (fund_id) WHERE r.distribution_id = $1`,
    [distributionId],
  );
  if (found === null)
    throw new ProblemError(
      'not-found',
      `There is no distribution ${distributionId}. After a booking, pass its position as wait_for.`,
    );
  return found;
};

/** Registers the reads of distributions. */
export const registerDistributions = (app: Api, deps: RouteDeps): void => {
  registerList(app, deps, distributions);
  registerList(app, deps, distributionNotices);
  registerList(app, deps, clawbacks);
  app.get(
    '/v1/distributions/:distribution_id',
    {
      schema: {
        tags: ['distributions'],
        summary: 'A distribution with its notices and its waterfall',
        operationId: 'getDistribution',
        params: z.object({ distribution_id: uuid }),
        querystring: z.object({ limit: pageParameters.limit, ...waitParameters }),
        response: { 200: distributionReply },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources: ['events'],
        wait: request.query,
        body: async (snapshot) => {
          const distribution = await distributionOf(snapshot, request.params.distribution_id);
          const notices = await readList(snapshot, deps, distributionNotices, {
            parentId: distribution.distribution_id,
            limit: request.query.limit,
          });
          return {
            data: {
              distribution,
              notices: [...notices.items],
              next_notices: notices.next_cursor,
              calculation: await readCalculation(snapshot, distribution.calculation_id),
            },
            dates: dateRange([distribution.distribution_date, distribution.payment_date]),
          };
        },
      }),
  );

  app.get(
    '/v1/calculations/:calculation_id',
    {
      schema: {
        tags: ['distributions'],
        summary: 'How the figures of a waterfall came about',
        operationId: 'getCalculation',
        description: 'Tiers with their formulae, the terms and their version, the flows and events that went in.',
        params: z.object({ calculation_id: uuid }),
        querystring: z.object(waitParameters),
        response: { 200: z.object({ calculation, meta }) },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources: ['events'],
        wait: request.query,
        body: async (snapshot) => {
          const { calculation_id } = request.params;
          const found = await readCalculation(snapshot, calculation_id);
          if (found === null)
            throw new ProblemError(
              'not-found',
              `There is no calculation ${calculation_id}; a distribution or a clawback names its calculation_id.`,
            );
          return { data: { calculation: found }, dates: dateRange([found.calculation_date]) };
        },
      }),
  );
};
