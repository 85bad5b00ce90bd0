// Folds investments. What they cost and were worth is kept by the journal.
import type { EventByType } from '../messages.ts';
import { lifeOf } from './commitment-account.ts';
import { fundOf, investmentOf } from './known.ts';
import type { LedgerState } from './state.ts';

export const foldInvestmentMade = (state: LedgerState, value: EventByType['InvestmentMade']): void => {
  const life = lifeOf(fundOf(state, value.fund_id));
  life.usedIds.add(value.transaction_id);
  life.investments.push(value.investment_id);
  state.investments.set(value.investment_id, {
    fundId: value.fund_id,
    version: value.envelope.event_version,
    status: 'ACTIVE',
  });
};

export const foldInvestmentIncreased = (state: LedgerState, value: EventByType['InvestmentIncreased']): void => {
  lifeOf(fundOf(state, value.fund_id)).usedIds.add(value.transaction_id);
  investmentOf(state, value.investment_id).version = value.envelope.event_version;
};

export const foldInvestmentValued = (state: LedgerState, value: EventByType['InvestmentValued']): void => {
  lifeOf(fundOf(state, value.fund_id)).usedIds.add(value.valuation_id);
  investmentOf(state, value.investment_id).version = value.envelope.event_version;
};

export const foldInvestmentEnded = (
  state: LedgerState,
  value: EventByType['InvestmentRealised'] | EventByType['InvestmentWrittenOff'],
): void => {
  lifeOf(fundOf(state, value.fund_id)).usedIds.add(value.transaction_id);
  const investment = investmentOf(state, value.investment_id);
  investment.version = value.envelope.event_version;
  investment.status = value.investment_status;
};
