// Decides payments on notices of capital calls and their reversal.
import type { CommandByType } from '../messages.ts';
import { totalOf } from './capital-call-allocation.ts';
import { minus, outsideOf, paymentOn, plus, portionsOfPayment, statusAfter, sumOf } from './capital-call-notice.ts';
import { draft, type DraftEvent } from './decision.ts';
import type { RuleContext } from './rule.ts';
import type { CallState, NoticeState, Portions } from './state.ts';
import { unitOf } from './units.ts';

const paymentBody = (call: CallState, notice: NoticeState, portions: Portions, paid: Portions, context: RuleContext) => ({
  commitment_id: notice.commitmentId,
  investor_id: context.state.commitments.get(notice.commitmentId)?.investorId ?? '',
  currency: context.state.funds.get(call.fundId)?.card.base_currency ?? '',
  amount: sumOf(portions),
  investment_portion: portions.investment,
  management_fee_portion: portions.managementFee,
  expenses_portion: portions.expenses,
  outside_commitment: outsideOf(call, portions),
  paid_amount: sumOf(paid),
  outstanding_amount: sumOf(notice.due) - sumOf(paid),
  notice_status: statusAfter(notice, sumOf(paid)),
  investment_id: call.investmentId,
});

/** The payment that leaves nothing owed on the call settles it, too. */
export const decideRecordCapitalCallPayment = (
  command: CommandByType['RecordCapitalCallPayment'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const { payment_id, call_id, fund_id, notice_id, amount, payment_date, bank_reference } = command;
  const call = context.state.calls.get(call_id);
  const notice = call?.notices.get(notice_id);
  if (call === undefined || notice === undefined) return [];
  const portions = portionsOfPayment(notice, amount, unitOf(context.state.funds.get(fund_id)?.card.base_currency ?? ''));
  const received = draft(
    'CapitalCallPaymentReceived',
    'CAPITAL_CALL',
    { id: call_id, version: call.version + 1, on: payment_date },
    {
      payment_id,
      call_id,
      fund_id,
      notice_id,
      ...paymentBody(call, notice, portions, plus(notice.paid, portions), context),
      payment_date,
      bank_reference,
    },
  );
  if (call.paid + amount < totalOf(call) || call.status !== 'ISSUED') return [received];
  return [
    received,
    draft(
      'CapitalCallSettled',
      'CAPITAL_CALL',
      { id: call_id, version: call.version + 2 },
      { call_id, fund_id, paid_amount: call.paid + amount, defaulted_amount: 0n },
    ),
  ];
};

/** Dated as the payment, so that no day shows it. A settled call is issued again: something is owed on it. */
export const decideReverseCapitalCallPayment = (
  { payment_id, call_id, fund_id, notice_id }: CommandByType['ReverseCapitalCallPayment'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const call = context.state.calls.get(call_id);
  const notice = call?.notices.get(notice_id);
  const payment = paymentOn(notice, payment_id);
  if (call === undefined || notice === undefined || payment === undefined) return [];
  return [
    draft(
      'CapitalCallPaymentReversed',
      'CAPITAL_CALL',
      { id: call_id, version: call.version + 1, on: payment.date },
      {
        payment_id,
        call_id,
        fund_id,
        notice_id,
        ...paymentBody(call, notice, payment.portions, minus(notice.paid, payment.portions), context),
        payment_date: payment.date,
        bank_reference: payment.bankReference,
      },
    ),
  ];
};
