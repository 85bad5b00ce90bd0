// Shapes of the intake's answers, for the API document.
import { z } from 'zod';
import { aggregateTypeValues, severityValues } from '#domain/messages.ts';

export const ruleResult = z.object({
  rule: z.string(),
  severity: z.enum(severityValues),
  message: z.string(),
  field: z.string().nullable(),
});
const outcomeEvent = z.object({
  event_id: z.string(),
  event_type: z.string(),
  aggregate_type: z.enum(aggregateTypeValues),
  aggregate_id: z.string(),
  event_version: z.int(),
});

/** 200 and 201: decided and booked, repeated, or previewed. */
export const acceptedReply = z.object({
  command_id: z.string(),
  command_type: z.string(),
  status: z.enum(['ACCEPTED', 'PREVIEWED']),
  replayed: z.boolean().describe('The command had been decided before; this repeats its outcome.'),
  events: z.array(outcomeEvent),
  ids: z
    .record(z.string(), z.string())
    .describe('Ids that the sender left out, by their place in the command: call_id, payment_id, term.term_id, …'),
  rule_results: z.array(ruleResult).describe('Warnings and notes of the rules.'),
  decided_at: z.string(),
  position: z
    .string()
    .nullable()
    .describe('Token of a position of the log that contains the booking: read with wait_for to see it.'),
  preview_events: z.array(z.unknown()).optional().describe('Of a preview: the events that would have been booked.'),
  preview_basis: z
    .string()
    .optional()
    .describe(
      'Of a preview: the state of the fund that it was decided on; a booking that names it is refused when the state has moved.',
    ),
});

/** 202: on the log, not yet decided. */
export const pendingReply = z.object({ command_id: z.string(), status: z.literal('PENDING'), location: z.string() });

/** RFC 9457 problem details. */
const problemReply = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  request_id: z.string(),
});

export const previewQuery = z.object({
  preview: z.enum(['true', 'false']).optional().describe('Decide on the live state, tell the outcome, book nothing.'),
});

/** Problems that any booking may end in. */
export const problemReplies = {
  400: problemReply,
  401: problemReply,
  403: problemReply,
  409: problemReply,
  422: problemReply,
  503: problemReply,
} as const;
