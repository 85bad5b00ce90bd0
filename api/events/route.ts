// GET /v1/aggregates/:aggregate_id/events: the history of a fund, an investor, a commitment or a command.
import { z } from 'zod';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { toPage } from '../list.ts';
import { ProblemError } from '../problems.ts';
import { dateRange, meta, pageParameters, uuid, waitParameters } from '../shapes.ts';
import { eventRow, eventsOfAggregate } from './query.ts';

/** Registers the events of an aggregate. */
export const registerEvents = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/aggregates/:aggregate_id/events',
    {
      schema: {
        tags: ['events'],
        summary: 'Events of an aggregate, oldest first',
        operationId: 'listEventsOfAggregate',
        params: z.object({ aggregate_id: uuid }),
        querystring: z.object({ ...pageParameters, ...waitParameters }),
        response: { 200: z.object({ events: z.array(eventRow), next_cursor: z.string().nullable(), meta }) },
      },
    },
    (request, reply) => {
      const { limit, cursor, wait_for, wait_timeout_ms } = request.query;
      const { aggregate_id } = request.params;
      const question = { list: 'events', aggregate_id };
      const [afterVersion = 0] = cursor === undefined ? [] : deps.cursors.open(question, cursor);
      return answer(deps, request, reply, {
        sources: ['events'],
        wait: { wait_for, wait_timeout_ms },
        body: async (snapshot) => {
          const rows = await eventsOfAggregate(snapshot, aggregate_id, Number(afterVersion), limit);
          if (rows.length === 0 && cursor === undefined)
            throw new ProblemError('not-found', `Nothing has happened to ${aggregate_id}: no event names it.`);
          const { items, next_cursor } = toPage(rows, limit, question, (row) => [row.event_version], deps.cursors);
          return { data: { events: [...items], next_cursor }, dates: dateRange(items.map((row) => row.effective_date)) };
        },
      });
    },
  );
};
