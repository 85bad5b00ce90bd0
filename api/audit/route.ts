// GET /v1/audit: who did what, by entity and day of recording.
import { z } from 'zod';
import { aggregateTypeValues } from '#domain/messages.ts';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { toPage } from '../list.ts';
import { dateRange, meta, pageParameters, uuid, waitParameters } from '../shapes.ts';
import { auditRow, listAudit } from './query.ts';

const day = z.iso.date({ error: 'must be an ISO date, for example 2026-03-31' }).optional();

/** Registers the audit trail. */
export const registerAudit = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/audit',
    {
      schema: {
        tags: ['audit'],
        summary: 'Audit trail, latest first',
        operationId: 'listAudit',
        querystring: z.object({
          entity_type: z.enum(aggregateTypeValues).optional(),
          entity_id: uuid.optional(),
          from: day.describe('First day of recording, UTC.'),
          to: day.describe('Last day of recording, UTC.'),
          ...pageParameters,
          ...waitParameters,
        }),
        response: { 200: z.object({ entries: z.array(auditRow), next_cursor: z.string().nullable(), meta }) },
      },
    },
    (request, reply) => {
      const { limit, cursor, wait_for, wait_timeout_ms, ...filter } = request.query;
      const question = { list: 'audit', filter };
      const after = cursor === undefined ? null : deps.cursors.open(question, cursor);
      return answer(deps, request, reply, {
        sources: ['events'],
        wait: { wait_for, wait_timeout_ms },
        body: async (snapshot) => {
          const rows = await listAudit(snapshot, { ...filter, limit, after });
          const { items, next_cursor } = toPage(rows, limit, question, (row) => [row.recorded_at, row.audit_id], deps.cursors);
          return { data: { entries: [...items], next_cursor }, dates: dateRange(items.map((row) => row.effective_date)) };
        },
      });
    },
  );
};
