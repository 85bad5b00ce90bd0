// Folds capital calls, their notices and payments.
import { toEpochDay } from '../dates/local-date.ts';
import type { CapitalCallNotice, EventByType } from '../messages.ts';
import { kept, minus, noPortions, outstandingOf, plus, sumOf } from './capital-call-notice.ts';
import { accountOf, lifeOf } from './commitment-account.ts';
import { callOf, commitmentOf, fundOf, noticeOf } from './known.ts';
import type { CallState, LedgerState, PaymentState, Portions } from './state.ts';

const noPayments: readonly PaymentState[] = [];

export const foldCapitalCallDrafted = (state: LedgerState, value: EventByType['CapitalCallDrafted']): void => {
  lifeOf(fundOf(state, value.fund_id)).calls.push(value.call_id);
  state.calls.set(value.call_id, {
    fundId: value.fund_id,
    number: value.call_number,
    version: value.envelope.event_version,
    status: 'DRAFT',
    callDate: value.call_date,
    dueDate: value.due_date,
    purpose: value.call_purpose,
    investment: value.investment_amount,
    managementFee: value.management_fee_amount,
    expenses: value.expenses_amount,
    managementFeeInside: value.management_fee_inside,
    expensesInside: value.expenses_inside,
    basis: value.allocation_basis,
    excused: value.excused_commitments,
    investmentId: value.investment_id,
    notices: new Map(),
    paid: 0n,
  });
};

const takeNotices = (state: LedgerState, call: CallState, notices: readonly CapitalCallNotice[]): void => {
  for (const notice of notices) {
    const account = accountOf(commitmentOf(state, notice.commitment_id));
    account.calledInside += notice.call_amount - notice.outside_commitment;
    account.calledOutside += notice.outside_commitment;
    account.residuals = {
      ...account.residuals,
      investment: notice.investment_residual,
      managementFee: notice.management_fee_residual,
      expenses: notice.expenses_residual,
    };
    if (notice.call_amount > 0n) account.openNotices += 1;
    call.notices.set(notice.notice_id, {
      commitmentId: notice.commitment_id,
      due: {
        investment: notice.investment_portion,
        managementFee: notice.management_fee_portion,
        expenses: notice.expenses_portion,
      },
      outside: notice.outside_commitment,
      paid: noPortions,
      status: notice.call_amount === 0n ? 'PAID' : 'PENDING',
      payments: noPayments,
    });
  }
};

export const foldCapitalCallIssued = (
  state: LedgerState,
  value: EventByType['CapitalCallIssued'] | EventByType['CapitalCallNoticesIssued'],
): void => {
  const call = callOf(state, value.call_id);
  call.version = value.envelope.event_version;
  call.status = 'ISSUED';
  takeNotices(state, call, value.notices);
};

/** Gives back what the notices had called. Their odd cents stay as they were given. */
export const foldCapitalCallCancelled = (state: LedgerState, value: EventByType['CapitalCallCancelled']): void => {
  const call = callOf(state, value.call_id);
  call.version = value.envelope.event_version;
  call.status = 'CANCELLED';
  for (const notice of call.notices.values()) {
    const account = accountOf(commitmentOf(state, notice.commitmentId));
    account.calledInside -= sumOf(notice.due) - notice.outside;
    account.calledOutside -= notice.outside;
    if (sumOf(notice.due) > 0n) account.openNotices -= 1;
    notice.status = 'CANCELLED';
  }
};

export const foldCapitalCallSettled = (state: LedgerState, value: EventByType['CapitalCallSettled']): void => {
  const call = callOf(state, value.call_id);
  call.version = value.envelope.event_version;
  call.status = 'SETTLED';
  for (const notice of call.notices.values()) if (outstandingOf(notice) > 0n) notice.status = 'DEFAULTED';
};

export const foldNoticesOverdue = (state: LedgerState, value: EventByType['CapitalCallNoticesOverdue']): void => {
  const call = callOf(state, value.call_id);
  call.version = value.envelope.event_version;
  for (const id of value.notice_ids) noticeOf(call, id).status = 'OVERDUE';
};

type Payment = EventByType['CapitalCallPaymentReceived'] | EventByType['CapitalCallPaymentReversed'];

const portionsIn = (value: Payment): Portions => ({
  investment: value.investment_portion,
  managementFee: value.management_fee_portion,
  expenses: value.expenses_portion,
});

export const foldPaymentReceived = (state: LedgerState, value: EventByType['CapitalCallPaymentReceived']): void => {
  const call = callOf(state, value.call_id);
  const notice = noticeOf(call, value.notice_id);
  const account = accountOf(commitmentOf(state, value.commitment_id));
  const portions = kept(portionsIn(value), notice.due);
  lifeOf(fundOf(state, value.fund_id)).usedIds.add(value.payment_id);
  call.version = value.envelope.event_version;
  call.paid += value.amount;
  notice.paid = kept(plus(notice.paid, portions), notice.due);
  notice.status = value.notice_status;
  notice.payments = [
    ...notice.payments,
    {
      id: value.payment_id,
      portions,
      date: value.payment_date,
      bankReference: value.bank_reference,
      version: value.envelope.event_version,
      isReversed: false,
    },
  ];
  account.paidIn += value.amount;
  if (outstandingOf(notice) === 0n) account.openNotices -= 1;
  const at = { paymentId: value.payment_id, day: toEpochDay(value.payment_date), dueDay: toEpochDay(call.dueDate) };
  const { investment, managementFee, expenses } = portions;
  if (investment > 0n) account.contributions.push({ ...at, minor: investment, purpose: 'investment', deal: call.investmentId });
  if (managementFee > 0n) account.contributions.push({ ...at, minor: managementFee, purpose: 'fee', deal: null });
  if (expenses > 0n) account.contributions.push({ ...at, minor: expenses, purpose: 'expense', deal: null });
};

export const foldPaymentReversed = (state: LedgerState, value: EventByType['CapitalCallPaymentReversed']): void => {
  const call = callOf(state, value.call_id);
  const notice = noticeOf(call, value.notice_id);
  const account = accountOf(commitmentOf(state, value.commitment_id));
  if (outstandingOf(notice) === 0n) account.openNotices += 1;
  call.version = value.envelope.event_version;
  call.paid -= value.amount;
  if (call.status === 'SETTLED') call.status = 'ISSUED';
  notice.paid = kept(minus(notice.paid, portionsIn(value)), notice.due);
  notice.status = value.notice_status;
  notice.payments = notice.payments.map((payment) =>
    payment.id === value.payment_id ? { ...payment, isReversed: true } : payment,
  );
  account.paidIn -= value.amount;
  account.contributions = account.contributions.filter(({ paymentId }) => paymentId !== value.payment_id);
};
