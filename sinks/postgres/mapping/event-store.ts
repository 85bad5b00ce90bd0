// Any event to its row in event_store: the whole event, sealed fields masked.
import type { AnyEvent } from '#domain/messages.ts';
import { sqlInstant, sqlJson } from '../sql-values.ts';
import type { RowOf } from '../table.ts';
import type { eventStore } from '../tables.ts';

/** Where an event stands on the log. */
export interface LogPlace {
  readonly partition: number;
  readonly offset: bigint;
}

/** The row of an event at its place. */
export const toDbEvent = (event: AnyEvent, place: LogPlace): RowOf<typeof eventStore> => {
  const { envelope, ...data } = event.value;
  const recordedAt = sqlInstant(envelope.recorded_at);
  return {
    event_id: envelope.event_id,
    tenant_id: envelope.tenant_id,
    aggregate_id: envelope.aggregate_id,
    aggregate_type: envelope.aggregate_type,
    event_type: event.type,
    event_version: envelope.event_version,
    event_data: sqlJson(data),
    metadata: JSON.stringify({
      actor: envelope.actor,
      origin: envelope.origin,
      reason: envelope.reason,
      depends_on: envelope.depends_on,
      findings: envelope.findings,
    }),
    effective_date: envelope.effective_date,
    occurred_at: recordedAt,
    created_at: recordedAt,
    causation_id: envelope.causation_id,
    correlation_id: envelope.correlation_id,
    chain_hash: Buffer.from(envelope.chain_hash),
    partition: place.partition,
    log_offset: String(place.offset),
  };
};
