// GET /v1/funds/:fund_id/performance, /nav-roll, /j-curve: at any past effective date, as known now or as known at a past moment.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addDays } from '#domain/dates/local-date.ts';
import { answer, inSnapshot } from '../answer.ts';
import type { Snapshot } from '../database.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { demandParent, parents } from '../list-route.ts';
import { asOf, instantOf, knownAt } from '../point-in-time.ts';
import { dateRange, uuid, waitParameters } from '../shapes.ts';
import { answerFromWarehouse } from '../warehouse-answer.ts';
import { namesOf, navRollsNow, navRollsThen, performanceNow, performanceThen, quartersOf } from './query.ts';
import { jCurveReply, navRollReply, performanceReply, toApiNavRolls, toApiPerformance } from './view.ts';

const sources = ['performance'] as const;
const params = z.object({ fund_id: uuid });
const datesOf = (rows: readonly { readonly as_of_date: string }[]): ReturnType<typeof dateRange> =>
  dateRange(rows.map((row) => row.as_of_date));

interface Times {
  readonly as_of?: string | undefined;
  readonly known_at?: string | undefined;
  readonly wait_for?: string | undefined;
  readonly wait_timeout_ms: number;
}

/** Rows of a fund from the store that knows them, and the body made of them with the names of now. */
interface Reading<Row, Body> {
  readonly fromNow: (snapshot: Snapshot, asOf: string | undefined) => Promise<readonly Row[]>;
  readonly fromThen: (
    warehouse: Parameters<typeof performanceThen>[0],
    asked: { readonly asOf: string | undefined; readonly knownAt: string },
  ) => Promise<readonly Row[]>;
  readonly earlierDay?: string;
  readonly body: (rows: readonly Row[], earlier: readonly Row[], names: ReadonlyMap<string, string>) => Body;
}

const answerOf = <Row extends { readonly as_of_date: string }, Body extends object>(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  fundId: string,
  times: Times,
  reading: Reading<Row, Body>,
): Promise<(Body & { meta: z.output<typeof performanceReply.shape.meta> }) | undefined> => {
  const known = instantOf(times.known_at);
  const { earlierDay } = reading;
  if (known === null)
    return answer(deps, request, reply, {
      sources,
      wait: times,
      body: async (snapshot) => {
        await demandParent(snapshot, parents.fund, fundId);
        const rows = await reading.fromNow(snapshot, times.as_of);
        const earlier = earlierDay === undefined ? [] : await reading.fromNow(snapshot, earlierDay);
        return { data: reading.body(rows, earlier, await namesOf(snapshot, fundId)), dates: datesOf(rows) };
      },
    });
  return answerFromWarehouse(deps, request, reply, {
    sources,
    wait: times,
    body: async (warehouse) => {
      const names = await inSnapshot(deps.pool, async (snapshot) => {
        await demandParent(snapshot, parents.fund, fundId);
        return await namesOf(snapshot, fundId);
      });
      const rows = await reading.fromThen(warehouse, { asOf: times.as_of, knownAt: known });
      const earlier = earlierDay === undefined ? [] : await reading.fromThen(warehouse, { asOf: earlierDay, knownAt: known });
      return { data: reading.body(rows, earlier, names), dates: datesOf(rows) };
    },
  });
};

/** Registers the reads of performance. */
export const registerPerformance = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/funds/:fund_id/performance',
    {
      schema: {
        tags: ['performance'],
        summary: 'Performance of a fund, its investors and its investments',
        operationId: 'getPerformance',
        description:
          'Net after fees and carried interest, accrued carried interest included; gross for investments. Figures of the latest fact date up to as_of. With known_at the warehouse answers what was known then.',
        params,
        querystring: z.object({ as_of: asOf, known_at: knownAt, ...waitParameters }),
        response: { 200: performanceReply },
      },
    },
    (request, reply) => {
      const { fund_id: fundId } = request.params;
      const times = request.query;
      return answerOf(deps, request, reply, fundId, times, {
        fromNow: (snapshot, day) => performanceNow(snapshot, { fundId, asOf: day }),
        fromThen: (warehouse, asked) => performanceThen(warehouse, { fundId, ...asked }),
        body: (rows, _earlier, names) => ({
          fund_id: fundId,
          as_of: times.as_of ?? null,
          known_at: instantOf(times.known_at),
          ...toApiPerformance(rows, names),
        }),
      });
    },
  );

  app.get(
    '/v1/funds/:fund_id/nav-roll',
    {
      schema: {
        tags: ['performance'],
        summary: 'Roll of the net asset value of a fund and its investors',
        operationId: 'getNavRoll',
        description:
          'Since inception up to as_of, or from the first day of a period: its opening value is the closing value of the day before.',
        params,
        querystring: z.object({
          from: z.iso.date().optional().describe('First day of the period.'),
          as_of: asOf,
          known_at: knownAt,
          ...waitParameters,
        }),
        response: { 200: navRollReply },
      },
    },
    (request, reply) => {
      const { fund_id: fundId } = request.params;
      const { from, ...times } = request.query;
      return answerOf(deps, request, reply, fundId, times, {
        fromNow: (snapshot, day) => navRollsNow(snapshot, { fundId, asOf: day }),
        fromThen: (warehouse, asked) => navRollsThen(warehouse, { fundId, ...asked }),
        ...(from === undefined ? {} : { earlierDay: addDays(from, -1) }),
        body: (rows, earlier, names) => ({
          fund_id: fundId,
          from: from ?? null,
          as_of: times.as_of ?? null,
          known_at: instantOf(times.known_at),
          ...toApiNavRolls(rows, earlier, names),
        }),
      });
    },
  );

  app.get(
    '/v1/funds/:fund_id/j-curve',
    {
      schema: {
        tags: ['performance'],
        summary: 'Cumulative net flows and net asset value of a fund by quarter',
        operationId: 'getJCurve',
        params,
        querystring: z.object({ as_of: asOf, ...waitParameters }),
        response: { 200: jCurveReply },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources,
        wait: request.query,
        body: async (snapshot) => {
          const { fund_id } = request.params;
          const { as_of } = request.query;
          const fund = await snapshot.row(
            z.object({ currency: z.string() }),
            'SELECT base_currency AS currency FROM funds WHERE fund_id = $1',
            [fund_id],
          );
          if (fund === null) await demandParent(snapshot, parents.fund, fund_id);
          const quarters = await quartersOf(snapshot, { fundId: fund_id, asOf: as_of });
          return {
            data: { fund_id, as_of: as_of ?? null, currency: fund?.currency ?? '', quarters: [...quarters] },
            dates: datesOf(quarters),
          };
        },
      }),
  );
};
