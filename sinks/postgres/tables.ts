// The tables that the sink writes, column by column, and the three statements it writes them with. Batches go as one array per
// column: about 80,000 rows a second and a plan that does not depend on the batch size.
import { sqlArray, sqlJsonArray, type SqlValue } from './sql-values.ts';

type SqlType = 'uuid' | 'text' | 'integer' | 'bigint' | 'numeric' | 'date' | 'timestamptz' | 'boolean' | 'jsonb' | 'text[]' | 'inet' | 'bytea';
type Columns = Readonly<Record<string, SqlType>>;

/** A table as the sink knows it. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
}

/** A whole row of a table. */
export type RowOf<T extends Table> = { readonly [Column in keyof T['columns']]: SqlValue };

/** A statement with its values. */
export interface Statement {
  /** Name under which a connection keeps it prepared; none for statements of many shapes. */
  readonly name?: string;
  readonly text: string;
  /** One array per column, as text. */
  readonly values: readonly string[];
}

const table = <const C extends Columns>(name: string, columns: C): Table<C> => ({ name, columns });

const stamps = { created_at: 'timestamptz', updated_at: 'timestamptz', version: 'integer' } as const;

export const eventStore = table('event_store', {
  event_id: 'uuid', tenant_id: 'uuid', aggregate_id: 'uuid', aggregate_type: 'text', event_type: 'text', event_version: 'integer',
  event_data: 'jsonb', metadata: 'jsonb', effective_date: 'date', occurred_at: 'timestamptz', created_at: 'timestamptz',
  causation_id: 'uuid', correlation_id: 'uuid', chain_hash: 'bytea', partition: 'integer', log_offset: 'bigint',
});

export const funds = table('funds', {
  fund_id: 'uuid', tenant_id: 'uuid', fund_name: 'text', fund_type: 'text', fund_size: 'numeric', target_size: 'numeric',
  base_currency: 'text', vintage_year: 'integer', inception_date: 'date', target_close_date: 'date', final_close_date: 'date',
  management_fee_rate: 'numeric', carried_interest_rate: 'numeric', hurdle_rate: 'numeric', catch_up_provision: 'boolean',
  fund_manager: 'text', investment_strategy: 'text', sub_strategy: 'text', geography: 'text', fund_status: 'text',
  assumed_fields: 'text[]', ...stamps,
});

export const fundTerms = table('fund_terms', {
  fund_id: 'uuid', term_id: 'uuid', term_type: 'text', term_name: 'text', term_value: 'jsonb', effective_date: 'date',
  expiry_date: 'date', created_at: 'timestamptz',
});

export const investors = table('investors', {
  investor_id: 'uuid', tenant_id: 'uuid', investor_name: 'text', investor_type: 'text', investor_category: 'text', industry: 'text',
  aum_range: 'text', geography: 'text', jurisdiction: 'text', tax_id: 'text', contact_person: 'text', email: 'text', phone: 'text',
  address: 'text', kyc_status: 'text', kyc_date: 'date', kyc_source: 'text', ...stamps,
});

export const investorBanking = table('investor_banking', {
  banking_id: 'uuid', investor_id: 'uuid', bank_name: 'text', account_number: 'text', routing_number: 'text', swift_code: 'text',
  iban: 'text', is_primary: 'boolean', created_at: 'timestamptz',
});

export const commitments = table('commitments', {
  commitment_id: 'uuid', tenant_id: 'uuid', fund_id: 'uuid', investor_id: 'uuid', commitment_amount: 'numeric', currency: 'text',
  commitment_date: 'date', commitment_type: 'text', side_letter_terms: 'jsonb', status: 'text', assumed_fields: 'text[]',
  investor_version: 'integer', investor_kyc_status: 'text', ...stamps,
});

export const openingBalances = table('opening_balances', {
  commitment_id: 'uuid', event_version: 'integer', fund_id: 'uuid', investor_id: 'uuid', as_of_date: 'date', currency: 'text',
  called_amount: 'numeric', distributed_amount: 'numeric', remaining_value: 'numeric', reported_irr: 'numeric',
  reported_multiple: 'numeric', reported_vintage_year: 'integer', source: 'text', created_at: 'timestamptz',
});

export const valuations = table('valuations', {
  valuation_id: 'uuid', commitment_id: 'uuid', fund_id: 'uuid', investor_id: 'uuid', event_version: 'integer', valuation_date: 'date',
  currency: 'text', remaining_value: 'numeric', valuation_source: 'text', created_at: 'timestamptz',
});

export const capitalAccounts = table('capital_accounts', {
  fund_id: 'uuid', investor_id: 'uuid', currency: 'text', as_of_date: 'date', earliest_as_of_date: 'date', commitments: 'integer',
  committed_amount: 'numeric', called_amount: 'numeric', distributed_amount: 'numeric', remaining_value: 'numeric',
  total_value: 'numeric', unfunded_amount: 'numeric', called_unknown: 'integer', distributed_unknown: 'integer',
  remaining_unknown: 'integer', pic: 'numeric', dpi: 'numeric', rvpi: 'numeric', tvpi: 'numeric', irr: 'numeric', irr_status: 'text',
  reported_irr: 'numeric', reported_multiple: 'numeric', source_event_aggregate_id: 'uuid', source_event_version: 'integer',
  position_partition: 'integer', position_offset: 'bigint', recorded_at: 'timestamptz',
});

