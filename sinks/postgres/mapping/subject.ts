// Whom an event is about: for findings, for the audit trail and for readers who wait for a change.
import type { AggregateType, AnyEvent, CommandRejected, CommandType } from '#domain/messages.ts';
import { unreachable } from '../unreachable.ts';

/** The fund, investor and commitment that an event touches. */
export interface Subject {
  readonly fund_id: string | null;
  readonly investor_id: string | null;
  readonly commitment_id: string | null;
}

/** The kind of aggregate that each command is meant for. */
const targetOfCommand: Readonly<Record<CommandType, AggregateType>> = {
  AddBankAccount: 'INVESTOR',
  AdoptFundTerm: 'FUND',
  AdvanceBusinessDate: 'REFERENCE',
  CancelCapitalCall: 'CAPITAL_CALL',
  CancelCommitment: 'COMMITMENT',
  CancelDistribution: 'DISTRIBUTION',
  ChangeCommitmentAmount: 'COMMITMENT',
  ClawBackCarry: 'FUND',
  CloseFund: 'FUND',
  CreateFund: 'FUND',
  CreateInvestor: 'INVESTOR',
  DeclareDistribution: 'DISTRIBUTION',
  DraftCapitalCall: 'CAPITAL_CALL',
  IncreaseInvestment: 'INVESTMENT',
  IssueCapitalCall: 'CAPITAL_CALL',
  MakeCommitment: 'COMMITMENT',
  MakeInvestment: 'INVESTMENT',
  PayDistribution: 'DISTRIBUTION',
  RealiseInvestment: 'INVESTMENT',
  RecordCapitalCallPayment: 'CAPITAL_CALL',
  RecordFundTransaction: 'FUND',
  RecordKycDecision: 'INVESTOR',
  RecordOpeningBalance: 'COMMITMENT',
  RecordValuation: 'COMMITMENT',
  ReverseCapitalCallPayment: 'CAPITAL_CALL',
  ReverseFundTransaction: 'FUND',
  SetAccount: 'REFERENCE',
  SetConfiguration: 'REFERENCE',
  SetExchangeRate: 'REFERENCE',
  SettleCapitalCall: 'CAPITAL_CALL',
  TransferCommitment: 'COMMITMENT',
  UpdateFund: 'FUND',
  UpdateInvestor: 'INVESTOR',
  ValueInvestment: 'INVESTMENT',
  WriteOffInvestment: 'INVESTMENT',
};

/** Kind and id of what a rejected command was meant for; the command itself when it named nothing known. */
export const rejectedTarget = (rejected: CommandRejected): { readonly type: AggregateType; readonly id: string } => {
  const type = targetOfCommand[rejected.command_type as CommandType] as AggregateType | undefined;
  if (type === undefined || rejected.target_aggregate_id === null) return { type: 'COMMAND', id: rejected.envelope.aggregate_id };
  return { type, id: rejected.target_aggregate_id };
};

const nobody: Subject = { fund_id: null, investor_id: null, commitment_id: null };

/** Whom an event is about. A rejection is about its target, although nothing of it changed. */
export const subjectOf = (event: AnyEvent): Subject => {
  switch (event.type) {
    case 'FundCreated':
    case 'FundUpdated':
      return { ...nobody, fund_id: event.value.fund.fund_id };
    case 'FundClosed':
      return { ...nobody, fund_id: event.value.fund_id };
    case 'InvestorCreated':
    case 'InvestorUpdated':
      return { ...nobody, investor_id: event.value.investor.investor_id };
    case 'KycDecisionRecorded':
    case 'BankAccountAdded':
      return { ...nobody, investor_id: event.value.investor_id };
    case 'CommitmentMade':
    case 'CommitmentAmountChanged':
    case 'CommitmentTransferred':
    case 'CommitmentCancelled':
    case 'OpeningBalanceRecorded':
    case 'ValuationRecorded':
    case 'CapitalCallPaymentReceived':
    case 'CapitalCallPaymentReversed': {
      const { fund_id, investor_id, commitment_id } = event.value;
      return { fund_id, investor_id, commitment_id };
    }
    case 'FundTermAdopted':
      return { ...nobody, fund_id: event.value.fund_id, investor_id: event.value.investor_id };
    case 'CapitalCallDrafted':
    case 'CapitalCallIssued':
    case 'CapitalCallNoticesIssued':
    case 'CapitalCallNoticesOverdue':
    case 'CapitalCallSettled':
    case 'CapitalCallCancelled':
    case 'DistributionDeclared':
    case 'DistributionNoticesDeclared':
    case 'DistributionPaid':
    case 'DistributionCancelled':
    case 'CarryClawedBack':
    case 'InvestmentMade':
    case 'InvestmentIncreased':
    case 'InvestmentValued':
    case 'InvestmentRealised':
    case 'InvestmentWrittenOff':
    case 'FundTransactionRecorded':
    case 'FundTransactionReversed':
      return { ...nobody, fund_id: event.value.fund_id };
    case 'ExchangeRateSet':
    case 'AccountSet':
    case 'ConfigurationSet':
    case 'BusinessDateAdvanced':
      return nobody;
    case 'CommandRejected': {
      const target = rejectedTarget(event.value);
      if (target.type === 'FUND') return { ...nobody, fund_id: target.id };
      if (target.type === 'INVESTOR') return { ...nobody, investor_id: target.id };
      return target.type === 'COMMITMENT' ? { ...nobody, commitment_id: target.id } : nobody;
    }
    default:
      return unreachable(event);
  }
};

/** Investors beside the subject whose pages an event changes: those of its notices, and who takes a commitment over. */
export const furtherInvestors = ({ value }: AnyEvent): readonly string[] => {
  if ('notices' in value) return value.notices.map((notice) => notice.investor_id);
  return 'to_investor_id' in value ? [value.to_investor_id] : [];
};
