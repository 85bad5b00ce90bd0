// The ledger remembers: folds events into the state. Total, no validation: what was decided is true.
import { addPosting } from '../journal/balances.ts';
import { post } from '../journal/post.ts';
import type { AnyEvent } from '../messages.ts';
import {
  foldCapitalCallCancelled,
  foldCapitalCallDrafted,
  foldCapitalCallIssued,
  foldCapitalCallSettled,
  foldNoticesOverdue,
  foldPaymentReceived,
  foldPaymentReversed,
} from './capital-calls-evolve.ts';
import { foldBusinessDateAdvanced } from './clock.ts';
import { lifeOf } from './commitment-account.ts';
import {
  foldCommitmentAmountChanged,
  foldCommitmentCancelled,
  foldCommitmentMade,
  foldCommitmentTransferred,
  foldOpeningBalance,
} from './commitments-evolve.ts';
import { unreachable } from './decision.ts';
import {
  foldCarryClawedBack,
  foldDistributionCancelled,
  foldDistributionDeclared,
  foldDistributionNotices,
  foldDistributionPaid,
} from './distributions-evolve.ts';
import { foldTransactionRecorded, foldTransactionReversed } from './fund-transactions.ts';
import { foldInvestmentEnded, foldInvestmentIncreased, foldInvestmentMade, foldInvestmentValued } from './investments-evolve.ts';
import { commitmentOf, fundOf, must } from './known.ts';
import { foldAccountSet, foldConfigurationSet, foldExchangeRateSet } from './reference-data.ts';
import type { FundState, InvestorState, LedgerState } from './state.ts';

const investorOf = (state: LedgerState, id: string): InvestorState => must(state.investors.get(id), `investor ${id}`);

const fold = (state: LedgerState, event: AnyEvent): void => {
  const { event_version: version } = event.value.envelope;
  switch (event.type) {
    case 'FundCreated': {
      const { fund: card } = event.value;
      state.funds.set(card.fund_id, { card, version, committed: 0n, commitments: [], events: 0, life: null });
      return;
    }
    case 'FundUpdated': {
      const fund = fundOf(state, event.value.fund.fund_id);
      fund.card = event.value.fund;
      fund.version = version;
      return;
    }
    case 'FundClosed': {
      const fund = fundOf(state, event.value.fund_id);
      fund.card = { ...fund.card, fund_status: 'CLOSED', final_close_date: event.value.final_close_date };
      fund.version = version;
      return;
    }
    case 'FundTermAdopted': {
      const fund = fundOf(state, event.value.fund_id);
      const { term, investor_id: investorId, terms_version } = event.value;
      const life = lifeOf(fund);
      life.terms = [...life.terms, { term, investorId, version: terms_version }];
      fund.version = version;
      return;
    }
    case 'InvestorCreated': {
      const { investor: card } = event.value;
      state.investors.set(card.investor_id, { card, version, bankAccounts: new Set() });
      return;
    }
    case 'InvestorUpdated': {
      const investor = investorOf(state, event.value.investor.investor_id);
      investor.card = event.value.investor;
      investor.version = version;
      return;
    }
    case 'KycDecisionRecorded': {
      const { investor_id, kyc_status, kyc_date, kyc_source } = event.value;
      const investor = investorOf(state, investor_id);
      investor.card = { ...investor.card, kyc_status, kyc_date, kyc_source };
      investor.version = version;
      return;
    }
    case 'BankAccountAdded': {
      const investor = investorOf(state, event.value.investor_id);
      investor.bankAccounts.add(event.value.account.banking_id);
      investor.version = version;
      return;
    }
    case 'CommitmentMade':
      return foldCommitmentMade(state, event.value);
    case 'CommitmentAmountChanged':
      return foldCommitmentAmountChanged(state, event.value);
    case 'CommitmentTransferred':
      return foldCommitmentTransferred(state, event.value);
    case 'CommitmentCancelled':
      return foldCommitmentCancelled(state, event.value);
    case 'OpeningBalanceRecorded':
      return foldOpeningBalance(state, event.value);
    case 'ValuationRecorded':
      commitmentOf(state, event.value.commitment_id).version = version;
      return;
    case 'CapitalCallDrafted':
      return foldCapitalCallDrafted(state, event.value);
    case 'CapitalCallIssued':
    case 'CapitalCallNoticesIssued':
      return foldCapitalCallIssued(state, event.value);
    case 'CapitalCallCancelled':
      return foldCapitalCallCancelled(state, event.value);
    case 'CapitalCallSettled':
      return foldCapitalCallSettled(state, event.value);
    case 'CapitalCallNoticesOverdue':
      return foldNoticesOverdue(state, event.value);
    case 'CapitalCallPaymentReceived':
      return foldPaymentReceived(state, event.value);
    case 'CapitalCallPaymentReversed':
      return foldPaymentReversed(state, event.value);
    case 'InvestmentMade':
      return foldInvestmentMade(state, event.value);
    case 'InvestmentIncreased':
      return foldInvestmentIncreased(state, event.value);
    case 'InvestmentValued':
      return foldInvestmentValued(state, event.value);
    case 'InvestmentRealised':
    case 'InvestmentWrittenOff':
      return foldInvestmentEnded(state, event.value);
    case 'FundTransactionRecorded':
      return foldTransactionRecorded(state, event.value);
    case 'FundTransactionReversed':
      return foldTransactionReversed(state, event.value);
    case 'DistributionDeclared':
      return foldDistributionDeclared(state, event.value);
    case 'DistributionNoticesDeclared':
      return foldDistributionNotices(state, event.value);
    case 'DistributionPaid':
      return foldDistributionPaid(state, event.value);
    case 'DistributionCancelled':
      return foldDistributionCancelled(state, event.value);
    case 'CarryClawedBack':
      return foldCarryClawedBack(state, event.value);
    case 'ExchangeRateSet':
      return foldExchangeRateSet(state, event.value);
    case 'AccountSet':
      return foldAccountSet(state, event.value);
    case 'ConfigurationSet':
      return foldConfigurationSet(state, event.value);
    case 'BusinessDateAdvanced':
      return foldBusinessDateAdvanced(state, event.value);
    case 'CommandRejected':
      return;
    default:
      unreachable(event);
  }
};

/** The fund that an event happened in; null for investors, reference data, the clock and rejections. */
const fundOfEvent = (state: LedgerState, { value }: AnyEvent): FundState | null => {
  if ('fund_id' in value) return state.funds.get(value.fund_id) ?? null;
  return 'fund' in value ? (state.funds.get(value.fund.fund_id) ?? null) : null;
};

/** Folds one event into the state, in place. @throws Error when the event contradicts the log before it (a defect). */
export const evolve = (state: LedgerState, event: AnyEvent): void => {
  fold(state, event);
  const fund = fundOfEvent(state, event);
  if (fund === null) return;
  fund.events += 1;
  for (const posting of post(state.journal, event)) addPosting(lifeOf(fund).balances, posting);
};
