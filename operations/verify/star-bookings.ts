// Rows of the star schema that events of calls, distributions and investments make.
import type { AnyEvent, CapitalCallNotice, DistributionNotice, EventByType } from '#domain/messages.ts';
import type { Cells, ExpectedTable } from './compare.ts';
import type { PlacedEvent } from './model.ts';
import { dateId, lineage, nobody, text, tierCells, versionKey } from './star-text.ts';
import { decimalText } from './text.ts';

/** Key columns of these tables, all of which name the fund. */
export const bookingKeys: Readonly<Record<string, readonly string[]>> = {
  fact_commitment_changes: ['modification_id'],
  fact_capital_calls_history: ['call_id', 'event_version'],
  fact_capital_call_notices: ['notice_id'],
  fact_capital_call_payments: ['payment_id'],
  fact_distributions_history: ['distribution_id', 'event_version'],
  fact_distribution_notices: ['notice_id'],
  dim_investment_history: ['investment_id', 'event_version'],
};

type Put = (table: string, key: string, row: Cells) => void;

const change = (
  put: Put,
  value: EventByType['CommitmentAmountChanged' | 'CommitmentCancelled' | 'CommitmentTransferred'],
  type: string,
  minor: bigint,
): void => {
  const { fund_id, commitment_id, modification_id, investor_id, currency, envelope } = value;
  put('fact_commitment_changes', modification_id, {
    fund_id,
    commitment_id,
    investor_id,
    date_id: dateId(envelope.effective_date),
    effective_date: envelope.effective_date,
    modification_type: type,
    currency,
    change_amount: decimalText(minor),
  });
};

const callHeader = (value: EventByType['CapitalCallDrafted' | 'CapitalCallIssued']): Cells => ({
  call_number: String(value.call_number),
  total_call_amount: decimalText(value.total_call_amount),
  investment_amount: decimalText(value.investment_amount),
  management_fee_amount: decimalText(value.management_fee_amount),
  expenses_amount: decimalText(value.expenses_amount),
  call_date: value.call_date,
  due_date: value.due_date,
  call_purpose: value.call_purpose,
  investment_id: value.investment_id ?? nobody,
});
const noCallHeader: Cells = {
  call_number: null,
  total_call_amount: null,
  investment_amount: null,
  management_fee_amount: null,
  expenses_amount: null,
  call_date: null,
  due_date: null,
  call_purpose: null,
  investment_id: nobody,
};

const callState = (
  put: Put,
  status: string,
  value: EventByType['CapitalCallDrafted' | 'CapitalCallIssued' | 'CapitalCallSettled' | 'CapitalCallCancelled'],
): void => {
  const { fund_id, call_id, envelope } = value;
  const isSettled = 'paid_amount' in value && 'defaulted_amount' in value;
  put('fact_capital_calls_history', `${call_id}|${envelope.event_version}`, {
    fund_id,
    status,
    status_date: envelope.effective_date,
    currency: isSettled ? '' : value.currency,
    ...('call_number' in value ? callHeader(value) : noCallHeader),
    notice_count: 'notice_count' in value && status === 'ISSUED' ? String(value.notice_count) : '0',
    paid_amount: isSettled ? decimalText(value.paid_amount) : null,
    defaulted_amount: isSettled ? decimalText(value.defaulted_amount) : null,
  });
};

const callNotices = (
  put: Put,
  { fund_id, call_id, currency }: EventByType['CapitalCallIssued' | 'CapitalCallNoticesIssued'],
  notices: readonly CapitalCallNotice[],
): void => {
  for (const notice of notices)
    put('fact_capital_call_notices', notice.notice_id, {
      fund_id,
      call_id,
      commitment_id: notice.commitment_id,
      investor_id: notice.investor_id,
      currency,
      call_amount: decimalText(notice.call_amount),
      investment_portion: decimalText(notice.investment_portion),
      management_fee_portion: decimalText(notice.management_fee_portion),
      expenses_portion: decimalText(notice.expenses_portion),
      outside_commitment: decimalText(notice.outside_commitment),
      unfunded_before: decimalText(notice.unfunded_before),
      unfunded_after: decimalText(notice.unfunded_after),
    });
};

const payment = (
  put: Put,
  value: EventByType['CapitalCallPaymentReceived' | 'CapitalCallPaymentReversed'],
  isReversed: boolean,
): void =>
  put('fact_capital_call_payments', value.payment_id, {
    fund_id: value.fund_id,
    call_id: value.call_id,
    notice_id: value.notice_id,
    commitment_id: value.commitment_id,
    investor_id: value.investor_id,
    currency: value.currency,
    date_id: dateId(value.payment_date),
    payment_date: value.payment_date,
    amount: decimalText(value.amount),
    investment_portion: decimalText(value.investment_portion),
    management_fee_portion: decimalText(value.management_fee_portion),
    expenses_portion: decimalText(value.expenses_portion),
    outside_commitment: decimalText(value.outside_commitment),
    is_reversed: String(isReversed),
  });

