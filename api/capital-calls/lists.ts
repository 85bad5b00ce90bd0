// Capital calls of a fund, their notices and payments.
import { z } from 'zod';
import { callNoticeStatusValues, capitalCallStatusValues } from '#domain/messages.ts';
import { columnSet, kinds, told } from '../columns.ts';
import type { List } from '../list-route.ts';
import { parents } from '../list-route.ts';

const call = columnSet({
  call_id: kinds.id,
  fund_id: kinds.id,
  call_number: kinds.integer,
  call_date: kinds.date,
  due_date: kinds.date,
  call_purpose: kinds.text,
  currency: kinds.text,
  total_call_amount: told(kinds.money, 'Sum of the three amounts, and of the notices.'),
  investment_amount: kinds.money,
  management_fee_amount: kinds.money,
  expenses_amount: kinds.money,
  management_fee_inside: told(kinds.boolean, 'Fees reduce the unfunded commitment.'),
  expenses_inside: told(kinds.boolean, 'Expenses reduce the unfunded commitment.'),
  allocation_basis: kinds.text,
  excused_commitments: kinds.ids,
  investment_id: kinds.idOrNull,
  call_status: kinds.text,
  notice_count: told(kinds.integer, '0 while it is a draft.'),
  paid_amount: kinds.money,
  created_at: kinds.instant,
  updated_at: kinds.instant,
  version: told(kinds.integer, 'Give it as expected_version.'),
});
export const callRow = call.shape;
export type CallRow = z.output<typeof callRow>;
export const callSelect = call.select('r');

export const capitalCalls = {
  path: '/v1/funds/:fund_id/capital-calls',
  operationId: 'listCapitalCalls',
  tag: 'capital calls',
  summary: 'Capital calls of a fund, latest first',
  name: 'capital_calls',
  sources: ['events'],
  row: callRow,
  select: callSelect,
  from: 'capital_calls r',
  parent: parents.fund,
  filters: {
    call_status: { schema: z.enum(capitalCallStatusValues), where: (place) => `r.call_status = ${place}` },
  },
  order: { column: 'r.call_date', type: 'date', direction: 'desc', id: 'r.call_id' },
  key: ['call_date', 'call_id'],
  date: 'call_date',
} satisfies List<typeof callRow>;

const notice = columnSet({
  notice_id: kinds.id,
  call_id: kinds.id,
  commitment_id: kinds.id,
  investor_id: kinds.id,
  investor_name: kinds.text,
  call_amount: told(kinds.money, 'Due: the sum of the portions.'),
  percentage_called: told(kinds.decimal, 'Inside part to the commitment.'),
  investment_portion: kinds.money,
  management_fee_portion: kinds.money,
  expenses_portion: kinds.money,
  outside_commitment: told(kinds.money, 'Part that does not reduce the unfunded commitment.'),
  unfunded_before: kinds.money,
  unfunded_after: kinds.money,
  notice_status: kinds.text,
  paid_amount: kinds.money,
  outstanding_amount: told(kinds.money, 'Due less paid.'),
  payment_date: kinds.dateOrNull,
});
export const callNoticeRow = notice.shape;

export const callNotices = {
  path: '/v1/capital-calls/:call_id/notices',
  operationId: 'listCapitalCallNotices',
  tag: 'capital calls',
  summary: 'Notices of a capital call, by investor',
  name: 'notices',
  sources: ['events'],
  row: callNoticeRow,
  select: notice.select('r', {
    investor_name: 'i.investor_name',
    outstanding_amount: '(r.call_amount - r.paid_amount)',
  }),
  from: 'capital_call_notices r JOIN investors i USING (investor_id)',
  parent: parents.call,
  filters: {
    notice_status: { schema: z.enum(callNoticeStatusValues), where: (place) => `r.notice_status = ${place}` },
  },
  order: { column: 'i.investor_name', type: 'text', direction: 'asc', id: 'r.notice_id' },
  key: ['investor_name', 'notice_id'],
} satisfies List<typeof callNoticeRow>;

const payment = columnSet({
  payment_id: kinds.id,
  notice_id: kinds.id,
  call_id: kinds.id,
  commitment_id: kinds.id,
  investor_id: kinds.id,
  investor_name: kinds.text,
  currency: kinds.text,
  amount: kinds.money,
  investment_portion: kinds.money,
  management_fee_portion: kinds.money,
  expenses_portion: kinds.money,
  outside_commitment: kinds.money,
  payment_date: kinds.date,
  bank_reference: kinds.textOrNull,
  is_reversed: told(kinds.boolean, 'It was taken back; it counts on no day.'),
  created_at: kinds.instant,
});
export const callPaymentRow = payment.shape;

export const callPayments = {
  path: '/v1/capital-calls/:call_id/payments',
  operationId: 'listCapitalCallPayments',
  tag: 'capital calls',
  summary: 'Payments on a capital call, in their order',
  name: 'payments',
  sources: ['events'],
  row: callPaymentRow,
  select: payment.select('r', { investor_name: 'i.investor_name' }),
  from: 'capital_call_payments r JOIN investors i USING (investor_id)',
  parent: parents.call,
  order: { column: 'r.payment_date', type: 'date', direction: 'asc', id: 'r.payment_id' },
  key: ['payment_date', 'payment_id'],
  date: 'payment_date',
} satisfies List<typeof callPaymentRow>;
