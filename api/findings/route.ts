// GET /v1/findings: what the rules said, and why commands were rejected.
import { z } from 'zod';
import { severityValues } from '#domain/messages.ts';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { toPage } from '../list.ts';
import { meta, pageParameters, uuid, waitParameters } from '../shapes.ts';
import { finding } from './columns.ts';
import { listFindings } from './query.ts';

/** Registers the list of findings. */
export const registerFindings = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/findings',
    {
      schema: {
        tags: ['findings'],
        summary: 'Findings of the rules, latest first',
        operationId: 'listFindings',
        description: 'Severity ERROR are reasons of rejected commands.',
        querystring: z.object({
          rule: z.string().max(100).optional(),
          severity: z.enum(severityValues).optional(),
          fund_id: uuid.optional(),
          investor_id: uuid.optional(),
          commitment_id: uuid.optional(),
          ...pageParameters,
          ...waitParameters,
        }),
        response: { 200: z.object({ findings: z.array(finding), next_cursor: z.string().nullable(), meta }) },
      },
    },
    (request, reply) => {
      const { limit, cursor, wait_for, wait_timeout_ms, ...filter } = request.query;
      const question = { list: 'findings', filter };
      const after = cursor === undefined ? null : deps.cursors.open(question, cursor);
      return answer(deps, request, reply, {
        sources: ['events'],
        wait: { wait_for, wait_timeout_ms },
        body: async (snapshot) => {
          const rows = await listFindings(snapshot, { ...filter, limit, after });
          const { items, next_cursor } = toPage(
            rows,
            limit,
            question,
            (row) => [row.recorded_at, row.event_id, row.finding_number],
            deps.cursors,
          );
          return { data: { findings: [...items], next_cursor } };
        },
      });
    },
  );
};
