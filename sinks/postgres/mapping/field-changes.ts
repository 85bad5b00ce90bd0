// Every changed field of an event with its old and new value, for the audit trail. Former values that the event does not name are looked
// up where the row stands (former-values.ts).
import type { AnyEvent, FieldChange, Minor } from '#domain/messages.ts';
import { sqlAuditText } from '../sql-values.ts';
import { unreachable } from '../unreachable.ts';

/** Every known field of a record as a change from nothing; `skip` names those that say whose row it is. */
const allNew = (record: object, skip: readonly string[]): readonly FieldChange[] =>
  Object.entries(record).flatMap(([field, value]) => {
    const text = skip.includes(field) ? null : sqlAuditText(value);
    return text === null ? [] : [{ field, old_value: null, new_value: text }];
  });

const changed = (field: string, before: unknown, now: unknown): FieldChange => ({
  field,
  old_value: sqlAuditText(before),
  new_value: sqlAuditText(now),
});

/** What a chunk or a header says of its notices: how many, not each of them, which stand in the event. */
const noticesTold = (notices: readonly unknown[]): readonly FieldChange[] =>
  notices.length === 0 ? [] : [changed('notices', null, notices.length)];

const paidChange = (paid: Minor, amount: Minor): FieldChange => changed('notice_paid_amount', paid - amount, paid);

