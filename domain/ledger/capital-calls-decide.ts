// Decides capital calls: draft, issue with the notices, cancel, settle.
import type { CapitalCallNotice, CommandByType, EventByType, Uuid } from '../messages.ts';
import { issuedNotices, totalOf } from './capital-call-allocation.ts';
import { outstandingOf } from './capital-call-notice.ts';
import { draft, type DraftEvent } from './decision.ts';
import type { RuleContext } from './rule.ts';
import type { CallState } from './state.ts';

/** More notices than this are a header and chunks in one transaction (design.md 4). */
export const noticesInOneEvent = 1000;
/** Notices of a chunk. */
export const noticesInChunk = 500;

/** Notices in chunks; none when they stand in the header. */
export const chunksOf = <Notice>(notices: readonly Notice[]): readonly (readonly Notice[])[] =>
  notices.length <= noticesInOneEvent
    ? []
    : Array.from({ length: Math.ceil(notices.length / noticesInChunk) }, (_, index) =>
        notices.slice(index * noticesInChunk, (index + 1) * noticesInChunk),
      );

export const decideDraftCapitalCall = (
  command: CommandByType['DraftCapitalCall'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const { header: _, call_number, ...drafted } = command;
  const fund = state.funds.get(drafted.fund_id);
  if (fund === undefined) return [];
  const numbers = (fund.life?.calls ?? []).map((id) => state.calls.get(id)?.number ?? 0);
  return [
    draft(
      'CapitalCallDrafted',
      'CAPITAL_CALL',
      { id: drafted.call_id, version: 1 },
      {
        ...drafted,
        call_number: call_number ?? Math.max(0, ...numbers) + 1,
        currency: fund.card.base_currency,
        total_call_amount: drafted.investment_amount + drafted.management_fee_amount + drafted.expenses_amount,
      },
    ),
  ];
};

const issued = (
  id: Uuid,
  call: CallState,
  currency: string,
  notices: readonly CapitalCallNotice[],
): Omit<EventByType['CapitalCallIssued'], 'envelope'> => ({
  call_id: id,
  fund_id: call.fundId,
  call_number: call.number,
  currency,
  total_call_amount: totalOf(call),
  call_date: call.callDate,
  due_date: call.dueDate,
  call_purpose: call.purpose,
  investment_amount: call.investment,
  management_fee_amount: call.managementFee,
  expenses_amount: call.expenses,
  management_fee_inside: call.managementFeeInside,
  expenses_inside: call.expensesInside,
  allocation_basis: call.basis,
  excused_commitments: call.excused,
  investment_id: call.investmentId,
  notices: chunksOf(notices).length === 0 ? notices : [],
  notice_count: notices.length,
  chunk_count: chunksOf(notices).length,
});

export const decideIssueCapitalCall = (
  { call_id, fund_id }: CommandByType['IssueCapitalCall'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const call = context.state.calls.get(call_id);
  const currency = context.state.funds.get(fund_id)?.card.base_currency;
  if (call === undefined || currency === undefined) return [];
  const notices = issuedNotices(context);
  const at = { id: call_id, on: call.callDate };
  const version = call.version + 1;
  return [
    draft('CapitalCallIssued', 'CAPITAL_CALL', { ...at, version }, issued(call_id, call, currency, notices)),
    ...chunksOf(notices).map((chunk, index, chunks) =>
      draft(
        'CapitalCallNoticesIssued',
        'CAPITAL_CALL',
        { ...at, version: version + 1 + index },
        { call_id, fund_id, currency, chunk: index + 1, chunk_count: chunks.length, notices: chunk },
      ),
    ),
  ];
};

export const decideCancelCapitalCall = (
  { call_id, fund_id }: CommandByType['CancelCapitalCall'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const call = state.calls.get(call_id);
  const currency = state.funds.get(fund_id)?.card.base_currency;
  if (call === undefined || currency === undefined) return [];
  return [
    draft(
      'CapitalCallCancelled',
      'CAPITAL_CALL',
      { id: call_id, version: call.version + 1 },
      { call_id, fund_id, was_issued: call.status === 'ISSUED', total_call_amount: totalOf(call), currency },
    ),
  ];
};

/** What is not paid by then counts as in default. */
export const decideSettleCapitalCall = (
  { call_id, fund_id }: CommandByType['SettleCapitalCall'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const call = state.calls.get(call_id);
  if (call === undefined) return [];
  const defaulted_amount = [...call.notices.values()].reduce((sum, notice) => sum + outstandingOf(notice), 0n);
  return [
    draft(
      'CapitalCallSettled',
      'CAPITAL_CALL',
      { id: call_id, version: call.version + 1 },
      { call_id, fund_id, paid_amount: call.paid, defaulted_amount },
    ),
  ];
};
