// The tables of what the processors tell, column by column, with the key under which a later fact replaces an earlier one.
import { factStamps, table, type Table } from './table.ts';

export const capitalAccounts = table('capital_accounts', {
  fund_id: 'uuid',
  investor_id: 'uuid',
  currency: 'text',
  as_of_date: 'date',
  earliest_as_of_date: 'date',
  commitments: 'integer',
  committed_amount: 'numeric',
  called_amount: 'numeric',
  distributed_amount: 'numeric',
  remaining_value: 'numeric',
  total_value: 'numeric',
  unfunded_amount: 'numeric',
  called_unknown: 'integer',
  distributed_unknown: 'integer',
  remaining_unknown: 'integer',
  pic: 'numeric',
  dpi: 'numeric',
  rvpi: 'numeric',
  tvpi: 'numeric',
  irr: 'numeric',
  irr_status: 'text',
  reported_irr: 'numeric',
  reported_multiple: 'numeric',
  ...factStamps,
  paid_in_amount: 'numeric',
  recallable_amount: 'numeric',
  accrued_carried_interest: 'numeric',
});

export const cashFlows = table('cash_flows', {
  cash_flow_id: 'uuid',
  fund_id: 'uuid',
  investor_id: 'uuid',
  commitment_id: 'uuid',
  investment_id: 'uuid',
  flow_date: 'date',
  cash_flow_type: 'text',
  currency: 'text',
  capital_call_amount: 'numeric',
  distribution_amount: 'numeric',
  net_cash_flow: 'numeric',
  transaction_id: 'uuid',
  is_reversal: 'boolean',
  ...factStamps,
});

export const journalEntries = table('journal_entries', {
  journal_entry_id: 'uuid',
  line_number: 'integer',
  fund_id: 'uuid',
  entry_date: 'date',
  currency: 'text',
  posting_rule: 'text',
  description: 'text',
  account_code: 'text',
  debit: 'numeric',
  credit: 'numeric',
  investor_id: 'uuid',
  investment_id: 'uuid',
  ...factStamps,
});

export const navRolls = table('nav_rolls', {
  fund_id: 'uuid',
  investor_id: 'uuid',
  as_of_date: 'date',
  currency: 'text',
  opening_nav: 'numeric',
  contributions: 'numeric',
  distributions: 'numeric',
  management_fees: 'numeric',
  expenses: 'numeric',
  interest_income: 'numeric',
  dividend_income: 'numeric',
  other_income: 'numeric',
  interest_expense: 'numeric',
  realised_gain_loss: 'numeric',
  unrealised_change: 'numeric',
  transfers: 'numeric',
  carried_interest_paid: 'numeric',
  closing_nav: 'numeric',
  accrued_carried_interest: 'numeric',
  net_nav: 'numeric',
  ...factStamps,
});

export const fundPerformance = table('fund_performance', {
  fund_id: 'uuid',
  investor_id: 'uuid',
  investment_id: 'uuid',
  as_of_date: 'date',
  currency: 'text',
  nav: 'numeric',
  committed_capital: 'numeric',
  called_capital: 'numeric',
  distributed_capital: 'numeric',
  remaining_value: 'numeric',
  total_value: 'numeric',
  unfunded_amount: 'numeric',
  accrued_carried_interest: 'numeric',
  pic: 'numeric',
  dpi: 'numeric',
  rvpi: 'numeric',
  tvpi: 'numeric',
  moic: 'numeric',
  irr: 'numeric',
  irr_status: 'text',
  gross_irr: 'numeric',
  gross_irr_status: 'text',
  period_return: 'numeric',
  is_short_span: 'boolean',
  ...factStamps,
});

export const hypotheticalLiquidations = table('hypothetical_liquidations', {
  fund_id: 'uuid',
  as_of_date: 'date',
  currency: 'text',
  nav: 'numeric',
  lp_net: 'numeric',
  accrued_carried_interest: 'numeric',
  terms_version: 'integer',
  tiers: 'jsonb',
  error: 'text',
  ...factStamps,
});

export const qualityFindings = table('quality_findings', {
  finding_id: 'uuid',
  check_name: 'text',
  fund_id: 'uuid',
  subject_id: 'uuid',
  severity: 'text',
  status: 'text',
  message: 'text',
  expected: 'text',
  actual: 'text',
  ...factStamps,
});

/** A table of facts and the columns of its key. */
export interface FactTable {
  readonly table: Table;
  readonly key: readonly string[];
}

/** Tables in which the last fact of a key stands. Capital accounts have a rule of their own. */
export const factTables: readonly FactTable[] = [
  { table: cashFlows, key: ['cash_flow_id', 'flow_date'] },
  { table: journalEntries, key: ['journal_entry_id', 'line_number'] },
  { table: navRolls, key: ['fund_id', 'investor_id', 'as_of_date'] },
  { table: fundPerformance, key: ['fund_id', 'investor_id', 'investment_id', 'as_of_date'] },
  { table: hypotheticalLiquidations, key: ['fund_id', 'as_of_date'] },
  { table: qualityFindings, key: ['finding_id'] },
];
