// Variables that several dashboards have.
import type { QueryVariable } from './grafana/model.ts';

const funds = 'SELECT toString(fund_id) AS value, fund_name AS text FROM dim_fund WHERE is_current ORDER BY text LIMIT 5000';

/** One fund. */
export const oneFund: QueryVariable = { name: 'fund', label: 'Fund', sql: funds, multi: false };
/** Several funds, all at first. */
export const someFunds: QueryVariable = { name: 'funds', label: 'Funds', sql: funds, multi: true };

/**
 * Condition on a column: it is one of the chosen funds. The quotes come from Grafana, which escapes what is in them; ids are compared as
 * ids, so that the key of a table is used, and what is no id is that of no fund.
 */
export const isChosen = (column: string): string => `${column} IN (SELECT toUUIDOrZero(arrayJoin([\${funds:singlequote}])))`;
/** Condition on a column: it is the chosen fund. */
export const isTheFund = (column: string): string => `${column} = toUUIDOrZero(\${fund:singlequote})`;
