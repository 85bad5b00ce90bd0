// Finds events that the database has already, after Postgres refused a batch as duplicate: a position that was set back (a restored
// backup) delivers them again. The same event is passed over; another event under the same version is a broken log.
import type { Pool } from 'pg';
import type { Portion } from './apply.ts';
import { SinkError } from './errors.ts';
import type { LogItem } from './log-item.ts';

interface KnownRow {
  readonly aggregate_id: string;
  readonly event_version: number;
  readonly event_id: string;
  readonly place: string;
  readonly chain_hash: string;
}

const keyOf = (aggregateId: string, version: number): string => `${aggregateId}/${version}`;

/**
 * The items of portions that stand in the database, byte for byte at the same place of the log.
 * @throws SinkError `event-conflict` when another event stands under the same aggregate and version.
 */
export const findKnownEvents = async (
  pool: Pool,
  schema: string,
  portions: readonly Portion[],
): Promise<ReadonlySet<LogItem>> => {
  const events = new Map<string, { readonly item: LogItem & { readonly kind: 'event' }; readonly place: string }>();
  for (const { partition, items } of portions) {
    for (const item of items) {
      if (item.kind !== 'event') continue;
      const { aggregate_id, event_version } = item.event.value.envelope;
      events.set(keyOf(aggregate_id, event_version), { item, place: `${partition}/${item.offset}` });
    }
  }
  const envelopes = [...events.values()].map(({ item }) => item.event.value.envelope);
  const { rows } = await pool.query<KnownRow>(
    `SELECT e.aggregate_id, e.event_version, e.event_id, e.partition || '/' || e.log_offset AS place, encode(e.chain_hash, 'hex') AS chain_hash
       FROM ${schema}.event_store e
       JOIN unnest($1::uuid[], $2::integer[]) AS v(aggregate_id, event_version) ON v.aggregate_id = e.aggregate_id AND v.event_version = e.event_version`,
    [envelopes.map((envelope) => envelope.aggregate_id), envelopes.map((envelope) => envelope.event_version)],
  );
  const known = new Set<LogItem>();
  for (const row of rows) {
    const found = events.get(keyOf(row.aggregate_id, row.event_version));
    if (found === undefined) continue;
    const { envelope } = found.item.event.value;
    const same =
      row.event_id === envelope.event_id &&
      row.place === found.place &&
      row.chain_hash === Buffer.from(envelope.chain_hash).toString('hex');
    if (!same) {
      throw new SinkError(
        'event-conflict',
        `version ${row.event_version} of ${row.aggregate_id} is event ${row.event_id} at ${row.place} in Postgres, but event ${envelope.event_id} at ${found.place} on the log; ` +
          'find out which is true (stratcap verify), then run stratcap rebuild postgres',
      );
    }
    known.add(found.item);
  }
  return known;
};
