// Rules of payments on notices of capital calls.
import { formatMoney } from '../money/money.ts';
import { outstandingOf, paymentOn, sumOf } from './capital-call-notice.ts';
import { rule, type Rule, type RuleContext } from './rule.ts';
import type { NoticeState } from './state.ts';

interface OnNotice {
  readonly fund_id: string;
  readonly call_id: string;
  readonly notice_id: string;
}

const noticeFor = ({ state }: RuleContext, { fund_id, call_id, notice_id }: OnNotice): NoticeState | null => {
  const call = state.calls.get(call_id);
  return call?.fundId === fund_id ? (call.notices.get(notice_id) ?? null) : null;
};

export const capitalCallPaymentRules: readonly Rule[] = [
  rule({
    name: 'call-not-issued',
    description: 'Payments are recorded on an issued or settled call.',
    severity: 'ERROR',
    commands: ['RecordCapitalCallPayment'],
    check: ({ call_id, fund_id }, { state }) => {
      const call = state.calls.get(call_id);
      return call === undefined || call.fundId !== fund_id || call.status === 'ISSUED' || call.status === 'SETTLED'
        ? null
        : { field: 'call_id', message: `capital call ${call_id} is ${call.status}, not ISSUED` };
    },
  }),
  rule({
    name: 'unknown-notice',
    description: 'The notice belongs to the call.',
    severity: 'ERROR',
    commands: ['RecordCapitalCallPayment', 'ReverseCapitalCallPayment'],
    check: (command, context) => {
      const call = context.state.calls.get(command.call_id);
      return call === undefined || call.status === 'DRAFT' || call.notices.has(command.notice_id)
        ? null
        : { field: 'notice_id', message: `capital call ${command.call_id} has no notice ${command.notice_id}` };
    },
  }),
  rule({
    name: 'payment-exists',
    description: 'A payment id is used once.',
    severity: 'ERROR',
    commands: ['RecordCapitalCallPayment'],
    check: ({ payment_id, fund_id }, { state }) =>
      state.funds.get(fund_id)?.life?.usedIds.has(payment_id) === true
        ? { field: 'payment_id', message: `payment ${payment_id} was recorded already` }
        : null,
  }),
  rule({
    name: 'notice-already-paid',
    description: 'Nothing is paid on a notice that is paid.',
    severity: 'ERROR',
    commands: ['RecordCapitalCallPayment'],
    check: (command, context) => {
      const notice = noticeFor(context, command);
      return notice === null || outstandingOf(notice) > 0n
        ? null
        : { field: 'notice_id', message: `notice ${command.notice_id} of ${formatMoney(sumOf(notice.due))} is paid in full` };
    },
  }),
  rule({
    name: 'payment-exceeds-notice',
    description: 'No more is paid than is owed on the notice.',
    severity: 'ERROR',
    commands: ['RecordCapitalCallPayment'],
    check: (command, context) => {
      const notice = noticeFor(context, command);
      if (notice === null) return null;
      const owed = outstandingOf(notice);
      return owed === 0n || command.amount <= owed
        ? null
        : {
            field: 'amount',
            message: `amount ${formatMoney(command.amount)} exceeds the ${formatMoney(owed)} owed on notice ${command.notice_id}`,
          };
    },
  }),
  rule({
    name: 'paid-before-call',
    description: 'A payment is dated before its call.',
    severity: 'WARNING',
    commands: ['RecordCapitalCallPayment'],
    check: ({ call_id, payment_date }, { state }) => {
      const callDate = state.calls.get(call_id)?.callDate;
      return callDate === undefined || payment_date >= callDate
        ? null
        : { field: 'payment_date', message: `payment_date ${payment_date} lies before call_date ${callDate}` };
    },
  }),
  rule({
    name: 'unknown-payment',
    description: 'The payment was recorded on the notice.',
    severity: 'ERROR',
    commands: ['ReverseCapitalCallPayment'],
    check: (command, context) => {
      const notice = noticeFor(context, command);
      return notice === null || paymentOn(notice, command.payment_id) !== undefined
        ? null
        : { field: 'payment_id', message: `there is no payment ${command.payment_id} on notice ${command.notice_id}` };
    },
  }),
  rule({
    name: 'payment-already-reversed',
    description: 'A payment is taken back once.',
    severity: 'ERROR',
    commands: ['ReverseCapitalCallPayment'],
    check: (command, context) =>
      paymentOn(noticeFor(context, command), command.payment_id)?.isReversed === true
        ? { field: 'payment_id', message: `payment ${command.payment_id} was reversed already` }
        : null,
  }),
  rule({
    name: 'payment-was-transferred',
    description: 'A payment that moved to another investor with its commitment is not taken back.',
    severity: 'ERROR',
    commands: ['ReverseCapitalCallPayment'],
    check: (command, context) => {
      const notice = noticeFor(context, command);
      const payment = paymentOn(notice, command.payment_id);
      if (notice === null || payment === undefined || payment.isReversed) return null;
      const kept = (context.state.commitments.get(notice.commitmentId)?.account?.contributions ?? [])
        .filter(({ paymentId }) => paymentId === command.payment_id)
        .reduce((sum, { minor }) => sum + minor, 0n);
      return kept === sumOf(payment.portions)
        ? null
        : {
            field: 'payment_id',
            message: `payment ${command.payment_id} moved with a transfer of commitment ${notice.commitmentId}; correct it by a new call or distribution`,
          };
    },
  }),
];
