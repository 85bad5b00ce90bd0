// Rows of the operational model that follow from the events of a fund's life, folded in the plainest way.
import type { AnyEvent, CapitalCallNotice, DistributionNotice } from '#domain/messages.ts';
import { type ExpectedTable, sortedJson } from './compare.ts';
import type { FundEvents } from './fund-log.ts';
import { foldInvestments } from './investment-tables.ts';
import { plus, type Row, rowOf, type Tables } from './rows.ts';
import { decimalText } from './text.ts';

/** Key columns of these tables, all of which name the fund. */
export const lifeKeys: Readonly<Record<string, readonly string[]>> = {
  commitment_modifications: ['modification_id'],
  waterfall_configs: ['config_id'],
  capital_calls: ['call_id'],
  capital_call_notices: ['notice_id'],
  capital_call_payments: ['payment_id'],
  distributions: ['distribution_id'],
  distribution_notices: ['notice_id'],
  carry_clawbacks: ['clawback_id'],
  investments: ['investment_id'],
  investment_valuations: ['valuation_id'],
  fund_transactions: ['transaction_id'],
};

const callNotices = (tables: Tables, callId: string, fundId: string, notices: readonly CapitalCallNotice[]): void => {
  for (const notice of notices)
    tables['capital_call_notices']?.set(notice.notice_id, {
      call_id: callId,
      fund_id: fundId,
      commitment_id: notice.commitment_id,
      investor_id: notice.investor_id,
      call_amount: decimalText(notice.call_amount),
      percentage_called: notice.percentage_called,
      investment_portion: decimalText(notice.investment_portion),
      management_fee_portion: decimalText(notice.management_fee_portion),
      expenses_portion: decimalText(notice.expenses_portion),
      outside_commitment: decimalText(notice.outside_commitment),
      unfunded_before: decimalText(notice.unfunded_before),
      unfunded_after: decimalText(notice.unfunded_after),
      notice_status: notice.call_amount === 0n ? 'PAID' : 'PENDING',
      paid_amount: '0.00',
    });
};

const distributionNotices = (
  tables: Tables,
  distributionId: string,
  fundId: string,
  notices: readonly DistributionNotice[],
): void => {
  for (const notice of notices)
    tables['distribution_notices']?.set(notice.notice_id, {
      distribution_id: distributionId,
      fund_id: fundId,
      commitment_id: notice.commitment_id,
      investor_id: notice.investor_id,
      gross_distribution: decimalText(notice.gross_distribution),
      carried_interest: decimalText(notice.carried_interest),
      management_fee_offset: decimalText(notice.management_fee_offset),
      tax_withholding: decimalText(notice.tax_withholding),
      net_distribution: decimalText(notice.net_distribution),
      recallable_amount: decimalText(notice.recallable_amount),
      unfunded_after: decimalText(notice.unfunded_after),
      notice_status: 'PENDING',
    });
};

const noticesOf = (tables: Tables, table: string, column: string, id: string): readonly Row[] =>
  [...(tables[table]?.values() ?? [])].filter((row) => row[column] === id);