const declared = (value: EventByType['DistributionDeclared']): Cells => ({
  distribution_number: String(value.distribution_number),
  distribution_date: value.distribution_date,
  record_date: value.record_date,
  distribution_type: value.distribution_type,
  distribution_kind: value.distribution_kind,
  investment_id: value.investment_id ?? nobody,
  total_distribution_amount: decimalText(value.total_distribution_amount),
  carried_interest: decimalText(value.carried_interest),
  management_fee_offset: decimalText(value.management_fee_offset),
  tax_withholding: decimalText(value.tax_withholding),
  net_distribution: decimalText(value.net_distribution),
  recallable_amount: decimalText(value.recallable_amount),
  notice_count: String(value.notice_count),
  terms_version: String(value.calculation.terms_version),
  ...tierCells(value.calculation.tiers),
});
const notDeclared: Cells = {
  distribution_number: null,
  distribution_date: null,
  record_date: null,
  distribution_type: '',
  distribution_kind: '',
  investment_id: nobody,
  total_distribution_amount: null,
  carried_interest: null,
  management_fee_offset: null,
  tax_withholding: null,
  net_distribution: null,
  recallable_amount: null,
  notice_count: '0',
  terms_version: null,
  ...tierCells([]),
};

const distributionState = (
  put: Put,
  status: string,
  value: EventByType['DistributionDeclared' | 'DistributionPaid' | 'DistributionCancelled'],
): void => {
  const { fund_id, distribution_id, currency, envelope } = value;
  put('fact_distributions_history', `${distribution_id}|${envelope.event_version}`, {
    fund_id,
    status,
    status_date: envelope.effective_date,
    currency,
    ...('calculation' in value ? declared(value) : notDeclared),
    payment_date: 'payment_date' in value ? value.payment_date : null,
  });
};

const distributionNotices = (
  put: Put,
  { fund_id, distribution_id, currency }: EventByType['DistributionDeclared' | 'DistributionNoticesDeclared'],
  notices: readonly DistributionNotice[],
): void => {
  for (const notice of notices)
    put('fact_distribution_notices', notice.notice_id, {
      fund_id,
      distribution_id,
      commitment_id: notice.commitment_id,
      investor_id: notice.investor_id,
      currency,
      gross_distribution: decimalText(notice.gross_distribution),
      carried_interest: decimalText(notice.carried_interest),
      management_fee_offset: decimalText(notice.management_fee_offset),
      tax_withholding: decimalText(notice.tax_withholding),
      net_distribution: decimalText(notice.net_distribution),
      recallable_amount: decimalText(notice.recallable_amount),
      return_of_capital: decimalText(notice.return_of_capital),
      preferred_return: decimalText(notice.preferred_return),
      unfunded_before: decimalText(notice.unfunded_before),
      unfunded_after: decimalText(notice.unfunded_after),
    });
};

const investment = (put: Put, value: EventByType['InvestmentMade' | 'InvestmentRealised' | 'InvestmentWrittenOff']): void => {
  const { investment_id, fund_id, currency, envelope } = value;
  const isMade = 'portfolio_company' in value;
  put('dim_investment_history', `${investment_id}|${envelope.event_version}`, {
    fund_id,
    investment_key: versionKey(investment_id, envelope.event_version),
    portfolio_company: isMade ? value.portfolio_company : '',
    investment_type: isMade ? value.investment_type : '',
    investment_date: isMade ? value.investment_date : null,
    investment_status: isMade ? 'ACTIVE' : text(value.investment_status),
    currency,
    valid_from: envelope.effective_date,
  });
};

const fold = (put: Put, event: AnyEvent): void => {
  switch (event.type) {
    case 'CommitmentAmountChanged':
      return change(put, event.value, event.value.modification_type, event.value.new_amount - event.value.old_amount);
    case 'CommitmentCancelled':
      return change(put, event.value, 'CANCELLATION', -event.value.old_amount);
    case 'CommitmentTransferred':
      return change(put, event.value, 'TRANSFER', event.value.new_amount - event.value.old_amount);
    case 'CapitalCallDrafted':
      return callState(put, 'DRAFT', event.value);
    case 'CapitalCallIssued':
      callState(put, 'ISSUED', event.value);
      return callNotices(put, event.value, event.value.notices);
    case 'CapitalCallNoticesIssued':
      return callNotices(put, event.value, event.value.notices);
    case 'CapitalCallSettled':
      return callState(put, 'SETTLED', event.value);
    case 'CapitalCallCancelled':
      return callState(put, 'CANCELLED', event.value);
    case 'CapitalCallPaymentReceived':
      return payment(put, event.value, false);
    case 'CapitalCallPaymentReversed':
      return payment(put, event.value, true);
    case 'DistributionDeclared':
      distributionState(put, 'DECLARED', event.value);
      return distributionNotices(put, event.value, event.value.notices);
    case 'DistributionNoticesDeclared':
      return distributionNotices(put, event.value, event.value.notices);
    case 'DistributionPaid':
      return distributionState(put, 'PAID', event.value);
    case 'DistributionCancelled':
      return distributionState(put, 'CANCELLED', event.value);
    case 'InvestmentMade':
    case 'InvestmentRealised':
    case 'InvestmentWrittenOff':
      return investment(put, event.value);
    default:
      return;
  }
};

/** Every row of these tables as the events of some funds have it; of a key with several versions the last one. */
export const starBookings = (events: readonly PlacedEvent[], epoch: number): Readonly<Record<string, ExpectedTable>> => {
  const tables: Record<string, ExpectedTable> = Object.fromEntries(Object.keys(bookingKeys).map((table) => [table, new Map()]));
  for (const placed of events) {
    const origin = lineage(placed, epoch);
    fold((table, key, row) => void tables[table]?.set(key, { ...row, ...origin }), placed.event);
  }
  return tables;
};
