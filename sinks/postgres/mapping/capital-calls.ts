// Events of capital calls to rows of capital_calls, capital_call_notices and capital_call_payments.
import type { CapitalCallDrafted, CapitalCallNotice, CapitalCallPaymentReceived, EventEnvelope } from '#domain/messages.ts';
import type { capitalCallNotices, capitalCallPayments, capitalCalls } from '../life-tables.ts';
import { sqlInstant, sqlMoney, sqlTextArray } from '../sql-values.ts';
import type { RowOf } from '../table.ts';

/** The row of a drafted call. */
export const toDbCapitalCall = (event: CapitalCallDrafted): RowOf<typeof capitalCalls> => ({
  call_id: event.call_id,
  tenant_id: event.envelope.tenant_id,
  fund_id: event.fund_id,
  call_number: event.call_number,
  call_date: event.call_date,
  due_date: event.due_date,
  call_purpose: event.call_purpose,
  currency: event.currency,
  total_call_amount: sqlMoney(event.total_call_amount),
  investment_amount: sqlMoney(event.investment_amount),
  management_fee_amount: sqlMoney(event.management_fee_amount),
  expenses_amount: sqlMoney(event.expenses_amount),
  management_fee_inside: event.management_fee_inside,
  expenses_inside: event.expenses_inside,
  allocation_basis: event.allocation_basis,
  excused_commitments: sqlTextArray(event.excused_commitments),
  investment_id: event.investment_id,
  call_status: 'DRAFT',
  notice_count: 0,
  paid_amount: sqlMoney(0n),
  created_at: sqlInstant(event.envelope.recorded_at),
  updated_at: sqlInstant(event.envelope.recorded_at),
  version: event.envelope.event_version,
});

/** The call that a notice belongs to. */
interface Issued {
  readonly call_id: string;
  readonly fund_id: string;
  readonly envelope: EventEnvelope;
}

/** The row of a notice as it was issued; one of nothing is paid from the start. */
export const toDbCallNotice = (notice: CapitalCallNotice, issued: Issued): RowOf<typeof capitalCallNotices> => ({
  notice_id: notice.notice_id,
  call_id: issued.call_id,
  fund_id: issued.fund_id,
  commitment_id: notice.commitment_id,
  investor_id: notice.investor_id,
  call_amount: sqlMoney(notice.call_amount),
  percentage_called: notice.percentage_called,
  investment_portion: sqlMoney(notice.investment_portion),
  management_fee_portion: sqlMoney(notice.management_fee_portion),
  expenses_portion: sqlMoney(notice.expenses_portion),
  outside_commitment: sqlMoney(notice.outside_commitment),
  unfunded_before: sqlMoney(notice.unfunded_before),
  unfunded_after: sqlMoney(notice.unfunded_after),
  notice_status: notice.call_amount === 0n ? 'PAID' : 'PENDING',
  paid_amount: sqlMoney(0n),
  payment_date: null,
  created_at: sqlInstant(issued.envelope.recorded_at),
  updated_at: sqlInstant(issued.envelope.recorded_at),
});

/** The row of a payment. */
export const toDbCallPayment = (event: CapitalCallPaymentReceived): RowOf<typeof capitalCallPayments> => ({
  payment_id: event.payment_id,
  notice_id: event.notice_id,
  call_id: event.call_id,
  fund_id: event.fund_id,
  commitment_id: event.commitment_id,
  investor_id: event.investor_id,
  currency: event.currency,
  amount: sqlMoney(event.amount),
  investment_portion: sqlMoney(event.investment_portion),
  management_fee_portion: sqlMoney(event.management_fee_portion),
  expenses_portion: sqlMoney(event.expenses_portion),
  outside_commitment: sqlMoney(event.outside_commitment),
  payment_date: event.payment_date,
  bank_reference: event.bank_reference,
  is_reversed: false,
  created_at: sqlInstant(event.envelope.recorded_at),
  updated_at: sqlInstant(event.envelope.recorded_at),
});
