// The stores of a measured stack, read from outside as any client reads them.
import { createWarehouse, type Warehouse } from '#platform/clickhouse/client.ts';
import { loadConfig } from '#platform/config/config.ts';
import type { OwnStack } from '#tests/support/own-stack.ts';

/** The warehouse of a stack. */
export const warehouseOf = (stack: OwnStack): Warehouse => {
  const { addresses, clickhouseDatabase } = loadConfig({ ...process.env, ...stack.env() });
  return createWarehouse({ url: addresses.clickhouseUrl, ...addresses.clickhouseIngest, database: clickhouseDatabase });
};

/** Commitments in the warehouse. */
export const inWarehouse = async (warehouse: Warehouse): Promise<number> => {
  const [row] = await warehouse.query<{ n: string }>('SELECT uniqExact(commitment_id) AS n FROM fact_commitments');
  return Number(row?.n ?? 0);
};
