// The tables that events change, in an order in which their rows can be inserted, with the column that names a row in a change.
import {
  calculationResults,
  capitalCallNotices,
  capitalCallPayments,
  capitalCalls,
  carryClawbacks,
  distributionNotices,
  distributions,
  fundTransactions,
  investments,
  investmentValuations,
} from './life-tables.ts';
import type { Table } from './table.ts';
import {
  chartOfAccounts,
  commitmentModifications,
  commitments,
  exchangeRates,
  fundTerms,
  funds,
  investorBanking,
  investors,
  openingBalances,
  systemConfigurations,
  valuations,
  waterfallConfigs,
} from './tables.ts';

const keyed: readonly (readonly [table: Table, key: string])[] = [
  [funds, 'fund_id'],
  [investors, 'investor_id'],
  [fundTerms, 'term_id'],
  [waterfallConfigs, 'config_id'],
  [investorBanking, 'banking_id'],
  [commitments, 'commitment_id'],
  [openingBalances, 'commitment_id'],
  [valuations, 'valuation_id'],
  [commitmentModifications, 'modification_id'],
  [investments, 'investment_id'],
  [investmentValuations, 'valuation_id'],
  [fundTransactions, 'transaction_id'],
  [capitalCalls, 'call_id'],
  [capitalCallNotices, 'notice_id'],
  [capitalCallPayments, 'payment_id'],
  [distributions, 'distribution_id'],
  [distributionNotices, 'notice_id'],
  [carryClawbacks, 'clawback_id'],
  [calculationResults, 'result_id'],
  [exchangeRates, 'rate_id'],
  [chartOfAccounts, 'account_id'],
  [systemConfigurations, 'config_id'],
];

const keys = new Map(keyed);

/** Tables that events change, parents before children. */
export const writtenTables: readonly Table[] = keyed.map(([table]) => table);

/** The column that names a row of a table in a change. */
export const keyColumnOf = (table: Table): string => {
  const key = keys.get(table);
  if (key === undefined) throw new Error(`events do not change rows of ${table.name}`);
  return key;
};
