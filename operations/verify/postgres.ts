// What Postgres should contain at its position, and what it does.
import type { Pool, PoolClient } from 'pg';
import type { FundTerm } from '#domain/messages.ts';
import { expectedAccounts, expectedRatio, type ExpectedAccount } from './accounts.ts';
import { cellOf, compareTable, sortedJson, type ExpectedTable } from './compare.ts';
import { type Difference, type KnownSum, type Model } from './model.ts';
import { datedFunds } from './dated-figures.ts';
import { bookingTables, datedAccounts, figureKeys, figureTables, findingTable } from './figure-tables.ts';
import { lifeKeys, lifeTables } from './life-tables.ts';
import { decimalText, masked, plainJson, postgresInstant } from './text.ts';

/** Next offset by partition of a source. */
export type Offsets = ReadonlyMap<number, bigint>;
type Rows = readonly Readonly<Record<string, unknown>>[];

/** Topics of facts whose rows are compared. */
export const factSources = ['capital-accounts', 'cash-flows', 'waterfalls', 'performance', 'quality'] as const;
export type FactSource = (typeof factSources)[number];

/** Rows of all compared tables in one snapshot, with the positions that they are true for. */
export interface PostgresSnapshot {
  readonly events: Offsets;
  /** By topic of facts. */
  readonly facts: Readonly<Record<FactSource, Offsets>>;
  readonly topicId: string | null;
  readonly tables: ReadonlyMap<string, Rows>;
}

const tables = [
  'event_store',
  'funds',
  'fund_terms',
  'investors',
  'investor_banking',
  'commitments',
  'opening_balances',
  'valuations',
  'capital_accounts',
  'findings',
  'audit_trail',
  ...Object.keys(lifeKeys),
  ...Object.keys(figureKeys),
] as const;

const offsetsOf = (rows: Rows, source: string): Offsets =>
  new Map(
    rows.filter((row) => row['source'] === source).map((row) => [Number(row['partition']), BigInt(String(row['next_offset']))]),
  );

/** Reads every table in one repeatable-read transaction. */
export const snapshotPostgres = async (pool: Pool): Promise<PostgresSnapshot> => {
  const client: PoolClient = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query('SET LOCAL statement_timeout = 0');
    const positions = (
      await client.query("SELECT source, partition, next_offset, topic_id FROM positions WHERE sink = 'postgres'")
    ).rows as Rows;
    const found = new Map<string, Rows>();
    for (const table of tables) found.set(table, (await client.query(`SELECT * FROM ${table}`)).rows as Rows);
    await client.query('COMMIT');
    return {
      events: offsetsOf(positions, 'events'),
      facts: Object.fromEntries(factSources.map((source) => [source, offsetsOf(positions, source)])) as Record<
        FactSource,
        Offsets
      >,
      topicId: (positions[0]?.['topic_id'] as string | undefined) ?? null,
      tables: found,
    };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
};

const known = (sum: KnownSum): string | null => (sum.parts > 0 && sum.unknown === sum.parts ? null : decimalText(sum.minor));
const whole = (sum: KnownSum): bigint | null => (sum.unknown > 0 ? null : sum.minor);

const accountRow = (account: ExpectedAccount): Readonly<Record<string, string | null>> => {
  const distributed = whole(account.distributed);
  const remaining = whole(account.remaining);
  const total = distributed === null || remaining === null ? null : distributed + remaining;
  const { envelope } = account.source.event.value;
  return {
    currency: account.currency,
    as_of_date: account.asOf,
    earliest_as_of_date: account.earliest,
    commitments: String(account.committed.parts),
    committed_amount: decimalText(account.committed.minor),
    called_amount: known(account.called),
    distributed_amount: known(account.distributed),
    remaining_value: known(account.remaining),
    total_value: decimalText(total),
    unfunded_amount: decimalText(whole(account.unfunded)),
    called_unknown: String(account.called.unknown),
    distributed_unknown: String(account.distributed.unknown),
    remaining_unknown: String(account.remaining.unknown),
    pic: expectedRatio(account.called, account.committed),
    dpi: expectedRatio(account.distributed, account.called),
    rvpi: expectedRatio(account.remaining, account.called),
    tvpi: expectedRatio(total, account.called),
    irr: null,
    irr_status: 'NO_FLOWS',
    reported_irr: account.reportedIrr,
    reported_multiple: account.reportedMultiple,
    source_event_aggregate_id: envelope.aggregate_id,
    source_event_version: String(envelope.event_version),
    position_partition: String(account.source.partition),
    position_offset: String(account.source.offset),
    recorded_at: postgresInstant(envelope.recorded_at),
  };
};