const foldCommitments = (tables: Tables, event: AnyEvent): void => {
  const modification = (row: Row & { readonly id: string }): void => {
    const { id, ...rest } = row;
    tables['commitment_modifications']?.set(id, rest);
  };
  const nothing = { to_commitment_id: null, paid_in_moved: '0.00', called_inside_moved: '0.00', distributed_moved: '0.00' };
  switch (event.type) {
    case 'CommitmentAmountChanged': {
      const { modification_id, commitment_id, modification_type, old_amount, new_amount, envelope } = event.value;
      modification({
        id: modification_id,
        commitment_id,
        modification_type,
        old_amount: decimalText(old_amount),
        new_amount: decimalText(new_amount),
        effective_date: envelope.effective_date,
        ...nothing,
      });
      return;
    }
    case 'CommitmentCancelled': {
      const { modification_id, commitment_id, old_amount, envelope } = event.value;
      modification({
        id: modification_id,
        commitment_id,
        modification_type: 'CANCELLATION',
        old_amount: decimalText(old_amount),
        effective_date: envelope.effective_date,
        ...nothing,
      });
      return;
    }
    case 'CommitmentTransferred': {
      const { modification_id, commitment_id, to_commitment_id, old_amount, new_amount, envelope, ...moved } = event.value;
      modification({
        id: modification_id,
        commitment_id,
        modification_type: 'TRANSFER',
        old_amount: decimalText(old_amount),
        new_amount: decimalText(new_amount),
        effective_date: envelope.effective_date,
        to_commitment_id,
        paid_in_moved: decimalText(moved.paid_in_moved),
        called_inside_moved: decimalText(moved.called_inside_moved),
        distributed_moved: decimalText(moved.distributed_moved),
      });
      return;
    }
    case 'FundTermAdopted': {
      const { fund_id, term, investor_id, terms_version } = event.value;
      if (term.term_type !== 'WATERFALL') return;
      for (const row of tables['waterfall_configs']?.values() ?? [])
        if (row['fund_id'] === fund_id && row['investor_id'] === investor_id) row['is_active'] = 'false';
      tables['waterfall_configs']?.set(term.term_id, {
        fund_id,
        investor_id,
        waterfall_name: term.term_name,
        waterfall_structure: sortedJson(JSON.parse(term.term_value)),
        effective_date: term.effective_date,
        is_active: 'true',
        terms_version: String(terms_version),
      });
      return;
    }
    default:
      return;
  }
};

const foldCalls = (tables: Tables, event: AnyEvent): void => {
  switch (event.type) {
    case 'CapitalCallDrafted':
    case 'CapitalCallIssued': {
      const value = event.value;
      tables['capital_calls']?.set(value.call_id, {
        fund_id: value.fund_id,
        call_number: String(value.call_number),
        call_date: value.call_date,
        due_date: value.due_date,
        call_purpose: value.call_purpose,
        total_call_amount: decimalText(value.total_call_amount),
        investment_amount: decimalText(value.investment_amount),
        management_fee_amount: decimalText(value.management_fee_amount),
        expenses_amount: decimalText(value.expenses_amount),
        call_status: event.type === 'CapitalCallDrafted' ? 'DRAFT' : 'ISSUED',
        paid_amount: '0.00',
        version: String(value.envelope.event_version),
      });
      if (event.type === 'CapitalCallIssued') callNotices(tables, value.call_id, value.fund_id, event.value.notices);
      return;
    }
    case 'CapitalCallNoticesIssued': {
      const { call_id, fund_id, notices, envelope } = event.value;
      rowOf(tables, 'capital_calls', call_id)['version'] = String(envelope.event_version);
      callNotices(tables, call_id, fund_id, notices);
      return;
    }
    case 'CapitalCallPaymentReceived':
    case 'CapitalCallPaymentReversed': {
      const { payment_id, call_id, notice_id, amount, paid_amount, notice_status, payment_date, envelope } = event.value;
      const isReceived = event.type === 'CapitalCallPaymentReceived';
      if (isReceived)
        tables['capital_call_payments']?.set(payment_id, {
          notice_id,
          call_id,
          amount: decimalText(amount),
          investment_portion: decimalText(event.value.investment_portion),
          management_fee_portion: decimalText(event.value.management_fee_portion),
          expenses_portion: decimalText(event.value.expenses_portion),
          payment_date,
          bank_reference: event.value.bank_reference,
          is_reversed: 'false',
        });
      else rowOf(tables, 'capital_call_payments', payment_id)['is_reversed'] = 'true';
      const notice = rowOf(tables, 'capital_call_notices', notice_id);
      notice['paid_amount'] = decimalText(paid_amount);
      notice['notice_status'] = notice_status;
      const call = rowOf(tables, 'capital_calls', call_id);
      plus(call, 'paid_amount', isReceived ? amount : -amount);
      call['version'] = String(envelope.event_version);
      // A settled call of which a payment is taken back is open again.
      if (!isReceived && call['call_status'] === 'SETTLED') call['call_status'] = 'ISSUED';
      return;
    }
    case 'CapitalCallNoticesOverdue': {
      for (const noticeId of event.value.notice_ids) rowOf(tables, 'capital_call_notices', noticeId)['notice_status'] = 'OVERDUE';
      rowOf(tables, 'capital_calls', event.value.call_id)['version'] = String(event.value.envelope.event_version);
      return;
    }
    case 'CapitalCallSettled':
    case 'CapitalCallCancelled': {
      const { call_id, envelope } = event.value;
      const call = rowOf(tables, 'capital_calls', call_id);
      call['call_status'] = event.type === 'CapitalCallSettled' ? 'SETTLED' : 'CANCELLED';
      call['version'] = String(envelope.event_version);
      for (const notice of noticesOf(tables, 'capital_call_notices', 'call_id', call_id)) {
        if (event.type === 'CapitalCallCancelled') notice['notice_status'] = 'CANCELLED';
        else if (notice['notice_status'] !== 'PAID') notice['notice_status'] = 'DEFAULTED';
      }
      return;
    }
    default:
      return;
  }
};

