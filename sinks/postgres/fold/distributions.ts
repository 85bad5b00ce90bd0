// Folds distributions, their notices and clawbacks into a batch.
import type { DistributionNotice } from '#domain/messages.ts';
import { insertCard, insertRow, patchCard, type Batch, type NoticesEnd } from '../batch.ts';
import { calculationResults, carryClawbacks, distributionNotices, distributions } from '../life-tables.ts';
import { toDbClawback, toDbDistribution, toDbDistributionNotice, toDbWaterfall } from '../mapping/distributions.ts';
import { sqlInstant } from '../sql-values.ts';
import { funds } from '../tables.ts';
import type { EventOf } from './event-of.ts';

const insertNotices = (
  batch: Batch,
  event: EventOf<'DistributionDeclared' | 'DistributionNoticesDeclared'>,
  notices: readonly DistributionNotice[],
): void => {
  for (const notice of notices)
    insertRow(batch, distributionNotices, notice.notice_id, event, toDbDistributionNotice(notice, event.value));
};

/** A distribution with its calculation and its notices, or with chunks that follow. */
export const foldDeclared = (batch: Batch, event: EventOf<'DistributionDeclared'>): void => {
  const { value } = event;
  const { calculation, distribution_id, distribution_date: date, notices } = value;
  insertCard(batch, distributions, distribution_id, event, toDbDistribution(value));
  insertRow(batch, calculationResults, calculation.calculation_id, event, toDbWaterfall(calculation, { ...value, date }));
  insertNotices(batch, event, notices);
};

/** A chunk of notices. */
export const foldNoticesDeclared = (batch: Batch, event: EventOf<'DistributionNoticesDeclared'>): void => {
  patchCard(batch, distributions, event.value.distribution_id, event);
  insertNotices(batch, event, event.value.notices);
};

const ending = (
  status: NoticesEnd['status'],
  event: EventOf<'DistributionPaid' | 'DistributionCancelled'>,
  paymentDate: string | null,
): NoticesEnd => ({ status, updatedAt: sqlInstant(event.value.envelope.recorded_at), paymentDate, except: new Set() });

/** Paid out, all its notices at once. */
export const foldPaid = (batch: Batch, event: EventOf<'DistributionPaid'>): void => {
  const { distribution_id, payment_date } = event.value;
  patchCard(batch, distributions, distribution_id, event, { set: { distribution_status: 'PAID', payment_date } });
  batch.distributionEnds.set(distribution_id, ending('PAID', event, payment_date));
};

/** Taken back before it was paid. */
export const foldDistributionCancelled = (batch: Batch, event: EventOf<'DistributionCancelled'>): void => {
  const { distribution_id } = event.value;
  patchCard(batch, distributions, distribution_id, event, { set: { distribution_status: 'CANCELLED' } });
  batch.distributionEnds.set(distribution_id, ending('CANCELLED', event, null));
};

/** Carried interest comes back to the investors. */
export const foldClawedBack = (batch: Batch, event: EventOf<'CarryClawedBack'>): void => {
  const { value } = event;
  const { calculation, clawback_id, clawback_date: date, fund_id } = value;
  patchCard(batch, funds, fund_id, event);
  insertRow(batch, carryClawbacks, clawback_id, event, toDbClawback(value));
  insertRow(batch, calculationResults, calculation.calculation_id, event, toDbWaterfall(calculation, { ...value, date }));
};