const eventTables = (model: Model): Readonly<Record<string, ExpectedTable>> => {
  const event_store: ExpectedTable = new Map();
  const findings: ExpectedTable = new Map();
  const audit_trail: ExpectedTable = new Map();
  const opening_balances: ExpectedTable = new Map();
  const valuations: ExpectedTable = new Map();
  for (const { event, partition, offset } of model.events) {
    const { envelope, ...data } = event.value;
    const at = postgresInstant(envelope.recorded_at);
    event_store.set(`${envelope.aggregate_id}|${envelope.event_version}`, {
      event_id: envelope.event_id,
      tenant_id: envelope.tenant_id,
      aggregate_type: envelope.aggregate_type,
      event_type: event.type,
      event_data: sortedJson(plainJson(data)),
      effective_date: envelope.effective_date,
      occurred_at: at,
      causation_id: envelope.causation_id,
      correlation_id: envelope.correlation_id,
      chain_hash: Buffer.from(envelope.chain_hash).toString('hex'),
      partition: String(partition),
      log_offset: String(offset),
    });
    audit_trail.set(envelope.event_id, {
      event_type: event.type,
      user_id: envelope.actor.user_id,
      user_role: envelope.actor.user_role,
      channel: envelope.origin.channel,
      reason: envelope.reason,
      timestamp: at,
      effective_date: envelope.effective_date,
      causation_id: envelope.causation_id,
    });
    const results = event.type === 'CommandRejected' ? [...envelope.findings, ...event.value.reasons] : envelope.findings;
    for (const [at0, result] of results.entries())
      findings.set(`${envelope.event_id}|${at0 + 1}`, {
        rule: result.rule,
        severity: result.severity,
        message: result.message,
        field: result.field,
        aggregate_id: envelope.aggregate_id,
      });
    if (event.type === 'OpeningBalanceRecorded') {
      opening_balances.set(`${event.value.commitment_id}|${envelope.event_version}`, {
        fund_id: event.value.fund_id,
        investor_id: event.value.investor_id,
        as_of_date: envelope.effective_date,
        currency: event.value.currency,
        called_amount: decimalText(event.value.called_amount),
        distributed_amount: decimalText(event.value.distributed_amount),
        remaining_value: decimalText(event.value.remaining_value),
        reported_irr: event.value.reported_irr,
        reported_multiple: event.value.reported_multiple,
        reported_vintage_year: event.value.reported_vintage_year === null ? null : String(event.value.reported_vintage_year),
        source: event.value.source,
      });
    }
    if (event.type === 'ValuationRecorded') {
      valuations.set(`${event.value.commitment_id}|${envelope.event_version}`, {
        fund_id: event.value.fund_id,
        investor_id: event.value.investor_id,
        valuation_date: envelope.effective_date,
        currency: event.value.currency,
        remaining_value: decimalText(event.value.remaining_value),
        valuation_source: event.value.valuation_source,
      });
    }
  }
  return { event_store, findings, audit_trail, opening_balances, valuations };
};

const termRow = (term: FundTerm, investorId: string | null, version: string | null): Readonly<Record<string, string | null>> => ({
  term_type: term.term_type,
  term_name: term.term_name,
  term_value: sortedJson(JSON.parse(term.term_value)),
  effective_date: term.effective_date,
  expiry_date: term.expiry_date,
  investor_id: investorId,
  terms_version: version,
});

