// The tables of funds, investors, commitments, reference data and of the events themselves, column by column.
import { stamps, table } from './table.ts';

export const eventStore = table('event_store', {
  event_id: 'uuid',
  tenant_id: 'uuid',
  aggregate_id: 'uuid',
  aggregate_type: 'text',
  event_type: 'text',
  event_version: 'integer',
  event_data: 'jsonb',
  metadata: 'jsonb',
  effective_date: 'date',
  occurred_at: 'timestamptz',
  created_at: 'timestamptz',
  causation_id: 'uuid',
  correlation_id: 'uuid',
  chain_hash: 'bytea',
  partition: 'integer',
  log_offset: 'bigint',
});

export const funds = table('funds', {
  fund_id: 'uuid',
  tenant_id: 'uuid',
  fund_name: 'text',
  fund_type: 'text',
  fund_size: 'numeric',
  target_size: 'numeric',
  base_currency: 'text',
  vintage_year: 'integer',
  inception_date: 'date',
  target_close_date: 'date',
  final_close_date: 'date',
  management_fee_rate: 'numeric',
  carried_interest_rate: 'numeric',
  hurdle_rate: 'numeric',
  catch_up_provision: 'boolean',
  fund_manager: 'text',
  investment_strategy: 'text',
  sub_strategy: 'text',
  geography: 'text',
  fund_status: 'text',
  assumed_fields: 'text[]',
  ...stamps,
});

export const fundTerms = table('fund_terms', {
  fund_id: 'uuid',
  term_id: 'uuid',
  term_type: 'text',
  term_name: 'text',
  term_value: 'jsonb',
  effective_date: 'date',
  expiry_date: 'date',
  created_at: 'timestamptz',
  investor_id: 'uuid',
  terms_version: 'integer',
});

export const investors = table('investors', {
  investor_id: 'uuid',
  tenant_id: 'uuid',
  investor_name: 'text',
  investor_type: 'text',
  investor_category: 'text',
  industry: 'text',
  aum_range: 'text',
  geography: 'text',
  jurisdiction: 'text',
  tax_id: 'text',
  contact_person: 'text',
  email: 'text',
  phone: 'text',
  address: 'text',
  kyc_status: 'text',
  kyc_date: 'date',
  kyc_source: 'text',
  ...stamps,
});

export const investorBanking = table('investor_banking', {
  banking_id: 'uuid',
  investor_id: 'uuid',
  bank_name: 'text',
  account_number: 'text',
  routing_number: 'text',
  swift_code: 'text',
  iban: 'text',
  is_primary: 'boolean',
  created_at: 'timestamptz',
});

export const commitments = table('commitments', {
  commitment_id: 'uuid',
  tenant_id: 'uuid',
  fund_id: 'uuid',
  investor_id: 'uuid',
  commitment_amount: 'numeric',
  currency: 'text',
  commitment_date: 'date',
  commitment_type: 'text',
  side_letter_terms: 'jsonb',
  status: 'text',
  assumed_fields: 'text[]',
  investor_version: 'integer',
  investor_kyc_status: 'text',
  ...stamps,
});

export const openingBalances = table('opening_balances', {
  commitment_id: 'uuid',
  event_version: 'integer',
  fund_id: 'uuid',
  investor_id: 'uuid',
  as_of_date: 'date',
  currency: 'text',
  called_amount: 'numeric',
  distributed_amount: 'numeric',
  remaining_value: 'numeric',
  reported_irr: 'numeric',
  reported_multiple: 'numeric',
  reported_vintage_year: 'integer',
  source: 'text',
  created_at: 'timestamptz',
});

export const valuations = table('valuations', {
  valuation_id: 'uuid',
  commitment_id: 'uuid',
  fund_id: 'uuid',
  investor_id: 'uuid',
  event_version: 'integer',
  valuation_date: 'date',
  currency: 'text',
  remaining_value: 'numeric',
  valuation_source: 'text',
  created_at: 'timestamptz',
});

export const findings = table('findings', {
  event_id: 'uuid',
  finding_number: 'integer',
  event_type: 'text',
  aggregate_type: 'text',
  aggregate_id: 'uuid',
  event_version: 'integer',
  fund_id: 'uuid',
  investor_id: 'uuid',
  commitment_id: 'uuid',
  rule: 'text',
  severity: 'text',
  message: 'text',
  field: 'text',
  recorded_at: 'timestamptz',
});

export const auditTrail = table('audit_trail', {
  audit_id: 'uuid',
  tenant_id: 'uuid',
  entity_type: 'text',
  entity_id: 'uuid',
  action_type: 'text',
  event_type: 'text',
  user_id: 'uuid',
  user_role: 'text',
  channel: 'text',
  ip_address: 'inet',
  user_agent: 'text',
  session_id: 'text',
  field_changes: 'jsonb',
  reason: 'text',
  timestamp: 'timestamptz',
  effective_date: 'date',
  correlation_id: 'uuid',
  causation_id: 'uuid',
  data_classification: 'text',
  retention_period: 'integer',
});

export const waterfallConfigs = table('waterfall_configs', {
  config_id: 'uuid',
  fund_id: 'uuid',
  investor_id: 'uuid',
  waterfall_name: 'text',
  waterfall_structure: 'jsonb',
  effective_date: 'date',
  expiry_date: 'date',
  is_active: 'boolean',
  terms_version: 'integer',
  created_at: 'timestamptz',
});

export const commitmentModifications = table('commitment_modifications', {
  modification_id: 'uuid',
  commitment_id: 'uuid',
  fund_id: 'uuid',
  modification_type: 'text',
  old_amount: 'numeric',
  new_amount: 'numeric',
  to_commitment_id: 'uuid',
  called_inside_moved: 'numeric',
  called_outside_moved: 'numeric',
  paid_in_moved: 'numeric',
  distributed_moved: 'numeric',
  recallable_moved: 'numeric',
  effective_date: 'date',
  reason: 'text',
  created_at: 'timestamptz',
});

export const exchangeRates = table('exchange_rates', {
  rate_id: 'uuid',
  base_currency: 'text',
  target_currency: 'text',
  exchange_rate: 'numeric',
  rate_date: 'date',
  rate_source: 'text',
  ...stamps,
});

export const chartOfAccounts = table('chart_of_accounts', {
  account_id: 'uuid',
  account_code: 'text',
  account_name: 'text',
  account_type: 'text',
  parent_account_id: 'uuid',
  is_active: 'boolean',
  ...stamps,
});

export const systemConfigurations = table('system_configurations', {
  config_id: 'uuid',
  config_key: 'text',
  config_value: 'jsonb',
  config_type: 'text',
  tenant_id: 'uuid',
  is_active: 'boolean',
  ...stamps,
});

export const businessDates = table('business_dates', {
  partition: 'integer',
  business_date: 'date',
  updated_at: 'timestamptz',
});

export const eventSnapshots = table('event_snapshots', {
  aggregate_id: 'uuid',
  aggregate_type: 'text',
  snapshot_version: 'integer',
  snapshot_data: 'jsonb',
  created_at: 'timestamptz',
});
