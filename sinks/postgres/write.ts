// Writes a batch inside the transaction of the caller, parents before children. Nothing is upserted but facts: an event that the
// database has seen, or a version that it does not expect, is never written over.
import type { PoolClient } from 'pg';
import type { Batch, Changes } from './batch.ts';
import { SinkError } from './errors.ts';
import { readFormer } from './former-values.ts';
import { writeSnapshots } from './snapshots.ts';
import { columnsOf, insertStatement, replaceOnConflict, updateStatement, type RowPatch, type Statement } from './statements.ts';
import type { AnyRow, Table } from './table.ts';
import { auditTrail, eventStore, findings, fundTerms } from './tables.ts';
import { writeConsequences } from './write-consequences.ts';
import { writeFacts } from './write-facts.ts';
import { keyColumnOf, writtenTables } from './written-tables.ts';

const run = async (client: PoolClient, statement: Statement): Promise<number> => {
  const { rowCount } = await client.query({ ...statement, values: [...statement.values] });
  return rowCount ?? 0;
};

const insertRows = async (client: PoolClient, target: Table, rows: readonly AnyRow[], suffix?: string): Promise<void> => {
  if (rows.length > 0) await run(client, insertStatement(target, rows, suffix));
};

/** Patches by the columns that they write: one statement each. */
const byColumns = (patches: ReadonlyMap<string, RowPatch>): Iterable<ReadonlyMap<string, RowPatch>> => {
  const groups = new Map<string, Map<string, RowPatch>>();
  for (const [id, patch] of patches) {
    const columns = columnsOf(patch);
    const group = groups.get(columns) ?? new Map<string, RowPatch>();
    groups.set(columns, group.set(id, patch));
  }
  return groups.values();
};

const writeChanges = async (client: PoolClient, target: Table, changes: Changes): Promise<void> => {
  await insertRows(client, target, [...changes.inserts.values()]);
  if (changes.patches.size === 0) return;
  const key = keyColumnOf(target);
  for (const patches of byColumns(changes.patches)) {
    const changed = await run(client, updateStatement(target, key, patches));
    if (changed !== patches.size) await explainMissing(client, target, key, patches);
  }
};

/** Names the first row that a change does not fit. */
const explainMissing = async (
  client: PoolClient,
  target: Table,
  key: string,
  patches: ReadonlyMap<string, RowPatch>,
): Promise<never> => {
  const version = 'version' in target.columns ? 'version' : '0';
  const { rows } = await client.query<{ id: string; version: number }>(
    `SELECT ${key}::text AS id, ${version} AS version FROM ${target.name} WHERE ${key} = ANY($1::uuid[])`,
    [[...patches.keys()]],
  );
  // The statement has run: a row that it changed stands at the new version.
  const versions = new Map(rows.map((row) => [row.id, row.version]));
  for (const [id, patch] of patches) {
    const found = versions.get(id);
    if (found === (patch.set['version'] ?? 0)) continue;
    const needed = patch.expectedVersion === null ? 'a row' : `version ${patch.expectedVersion}`;
    const made = patch.expectedVersion === null ? 'a change' : `a change to version ${String(patch.set['version'])}`;
    throw new SinkError(
      'event-conflict',
      `${target.name} ${id}: ${made} needs ${needed}, found ${found ?? 'no row'}; ` +
        'compare the log with the database (stratcap verify), then run stratcap rebuild postgres',
    );
  }
  throw new SinkError('event-conflict', `${target.name}: fewer rows changed than events say; run stratcap rebuild postgres`);
};

/** The terms of the cards; adopted terms are rows of their own. */
const writeTerms = async (client: PoolClient, terms: Batch['terms']): Promise<void> => {
  if (terms.size === 0) return;
  const changes = [...terms.values()].flatMap((byId) => [...byId.values()]);
  const kept = changes.filter((change) => !change.fresh).map((change) => change.row);
  await client.query(
    `DELETE FROM fund_terms t WHERE t.fund_id = ANY($1::uuid[]) AND t.terms_version IS NULL
       AND NOT EXISTS (SELECT FROM unnest($2::uuid[], $3::uuid[]) AS v(fund_id, term_id) WHERE v.fund_id = t.fund_id AND v.term_id = t.term_id)`,
    [[...terms.keys()], kept.map((row) => row.fund_id), kept.map((row) => row.term_id)],
  );
  await insertRows(
    client,
    fundTerms,
    changes.map((change) => change.row),
    replaceOnConflict(fundTerms, ['fund_id', 'term_id'], ['created_at']),
  );
};

/** Writes all rows of a batch. @throws SinkError `event-conflict`, or the error of Postgres when it refuses a row. */
export const writeBatch = async (client: PoolClient, batch: Batch): Promise<void> => {
  await readFormer(client, batch);
  await insertRows(client, eventStore, batch.events);
  await writeSnapshots(client, batch.snapshots);
  for (const table of writtenTables) {
    if (table === fundTerms) await writeTerms(client, batch.terms);
    const changes = batch.changes.get(table);
    if (changes !== undefined) await writeChanges(client, table, changes);
  }
  await writeConsequences(client, batch);
  await writeFacts(client, batch);
  await insertRows(client, findings, batch.findings);
  await insertRows(client, auditTrail, batch.audit);
};