const foldDistributions = (tables: Tables, event: AnyEvent): void => {
  switch (event.type) {
    case 'DistributionDeclared': {
      const value = event.value;
      tables['distributions']?.set(value.distribution_id, {
        fund_id: value.fund_id,
        distribution_number: String(value.distribution_number),
        distribution_date: value.distribution_date,
        record_date: value.record_date,
        distribution_type: value.distribution_type,
        total_distribution_amount: decimalText(value.total_distribution_amount),
        carried_interest: decimalText(value.carried_interest),
        management_fee_offset: decimalText(value.management_fee_offset),
        tax_withholding: decimalText(value.tax_withholding),
        net_distribution: decimalText(value.net_distribution),
        recallable_amount: decimalText(value.recallable_amount),
        distribution_status: 'DECLARED',
        payment_date: null,
        version: String(value.envelope.event_version),
      });
      distributionNotices(tables, value.distribution_id, value.fund_id, value.notices);
      return;
    }
    case 'DistributionNoticesDeclared': {
      const { distribution_id, fund_id, notices, envelope } = event.value;
      rowOf(tables, 'distributions', distribution_id)['version'] = String(envelope.event_version);
      distributionNotices(tables, distribution_id, fund_id, notices);
      return;
    }
    case 'DistributionPaid':
    case 'DistributionCancelled': {
      const { distribution_id, envelope } = event.value;
      const status = event.type === 'DistributionPaid' ? 'PAID' : 'CANCELLED';
      const row = rowOf(tables, 'distributions', distribution_id);
      row['distribution_status'] = status;
      row['version'] = String(envelope.event_version);
      if (event.type === 'DistributionPaid') row['payment_date'] = event.value.payment_date;
      for (const notice of noticesOf(tables, 'distribution_notices', 'distribution_id', distribution_id))
        notice['notice_status'] = status;
      return;
    }
    case 'CarryClawedBack': {
      const { clawback_id, fund_id, clawback_date, due, from_escrow, from_gp, escrow_released, unrecovered } = event.value;
      tables['carry_clawbacks']?.set(clawback_id, {
        fund_id,
        clawback_date,
        due: decimalText(due),
        from_escrow: decimalText(from_escrow),
        from_gp: decimalText(from_gp),
        escrow_released: decimalText(escrow_released),
        unrecovered: decimalText(unrecovered),
      });
      return;
    }
    default:
      return;
  }
};

/** Every row of these tables as the events of some funds have it. */
export const lifeTables = (events: FundEvents): Readonly<Record<string, ExpectedTable>> => {
  const tables: Tables = Object.fromEntries(Object.keys(lifeKeys).map((table) => [table, new Map<string, Row>()]));
  for (const { event } of events.flat()) {
    foldCommitments(tables, event);
    foldCalls(tables, event);
    foldDistributions(tables, event);
    foldInvestments(tables, event);
  }
  return tables;
};