/** The changes of an event; null for a rejection. */
export const changesOf = (event: AnyEvent): readonly FieldChange[] | null => {
  switch (event.type) {
    case 'FundCreated':
      return allNew(event.value.fund, ['fund_id']);
    case 'InvestorCreated':
      return allNew(event.value.investor, ['investor_id']);
    case 'FundUpdated':
    case 'InvestorUpdated':
    case 'AccountSet':
      return event.value.changes;
    case 'FundClosed':
      return [changed('fund_status', null, 'CLOSED'), changed('final_close_date', null, event.value.final_close_date)];
    case 'FundTermAdopted': {
      const { term, investor_id, terms_version } = event.value;
      return [
        changed('terms_version', terms_version === 1 ? null : terms_version - 1, terms_version),
        ...allNew({ ...term, investor_id }, []),
      ];
    }
    case 'KycDecisionRecorded':
      return [
        changed('kyc_status', event.value.previous_status, event.value.kyc_status),
        changed('kyc_date', null, event.value.kyc_date),
        changed('kyc_source', null, event.value.kyc_source),
      ];
    case 'BankAccountAdded':
      return allNew(event.value.account, []);
    case 'CommitmentMade':
      return allNew(event.value, ['envelope', 'commitment_id']);
    case 'CommitmentAmountChanged':
      return [changed('commitment_amount', event.value.old_amount, event.value.new_amount)];
    case 'CommitmentTransferred': {
      const {
        envelope: _,
        commitment_id: _id,
        fund_id: _fund,
        investor_id: _investor,
        old_amount,
        new_amount,
        ...moved
      } = event.value;
      return [
        changed('commitment_amount', old_amount, new_amount),
        ...(new_amount === 0n ? [changed('status', 'ACTIVE', 'TRANSFERRED')] : []),
        ...allNew(moved, ['currency', 'modification_id']),
      ];
    }
    case 'CommitmentCancelled':
      return [changed('status', 'ACTIVE', 'CANCELLED')];
    case 'OpeningBalanceRecorded':
    case 'ValuationRecorded':
      return allNew(event.value, ['envelope', 'commitment_id', 'fund_id', 'investor_id']);
    case 'CapitalCallDrafted':
      return [changed('call_status', null, 'DRAFT'), ...allNew(event.value, ['envelope', 'call_id'])];
    case 'CapitalCallIssued':
      return [
        changed('call_status', 'DRAFT', 'ISSUED'),
        changed('notice_count', 0, event.value.notice_count),
        ...noticesTold(event.value.notices),
      ];
    case 'CapitalCallNoticesIssued':
    case 'DistributionNoticesDeclared':
      return [changed('chunk', null, `${event.value.chunk} of ${event.value.chunk_count}`), ...noticesTold(event.value.notices)];
    case 'CapitalCallNoticesOverdue':
      return [changed('overdue_notices', null, event.value.notice_ids)];
    case 'CapitalCallPaymentReceived': {
      const { payment_id, notice_id, amount, paid_amount, notice_status, payment_date, bank_reference } = event.value;
      return [
        ...allNew({ payment_id, notice_id, amount, payment_date, bank_reference }, []),
        paidChange(paid_amount, amount),
        changed('notice_status', null, notice_status),
      ];
    }
    case 'CapitalCallPaymentReversed': {
      const { payment_id, notice_id, amount, paid_amount, notice_status } = event.value;
      return [
        changed('payment_id', payment_id, null),
        changed('notice_id', notice_id, notice_id),
        changed('amount', amount, null),
        paidChange(paid_amount, -amount),
        changed('notice_status', null, notice_status),
      ];
    }
    case 'CapitalCallSettled':
      return [
        changed('call_status', 'ISSUED', 'SETTLED'),
        ...allNew({ paid_amount: event.value.paid_amount, defaulted_amount: event.value.defaulted_amount }, []),
      ];
    case 'CapitalCallCancelled':
      return [changed('call_status', event.value.was_issued ? 'ISSUED' : 'DRAFT', 'CANCELLED')];
    case 'DistributionDeclared':
      return [
        changed('distribution_status', null, 'DECLARED'),
        ...allNew(event.value, ['envelope', 'distribution_id', 'calculation', 'notices', 'chunk_count']),
        changed('calculation_id', null, event.value.calculation.calculation_id),
      ];
    case 'DistributionPaid':
      return [changed('distribution_status', 'DECLARED', 'PAID'), changed('payment_date', null, event.value.payment_date)];
    case 'DistributionCancelled':
      return [changed('distribution_status', 'DECLARED', 'CANCELLED')];
    case 'CarryClawedBack':
      return [
        ...allNew(event.value, ['envelope', 'fund_id', 'calculation', 'notices']),
        changed('calculation_id', null, event.value.calculation.calculation_id),
      ];
    case 'InvestmentMade':
      return [changed('investment_status', null, 'ACTIVE'), ...allNew(event.value, ['envelope', 'investment_id'])];
    case 'InvestmentIncreased': {
      const { amount, cost_after, fair_value_after, transaction_id } = event.value;
      return [
        changed('cost', cost_after - amount, cost_after),
        changed('fair_value', fair_value_after - amount, fair_value_after),
        changed('transaction_id', null, transaction_id),
      ];
    }
    case 'InvestmentValued':
      return allNew(event.value, ['envelope', 'investment_id', 'fund_id']);
    case 'InvestmentRealised': {
      const { remaining_cost, cost_realised } = event.value;
      return [
        changed('cost', remaining_cost + cost_realised, remaining_cost),
        ...allNew(event.value, ['envelope', 'investment_id', 'fund_id', 'remaining_cost']),
      ];
    }
    case 'InvestmentWrittenOff': {
      const { remaining_cost, cost_written_off } = event.value;
      return [
        changed('cost', remaining_cost + cost_written_off, remaining_cost),
        ...allNew(event.value, ['envelope', 'investment_id', 'fund_id', 'remaining_cost']),
      ];
    }
    case 'FundTransactionRecorded':
      return allNew(event.value, ['envelope', 'fund_id']);
    case 'FundTransactionReversed':
      return [
        changed('transaction_id', event.value.transaction_id, event.value.transaction_id),
        changed('is_reversed', false, true),
        changed('amount', event.value.amount, null),
      ];
    case 'ExchangeRateSet':
      return allNew(event.value, ['envelope', 'rate_id']);
    case 'ConfigurationSet': {
      const { config_key, config_value, old_value, config_type, is_active } = event.value;
      return [changed('config_value', old_value, config_value), ...allNew({ config_key, config_type, is_active }, [])];
    }
    case 'BusinessDateAdvanced':
      return [changed('business_date', event.value.previous_date, event.value.business_date)];
    case 'CommandRejected':
      return null;
    default:
      return unreachable(event);
  }
};
