// Every tenth version of an aggregate as it stood (spec 6.1): its row after that event, whatever else the batch holds. What the batch
// knows of the row is laid over what stands in the database, before the batch changes it there.
import type { PoolClient } from 'pg';
import type { EventEnvelope } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import type { Batch } from './batch.ts';
import { investments } from './life-tables.ts';
import { sqlArray, sqlInstant, sqlJsonArray } from './sql-values.ts';
import type { AnyRow, Table } from './table.ts';
import { keyColumnOf } from './written-tables.ts';

/** Versions from one snapshot to the next. */
const everyVersions = 10;

/** What the batch knows of an aggregate at a version. */
export interface Snapshot {
  readonly table: Table;
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly createdAt: string;
  readonly known: AnyRow;
  /** Hundredths that the batch has added to what stands in the database. */
  readonly added: Readonly<Record<string, bigint>>;
}

/** Notes the aggregate after the event that was just folded, when a snapshot is due. */
export const noteSnapshot = (batch: Batch, table: Table, id: string, envelope: EventEnvelope): void => {
  const { event_version: version, aggregate_type: type, recorded_at } = envelope;
  if (version % everyVersions !== 0) return;
  const changes = batch.changes.get(table);
  const patch = changes?.patches.get(id);
  const known = changes?.inserts.get(id) ?? patch?.set ?? {};
  batch.snapshots.push({ table, id, type, version, createdAt: sqlInstant(recorded_at), known, added: patch?.add ?? {} });
};

const jsonOf = ({ table, known }: Snapshot): string =>
  `{${Object.entries(known)
    .map(([column, value]) => {
      const isJson = table.columns[column] === 'jsonb' && value !== null;
      return `${JSON.stringify(column)}:${isJson ? String(value) : JSON.stringify(value)}`;
    })
    .join(',')}}`;

const addedOf = ({ added }: Snapshot): string =>
  JSON.stringify(Object.fromEntries(Object.entries(added).map(([column, minor]) => [column, formatMoney(minor)])));

// What an investment is worth follows from its events, which stand in event_store by now.
const statementFor = (table: Table): string => {
  const key = keyColumnOf(table);
  const figures = table === investments ? ' || (SELECT to_jsonb(f) FROM investment_figures(v.id, v.version) AS f)' : '';
  return `INSERT INTO event_snapshots (aggregate_id, aggregate_type, snapshot_version, snapshot_data, created_at)
    SELECT v.id, v.type, v.version,
      to_jsonb(jsonb_populate_record(t, v.known::jsonb || coalesce((SELECT jsonb_object_agg(a.key, (to_jsonb(t)->>a.key)::numeric + a.value::numeric) FROM jsonb_each_text(v.added::jsonb) AS a), '{}')))${figures},
      v.created_at
    FROM ROWS FROM (unnest($1::uuid[]), unnest($2::text[]), unnest($3::integer[]), unnest($4::timestamptz[]), json_array_elements($5::json), json_array_elements($6::json))
      AS v(id, type, version, created_at, known, added)
    LEFT JOIN ${table.name} AS t ON t.${key} = v.id`;
};

/** Writes the snapshots of a batch; before its rows. */
export const writeSnapshots = async (client: PoolClient, snapshots: readonly Snapshot[]): Promise<void> => {
  for (const [table, own] of Map.groupBy(snapshots, (snapshot) => snapshot.table)) {
    await client.query(statementFor(table), [
      sqlArray(
        own.map(({ id }) => id),
        true,
      ),
      sqlArray(
        own.map(({ type }) => type),
        true,
      ),
      sqlArray(
        own.map(({ version }) => version),
        true,
      ),
      sqlArray(
        own.map(({ createdAt }) => createdAt),
        true,
      ),
      sqlJsonArray(own.map(jsonOf)),
      sqlJsonArray(own.map(addedOf)),
    ]);
  }
};
