// Events as rows of the star schema: funds, investors, commitments and reference data here, calls, distributions and investments in files
// of their own.
import type { AnyEvent, FundCard, InvestorCard, LocalDate } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { callRows } from './call-rows.ts';
import { distributionRows } from './distribution-rows.ts';
import { investmentRows } from './investment-rows.ts';
import { both, dateId, lineage, money, nobody, type PlacedRows, type Row, type RowSource, surrogate } from './rows.ts';

const fundRow = (fund: FundCard, version: number, validFrom: LocalDate, source: RowSource): Row => ({
  fund_id: fund.fund_id,
  event_version: version,
  fund_key: surrogate(fund.fund_id, version),
  fund_name: fund.fund_name,
  fund_type: fund.fund_type,
  fund_status: fund.fund_status,
  vintage_year: fund.vintage_year,
  target_size: money(fund.target_size),
  final_size: money(fund.fund_size),
  base_currency: fund.base_currency,
  fund_manager: fund.fund_manager,
  investment_strategy: fund.investment_strategy,
  sub_strategy: fund.sub_strategy,
  geography: fund.geography,
  assumed_fields: fund.assumed_fields.join(','),
  valid_from: validFrom,
  ...lineage(source),
});
const investorRow = (investor: InvestorCard, version: number, validFrom: LocalDate, source: RowSource): Row => ({
  investor_id: investor.investor_id,
  event_version: version,
  investor_key: surrogate(investor.investor_id, version),
  investor_name: investor.investor_name,
  investor_type: investor.investor_type,
  investor_category: investor.investor_category,
  geography: investor.geography,
  industry: investor.industry,
  aum_range: investor.aum_range,
  valid_from: validFrom,
  ...lineage(source),
});

/** Finds the row of a fund before an event that does not carry the whole card. */
export type FormerFundRow = (fundId: string) => Row;

const changeRow = (
  value: Extract<AnyEvent, { type: 'CommitmentAmountChanged' | 'CommitmentCancelled' | 'CommitmentTransferred' }>['value'],
  change: { readonly type: string; readonly minor: bigint },
  source: RowSource,
): PlacedRows => {
  const { fund_id, commitment_id, modification_id, investor_id, currency, envelope } = value;
  const row: Row = {
    fund_id,
    commitment_id,
    modification_id,
    investor_id,
    date_id: dateId(envelope.effective_date),
    effective_date: envelope.effective_date,
    modification_type: change.type,
    currency,
    change_amount: formatMoney(change.minor),
    ...lineage(source),
  };
  return [['fact_commitment_changes', row]];
};

const rowsOfReference = (event: AnyEvent, source: RowSource): PlacedRows => {
  if (event.type === 'ExchangeRateSet') {
    const { base_currency, target_currency, rate_date, rate_id, exchange_rate, rate_source } = event.value;
    const row = { base_currency, target_currency, rate_date, rate_id, exchange_rate, rate_source };
    return [['dim_exchange_rate', { ...row, ...lineage(source) }]];
  }
  if (event.type === 'AccountSet') {
    const { account_code, account_name, account_type, is_active } = event.value.account;
    return [['dim_account', { account_code, account_name, account_type, is_active, ...lineage(source) }]];
  }
  return [];
};

/** Rows of an event by table; an event without a place in the star schema gives none. */
export const rowsOfEvent = (event: AnyEvent, source: RowSource, formerFund: FormerFundRow): PlacedRows => {
  const { envelope } = event.value;
  switch (event.type) {
    case 'FundCreated':
    case 'FundUpdated':
      return [['dim_fund_history', fundRow(event.value.fund, envelope.event_version, envelope.effective_date, source)]];
    case 'FundClosed': {
      const closed: Row = {
        ...formerFund(event.value.fund_id),
        event_version: envelope.event_version,
        fund_key: surrogate(event.value.fund_id, envelope.event_version),
        fund_status: 'CLOSED',
        valid_from: envelope.effective_date,
        ...lineage(source),
      };
      return [['dim_fund_history', closed]];
    }
    case 'InvestorCreated':
    case 'InvestorUpdated': {
      const row = investorRow(event.value.investor, envelope.event_version, envelope.effective_date, source);
      return [['dim_investor_history', row]];
    }
    case 'CommitmentMade': {
      const { commitment_id, fund_id, investor_id, commitment_date, commitment_type, currency } = event.value;
      const row: Row = {
        commitment_id,
        fund_id,
        investor_id,
        date_id: dateId(commitment_date),
        commitment_date,
        commitment_type,
        currency,
        commitment_amount: formatMoney(event.value.commitment_amount),
        assumed_fields: event.value.assumed_fields.join(','),
        ...lineage(source),
      };
      return [['fact_commitments', row]];
    }
    case 'CommitmentAmountChanged': {
      const { new_amount, old_amount, modification_type } = event.value;
      return changeRow(event.value, { type: modification_type, minor: new_amount - old_amount }, source);
    }
    case 'CommitmentCancelled':
      return changeRow(event.value, { type: 'CANCELLATION', minor: -event.value.old_amount }, source);
    case 'CommitmentTransferred': {
      const { new_amount, old_amount } = event.value;
      return changeRow(event.value, { type: 'TRANSFER', minor: new_amount - old_amount }, source);
    }
    case 'OpeningBalanceRecorded': {
      const { commitment_id, fund_id, investor_id, currency, called_amount, distributed_amount } = event.value;
      return both('fact_cash_flows', {
        cash_flow_id: envelope.event_id,
        fund_id,
        investor_id,
        commitment_id,
        investment_id: nobody,
        is_fund_flow: false,
        date_id: dateId(envelope.effective_date),
        flow_date: envelope.effective_date,
        currency,
        capital_call_amount: money(called_amount),
        distribution_amount: money(distributed_amount),
        net_cash_flow:
          called_amount === null || distributed_amount === null ? null : formatMoney(distributed_amount - called_amount),
        is_reversal: false,
        cash_flow_type: 'OPENING_BALANCE',
        transaction_id: commitment_id,
        ...lineage(source),
      });
    }
    default:
      return [
        ...callRows(event, source),
        ...distributionRows(event, source),
        ...investmentRows(event, source),
        ...rowsOfReference(event, source),
      ];
  }
};
