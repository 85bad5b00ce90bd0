// GET /v1/commands/:command_id: how one command ended, read from the events that name it as their cause.
import { z } from 'zod';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { eventRow, eventsOfCommand } from '../events/query.ts';
import { ProblemError } from '../problems.ts';
import { dateRange, meta, uuid, waitParameters } from '../shapes.ts';
import { toApiOutcome } from './view.ts';
import { commandReply } from './view.ts';

/** Registers the outcome of a command. */
export const registerCommandOutcome = (app: Api, deps: RouteDeps): void => {
  app.get(
    '/v1/commands/:command_id',
    {
      schema: {
        tags: ['commands'],
        summary: 'How a command ended',
        operationId: 'getCommand',
        description:
          'ACCEPTED with its events, or REJECTED with the reasons. 404 while it is not decided, not applied yet, was a preview, or never existed.',
        params: z.object({ command_id: uuid }),
        querystring: z.object(waitParameters),
        response: { 200: commandReply.extend({ events: z.array(eventRow), meta }) },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources: ['events'],
        wait: request.query,
        body: async (snapshot) => {
          const { command_id } = request.params;
          const events = await eventsOfCommand(snapshot, command_id);
          const outcome = toApiOutcome(command_id, events);
          if (outcome === null)
            throw new ProblemError(
              'not-found',
              `No event comes from command ${command_id}: it is not decided or not applied yet, was a preview, or was never given. Try again with wait_for.`,
            );
          return { data: { ...outcome, events: [...events] }, dates: dateRange(events.map((row) => row.effective_date)) };
        },
      }),
  );
};
