// Writes the facts of a batch: each replaces the one of its key.
import { v5 as uuidV5 } from 'uuid';
import type { PoolClient } from 'pg';
import type { Batch } from './batch.ts';
import { capitalAccounts, cashFlows, factTables, hypotheticalLiquidations } from './fact-tables.ts';
import { insertStatement, replaceOnConflict } from './statements.ts';
import type { AnyRow, Table } from './table.ts';

/** Names the results of net asset values. */
const navNamespace = '5f0c8a7e-3d2b-5b61-9a4e-7c1d2e3f4a5b';

const upsert = async (client: PoolClient, table: Table, rows: readonly AnyRow[], suffix: string): Promise<void> => {
  const statement = insertStatement(table, rows, suffix);
  await client.query({ ...statement, values: [...statement.values] });
};

/** Earliest and latest day for which months are made; a flow of another day is an error of a source and stands in the rest. */
const monthsFrom = '1970-01-01';
const monthsTo = '2100-01-01';

const monthOf = (row: AnyRow): string => `${String(row['flow_date']).slice(0, 7)}-01`;

/** Makes the months that flows fall into before the first of them is written. */
const makeMonths = async (client: PoolClient, flows: readonly AnyRow[]): Promise<void> => {
  const months = [...new Set(flows.map(monthOf))].filter((month) => month >= monthsFrom && month < monthsTo);
  if (months.length === 0) return;
  await client.query(
    `SELECT create_monthly_partitions('cash_flows', m.month, m.month) FROM unnest($1::date[]) AS m(month)
      WHERE to_regclass('cash_flows_' || to_char(m.month, 'YYYY_MM')) IS NULL ORDER BY m.month`,
    [months],
  );
};

// As `replaces` of add-fact.ts: rows of positions taken over have no accrued carried interest.
const newerAccount = `WHERE CASE WHEN excluded.accrued_carried_interest IS NOT NULL AND capital_accounts.accrued_carried_interest IS NOT NULL
  THEN (excluded.as_of_date, excluded.position_offset) >= (capital_accounts.as_of_date, capital_accounts.position_offset)
  ELSE excluded.position_offset >= capital_accounts.position_offset END`;

const writeAccounts = async (client: PoolClient, accounts: Batch['accounts']): Promise<void> => {
  if (accounts.size === 0) return;
  const rows = [...accounts.values()].map(({ row }) => row);
  await upsert(
    client,
    capitalAccounts,
    rows,
    `${replaceOnConflict(capitalAccounts, ['fund_id', 'investor_id'])} ${newerAccount}`,
  );
};

/** Active commitments of live funds and of their investors: the facts do not say how many they are. */
const countCommitments = async (client: PoolClient, funds: Batch['countedFunds']): Promise<void> => {
  if (funds.size === 0) return;
  await client.query(
    `UPDATE capital_accounts AS a SET commitments = coalesce(c.commitments, 0)
       FROM capital_accounts AS own
       LEFT JOIN (SELECT fund_id, investor_id, count(*)::integer AS commitments FROM commitments
                   WHERE fund_id = ANY($1::uuid[]) AND status = 'ACTIVE' GROUP BY GROUPING SETS ((fund_id, investor_id), (fund_id))) AS c
         ON c.fund_id = own.fund_id AND c.investor_id IS NOT DISTINCT FROM own.investor_id
      WHERE own.fund_id = ANY($1::uuid[]) AND own.accrued_carried_interest IS NOT NULL AND own.commitments IS DISTINCT FROM coalesce(c.commitments, 0)
        AND a.fund_id = own.fund_id AND a.investor_id IS NOT DISTINCT FROM own.investor_id`,
    [[...funds]],
  );
};

/** How the net asset value of a fund on a day is shared: a calculation like any other, with its terms and its source event. */
const writeNavResults = async (client: PoolClient, liquidations: readonly AnyRow[]): Promise<void> => {
  if (liquidations.length === 0) return;
  const keys = liquidations.map((row) => [String(row['fund_id']), String(row['as_of_date'])] as const);
  await client.query(
    `INSERT INTO calculation_results (result_id, calculation_type, fund_id, calculation_date, source_event_id, terms_version, input_parameters,
       calculation_result, calculation_status, created_at, completed_at)
     SELECT v.result_id, 'NAV', h.fund_id, h.as_of_date, e.event_id, h.terms_version,
       jsonb_build_object('nav', h.nav::text, 'currency', h.currency, 'source_events',
         jsonb_build_array(jsonb_build_object('aggregate_id', e.aggregate_id, 'event_version', e.event_version))),
       jsonb_build_object('lp_net', h.lp_net::text, 'accrued_carried_interest', h.accrued_carried_interest::text, 'tiers', h.tiers, 'error', h.error),
       CASE WHEN h.error IS NULL THEN 'COMPLETED' ELSE 'FAILED' END, h.recorded_at, h.recorded_at
     FROM unnest($1::uuid[], $2::uuid[], $3::date[]) AS v(result_id, fund_id, as_of_date)
     JOIN hypothetical_liquidations AS h ON h.fund_id = v.fund_id AND h.as_of_date = v.as_of_date
     JOIN event_store AS e ON e.aggregate_id = h.source_event_aggregate_id AND e.event_version = h.source_event_version
     ON CONFLICT (result_id) DO UPDATE SET source_event_id = excluded.source_event_id, terms_version = excluded.terms_version,
       input_parameters = excluded.input_parameters, calculation_result = excluded.calculation_result,
       calculation_status = excluded.calculation_status, created_at = excluded.created_at, completed_at = excluded.completed_at`,
    [
      keys.map(([fund, date]) => uuidV5(`nav ${fund} ${date}`, navNamespace)),
      keys.map(([fund]) => fund),
      keys.map(([, date]) => date),
    ],
  );
};

/** Writes all facts of a batch; after the rows of its events. */
export const writeFacts = async (client: PoolClient, batch: Batch): Promise<void> => {
  for (const { table, key } of factTables) {
    const rows = [...(batch.facts.get(table)?.values() ?? [])];
    if (rows.length === 0) continue;
    if (table === cashFlows) await makeMonths(client, rows);
    await upsert(client, table, rows, replaceOnConflict(table, key));
    if (table === hypotheticalLiquidations) await writeNavResults(client, rows);
  }
  await writeAccounts(client, batch.accounts);
  await countCommitments(client, batch.countedFunds);
};
