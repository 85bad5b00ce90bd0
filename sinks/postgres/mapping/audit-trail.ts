// One row of the audit trail per event (spec 6.3): who, from where, why, and every field with its old and new value.
import { isIP } from 'node:net';
import type { AnyEvent, FieldChange } from '#domain/messages.ts';
import { sqlAuditText, sqlInstant } from '../sql-values.ts';
import type { auditTrail, RowOf } from '../tables.ts';
import { unreachable } from '../unreachable.ts';
import { rejectedTarget } from './subject.ts';

type ActionType = 'CREATE' | 'UPDATE' | 'REJECT';

interface AuditRule {
  readonly action: ActionType;
  readonly classification: 'INTERNAL' | 'CONFIDENTIAL' | 'RESTRICTED';
  /** Days of the data type in spec 9.1. */
  readonly retentionDays: number;
}

const auditLogDays = 1095;
const financialTransactionDays = 2555;
const valuationDays = 1825;

/** Investors are personal data; money is kept as a financial transaction, values as valuations, the rest as an audit log. */
const auditRules: Readonly<Record<AnyEvent['type'], AuditRule>> = {
  FundCreated: { action: 'CREATE', classification: 'INTERNAL', retentionDays: auditLogDays },
  FundUpdated: { action: 'UPDATE', classification: 'INTERNAL', retentionDays: auditLogDays },
  FundClosed: { action: 'UPDATE', classification: 'INTERNAL', retentionDays: auditLogDays },
  InvestorCreated: { action: 'CREATE', classification: 'RESTRICTED', retentionDays: auditLogDays },
  InvestorUpdated: { action: 'UPDATE', classification: 'RESTRICTED', retentionDays: auditLogDays },
  KycDecisionRecorded: { action: 'UPDATE', classification: 'RESTRICTED', retentionDays: auditLogDays },
  BankAccountAdded: { action: 'UPDATE', classification: 'RESTRICTED', retentionDays: auditLogDays },
  CommitmentMade: { action: 'CREATE', classification: 'CONFIDENTIAL', retentionDays: financialTransactionDays },
  OpeningBalanceRecorded: { action: 'UPDATE', classification: 'CONFIDENTIAL', retentionDays: financialTransactionDays },
  ValuationRecorded: { action: 'UPDATE', classification: 'CONFIDENTIAL', retentionDays: valuationDays },
  CommandRejected: { action: 'REJECT', classification: 'INTERNAL', retentionDays: auditLogDays },
};

/** Every known field of a record as a change from nothing; `skip` names those that say whose row it is. */
const allNew = (record: object, skip: readonly string[]): readonly FieldChange[] =>
  Object.entries(record).flatMap(([field, value]) => {
    const text = skip.includes(field) ? null : sqlAuditText(value);
    return text === null ? [] : [{ field, old_value: null, new_value: text }];
  });

const changesOf = (event: AnyEvent): readonly FieldChange[] | null => {
  switch (event.type) {
    case 'FundCreated':
      return allNew(event.value.fund, ['fund_id']);
    case 'InvestorCreated':
      return allNew(event.value.investor, ['investor_id']);
    case 'FundUpdated':
    case 'InvestorUpdated':
      return event.value.changes;
    case 'FundClosed':
      return [
        { field: 'fund_status', old_value: null, new_value: 'CLOSED' },
        { field: 'final_close_date', old_value: null, new_value: event.value.final_close_date },
      ];
    case 'KycDecisionRecorded':
      return [
        { field: 'kyc_status', old_value: event.value.previous_status, new_value: event.value.kyc_status },
        { field: 'kyc_date', old_value: null, new_value: event.value.kyc_date },
        { field: 'kyc_source', old_value: null, new_value: event.value.kyc_source },
      ];
    case 'BankAccountAdded':
      return allNew(event.value.account, []);
    case 'CommitmentMade':
      return allNew(event.value, ['envelope', 'commitment_id']);
    case 'OpeningBalanceRecorded':
    case 'ValuationRecorded':
      return allNew(event.value, ['envelope', 'commitment_id', 'fund_id', 'investor_id']);
    case 'CommandRejected':
      return null;
    default:
      return unreachable(event);
  }
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
    action_type: rule.action,
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
