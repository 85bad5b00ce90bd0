// Everything in ClickHouse can be dropped and made again from the log; the checksum shows that the content is the same.
import { fileURLToPath } from 'node:url';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import { migrateWarehouse } from '#platform/clickhouse/migrate.ts';
import { ensurePointInTimeViews } from './point-in-time.ts';
import { currentGeneration } from './watermark.ts';

/** Tables that are projections of the log, watermark last. */
export const projectedTables = [
  'dim_fund_history',
  'dim_investor_history',
  'fact_cash_flows_history',
  'fact_cash_flows',
  'fact_commitments',
  'fact_fund_performance_history',
  'fact_fund_performance',
  'fact_nav_rolls_history',
  'fact_nav_rolls',
  'fact_journal_lines',
  'fact_hypothetical_liquidations_history',
  'fact_hypothetical_liquidations',
  'fact_quality_findings_history',
  'fact_quality_findings',
  'fact_capital_calls_history',
  'fact_capital_call_notices',
  'fact_capital_call_payments',
  'fact_distributions_history',
  'fact_distribution_notices',
  'fact_commitment_changes',
  'dim_investment_history',
  'dim_exchange_rate',
  'dim_account',
  'watermark',
] as const;

/** Brings the database to the newest schema and its parameterised views to their newest text; names of the migrations applied. */
export const migrateStarSchema = async (warehouse: Warehouse): Promise<readonly string[]> => {
  const applied = await migrateWarehouse(warehouse, fileURLToPath(new URL('./migrations', import.meta.url)));
  await ensurePointInTimeViews(warehouse);
  return applied;
};

/**
 * Empties every projection. The new generation is begun first: a sink that still runs ends at its next batch, and the next
 * one reads the log from its first event. Rows that the old one may still write are those that the new one writes too.
 */
export const emptyStarSchema = async (warehouse: Warehouse): Promise<void> => {
  await warehouse.insert('sink_generation', [{ generation: (await currentGeneration(warehouse)) + 1 }]);
  for (const table of projectedTables) await warehouse.command(`TRUNCATE TABLE ${table}`);
};

export interface TableChecksum {
  readonly table: string;
  readonly rows: string;
  readonly checksum: string;
}

/** Rows and an order-independent checksum of each table; equal before and after a rebuild. */
export const checksumClickHouse = async (warehouse: Warehouse): Promise<readonly TableChecksum[]> => {
  const tables = ['dim_date', ...projectedTables.filter((table) => table !== 'watermark')];
  return await Promise.all(
    tables.map(async (table) => {
      const [row] = await warehouse.query<{ rows: string; checksum: string }>(
        `SELECT count() AS rows, hex(groupBitXor(sipHash64(toString(tuple(*))))) AS checksum FROM ${table} FINAL`,
      );
      return { table, rows: row?.rows ?? '0', checksum: row?.checksum ?? '' };
    }),
  );
};
