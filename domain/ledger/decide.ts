// The ledger decides: command in, events or a rejection out. Pure; time and ids come with the command.
import type { AnyCommand } from '../messages.ts';
import { decideRecordCapitalCallPayment, decideReverseCapitalCallPayment } from './capital-call-payments-decide.ts';
import {
  decideCancelCapitalCall,
  decideDraftCapitalCall,
  decideIssueCapitalCall,
  decideSettleCapitalCall,
} from './capital-calls-decide.ts';
import { decideClawBackCarry } from './clawback.ts';
import { decideAdvanceBusinessDate } from './clock.ts';
import {
  decideCancelCommitment,
  decideChangeCommitmentAmount,
  decideMakeCommitment,
  decideRecordOpeningBalance,
  decideRecordValuation,
  decideTransferCommitment,
} from './commitments-decide.ts';
import { type Decision, type DraftEvent, unreachable } from './decision.ts';
import { decideCancelDistribution, decideDeclareDistribution, decidePayDistribution } from './distributions-decide.ts';
import { decideRecordFundTransaction, decideReverseFundTransaction } from './fund-transactions.ts';
import {
  decideAddBankAccount,
  decideAdoptFundTerm,
  decideCloseFund,
  decideCreateFund,
  decideCreateInvestor,
  decideRecordKycDecision,
  decideUpdateFund,
  decideUpdateInvestor,
} from './funds-decide.ts';
import {
  decideIncreaseInvestment,
  decideMakeInvestment,
  decideRealiseInvestment,
  decideValueInvestment,
  decideWriteOffInvestment,
} from './investments-decide.ts';
import { decideSetAccount, decideSetConfiguration, decideSetExchangeRate } from './reference-data.ts';
import type { RuleContext } from './rule.ts';
import { checkRules } from './rules.ts';

/** Events of a command that keeps every rule; empty when it would change nothing. */
const eventsOf = (command: AnyCommand, context: RuleContext): readonly DraftEvent[] => {
  switch (command.type) {
    case 'CreateFund':
      return decideCreateFund(command.value);
    case 'UpdateFund':
      return decideUpdateFund(command.value, context);
    case 'CloseFund':
      return decideCloseFund(command.value, context);
    case 'AdoptFundTerm':
      return decideAdoptFundTerm(command.value, context);
    case 'CreateInvestor':
      return decideCreateInvestor(command.value);
    case 'UpdateInvestor':
      return decideUpdateInvestor(command.value, context);
    case 'RecordKycDecision':
      return decideRecordKycDecision(command.value, context);
    case 'AddBankAccount':
      return decideAddBankAccount(command.value, context);
    case 'MakeCommitment':
      return decideMakeCommitment(command.value, context);
    case 'ChangeCommitmentAmount':
      return decideChangeCommitmentAmount(command.value, context);
    case 'TransferCommitment':
      return decideTransferCommitment(command.value, context);
    case 'CancelCommitment':
      return decideCancelCommitment(command.value, context);
    case 'RecordOpeningBalance':
      return decideRecordOpeningBalance(command.value, context);
    case 'RecordValuation':
      return decideRecordValuation(command.value, context);
    case 'DraftCapitalCall':
      return decideDraftCapitalCall(command.value, context);
    case 'IssueCapitalCall':
      return decideIssueCapitalCall(command.value, context);
    case 'CancelCapitalCall':
      return decideCancelCapitalCall(command.value, context);
    case 'SettleCapitalCall':
      return decideSettleCapitalCall(command.value, context);
    case 'RecordCapitalCallPayment':
      return decideRecordCapitalCallPayment(command.value, context);
    case 'ReverseCapitalCallPayment':
      return decideReverseCapitalCallPayment(command.value, context);
    case 'MakeInvestment':
      return decideMakeInvestment(command.value, context);
    case 'IncreaseInvestment':
      return decideIncreaseInvestment(command.value, context);
    case 'ValueInvestment':
      return decideValueInvestment(command.value, context);
    case 'RealiseInvestment':
      return decideRealiseInvestment(command.value, context);
    case 'WriteOffInvestment':
      return decideWriteOffInvestment(command.value, context);
    case 'RecordFundTransaction':
      return decideRecordFundTransaction(command.value, context);
    case 'ReverseFundTransaction':
      return decideReverseFundTransaction(command.value, context);
    case 'DeclareDistribution':
      return decideDeclareDistribution(command.value, context);
    case 'PayDistribution':
      return decidePayDistribution(command.value, context);
    case 'CancelDistribution':
      return decideCancelDistribution(command.value, context);
    case 'ClawBackCarry':
      return decideClawBackCarry(command.value, context);
    case 'SetExchangeRate':
      return decideSetExchangeRate(command.value, context);
    case 'SetAccount':
      return decideSetAccount(command.value, context);
    case 'SetConfiguration':
      return decideSetConfiguration(command.value, context);
    case 'AdvanceBusinessDate':
      return decideAdvanceBusinessDate(command.value, context);
    default:
      return unreachable(command);
  }
};

/**
 * Decides a command against the state of its partition.
 *
 * Holds: a rejection names every broken rule; accepted events have versions that follow the aggregate's without a gap.
 */
export const decide = (command: AnyCommand, parts: Omit<RuleContext, 'command'>): Decision => {
  const context: RuleContext = { ...parts, command };
  const results = checkRules(command, context);
  const errors = results.filter((result) => result.severity === 'ERROR');
  if (errors.length > 0) return { kind: 'Rejected', reasons: results };
  const events = eventsOf(command, context);
  if (events.length === 0) {
    return {
      kind: 'Rejected',
      reasons: [
        {
          rule: 'nothing-to-change',
          severity: 'ERROR',
          field: null,
          message: 'the command would change nothing; every value is as it stands',
        },
      ],
    };
  }
  return { kind: 'Accepted', events, findings: results };
};
