// GET /v1/position: how far the operational model has come in the log, by source and partition.
import { z } from 'zod';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { instant, meta, waitParameters } from '../shapes.ts';
import { positionRow, positionsSql } from './reached.ts';

const part = z.object({
  source: z.string(),
  partition: z.number().int(),
  next_offset: z.string().describe('Offset of events before which everything is contained.'),
  recorded_at: instant.nullable(),
});

/** Registers the position. With wait_for it answers once that position is contained in every source. */
export const registerPosition = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/position',
    {
      schema: {
        tags: ['position'],
        summary: 'Position of the operational model',
        operationId: 'getPosition',
        querystring: z.object(waitParameters),
        response: {
          200: z.object({ topic_id: z.string().nullable(), epoch: z.number().int().nullable(), parts: z.array(part), meta }),
        },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources: ['events', 'capital-accounts'],
        wait: request.query,
        body: async (snapshot, reached) => {
          const rows = await snapshot.rows(positionRow, `${positionsSql} ORDER BY source, partition`);
          const parts = rows.map((row) => ({
            source: row.source,
            partition: row.partition,
            next_offset: String(row.next_offset),
            recorded_at: row.recorded_at,
          }));
          return { data: { topic_id: reached.position?.topicId ?? null, epoch: reached.position?.epoch ?? null, parts } };
        },
      }),
  );
};