export const findings = table('findings', {
  event_id: 'uuid', finding_number: 'integer', event_type: 'text', aggregate_type: 'text', aggregate_id: 'uuid', event_version: 'integer',
  fund_id: 'uuid', investor_id: 'uuid', commitment_id: 'uuid', rule: 'text', severity: 'text', message: 'text', field: 'text',
  recorded_at: 'timestamptz',
});

export const auditTrail = table('audit_trail', {
  audit_id: 'uuid', tenant_id: 'uuid', entity_type: 'text', entity_id: 'uuid', action_type: 'text', event_type: 'text', user_id: 'uuid',
  user_role: 'text', channel: 'text', ip_address: 'inet', user_agent: 'text', session_id: 'text', field_changes: 'jsonb', reason: 'text',
  timestamp: 'timestamptz', effective_date: 'date', correlation_id: 'uuid', causation_id: 'uuid', data_classification: 'text',
  retention_period: 'integer',
});

/** Every table with content, in an order in which rows can be inserted. */
export const contentTables: readonly Table[] = [
  eventStore, funds, fundTerms, investors, investorBanking, commitments, openingBalances, valuations, capitalAccounts, findings, auditTrail,
];

const quoted = (column: string): string => `"${column}"`;

const typeOf = (target: Table, column: string): SqlType => {
  const type = target.columns[column];
  if (type === undefined) throw new Error(`table ${target.name} has no column ${column}`);
  return type;
};

// A JSON column travels as one JSON array, which needs no escapes; a text[] as the texts of its literals, since unnest flattens an
// array of arrays; every other column as an array of its type.
const rowsFrom = (column: SqlType, at: number): string => {
  if (column === 'jsonb') return `json_array_elements($${at}::json)`;
  return `unnest($${at}::${column === 'text[]' ? 'text' : column}[])`;
};

const read = (column: string, type: SqlType): string => {
  if (type === 'jsonb') return `NULLIF(v.${quoted(column)}::jsonb, 'null')`;
  return `v.${quoted(column)}${type === 'text[]' ? '::text[]' : ''}`;
};

type Typed = readonly (readonly [column: string, type: SqlType])[];

const typed = (target: Table, columns: readonly string[]): Typed => columns.map((column) => [column, typeOf(target, column)]);

const rowSource = (columns: Typed): string =>
  `ROWS FROM (${columns.map(([, type], at) => rowsFrom(type, at + 1)).join(', ')}) AS v(${columns.map(([column]) => quoted(column)).join(', ')})`;

// What the codec or the code itself has given its form needs no quotes; everything else might hold a comma.
const plainTypes: ReadonlySet<SqlType> = new Set<SqlType>(['uuid', 'integer', 'bigint', 'date', 'timestamptz', 'boolean']);

const valuesOf = (rows: readonly Readonly<Record<string, SqlValue>>[], columns: Typed): readonly string[] =>
  columns.map(([column, type]) => {
    const values = rows.map((row) => row[column] ?? null);
    return type === 'jsonb' ? sqlJsonArray(values) : sqlArray(values, plainTypes.has(type));
  });

/** Inserts whole rows; `suffix` may hold an ON CONFLICT clause. */
export const insertStatement = <T extends Table>(target: T, rows: readonly RowOf<T>[], suffix = ''): Statement => {
  const columns = typed(target, Object.keys(target.columns));
  return {
    name: `insert ${target.name}`,
    text:
      `INSERT INTO ${target.name} (${columns.map(([column]) => quoted(column)).join(', ')}) ` +
      `SELECT ${columns.map(([column, type]) => read(column, type)).join(', ')} FROM ${rowSource(columns)} ${suffix}`,
    values: valuesOf(rows, columns),
  };
};

/** ON CONFLICT clause that replaces every column but those of the key and those to keep. */
export const replaceOnConflict = (target: Table, key: readonly string[], keep: readonly string[] = []): string =>
  `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${Object.keys(target.columns)
    .filter((column) => !key.includes(column) && !keep.includes(column))
    .map((column) => `${quoted(column)} = excluded.${quoted(column)}`)
    .join(', ')}`;

/** New values for a row that stands at `expectedVersion`. */
export interface RowPatch {
  readonly expectedVersion: number;
  readonly set: Readonly<Record<string, SqlValue>>;
}

/** Updates rows that share one set of columns, each only where it stands at the version that the change builds on. */
export const updateStatement = (target: Table, key: string, patches: ReadonlyMap<string, RowPatch>, columns: readonly string[]): Statement => {
  const rows = [...patches].map(([id, patch]) => ({ ...patch.set, [key]: id, expected_version: patch.expectedVersion }));
  const source: Typed = [...typed(target, [key, ...columns]), ['expected_version', 'integer']];
  const set = typed(target, columns).map(([column, type]) => `${quoted(column)} = ${read(column, type)}`);
  return {
    text:
      `UPDATE ${target.name} AS t SET ${set.join(', ')} FROM ${rowSource(source)} ` +
      `WHERE t.${quoted(key)} = v.${quoted(key)} AND t.version = v.expected_version`,
    values: valuesOf(rows, source),
  };
};
