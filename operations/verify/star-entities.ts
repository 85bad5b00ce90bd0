// Rows of the star schema that cards, commitments, opening balances and reference data make.
import { defaultChart } from '#domain/journal/chart.ts';
import type { AnyEvent, FundCard, InvestorCard } from '#domain/messages.ts';
import type { Cells, ExpectedTable } from './compare.ts';
import type { PlacedEvent } from './model.ts';
import { dateId, lineage, nobody, text, versionKey } from './star-text.ts';
import { clickhouseInstant, decimalText } from './text.ts';

const fundRow = (card: FundCard, version: number): Cells => ({
  fund_key: versionKey(card.fund_id, version),
  fund_name: card.fund_name,
  fund_type: card.fund_type,
  fund_status: card.fund_status,
  vintage_year: text(card.vintage_year),
  target_size: decimalText(card.target_size),
  final_size: decimalText(card.fund_size),
  base_currency: card.base_currency,
  fund_manager: card.fund_manager,
  investment_strategy: card.investment_strategy,
  sub_strategy: card.sub_strategy,
  geography: card.geography,
  assumed_fields: card.assumed_fields.join(','),
});
const investorRow = (card: InvestorCard, version: number): Cells => ({
  investor_key: versionKey(card.investor_id, version),
  investor_name: card.investor_name,
  investor_type: card.investor_type,
  investor_category: card.investor_category,
  geography: card.geography,
  industry: card.industry,
  aum_range: card.aum_range,
});

const cardAfter = (before: FundCard | undefined, event: AnyEvent): FundCard | undefined => {
  if (event.type === 'FundCreated' || event.type === 'FundUpdated') return event.value.fund;
  return event.type === 'FundClosed' && before !== undefined ? { ...before, fund_status: 'CLOSED' } : undefined;
};

/** Every version of the dimension of funds. */
export const starFunds = (events: readonly PlacedEvent[], epoch: number): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  const cards = new Map<string, FundCard>();
  for (const placed of events) {
    const { aggregate_id: id, event_version: version, effective_date } = placed.event.value.envelope;
    const card = cardAfter(cards.get(id), placed.event);
    if (card === undefined) continue;
    cards.set(id, card);
    rows.set(`${id}|${version}`, { ...fundRow(card, version), valid_from: effective_date, ...lineage(placed, epoch) });
  }
  return rows;
};

/** Every version of the dimension of investors. */
export const starInvestors = (events: readonly PlacedEvent[], epoch: number): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const placed of events) {
    const { event } = placed;
    if (event.type !== 'InvestorCreated' && event.type !== 'InvestorUpdated') continue;
    const { aggregate_id: id, event_version: version, effective_date } = event.value.envelope;
    rows.set(`${id}|${version}`, {
      ...investorRow(event.value.investor, version),
      valid_from: effective_date,
      ...lineage(placed, epoch),
    });
  }
  return rows;
};

/** Commitments as they were made. */
export const starCommitments = (events: readonly PlacedEvent[], epoch: number): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const placed of events) {
    const { event } = placed;
    if (event.type !== 'CommitmentMade') continue;
    const { commitment_id, fund_id, investor_id, commitment_date, commitment_type, currency } = event.value;
    rows.set(commitment_id, {
      fund_id,
      investor_id,
      date_id: dateId(commitment_date),
      commitment_date,
      commitment_type,
      currency,
      commitment_amount: decimalText(event.value.commitment_amount),
      assumed_fields: event.value.assumed_fields.join(','),
      ...lineage(placed, epoch),
    });
  }
  return rows;
};

/** Flows that stand for everything before a position was taken over. */
export const starOpenings = (events: readonly PlacedEvent[], epoch: number): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const placed of events) {
    const { event } = placed;
    if (event.type !== 'OpeningBalanceRecorded') continue;
    const { fund_id, investor_id, called_amount, distributed_amount, currency, commitment_id, envelope } = event.value;
    const isKnown = called_amount !== null && distributed_amount !== null;
    rows.set(envelope.event_id, {
      fund_id,
      investor_id,
      commitment_id,
      investment_id: nobody,
      is_fund_flow: 'false',
      date_id: dateId(envelope.effective_date),
      flow_date: envelope.effective_date,
      currency,
      capital_call_amount: decimalText(called_amount),
      distribution_amount: decimalText(distributed_amount),
      net_cash_flow: isKnown ? decimalText(distributed_amount - called_amount) : null,
      is_reversal: 'false',
      cash_flow_type: 'OPENING_BALANCE',
      transaction_id: commitment_id,
      ...lineage(placed, epoch),
    });
  }
  return rows;
};

/** Exchange rates: the last that was set for a day. */
export const starRates = (events: readonly PlacedEvent[], epoch: number): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const placed of events) {
    const { event } = placed;
    if (event.type !== 'ExchangeRateSet') continue;
    const { base_currency, target_currency, rate_date, rate_id, exchange_rate, rate_source } = event.value;
    rows.set(`${base_currency}|${target_currency}|${rate_date}`, {
      rate_id,
      exchange_rate,
      rate_source,
      ...lineage(placed, epoch),
    });
  }
  return rows;
};

/** The chart of accounts: the default one, and what was set on the log. */
export const starAccounts = (events: readonly PlacedEvent[], epoch: number): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const { code, name, type } of defaultChart)
    rows.set(code, {
      account_name: name,
      account_type: type,
      is_active: 'true',
      _version: '0',
      _partition: '0',
      recorded_at: clickhouseInstant(0),
    });
  for (const placed of events) {
    const { event } = placed;
    if (event.type !== 'AccountSet') continue;
    const { account_code, account_name, account_type, is_active } = event.value.account;
    rows.set(account_code, { account_name, account_type, is_active: String(is_active), ...lineage(placed, epoch) });
  }
  return rows;
};
