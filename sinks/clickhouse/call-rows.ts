// Events of capital calls as rows: states of the call, notices, payments.
import type { AnyEvent, CapitalCallNotice, EventByType } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { dateId, lineage, nobody, type PlacedRows, type Row, type RowSource } from './rows.ts';

const states = 'fact_capital_calls_history';

/** A state of a call; what the event does not say is null. */
const stateRow = (
  value: EventByType['CapitalCallDrafted' | 'CapitalCallIssued' | 'CapitalCallCancelled' | 'CapitalCallSettled'],
  status: string,
  told: Row,
  source: RowSource,
): Row => ({
  fund_id: value.fund_id,
  call_id: value.call_id,
  event_version: value.envelope.event_version,
  status,
  status_date: value.envelope.effective_date,
  call_number: null,
  currency: '',
  total_call_amount: null,
  investment_amount: null,
  management_fee_amount: null,
  expenses_amount: null,
  call_date: null,
  due_date: null,
  call_purpose: null,
  investment_id: nobody,
  notice_count: 0,
  paid_amount: null,
  defaulted_amount: null,
  ...told,
  ...lineage(source),
});

const headerOf = (value: EventByType['CapitalCallDrafted' | 'CapitalCallIssued']): Row => ({
  call_number: value.call_number,
  currency: value.currency,
  total_call_amount: formatMoney(value.total_call_amount),
  investment_amount: formatMoney(value.investment_amount),
  management_fee_amount: formatMoney(value.management_fee_amount),
  expenses_amount: formatMoney(value.expenses_amount),
  call_date: value.call_date,
  due_date: value.due_date,
  call_purpose: value.call_purpose,
  investment_id: value.investment_id ?? nobody,
});

const noticeRows = (
  { fund_id, call_id, currency }: EventByType['CapitalCallIssued' | 'CapitalCallNoticesIssued'],
  notices: readonly CapitalCallNotice[],
  source: RowSource,
): PlacedRows =>
  notices.map((notice) => [
    'fact_capital_call_notices',
    {
      fund_id,
      call_id,
      notice_id: notice.notice_id,
      commitment_id: notice.commitment_id,
      investor_id: notice.investor_id,
      currency,
      call_amount: formatMoney(notice.call_amount),
      investment_portion: formatMoney(notice.investment_portion),
      management_fee_portion: formatMoney(notice.management_fee_portion),
      expenses_portion: formatMoney(notice.expenses_portion),
      outside_commitment: formatMoney(notice.outside_commitment),
      unfunded_before: formatMoney(notice.unfunded_before),
      unfunded_after: formatMoney(notice.unfunded_after),
      ...lineage(source),
    },
  ]);

const paymentRow = (
  value: EventByType['CapitalCallPaymentReceived' | 'CapitalCallPaymentReversed'],
  isReversed: boolean,
  source: RowSource,
): Row => ({
  fund_id: value.fund_id,
  call_id: value.call_id,
  payment_id: value.payment_id,
  notice_id: value.notice_id,
  commitment_id: value.commitment_id,
  investor_id: value.investor_id,
  currency: value.currency,
  date_id: dateId(value.payment_date),
  payment_date: value.payment_date,
  amount: formatMoney(value.amount),
  investment_portion: formatMoney(value.investment_portion),
  management_fee_portion: formatMoney(value.management_fee_portion),
  expenses_portion: formatMoney(value.expenses_portion),
  outside_commitment: formatMoney(value.outside_commitment),
  is_reversed: isReversed,
  ...lineage(source),
});

/** Rows of an event of a capital call; none for other events. */
export const callRows = (event: AnyEvent, source: RowSource): PlacedRows => {
  switch (event.type) {
    case 'CapitalCallDrafted':
      return [[states, stateRow(event.value, 'DRAFT', headerOf(event.value), source)]];
    case 'CapitalCallIssued': {
      const told = { ...headerOf(event.value), notice_count: event.value.notice_count };
      return [[states, stateRow(event.value, 'ISSUED', told, source)], ...noticeRows(event.value, event.value.notices, source)];
    }
    case 'CapitalCallNoticesIssued':
      return noticeRows(event.value, event.value.notices, source);
    case 'CapitalCallCancelled':
      return [[states, stateRow(event.value, 'CANCELLED', { currency: event.value.currency }, source)]];
    case 'CapitalCallSettled': {
      const { paid_amount, defaulted_amount } = event.value;
      const told = { paid_amount: formatMoney(paid_amount), defaulted_amount: formatMoney(defaulted_amount) };
      return [[states, stateRow(event.value, 'SETTLED', told, source)]];
    }
    case 'CapitalCallPaymentReceived':
      return [['fact_capital_call_payments', paymentRow(event.value, false, source)]];
    case 'CapitalCallPaymentReversed':
      return [['fact_capital_call_payments', paymentRow(event.value, true, source)]];
    default:
      return [];
  }
};
