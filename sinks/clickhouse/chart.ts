// Fills dim_account with the default chart of accounts: reference data that does not come from the log. What was set on the log replaces it.
import { defaultChart } from '#domain/journal/chart.ts';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import { instant, type Row } from './rows.ts';

/** Rows of the default chart, older than any row of the log. */
export const chartRows = (): readonly Row[] =>
  defaultChart.map(({ code, name, type }) => ({
    account_code: code,
    account_name: name,
    account_type: type,
    is_active: true,
    _version: '0',
    _partition: 0,
    recorded_at: instant(0),
  }));

/** Writes the default chart; where it stands already, or something later, nothing changes. */
export const ensureChart = async (warehouse: Warehouse): Promise<void> => {
  const [row] = await warehouse.query<{ count: string }>('SELECT count() AS count FROM dim_account WHERE _version = 0');
  if (row?.count === '0') await warehouse.insert('dim_account', chartRows());
};
