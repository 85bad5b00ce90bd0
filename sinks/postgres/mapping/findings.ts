// What the rules said: the findings of an accepted command, and the reasons of a rejected one.
import type { AnyEvent } from '#domain/messages.ts';
import { sqlInstant } from '../sql-values.ts';
import type { RowOf } from '../table.ts';
import type { findings } from '../tables.ts';
import { subjectOf } from './subject.ts';

/** One row per result, numbered within the event. */
export const toDbFindings = (event: AnyEvent): readonly RowOf<typeof findings>[] => {
  const { envelope } = event.value;
  const results = event.type === 'CommandRejected' ? [...envelope.findings, ...event.value.reasons] : envelope.findings;
  if (results.length === 0) return [];
  const subject = subjectOf(event);
  return results.map((result, at) => ({
    event_id: envelope.event_id,
    finding_number: at + 1,
    event_type: event.type,
    aggregate_type: envelope.aggregate_type,
    aggregate_id: envelope.aggregate_id,
    event_version: envelope.event_version,
    ...subject,
    rule: result.rule,
    severity: result.severity,
    message: result.message,
    field: result.field,
    recorded_at: sqlInstant(envelope.recorded_at),
  }));
};
