// Which fold each event goes to. Every event also is a row of event_store and of the audit trail, whatever else it is.
import type { AnyEvent } from '#domain/messages.ts';
import type { Batch } from './batch.ts';
import {
  foldCallCancelled,
  foldDrafted,
  foldIssued,
  foldNoticesIssued,
  foldOverdue,
  foldPaymentReceived,
  foldPaymentReversed,
  foldSettled,
} from './fold/capital-calls.ts';
import {
  foldAmountChanged,
  foldCommitmentCancelled,
  foldCommitmentMade,
  foldOpeningBalance,
  foldTransferred,
  foldValuation,
} from './fold/commitments.ts';
import { foldClawedBack, foldDeclared, foldDistributionCancelled, foldNoticesDeclared, foldPaid } from './fold/distributions.ts';
import {
  foldBankAccountAdded,
  foldFundClosed,
  foldFundCreated,
  foldFundUpdated,
  foldInvestorCreated,
  foldInvestorUpdated,
  foldKycDecision,
  foldTermAdopted,
} from './fold/funds.ts';
import {
  foldInvestmentIncreased,
  foldInvestmentMade,
  foldInvestmentRealised,
  foldInvestmentValued,
  foldInvestmentWrittenOff,
  foldTransactionRecorded,
  foldTransactionReversed,
} from './fold/investments.ts';
import { foldAccountSet, foldBusinessDateAdvanced, foldConfigurationSet, foldExchangeRateSet } from './fold/reference-data.ts';
import { noteFormer } from './former-values.ts';
import { toDbAuditEntry } from './mapping/audit-trail.ts';
import { toDbEvent, type LogPlace } from './mapping/event-store.ts';
import { toDbFindings } from './mapping/findings.ts';
import { unreachable } from './unreachable.ts';

const fold = (batch: Batch, event: AnyEvent): void => {
  switch (event.type) {
    case 'FundCreated':
      return foldFundCreated(batch, event);
    case 'FundUpdated':
      return foldFundUpdated(batch, event);
    case 'FundClosed':
      return foldFundClosed(batch, event);
    case 'FundTermAdopted':
      return foldTermAdopted(batch, event);
    case 'InvestorCreated':
      return foldInvestorCreated(batch, event);
    case 'InvestorUpdated':
      return foldInvestorUpdated(batch, event);
    case 'KycDecisionRecorded':
      return foldKycDecision(batch, event);
    case 'BankAccountAdded':
      return foldBankAccountAdded(batch, event);
    case 'CommitmentMade':
      return foldCommitmentMade(batch, event);
    case 'CommitmentAmountChanged':
      return foldAmountChanged(batch, event);
    case 'CommitmentTransferred':
      return foldTransferred(batch, event);
    case 'CommitmentCancelled':
      return foldCommitmentCancelled(batch, event);
    case 'OpeningBalanceRecorded':
      return foldOpeningBalance(batch, event);
    case 'ValuationRecorded':
      return foldValuation(batch, event);
    case 'CapitalCallDrafted':
      return foldDrafted(batch, event);
    case 'CapitalCallIssued':
      return foldIssued(batch, event);
    case 'CapitalCallNoticesIssued':
      return foldNoticesIssued(batch, event);
    case 'CapitalCallNoticesOverdue':
      return foldOverdue(batch, event);
    case 'CapitalCallPaymentReceived':
      return foldPaymentReceived(batch, event);
    case 'CapitalCallPaymentReversed':
      return foldPaymentReversed(batch, event);
    case 'CapitalCallSettled':
      return foldSettled(batch, event);
    case 'CapitalCallCancelled':
      return foldCallCancelled(batch, event);
    case 'InvestmentMade':
      return foldInvestmentMade(batch, event);
    case 'InvestmentIncreased':
      return foldInvestmentIncreased(batch, event);
    case 'InvestmentValued':
      return foldInvestmentValued(batch, event);
    case 'InvestmentRealised':
      return foldInvestmentRealised(batch, event);
    case 'InvestmentWrittenOff':
      return foldInvestmentWrittenOff(batch, event);
    case 'FundTransactionRecorded':
      return foldTransactionRecorded(batch, event);
    case 'FundTransactionReversed':
      return foldTransactionReversed(batch, event);
    case 'DistributionDeclared':
      return foldDeclared(batch, event);
    case 'DistributionNoticesDeclared':
      return foldNoticesDeclared(batch, event);
    case 'DistributionPaid':
      return foldPaid(batch, event);
    case 'DistributionCancelled':
      return foldDistributionCancelled(batch, event);
    case 'CarryClawedBack':
      return foldClawedBack(batch, event);
    case 'ExchangeRateSet':
      return foldExchangeRateSet(batch, event);
    case 'AccountSet':
      return foldAccountSet(batch, event);
    case 'ConfigurationSet':
      return foldConfigurationSet(batch, event);
    case 'BusinessDateAdvanced':
      return foldBusinessDateAdvanced(batch, event);
    case 'CommandRejected':
      return;
    default:
      unreachable(event);
  }
};

/** Adds an event that stands at `place` on the log. @throws SinkError `event-conflict` or `undecodable`. */
export const addEvent = (batch: Batch, event: AnyEvent, place: LogPlace): void => {
  batch.events.push(toDbEvent(event, place));
  batch.audit.push(toDbAuditEntry(event));
  noteFormer(batch, event);
  batch.findings.push(...toDbFindings(event));
  fold(batch, event);
};
