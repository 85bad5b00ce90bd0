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
  CloseFund: 'FUND',
  CreateFund: 'FUND',
  CreateInvestor: 'INVESTOR',
  MakeCommitment: 'COMMITMENT',
  RecordKycDecision: 'INVESTOR',
  RecordOpeningBalance: 'COMMITMENT',
  RecordValuation: 'COMMITMENT',
  UpdateFund: 'FUND',
  UpdateInvestor: 'INVESTOR',
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
    case 'OpeningBalanceRecorded':
    case 'ValuationRecorded': {
      const { fund_id, investor_id, commitment_id } = event.value;
      return { fund_id, investor_id, commitment_id };
    }
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
