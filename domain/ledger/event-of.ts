// What a decision becomes once it is an event: the facts of its command, of its place among the events and of its recording.
import type { AnyCommand, AnyEvent, EventEnvelope, RuleResult, Uuid } from '../messages.ts';
import type { DraftEvent } from './decision.ts';

/** What only the one who records knows. */
export interface Recording {
  readonly eventId: Uuid;
  /** Milliseconds of the epoch. */
  readonly recordedAt: number;
  readonly findings: readonly RuleResult[];
  /** What stands for the link until the event is sealed into the chain. */
  readonly unsealed: Uint8Array;
}

/** The event of a draft; the effective date is the command's unless the draft has its own. */
export const eventOf = ({ header }: AnyCommand['value'], draft: DraftEvent, recording: Recording): AnyEvent => {
  const envelope: EventEnvelope = {
    chain_hash: recording.unsealed,
    event_id: recording.eventId,
    tenant_id: header.tenant_id,
    aggregate_type: draft.aggregate_type,
    aggregate_id: draft.aggregate_id,
    event_version: draft.event_version,
    effective_date: draft.effective_date ?? header.effective_date,
    recorded_at: recording.recordedAt,
    actor: header.actor,
    origin: header.origin,
    reason: header.reason,
    correlation_id: header.correlation_id,
    causation_id: header.command_id,
    depends_on: draft.depends_on,
    findings: recording.findings,
  };
  return { type: draft.type, value: { envelope, ...draft.body } } as AnyEvent;
};
