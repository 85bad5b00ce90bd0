// A notice of a capital call: what is paid, what is left, and how a payment is split over its portions.
import type { CallNoticeStatus, Minor, Uuid } from '../messages.ts';
import type { CallState, NoticeState, PaymentState, Portions } from './state.ts';
import { sharedBy } from './units.ts';

export const noPortions: Portions = { investment: 0n, managementFee: 0n, expenses: 0n };

export const sumOf = ({ investment, managementFee, expenses }: Portions): Minor => investment + managementFee + expenses;

export const plus = (left: Portions, right: Portions): Portions => ({
  investment: left.investment + right.investment,
  managementFee: left.managementFee + right.managementFee,
  expenses: left.expenses + right.expenses,
});

export const minus = (left: Portions, right: Portions): Portions => ({
  investment: left.investment - right.investment,
  managementFee: left.managementFee - right.managementFee,
  expenses: left.expenses - right.expenses,
});

/** What is still owed on a notice. */
export const outstandingOf = ({ due, paid }: NoticeState): Minor => sumOf(due) - sumOf(paid);

/** The payment of an id on a notice, reversed or not. */
export const paymentOn = (notice: NoticeState | null | undefined, id: Uuid): PaymentState | undefined =>
  notice?.payments.find((payment) => payment.id === id);

/** Whether portions are the same; equal ones are kept once. */
const same = (left: Portions, right: Portions): boolean =>
  left.investment === right.investment && left.managementFee === right.managementFee && left.expenses === right.expenses;

/** Portions as they are kept: those of a notice or none, when they are equal to them, share their place in memory. */
export const kept = (portions: Portions, due: Portions): Portions =>
  same(portions, due) ? due : same(portions, noPortions) ? noPortions : portions;

/** The part of portions that is outside the commitment. */
export const outsideOf = (
  { managementFeeInside, expensesInside }: Pick<CallState, 'managementFeeInside' | 'expensesInside'>,
  { managementFee, expenses }: Portions,
): Minor => (managementFeeInside ? 0n : managementFee) + (expensesInside ? 0n : expenses);

/**
 * A payment over what is still owed of each portion, in proportion, the odd cents to the largest fractions: with the last payment
 * every portion is paid to the cent, and no payment takes more of a portion than is owed.
 * 10.00 on 50.00 / 30.00 / 20.01 owed is 5.00 / 3.00 / 2.00.
 */
export const portionsOfPayment = ({ due, paid }: NoticeState, amount: Minor, unit: Minor): Portions => {
  const owed = minus(due, paid);
  const weights = [owed.investment, owed.managementFee, owed.expenses];
  const [investment = 0n, managementFee = 0n, expenses = 0n] = sharedBy(amount, weights, unit);
  return { investment, managementFee, expenses };
};

/** Where a notice stands after so much is paid; one that was overdue stays so until it is paid. */
export const statusAfter = (notice: NoticeState, paid: Minor): CallNoticeStatus => {
  if (paid === sumOf(notice.due)) return 'PAID';
  if (notice.status === 'OVERDUE' || notice.status === 'DEFAULTED') return notice.status;
  return paid > 0n ? 'PARTIALLY_PAID' : 'PENDING';
};
