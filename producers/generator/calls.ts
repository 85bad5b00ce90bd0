// A capital call of a generated fund and what its investors pay on it: most on the due day, some in two parts, some late, one booked in
// error and taken back.
import { addDays } from '#domain/dates/local-date.ts';
import type { CallAllocationBasis, CapitalCallNotice, LocalDate, Minor, Uuid } from '#domain/messages.ts';
import type { Random } from './random.ts';
import type { Simulation } from './simulation.ts';

export interface CallPlan {
  readonly fundId: Uuid;
  readonly callId: Uuid;
  readonly callDate: LocalDate;
  readonly dueDate: LocalDate;
  readonly purpose: string;
  readonly investment: Minor;
  readonly fee: Minor;
  readonly expenses: Minor;
  readonly feeInside: boolean;
  readonly deal: Uuid;
  readonly excused: readonly Uuid[];
  readonly basis: CallAllocationBasis;
  /** A first draft is cancelled. */
  readonly abandonFirst: boolean;
}

export interface IssuedCall {
  readonly plan: CallPlan;
  readonly notices: readonly CapitalCallNotice[];
}

/** Drafts and issues a call; null when the ledger refuses it, for example since too little is unfunded. */
export const capitalCall = (simulation: Simulation, plan: CallPlan): IssuedCall | null => {
  const body = {
    fund_id: plan.fundId,
    call_number: null,
    call_date: plan.callDate,
    due_date: plan.dueDate,
    call_purpose: plan.purpose,
    investment_amount: plan.investment,
    management_fee_amount: plan.fee,
    expenses_amount: plan.expenses,
    management_fee_inside: plan.feeInside,
    expenses_inside: true,
    allocation_basis: plan.basis,
    excused_commitments: plan.excused,
    investment_id: plan.deal,
  };
  const bookedOn = addDays(plan.callDate, -2);
  if (plan.abandonFirst) {
    const callId = simulation.id('abandoned call', plan.callId);
    simulation.book('DraftCapitalCall', plan.callDate, { ...body, call_id: callId }, { bookedOn });
    simulation.book('CancelCapitalCall', plan.callDate, { call_id: callId, fund_id: plan.fundId }, { bookedOn });
  }
  const drafted = simulation.book('DraftCapitalCall', plan.callDate, { ...body, call_id: plan.callId }, { bookedOn });
  if (drafted === null) return null;
  const issued = simulation.book('IssueCapitalCall', plan.callDate, {
    call_id: plan.callId,
    fund_id: plan.fundId,
    preview_basis: null,
  });
  const notices = (issued ?? []).flatMap((event) =>
    event.type === 'CapitalCallIssued' || event.type === 'CapitalCallNoticesIssued' ? event.value.notices : [],
  );
  return issued === null ? null : { plan, notices };
};

export interface PaymentHabits {
  readonly random: Random;
  readonly id: (what: string) => Uuid;
  /** Some pay after the due day. */
  readonly isLate: boolean;
  /** One payment is booked with a wrong amount, taken back and booked again. */
  readonly hasCorrection: boolean;
  /** One notice is never paid, and the call is settled without it. */
  readonly leavesDefault: boolean;
}

/** Books the payments of a call; the day of the last one, null without a call. */
export const payCall = (simulation: Simulation, call: IssuedCall | null, habits: PaymentHabits): LocalDate | null => {
  if (call === null) return null;
  const { random, id } = habits;
  const { plan } = call;
  let last = plan.dueDate;
  const pay = (
    notice: CapitalCallNotice,
    amount: Minor,
    date: LocalDate,
    options: { readonly isCorrection?: boolean } = {},
  ): Uuid => {
    const paymentId = id('payment');
    simulation.book(
      'RecordCapitalCallPayment',
      date,
      {
        payment_id: paymentId,
        call_id: plan.callId,
        fund_id: plan.fundId,
        notice_id: notice.notice_id,
        amount,
        payment_date: date,
        bank_reference: `WIRE ${paymentId.slice(0, 8)}`,
      },
      options,
    );
    if (date > last) last = date;
    return paymentId;
  };
  call.notices.forEach((notice, place) => {
    if (notice.call_amount === 0n) return;
    if (habits.leavesDefault && place === call.notices.length - 1) return;
    const isLate = habits.isLate && place % 7 === 1;
    const date = isLate ? addDays(plan.dueDate, 8) : addDays(plan.dueDate, -random.whole(0, 4));
    if (habits.hasCorrection && place === 0 && notice.call_amount > 1_00n) {
      const wrong = pay(notice, notice.call_amount - 1_00n, date);
      simulation.book(
        'ReverseCapitalCallPayment',
        date,
        { payment_id: wrong, call_id: plan.callId, fund_id: plan.fundId, notice_id: notice.notice_id },
        { isCorrection: true, reason: 'wrong amount' },
      );
      pay(notice, notice.call_amount, date, { isCorrection: true });
    } else if (random.chance(0.1) && notice.call_amount > 2n) {
      const part = random.share(notice.call_amount, 0.5);
      pay(notice, part, date);
      pay(notice, notice.call_amount - part, addDays(date, 3));
    } else pay(notice, notice.call_amount, date);
  });
  if (habits.leavesDefault) {
    // The clock finds it overdue, and the call is settled without it.
    const after = addDays(last, 60);
    simulation.book('AdvanceBusinessDate', after, { business_date: after, partition: 0 });
    simulation.book(
      'SettleCapitalCall',
      after,
      { call_id: plan.callId, fund_id: plan.fundId },
      { bookedOn: addDays(after, 120) },
    );
  }
  return last;
};
