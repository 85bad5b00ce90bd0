// Rows of events, entities and accounts in Postgres as the log says they should be.
import type { FundTerm, Uuid } from '#domain/messages.ts';
import { expectedRatio, type ExpectedAccount } from './accounts.ts';
import { type Cells, sortedJson, type ExpectedTable } from './compare.ts';
import { datedAccounts } from './figure-tables.ts';
import type { FundFacts } from './fund-facts.ts';
import type { FundEvents } from './fund-log.ts';
import type { KnownSum, Model, PlacedEvent } from './model.ts';
import { decimalText, masked, plainJson, postgresInstant } from './text.ts';

const known = (sum: KnownSum): string | null => (sum.parts > 0 && sum.unknown === sum.parts ? null : decimalText(sum.minor));
const whole = (sum: KnownSum): bigint | null => (sum.unknown > 0 ? null : sum.minor);

const accountRow = (account: ExpectedAccount): Cells => {
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

const eventRow = ({ event, partition, offset }: PlacedEvent): Cells => {
  const { envelope, ...data } = event.value;
  return {
    event_id: envelope.event_id,
    tenant_id: envelope.tenant_id,
    aggregate_type: envelope.aggregate_type,
    event_type: event.type,
    event_data: sortedJson(plainJson(data)),
    effective_date: envelope.effective_date,
    occurred_at: postgresInstant(envelope.recorded_at),
    causation_id: envelope.causation_id,
    correlation_id: envelope.correlation_id,
    chain_hash: Buffer.from(envelope.chain_hash).toString('hex'),
    partition: String(partition),
    log_offset: String(offset),
  };
};

const auditRow = ({ event }: PlacedEvent): Cells => {
  const { envelope } = event.value;
  return {
    event_type: event.type,
    user_id: envelope.actor.user_id,
    user_role: envelope.actor.user_role,
    channel: envelope.origin.channel,
    reason: envelope.reason,
    timestamp: postgresInstant(envelope.recorded_at),
    effective_date: envelope.effective_date,
    causation_id: envelope.causation_id,
  };
};

/** Every event as the event store has it. */
export const eventStore = ({ events }: Model): ExpectedTable =>
  new Map(
    events.map((placed) => {
      const { aggregate_id, event_version } = placed.event.value.envelope;
      return [`${aggregate_id}|${event_version}`, () => eventRow(placed)];
    }),
  );
/** Who did what, by event. */
export const auditTrail = ({ events }: Model): ExpectedTable =>
  new Map(events.map((placed) => [placed.event.value.envelope.event_id, () => auditRow(placed)]));

/** Results of the rules, of accepted and of rejected commands. */
export const ruleFindings = ({ events }: Model): ExpectedTable => {
  const findings: ExpectedTable = new Map();
  for (const { event } of events) {
    const { envelope } = event.value;
    const results = event.type === 'CommandRejected' ? [...envelope.findings, ...event.value.reasons] : envelope.findings;
    for (const [at, result] of results.entries())
      findings.set(`${envelope.event_id}|${at + 1}`, {
        rule: result.rule,
        severity: result.severity,
        message: result.message,
        field: result.field,
        aggregate_id: envelope.aggregate_id,
      });
  }
  return findings;
};

/** Sums that were taken over. */
export const openingBalances = (events: FundEvents): ExpectedTable => {
  const opening_balances: ExpectedTable = new Map();
  for (const { event } of events.flat()) {
    if (event.type !== 'OpeningBalanceRecorded') continue;
    const { envelope, ...value } = event.value;
    opening_balances.set(`${value.commitment_id}|${envelope.event_version}`, {
      fund_id: value.fund_id,
      investor_id: value.investor_id,
      as_of_date: envelope.effective_date,
      currency: value.currency,
      called_amount: decimalText(value.called_amount),
      distributed_amount: decimalText(value.distributed_amount),
      remaining_value: decimalText(value.remaining_value),
      reported_irr: value.reported_irr,
      reported_multiple: value.reported_multiple,
      reported_vintage_year: text(value.reported_vintage_year),
      source: value.source,
    });
  }
  return opening_balances;
};

/** Values of positions that were taken over. */
export const valuations = (events: FundEvents): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const { event } of events.flat()) {
    if (event.type !== 'ValuationRecorded') continue;
    const { envelope, ...value } = event.value;
    rows.set(`${value.commitment_id}|${envelope.event_version}`, {
      fund_id: value.fund_id,
      investor_id: value.investor_id,
      valuation_date: envelope.effective_date,
      currency: value.currency,
      remaining_value: decimalText(value.remaining_value),
      valuation_source: value.valuation_source,
    });
  }
  return rows;
};

const termRow = (term: FundTerm, investorId: string | null, version: string | null): Cells => ({
  term_type: term.term_type,
  term_name: term.term_name,
  term_value: sortedJson(JSON.parse(term.term_value)),
  effective_date: term.effective_date,
  expiry_date: term.expiry_date,
  investor_id: investorId,
  terms_version: version,
});

const text = (value: string | number | boolean | null): string | null => (value === null ? null : String(value));

/** Cards of funds. */
export const fundTable = (model: Model, fundIds: readonly Uuid[]): ExpectedTable => {
  const funds: ExpectedTable = new Map();
  for (const fundId of fundIds) {
    const fund = model.funds.get(fundId);
    if (fund === undefined) continue;
    const { card, version, createdAt, updatedAt, tenantId } = fund;
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
  }
  return funds;
};

/** Terms of funds: those of the card, and those that were adopted later. */
export const termTable = (model: Model, fundIds: readonly Uuid[], events: FundEvents): ExpectedTable => {
  const fund_terms: ExpectedTable = new Map();
  for (const fundId of fundIds)
    for (const term of model.funds.get(fundId)?.card.terms ?? [])
      fund_terms.set(`${fundId}|${term.term_id}`, termRow(term, null, null));
  for (const { event } of events.flat()) {
    if (event.type !== 'FundTermAdopted') continue;
    const { fund_id, term, investor_id, terms_version } = event.value;
    fund_terms.set(`${fund_id}|${term.term_id}`, termRow(term, investor_id, text(terms_version)));
  }
  return fund_terms;
};

/** Investors and their bank accounts. */
export const investorTables = (model: Model): { readonly investors: ExpectedTable; readonly banking: ExpectedTable } => {
  const investors: ExpectedTable = new Map();
  const banking: ExpectedTable = new Map();
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
      banking.set(account.banking_id, {
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
  return { investors, banking };
};

/** Commitments as they stand. */
export const commitmentTable = (model: Model, events: FundEvents): ExpectedTable => {
  const commitments: ExpectedTable = new Map();
  for (const { event } of events.flat()) {
    if (event.type !== 'CommitmentMade') continue;
    const commitment = model.commitments.get(event.value.commitment_id);
    if (commitment === undefined) continue;
    const { made, amount, status, version, createdAt, updatedAt, tenantId } = commitment;
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
  return commitments;
};

/** Capital accounts: of funds that were taken over the last that was told, of others their last performance. */
export const accountTable = (facts: FundFacts, performance: FundFacts): ExpectedTable => {
  const accounts: ExpectedTable = new Map();
  for (const account of facts.accounts())
    accounts.set(`${account.fundId}|${account.investorId ?? ''}`, () => accountRow(account));
  for (const [key, row] of datedAccounts(performance)) accounts.set(key, row);
  return accounts;
};
