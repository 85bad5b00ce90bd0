// The tables that the sink writes, column by column.
import type { SqlValue } from './sql-values.ts';

/** Types of the columns. */
export type SqlType =
  | 'uuid'
  | 'text'
  | 'integer'
  | 'bigint'
  | 'numeric'
  | 'date'
  | 'timestamptz'
  | 'boolean'
  | 'jsonb'
  | 'text[]'
  | 'inet'
  | 'bytea';
type Columns = Readonly<Record<string, SqlType>>;

/** A table as the sink knows it. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
}

/** A whole row of a table. */
export type RowOf<T extends Table> = { readonly [Column in keyof T['columns']]: SqlValue };

const table = <const C extends Columns>(name: string, columns: C): Table<C> => ({ name, columns });

const stamps = { created_at: 'timestamptz', updated_at: 'timestamptz', version: 'integer' } as const;

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
  source_event_aggregate_id: 'uuid',
  source_event_version: 'integer',
  position_partition: 'integer',
  position_offset: 'bigint',
  recorded_at: 'timestamptz',
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

/** Every table with content, in an order in which rows can be inserted. */
export const contentTables: readonly Table[] = [
  eventStore,
  funds,
  fundTerms,
  investors,
  investorBanking,
  commitments,
  openingBalances,
  valuations,
  capitalAccounts,
  findings,
  auditTrail,
];