const entityTables = (model: Model): Readonly<Record<string, ExpectedTable>> => {
  const funds: ExpectedTable = new Map();
  const fund_terms: ExpectedTable = new Map();
  const investors: ExpectedTable = new Map();
  const investor_banking: ExpectedTable = new Map();
  const commitments: ExpectedTable = new Map();
  const text = (value: string | number | boolean | null): string | null => (value === null ? null : String(value));
  for (const { card, version, createdAt, updatedAt, tenantId } of model.funds.values()) {
    funds.set(card.fund_id, {
      tenant_id: tenantId,
      fund_name: card.fund_name,
      fund_type: card.fund_type,
      fund_size: decimalText(card.fund_size),
      target_size: decimalText(card.target_size),
      base_currency: card.base_currency,
      vintage_year: text(card.vintage_year),
      inception_date: card.inception_date,
      target_close_date: card.target_close_date,
      final_close_date: card.final_close_date,
      management_fee_rate: card.management_fee_rate,
      carried_interest_rate: card.carried_interest_rate,
      hurdle_rate: card.hurdle_rate,
      catch_up_provision: text(card.catch_up_provision),
      fund_manager: card.fund_manager,
      investment_strategy: card.investment_strategy,
      sub_strategy: card.sub_strategy,
      geography: card.geography,
      fund_status: card.fund_status,
      assumed_fields: JSON.stringify(card.assumed_fields),
      version: text(version),
      created_at: postgresInstant(createdAt),
      updated_at: postgresInstant(updatedAt),
    });
    for (const term of card.terms) fund_terms.set(`${card.fund_id}|${term.term_id}`, termRow(term, null, null));
  }
  for (const { event } of model.events) {
    if (event.type !== 'FundTermAdopted') continue;
    const { fund_id, term, investor_id, terms_version } = event.value;
    fund_terms.set(`${fund_id}|${term.term_id}`, termRow(term, investor_id, text(terms_version)));
  }
  for (const { card, version, accounts, createdAt, updatedAt, tenantId } of model.investors.values()) {
    investors.set(card.investor_id, {
      tenant_id: tenantId,
      investor_name: card.investor_name,
      investor_type: card.investor_type,
      investor_category: card.investor_category,
      industry: card.industry,
      aum_range: card.aum_range,
      geography: card.geography,
      jurisdiction: card.jurisdiction,
      tax_id: masked(card.tax_id),
      contact_person: masked(card.contact_person),
      email: masked(card.email),
      phone: masked(card.phone),
      address: masked(card.address),
      kyc_status: card.kyc_status,
      kyc_date: card.kyc_date,
      kyc_source: card.kyc_source,
      version: text(version),
      created_at: postgresInstant(createdAt),
      updated_at: postgresInstant(updatedAt),
    });
    for (const { account } of accounts) {
      investor_banking.set(account.banking_id, {
        investor_id: card.investor_id,
        bank_name: masked(account.bank_name),
        account_number: masked(account.account_number),
        routing_number: masked(account.routing_number),
        swift_code: masked(account.swift_code),
        iban: masked(account.iban),
        is_primary: text(account.is_primary),
      });
    }
  }
  for (const { made, amount, status, version, createdAt, updatedAt, tenantId } of model.commitments.values()) {
    commitments.set(made.commitment_id, {
      tenant_id: tenantId,
      fund_id: made.fund_id,
      investor_id: made.investor_id,
      commitment_amount: decimalText(amount),
      currency: made.currency,
      commitment_date: made.commitment_date,
      commitment_type: made.commitment_type,
      side_letter_terms: made.side_letter_terms === null ? null : sortedJson(JSON.parse(made.side_letter_terms)),
      status,
      assumed_fields: JSON.stringify(made.assumed_fields),
      investor_version: text(made.investor_version),
      investor_kyc_status: made.investor_kyc_status,
      version: text(version),
      created_at: postgresInstant(createdAt),
      updated_at: postgresInstant(updatedAt),
    });
  }
  return { funds, fund_terms, investors, investor_banking, commitments };
};

const keys: Readonly<Record<string, readonly string[]>> = {
  event_store: ['aggregate_id', 'event_version'],
  funds: ['fund_id'],
  fund_terms: ['fund_id', 'term_id'],
  investors: ['investor_id'],
  investor_banking: ['banking_id'],
  commitments: ['commitment_id'],
  opening_balances: ['commitment_id', 'event_version'],
  valuations: ['commitment_id', 'event_version'],
  capital_accounts: ['fund_id', 'investor_id'],
  findings: ['event_id', 'finding_number'],
  audit_trail: ['audit_id'],
  ...lifeKeys,
  ...figureKeys,
};

/** What is expected of each table, each at the position of its source. */
const expectedTables = (atEvents: Model, atFacts: (source: FactSource) => Model): Readonly<Record<string, ExpectedTable>> => {
  const atAccounts = atFacts('capital-accounts');
  const dated = datedFunds(atAccounts);
  const accounts: ExpectedTable = new Map();
  expectedAccounts(atAccounts.events, (account) => {
    if (!dated.has(account.fundId)) accounts.set(`${account.fundId}|${account.investorId ?? ''}`, accountRow(account));
  });
  for (const [key, row] of datedAccounts(atFacts('performance'))) accounts.set(key, row);
  const { cash_flows = new Map(), journal_entries = new Map() } = bookingTables(atFacts('cash-flows'));
  const { nav_rolls = new Map(), fund_performance = new Map() } = figureTables(atFacts('performance'));
  const { hypothetical_liquidations = new Map() } = figureTables(atFacts('waterfalls'));
  return {
    ...entityTables(atEvents),
    ...eventTables(atEvents),
    ...lifeTables(atEvents),
    capital_accounts: accounts,
    cash_flows,
    journal_entries,
    nav_rolls,
    fund_performance,
    hypothetical_liquidations,
    quality_findings: findingTable(atFacts('quality')),
  };
};

/** Differences of Postgres: entities and events against `atEvents`, figures against the events that their processor had read. */
export const comparePostgres = (
  snapshot: PostgresSnapshot,
  atEvents: Model,
  atFacts: (source: FactSource) => Model,
): readonly Difference[] =>
  Object.entries(expectedTables(atEvents, atFacts)).flatMap(([table, rows]) => {
    const found = new Map(
      (snapshot.tables.get(table) ?? []).map((row) => [
        (keys[table] ?? []).map((column) => cellOf(row[column]) ?? '').join('|'),
        row,
      ]),
    );
    return compareTable({ where: 'postgres', table, expected: rows, found });
  });
