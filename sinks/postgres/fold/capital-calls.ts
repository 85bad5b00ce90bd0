// Folds capital calls, their notices and payments into a batch, as the ledger folds them into its state.
import type { CapitalCallNotice, EventByType } from '#domain/messages.ts';
import { insertCard, insertRow, patchCard, patchRow, type Batch } from '../batch.ts';
import { capitalCallNotices, capitalCallPayments, capitalCalls } from '../life-tables.ts';
import { toDbCallNotice, toDbCallPayment, toDbCapitalCall } from '../mapping/capital-calls.ts';
import { sqlInstant, sqlMoney } from '../sql-values.ts';
import type { EventOf } from './event-of.ts';

/** A new draft. */
export const foldDrafted = (batch: Batch, event: EventOf<'CapitalCallDrafted'>): void =>
  insertCard(batch, capitalCalls, event.value.call_id, event, toDbCapitalCall(event.value));

const insertNotices = (
  batch: Batch,
  event: EventOf<'CapitalCallIssued' | 'CapitalCallNoticesIssued'>,
  notices: readonly CapitalCallNotice[],
): void => {
  for (const notice of notices)
    insertRow(batch, capitalCallNotices, notice.notice_id, event, toDbCallNotice(notice, event.value));
};

/** The header of a call with its notices, or with chunks that follow. */
export const foldIssued = (batch: Batch, event: EventOf<'CapitalCallIssued'>): void => {
  const { call_id, notice_count, notices } = event.value;
  patchCard(batch, capitalCalls, call_id, event, { set: { call_status: 'ISSUED', notice_count } });
  insertNotices(batch, event, notices);
};

/** A chunk of notices. */
export const foldNoticesIssued = (batch: Batch, event: EventOf<'CapitalCallNoticesIssued'>): void => {
  patchCard(batch, capitalCalls, event.value.call_id, event);
  insertNotices(batch, event, event.value.notices);
};

/** Notices of the business date that are not paid. */
export const foldOverdue = (batch: Batch, event: EventOf<'CapitalCallNoticesOverdue'>): void => {
  const { call_id, notice_ids, envelope } = event.value;
  patchCard(batch, capitalCalls, call_id, event);
  for (const id of notice_ids) {
    batch.callEnds.get(call_id)?.except.add(id);
    patchRow(batch, capitalCallNotices, id, {
      set: { notice_status: 'OVERDUE', updated_at: sqlInstant(envelope.recorded_at) },
    });
  }
};

/** What a payment or its reversal leaves of a notice. After a reversal, its payment date follows from the payments that stand. */
const changeNotice = (
  batch: Batch,
  {
    call_id,
    notice_id,
    paid_amount,
    notice_status,
    envelope,
  }: EventByType['CapitalCallPaymentReceived' | 'CapitalCallPaymentReversed'],
  latest: { readonly payment_date?: string },
): void => {
  batch.callEnds.get(call_id)?.except.add(notice_id);
  patchRow(batch, capitalCallNotices, notice_id, {
    set: { paid_amount: sqlMoney(paid_amount), notice_status, updated_at: sqlInstant(envelope.recorded_at) },
    latest,
  });
};

/** Money on a notice. */
export const foldPaymentReceived = (batch: Batch, event: EventOf<'CapitalCallPaymentReceived'>): void => {
  const { value } = event;
  patchCard(batch, capitalCalls, value.call_id, event, { add: { paid_amount: value.amount } });
  insertRow(batch, capitalCallPayments, value.payment_id, event, toDbCallPayment(value));
  changeNotice(batch, value, { payment_date: value.payment_date });
};

/** A payment is taken back; a settled call is open again. */
export const foldPaymentReversed = (batch: Batch, event: EventOf<'CapitalCallPaymentReversed'>): void => {
  const { value } = event;
  patchCard(batch, capitalCalls, value.call_id, event, { set: { call_status: 'ISSUED' }, add: { paid_amount: -value.amount } });
  patchRow(batch, capitalCallPayments, value.payment_id, {
    set: { is_reversed: true, updated_at: sqlInstant(value.envelope.recorded_at) },
  });
  batch.reversedNotices.add(value.notice_id);
  changeNotice(batch, value, {});
};

/** What is not paid by now is in default. */
export const foldSettled = (batch: Batch, event: EventOf<'CapitalCallSettled'>): void => {
  const { call_id, envelope } = event.value;
  patchCard(batch, capitalCalls, call_id, event, { set: { call_status: 'SETTLED' } });
  batch.callEnds.set(call_id, {
    status: 'DEFAULTED',
    updatedAt: sqlInstant(envelope.recorded_at),
    paymentDate: null,
    except: new Set(),
  });
};

/** The call and all its notices end. */
export const foldCallCancelled = (batch: Batch, event: EventOf<'CapitalCallCancelled'>): void => {
  const { call_id, envelope } = event.value;
  patchCard(batch, capitalCalls, call_id, event, { set: { call_status: 'CANCELLED' } });
  batch.callEnds.set(call_id, {
    status: 'CANCELLED',
    updatedAt: sqlInstant(envelope.recorded_at),
    paymentDate: null,
    except: new Set(),
  });
};
