// The command that an event follows from, by record name: what a replayed outcome says of its command.
import type { AnyEvent, CommandType } from '#domain/messages.ts';

/** The command that the last event of a partition followed from. */
export interface LastDecision {
  readonly commandId: string;
  /** Record name of the command. */
  readonly commandType: string;
}

export const noDecision: LastDecision = { commandId: '', commandType: '' };

const commandOfEvent: Readonly<Record<Exclude<AnyEvent['type'], 'CommandRejected'>, CommandType>> = {
  AccountSet: 'SetAccount',
  BankAccountAdded: 'AddBankAccount',
  BusinessDateAdvanced: 'AdvanceBusinessDate',
  CapitalCallCancelled: 'CancelCapitalCall',
  CapitalCallDrafted: 'DraftCapitalCall',
  CapitalCallIssued: 'IssueCapitalCall',
  CapitalCallNoticesIssued: 'IssueCapitalCall',
  CapitalCallNoticesOverdue: 'AdvanceBusinessDate',
  CapitalCallPaymentReceived: 'RecordCapitalCallPayment',
  CapitalCallPaymentReversed: 'ReverseCapitalCallPayment',
  CapitalCallSettled: 'SettleCapitalCall',
  CarryClawedBack: 'ClawBackCarry',
  CommitmentAmountChanged: 'ChangeCommitmentAmount',
  CommitmentCancelled: 'CancelCommitment',
  CommitmentMade: 'MakeCommitment',
  CommitmentTransferred: 'TransferCommitment',
  ConfigurationSet: 'SetConfiguration',
  DistributionCancelled: 'CancelDistribution',
  DistributionDeclared: 'DeclareDistribution',
  DistributionNoticesDeclared: 'DeclareDistribution',
  DistributionPaid: 'PayDistribution',
  ExchangeRateSet: 'SetExchangeRate',
  FundClosed: 'CloseFund',
  FundCreated: 'CreateFund',
  FundTermAdopted: 'AdoptFundTerm',
  FundTransactionRecorded: 'RecordFundTransaction',
  FundTransactionReversed: 'ReverseFundTransaction',
  FundUpdated: 'UpdateFund',
  InvestmentIncreased: 'IncreaseInvestment',
  InvestmentMade: 'MakeInvestment',
  InvestmentRealised: 'RealiseInvestment',
  InvestmentValued: 'ValueInvestment',
  InvestmentWrittenOff: 'WriteOffInvestment',
  InvestorCreated: 'CreateInvestor',
  InvestorUpdated: 'UpdateInvestor',
  KycDecisionRecorded: 'RecordKycDecision',
  OpeningBalanceRecorded: 'RecordOpeningBalance',
  ValuationRecorded: 'RecordValuation',
};

/**
 * The command that an event follows from. Events of one decision stand together on the log, and the first one tells the command:
 * a call that its last payment settles was not settled by hand. A transfer makes a commitment first and says so in its second event.
 */
export const commandTypeOf = (last: LastDecision, event: AnyEvent): string => {
  if (event.type === 'CommandRejected') return event.value.command_type;
  if (event.type === 'CommitmentTransferred' || last.commandId !== event.value.envelope.causation_id)
    return commandOfEvent[event.type];
  return last.commandType;
};
