// Writes a batch inside the transaction of the caller, parents before children. Nothing is upserted but facts: an event that the
// database has seen, or a version that it does not expect, is never written over.
import type { PoolClient } from 'pg';
import type { Batch, CardChanges } from './batch.ts';
import { readFormer } from './former-values.ts';
import { SinkError } from './errors.ts';
import { toDbCapitalAccount } from './mapping/capital-accounts.ts';
import {
  auditTrail,
  capitalAccounts,
  commitments,
  eventStore,
  findings,
  fundTerms,
  funds,
  investorBanking,
  investors,
  openingBalances,
  valuations,
  type RowOf,
  type Table,
} from './tables.ts';
import { insertStatement, replaceOnConflict, updateStatement, type RowPatch, type Statement } from './statements.ts';

const run = async (client: PoolClient, statement: Statement): Promise<number> => {
  const { rowCount } = await client.query({ ...statement, values: [...statement.values] });
  return rowCount ?? 0;
};

const insertRows = async <T extends Table>(
  client: PoolClient,
  target: T,
  rows: readonly RowOf<T>[],
  suffix?: string,
): Promise<void> => {
  if (rows.length > 0) await run(client, insertStatement(target, rows, suffix));
};

/** Patches by the columns that they set: one statement each. */
const byColumns = (patches: ReadonlyMap<string, RowPatch>): ReadonlyMap<string, ReadonlyMap<string, RowPatch>> => {
  const groups = new Map<string, Map<string, RowPatch>>();
  for (const [id, patch] of patches) {
    const columns = Object.keys(patch.set).sort().join(',');
    const group = groups.get(columns) ?? new Map<string, RowPatch>();
    groups.set(columns, group.set(id, patch));
  }
  return groups;
};

const writeCards = async <T extends Table>(
  client: PoolClient,
  target: T,
  key: string,
  cards: CardChanges<RowOf<T>>,
): Promise<void> => {
  await insertRows(client, target, [...cards.inserts.values()]);
  for (const [columns, patches] of byColumns(cards.patches)) {
    const changed = await run(client, updateStatement(target, key, patches, columns.split(',')));
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
  const { rows } = await client.query<{ id: string; version: number }>(
    `SELECT ${key}::text AS id, version FROM ${target.name} WHERE ${key} = ANY($1::uuid[])`,
    [[...patches.keys()]],
  );
  // The statement has run: a row that it changed stands at the new version.
  const versions = new Map(rows.map((row) => [row.id, row.version]));
  for (const [id, patch] of patches) {
    const found = versions.get(id);
    if (found === patch.set['version']) continue;
    throw new SinkError(
      'event-conflict',
      `${target.name} ${id}: a change to version ${String(patch.set['version'])} needs version ${patch.expectedVersion}, found ${found ?? 'no row'}; ` +
        'compare the log with the database (stratcap verify), then run stratcap rebuild postgres',
    );
  }
  throw new SinkError('event-conflict', `${target.name}: fewer rows changed than events say; run stratcap rebuild postgres`);
};

const writeTerms = async (client: PoolClient, terms: Batch['terms']): Promise<void> => {
  if (terms.size === 0) return;
  const changes = [...terms.values()].flatMap((byId) => [...byId.values()]);
  const kept = changes.filter((change) => !change.fresh).map((change) => change.row);
  await client.query(
    `DELETE FROM fund_terms t WHERE t.fund_id = ANY($1::uuid[])
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
  await writeCards(client, funds, 'fund_id', batch.funds);
  await writeTerms(client, batch.terms);
  await writeCards(client, investors, 'investor_id', batch.investors);
  await insertRows(client, investorBanking, batch.banking);
  await writeCards(client, commitments, 'commitment_id', batch.commitments);
  await insertRows(client, openingBalances, batch.openingBalances);
  await insertRows(client, valuations, batch.valuations);
  await insertRows(
    client,
    capitalAccounts,
    [...batch.capitalAccounts.values()].map(toDbCapitalAccount),
    replaceOnConflict(capitalAccounts, ['fund_id', 'investor_id']),
  );
  await insertRows(client, findings, batch.findings);
  await insertRows(client, auditTrail, batch.audit);
};
