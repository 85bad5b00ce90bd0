// One row of the audit trail per event (spec 6.3): who, from where, why, and every field with its old and new value.
import { isIP } from 'node:net';
import type { AnyEvent } from '#domain/messages.ts';
import { sqlInstant } from '../sql-values.ts';
import type { RowOf } from '../table.ts';
import type { auditTrail } from '../tables.ts';
import { changesOf } from './field-changes.ts';
import { rejectedTarget } from './subject.ts';

type ActionType = 'CREATE' | 'UPDATE' | 'REJECT';

interface AuditRule {
  /** What it does; STATE makes what it names with its first event and changes it with every later one. */
  readonly action: ActionType | 'STATE';
  readonly classification: 'INTERNAL' | 'CONFIDENTIAL' | 'RESTRICTED';
  /** Days of the data type in spec 9.1. */
  readonly retentionDays: number;
}

const auditLogDays = 1095;
const financialTransactionDays = 2555;
const valuationDays = 1825;

const internal = (action: AuditRule['action']): AuditRule => ({
  action,
  classification: 'INTERNAL',
  retentionDays: auditLogDays,
});
const personal = (action: AuditRule['action']): AuditRule => ({
  action,
  classification: 'RESTRICTED',
  retentionDays: auditLogDays,
});
const financial = (action: AuditRule['action']): AuditRule => ({
  action,
  classification: 'CONFIDENTIAL',
  retentionDays: financialTransactionDays,
});
const valued: AuditRule = { action: 'UPDATE', classification: 'CONFIDENTIAL', retentionDays: valuationDays };

/**
 * Investors are personal data; money is kept as a financial transaction (calls and distributions, too: they are payments, for which the
 * longer period holds), values as valuations, the rest as an audit log.
 */
const auditRules: Readonly<Record<AnyEvent['type'], AuditRule>> = {
  FundCreated: internal('CREATE'),
  FundUpdated: internal('UPDATE'),
  FundClosed: internal('UPDATE'),
  FundTermAdopted: financial('UPDATE'),
  InvestorCreated: personal('CREATE'),
  InvestorUpdated: personal('UPDATE'),
  KycDecisionRecorded: personal('UPDATE'),
  BankAccountAdded: personal('UPDATE'),
  CommitmentMade: financial('CREATE'),
  CommitmentAmountChanged: financial('UPDATE'),
  CommitmentTransferred: financial('UPDATE'),
  CommitmentCancelled: financial('UPDATE'),
  OpeningBalanceRecorded: financial('UPDATE'),
  ValuationRecorded: valued,
  CapitalCallDrafted: financial('CREATE'),
  CapitalCallIssued: financial('UPDATE'),
  CapitalCallNoticesIssued: financial('UPDATE'),
  CapitalCallNoticesOverdue: financial('UPDATE'),
  CapitalCallPaymentReceived: financial('UPDATE'),
  CapitalCallPaymentReversed: financial('UPDATE'),
  CapitalCallSettled: financial('UPDATE'),
  CapitalCallCancelled: financial('UPDATE'),
  DistributionDeclared: financial('CREATE'),
  DistributionNoticesDeclared: financial('UPDATE'),
  DistributionPaid: financial('UPDATE'),
  DistributionCancelled: financial('UPDATE'),
  CarryClawedBack: financial('UPDATE'),
  InvestmentMade: financial('CREATE'),
  InvestmentIncreased: financial('UPDATE'),
  InvestmentValued: valued,
  InvestmentRealised: financial('UPDATE'),
  InvestmentWrittenOff: financial('UPDATE'),
  FundTransactionRecorded: financial('UPDATE'),
  FundTransactionReversed: financial('UPDATE'),
  ExchangeRateSet: internal('STATE'),
  AccountSet: internal('STATE'),
  ConfigurationSet: internal('STATE'),
  BusinessDateAdvanced: internal('STATE'),
  CommandRejected: internal('REJECT'),
};

/** The address as inet takes it; an address with a zone, or no address at all, is left out. */
const inetOf = (ip: string | null): string | null => (ip !== null && isIP(ip) > 0 && !ip.includes('%') ? ip : null);

/** The audit row of an event. A client address that is none is left out; the event keeps its text. */
export const toDbAuditEntry = (event: AnyEvent): RowOf<typeof auditTrail> => {
  const { envelope } = event.value;
  const rule = auditRules[event.type];
  const entity =
    event.type === 'CommandRejected' ? rejectedTarget(event.value) : { type: envelope.aggregate_type, id: envelope.aggregate_id };
  const changes = changesOf(event);
  return {
    audit_id: envelope.event_id,
    tenant_id: envelope.tenant_id,
    entity_type: entity.type,
    entity_id: entity.id,
    action_type: rule.action === 'STATE' ? (envelope.event_version === 1 ? 'CREATE' : 'UPDATE') : rule.action,
    event_type: event.type,
    user_id: envelope.actor.user_id,
    user_role: envelope.actor.user_role,
    channel: envelope.origin.channel,
    ip_address: inetOf(envelope.origin.ip),
    user_agent: envelope.origin.user_agent,
    session_id: envelope.origin.session_id,
    field_changes: changes === null ? null : JSON.stringify(changes),
    reason: envelope.reason,
    timestamp: sqlInstant(envelope.recorded_at),
    effective_date: envelope.effective_date,
    correlation_id: envelope.correlation_id,
    causation_id: envelope.causation_id,
    data_classification: rule.classification,
    retention_period: rule.retentionDays,
  };
};
