// The tables themselves: what they say about themselves and whom they keep out.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';
import {
  accountTypeValues,
  aggregateTypeValues,
  callAllocationBasisValues,
  callNoticeStatusValues,
  capitalCallStatusValues,
  channelValues,
  commitmentStatusValues,
  commitmentTypeValues,
  configurationTypeValues,
  distributionKindValues,
  distributionNoticeStatusValues,
  distributionStatusValues,
  distributionTypeValues,
  findingStatusValues,
  fundStatusValues,
  fundTransactionTypeValues,
  fundTypeValues,
  investmentStatusValues,
  investmentTypeValues,
  investorTypeValues,
  kycStatusValues,
  modificationTypeValues,
  returnStatusValues,
  severityValues,
  termTypeValues,
} from '#domain/messages.ts';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { migrateOperationalModel } from './migrations.ts';
import { contentTables } from './content-tables.ts';

let isolation: Isolation;
let pool: Pool;
beforeAll(async () => {
  isolation = await createIsolation({ stores: ['postgres'] });
  pool = createPostgresPool({
    databaseUrl: isolation.addresses.databaseUrl,
    applicationName: 'migrations-test',
    connectionsMin: 0,
  });
  // Three starts at once: one migrates, the others wait and find nothing to do.
  const applied = await Promise.all([1, 2, 3].map(() => migrateOperationalModel(pool)));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
});
afterAll(async () => {
  await pool.end();
  await isolation.drop();
});

describe('the tables of the operational model', () => {
  it('say what every table and every column is', async () => {
    const { rows } = await pool.query<{ name: string }>(`
      SELECT c.relname || coalesce('.' || a.attname, '') AS name
        FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition AND c.relname <> 'schema_migrations'
         AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)`);
    expect(rows).toEqual([]);
  });

  it('have exactly the columns that the sink writes', async () => {
    const { rows } = await pool.query<{ table: string; columns: Record<string, string> }>(`
      SELECT table_name AS table, json_object_agg(column_name, CASE data_type WHEN 'timestamp with time zone' THEN 'timestamptz' WHEN 'ARRAY' THEN ltrim(udt_name, '_') || '[]' ELSE data_type END) AS columns
        FROM information_schema.columns WHERE table_schema = 'public' GROUP BY table_name`);
    for (const { name, columns } of contentTables) expect(rows.find((row) => row.table === name)?.columns).toEqual(columns);
  });

  it('take every status of the schemas and no other', async () => {
    const lists: Readonly<Record<string, readonly string[]>> = {
      event_store_aggregate_type_known: aggregateTypeValues,
      funds_fund_type_known: fundTypeValues,
      funds_fund_status_known: fundStatusValues,
      fund_terms_term_type_known: termTypeValues,
      investors_investor_type_known: investorTypeValues,
      investors_kyc_status_known: kycStatusValues,
      commitments_commitment_type_known: commitmentTypeValues,
      commitments_status_known: commitmentStatusValues,
      commitments_investor_kyc_status_known: kycStatusValues,
      capital_accounts_irr_status_known: returnStatusValues,
      commitment_modifications_modification_type_known: modificationTypeValues,
      capital_calls_call_status_known: capitalCallStatusValues,
      capital_calls_allocation_basis_known: callAllocationBasisValues,
      capital_call_notices_notice_status_known: callNoticeStatusValues,
      distributions_distribution_type_known: distributionTypeValues,
      distributions_distribution_kind_known: distributionKindValues,
      distributions_distribution_status_known: distributionStatusValues,
      distribution_notices_notice_status_known: distributionNoticeStatusValues,
      investments_investment_type_known: investmentTypeValues,
      investments_investment_status_known: investmentStatusValues,
      fund_transactions_transaction_type_known: [...fundTransactionTypeValues, 'INVESTMENT', 'REALISATION', 'WRITE_OFF'],
      chart_of_accounts_account_type_known: accountTypeValues,
      system_configurations_config_type_known: configurationTypeValues,
      fund_performance_irr_status_known: returnStatusValues,
      fund_performance_gross_irr_status_known: returnStatusValues,
      quality_findings_severity_known: severityValues,
      quality_findings_status_known: findingStatusValues,
      findings_severity_known: severityValues,
      audit_trail_channel_known: channelValues,
    };
    const { rows } = await pool.query<{ name: string; definition: string }>(
      "SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE contype = 'c' AND conname LIKE '%known' AND connamespace = 'public'::regnamespace AND conislocal",
    );
    const found = new Map(
      rows.map(({ name, definition }) => [name, [...definition.matchAll(/'([A-Z_]+)'/g)].map((match) => match[1])]),
    );
    for (const [name, values] of Object.entries(lists))
      expect({ name, values: found.get(name)?.toSorted() }).toEqual({ name, values: [...values].toSorted() });
  });

  it('hold money with two decimals, multiples with ten, and no default that reads a clock', async () => {
    const { rows } = await pool.query<{ column: string; precision: number | null; scale: number | null }>(`
      SELECT table_name || '.' || column_name AS column, numeric_precision AS precision, numeric_scale AS scale FROM information_schema.columns
       WHERE table_schema = 'public' AND (column_name ~ '(_amount|_value|_size)$' OR column_name IN ('pic', 'dpi', 'rvpi', 'tvpi')) AND data_type = 'numeric'`);
    expect(rows.length).toBeGreaterThan(10);
    for (const { column, precision, scale } of rows)
      expect({ column, precision, scale }).toEqual({
        column,
        ...(/\.(pic|dpi|rvpi|tvpi)$/.test(column) ? { precision: 38, scale: 10 } : { precision: 20, scale: 2 }),
      });
    const defaults = await pool.query(
      "SELECT FROM information_schema.columns WHERE table_schema = 'public' AND column_default IS NOT NULL AND table_name <> 'schema_migrations'",
    );
    expect(defaults.rowCount).toBe(0);
  });

  it('find a fund or an investor by a word of its name through an index', async () => {
    for (const [table, column] of [
      ['funds', 'fund_name'],
      ['investors', 'investor_name'],
    ]) {
      const client = await pool.connect();
      await client.query('SET enable_seqscan = off');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN SELECT * FROM ${table} WHERE to_tsvector('english', ${column}) @@ plainto_tsquery('english', 'teachers')`,
      );
      client.release(true);
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(`idx_${table}_search`);
    }
  });
});
