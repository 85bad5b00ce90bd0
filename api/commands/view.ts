// The outcome of a command as the API shows it.
import { z } from 'zod';
import type { EventRow } from '../events/query.ts';
import { instant } from '../shapes.ts';

const ruleResult = z.object({ rule: z.string(), severity: z.string(), message: z.string(), field: z.string().nullable() });

export const commandReply = z.object({
  command_id: z.string(),
  kind: z.enum(['ACCEPTED', 'REJECTED']),
  decided_at: instant,
  command_type: z.string().nullable().describe('Record name; known of rejected commands.'),
  reasons: z.array(ruleResult).describe('Every rule that it broke; empty when accepted.'),
  rule_results: z.array(ruleResult).describe('Warnings and notes of the rules.'),
});
export type CommandReply = z.output<typeof commandReply>;

const rejection = z.looseObject({ command_type: z.string(), reasons: z.array(ruleResult) });
const envelope = z.looseObject({ findings: z.array(ruleResult).default([]) });

/** The outcome that the events of a command tell; null when there are none. */
export const toApiOutcome = (commandId: string, events: readonly EventRow[]): CommandReply | null => {
  const last = events.at(-1);
  if (last === undefined) return null;
  const rejected = events.find((event) => event.event_type === 'CommandRejected');
  const told = rejected === undefined ? null : rejection.parse(rejected.event_data);
  return {
    command_id: commandId,
    kind: rejected === undefined ? 'ACCEPTED' : 'REJECTED',
    decided_at: last.recorded_at,
    command_type: told?.command_type ?? null,
    reasons: told?.reasons ?? [],
    rule_results: events.flatMap((event) => envelope.parse(event.metadata).findings),
  };
};
