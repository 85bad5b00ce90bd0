// Income, expenses and fees of a fund: decided and folded.
import type { CommandByType, EventByType } from '../messages.ts';
import { lifeOf } from './commitment-account.ts';
import { draft, type DraftEvent } from './decision.ts';
import { fundOf, must } from './known.ts';
import type { RuleContext } from './rule.ts';
import type { LedgerState } from './state.ts';

export const decideRecordFundTransaction = (
  command: CommandByType['RecordFundTransaction'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const { header: _, ...transaction } = command;
  const fund = state.funds.get(transaction.fund_id);
  if (fund === undefined) return [];
  const at = { id: transaction.fund_id, version: fund.version + 1 };
  return [draft('FundTransactionRecorded', 'FUND', at, { ...transaction, currency: fund.card.base_currency })];
};

/** Dated as the transaction, so that no day shows it. */
export const decideReverseFundTransaction = (
  { transaction_id, fund_id }: CommandByType['ReverseFundTransaction'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const fund = state.funds.get(fund_id);
  const transaction = fund?.life?.transactions.get(transaction_id);
  if (fund === undefined || transaction === undefined) return [];
  return [
    draft(
      'FundTransactionReversed',
      'FUND',
      { id: fund_id, version: fund.version + 1, on: transaction.effectiveDate },
      {
        transaction_id,
        fund_id,
        transaction_type: transaction.type,
        amount: transaction.amount,
        investment_id: transaction.investmentId,
        counterparty: transaction.counterparty,
        currency: fund.card.base_currency,
      },
    ),
  ];
};

export const foldTransactionRecorded = (state: LedgerState, value: EventByType['FundTransactionRecorded']): void => {
  const fund = fundOf(state, value.fund_id);
  fund.version = value.envelope.event_version;
  lifeOf(fund).transactions.set(value.transaction_id, {
    type: value.transaction_type,
    amount: value.amount,
    investmentId: value.investment_id,
    counterparty: value.counterparty,
    effectiveDate: value.envelope.effective_date,
    isReversed: false,
  });
};

export const foldTransactionReversed = (state: LedgerState, value: EventByType['FundTransactionReversed']): void => {
  const fund = fundOf(state, value.fund_id);
  fund.version = value.envelope.event_version;
  const transaction = must(lifeOf(fund).transactions.get(value.transaction_id), `transaction ${value.transaction_id}`);
  transaction.isReversed = true;
};
