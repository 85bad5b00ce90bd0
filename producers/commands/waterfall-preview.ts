// What if a distribution were declared: the form of the question, and its answer from the event that would have been booked.
import { z } from 'zod';
import type { CommandOutcome } from '#domain/messages.ts';
import type { CommandForm } from './command-form.ts';
import { IntakeProblem } from './problems.ts';
import { ruleResult } from './reply-shapes.ts';

const preset: Readonly<Record<string, unknown>> = { distribution_type: 'CAPITAL' };

/** The body of the question: the fields of declare-distribution without fund and basis. */
export const waterfallPreviewBody = (form: CommandForm): z.ZodType => {
  if (!(form.body instanceof z.ZodObject)) throw new Error(`the form of ${form.name} is no object`);
  const { fund_id: _fund, preview_basis: _basis, expected_version: _version, ...shape } = form.body.shape;
  return z.strictObject({ ...shape, distribution_type: (shape['distribution_type'] as z.ZodType).prefault('CAPITAL') });
};

/** The command that is decided: the fund stands in the address. @throws IntakeProblem when the body is none. */
export const previewCommandBody = (fundId: string, body: unknown): Record<string, unknown> => {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new IntakeProblem('invalid-command', 'Send a JSON object with distribution_date and total_distribution_amount.');
  for (const field of ['fund_id', 'preview_basis'] as const)
    if (field in body)
      throw new IntakeProblem(
        'invalid-command',
        field === 'fund_id'
          ? 'fund_id stands in the address of a preview; leave it out of the body.'
          : 'preview_basis belongs to the booking that follows a preview; leave it out of the preview.',
      );
  return { ...preset, ...body, fund_id: fundId };
};

const amount = z.string();
const tier = z.object({
  tier: z.string(),
  place: z.number(),
  partner: z.string().nullable(),
  deal: z.string().nullable(),
  lp: amount,
  gp: amount,
});
const notice = z.object({
  notice_id: z.string(),
  commitment_id: z.string(),
  investor_id: z.string(),
  gross_distribution: amount,
  carried_interest: amount,
  management_fee_offset: amount,
  tax_withholding: amount,
  net_distribution: amount,
  recallable_amount: amount,
  return_of_capital: amount,
  preferred_return: amount,
  unfunded_before: amount,
  unfunded_after: amount,
});
const calculation = z.object({
  terms_version: z.number(),
  terms: z.string().describe('JSON of the terms as they were used, side letters included.'),
  inputs: z.array(z.object({ aggregate_id: z.string(), event_version: z.number() })),
  lp_total: amount,
  gp_total: amount,
  unreturned_capital: amount.nullable(),
  unpaid_preferred_return: amount.nullable(),
  tiers: z.array(tier),
});
const declared = z.object({
  event_type: z.literal('DistributionDeclared'),
  fund_id: z.string(),
  distribution_date: z.string(),
  currency: z.string(),
  total_distribution_amount: amount,
  carried_interest: amount,
  management_fee_offset: amount,
  tax_withholding: amount,
  net_distribution: amount,
  recallable_amount: amount,
  available_cash_before: amount,
  calculation,
  notices: z.array(notice),
});
const chunk = z.object({ event_type: z.literal('DistributionNoticesDeclared'), notices: z.array(notice) });

/** 200: what would be booked. */
export const waterfallPreviewReply = declared.omit({ event_type: true }).extend({
  command_id: z.string(),
  preview_basis: z.string().nullable().describe('Give it to declare-distribution: booked only while the fund stands as it did.'),
  rule_results: z.array(ruleResult).describe('Warnings and notes of the rules.'),
  position: z.string().nullable(),
});

/** The answer, from the events that the ledger would have booked; chunks of notices follow their header. */
export const toApiWaterfallPreview = (
  accepted: Readonly<Record<string, unknown>>,
  outcome: CommandOutcome,
): z.output<typeof waterfallPreviewReply> => {
  const events = z.array(z.unknown()).parse(accepted['preview_events']);
  const { event_type: _type, ...header } = declared.parse(events[0]);
  const notices = [header.notices, ...events.slice(1).map((event) => chunk.parse(event).notices)].flat();
  return {
    command_id: outcome.command_id,
    preview_basis: outcome.preview_basis,
    ...header,
    notices,
    rule_results: z.array(ruleResult).parse(outcome.rule_results),
    position: z.string().nullable().parse(accepted['position']),
  };
};
