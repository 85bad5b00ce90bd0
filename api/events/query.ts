// SQL of the event store: the events of an aggregate in order, and those that a command led to.
import { z } from 'zod';
import type { Snapshot } from '../database.ts';
import { dateText, utcText } from '../database.ts';
import { instant, localDate } from '../shapes.ts';

export const eventRow = z
  .object({
    event_id: z.string(),
    event_type: z.string(),
    aggregate_type: z.string(),
    aggregate_id: z.string(),
    event_version: z.number().int(),
    effective_date: localDate,
    recorded_at: instant,
    causation_id: z.string().describe('The command.'),
    correlation_id: z.string(),
    chain_hash: z.string().describe('SHA-256 link of the hash chain of the partition, hexadecimal.'),
    partition: z.number().int(),
    log_offset: z.string().describe('Offset in the partition of the events topic.'),
    event_data: z.unknown().describe('The event without its envelope; amounts are decimal text.'),
    metadata: z.unknown().describe('The rest of the envelope.'),
  })
  .meta({ id: 'Event' });
export type EventRow = z.output<typeof eventRow>;

const select = `
  SELECT e.event_id, e.event_type, e.aggregate_type, e.aggregate_id, e.event_version, ${dateText('e.effective_date')} AS effective_date, ${utcText('e.occurred_at')} AS recorded_at,
         e.causation_id, e.correlation_id, encode(e.chain_hash, 'hex') AS chain_hash, e.partition, e.log_offset::text AS log_offset, e.event_data, e.metadata
    FROM event_store e`;

/** Events of an aggregate after a version, oldest first, and one row more than `limit`. */
export const eventsOfAggregate = (
  snapshot: Snapshot,
  aggregateId: string,
  afterVersion: number,
  limit: number,
): Promise<readonly EventRow[]> =>
  snapshot.rows(eventRow, `${select} WHERE e.aggregate_id = $1 AND e.event_version > $2 ORDER BY e.event_version LIMIT $3`, [
    aggregateId,
    afterVersion,
    limit + 1,
  ]);

/** Events that a command led to, in the order of the log. */
export const eventsOfCommand = (snapshot: Snapshot, commandId: string): Promise<readonly EventRow[]> =>
  snapshot.rows(eventRow, `${select} WHERE e.causation_id = $1 ORDER BY e.partition, e.log_offset`, [commandId]);
