// GET /v1/commitments, /v1/commitments/:commitment_id.
import { z } from 'zod';
import { commitmentStatusValues } from '#domain/messages.ts';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { toPage } from '../list.ts';
import { ProblemError } from '../problems.ts';
import { dateRange, meta, pageParameters, uuid, waitParameters } from '../shapes.ts';
import type { CommitmentRow } from './query.ts';
import { modificationRow, modificationsOf } from './modifications.ts';
import { commitmentById, commitmentRow, listCommitments } from './query.ts';

/** Dates up to which something is known of a commitment: valuation, takeover, or the pledge itself. */
const knownUpTo = (row: CommitmentRow): string => row.valuation_date ?? row.opening_balance_date ?? row.commitment_date;

/** Registers the read routes of commitments. They are drawn from events alone. */
export const registerCommitments = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/commitments',
    {
      schema: {
        tags: ['commitments'],
        summary: 'Commitments, latest pledge first',
        operationId: 'listCommitments',
        querystring: z.object({
          fund_id: uuid.optional(),
          investor_id: uuid.optional(),
          status: z.enum(commitmentStatusValues).optional(),
          ...pageParameters,
          ...waitParameters,
        }),
        response: { 200: z.object({ commitments: z.array(commitmentRow), next_cursor: z.string().nullable(), meta }) },
      },
    },
    (request, reply) => {
      const { limit, cursor, wait_for, wait_timeout_ms, ...filter } = request.query;
      const question = { list: 'commitments', filter };
      const after = cursor === undefined ? null : deps.cursors.open(question, cursor);
      return answer(deps, request, reply, {
        sources: ['events'],
        wait: { wait_for, wait_timeout_ms },
        body: async (snapshot) => {
          const rows = await listCommitments(snapshot, { ...filter, limit, after });
          const { items, next_cursor } = toPage(
            rows,
            limit,
            question,
            (row) => [row.commitment_date, row.commitment_id],
            deps.cursors,
          );
          return { data: { commitments: [...items], next_cursor }, dates: dateRange(items.map(knownUpTo)) };
        },
      });
    },
  );

  app.get(
    '/v1/commitments/:commitment_id',
    {
      schema: {
        tags: ['commitments'],
        summary: 'One commitment with its modifications',
        operationId: 'getCommitment',
        params: z.object({ commitment_id: uuid }),
        querystring: z.object(waitParameters),
        response: { 200: z.object({ commitment: commitmentRow, modifications: z.array(modificationRow), meta }) },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources: ['events'],
        wait: request.query,
        body: async (snapshot) => {
          const commitment = await commitmentById(snapshot, request.params.commitment_id);
          if (commitment === null)
            throw new ProblemError(
              'not-found',
              `There is no commitment ${request.params.commitment_id}. After a booking, pass its position as wait_for.`,
            );
          const modifications = await modificationsOf(snapshot, commitment.commitment_id);
          return { data: { commitment, modifications: [...modifications] }, dates: dateRange([knownUpTo(commitment)]) };
        },
      }),
  );
};
