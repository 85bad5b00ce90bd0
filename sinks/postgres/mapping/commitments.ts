// Commitment events to rows of commitments, commitment_modifications, opening_balances and valuations.
import type {
  CommitmentAmountChanged,
  CommitmentCancelled,
  CommitmentMade,
  CommitmentTransferred,
  Minor,
  ModificationType,
  OpeningBalanceRecorded,
  ValuationRecorded,
} from '#domain/messages.ts';
import { sqlInstant, sqlJsonText, sqlMoney, sqlTextArray } from '../sql-values.ts';
import type { RowOf } from '../table.ts';
import type { commitmentModifications, commitments, openingBalances, valuations } from '../tables.ts';

/** The row of a new commitment. */
export const toDbCommitment = (event: CommitmentMade): RowOf<typeof commitments> => ({
  commitment_id: event.commitment_id,
  tenant_id: event.envelope.tenant_id,
  fund_id: event.fund_id,
  investor_id: event.investor_id,
  commitment_amount: sqlMoney(event.commitment_amount),
  currency: event.currency,
  commitment_date: event.commitment_date,
  commitment_type: event.commitment_type,
  side_letter_terms: sqlJsonText(event.side_letter_terms, `side_letter_terms of commitment ${event.commitment_id}`),
  status: 'ACTIVE',
  assumed_fields: sqlTextArray(event.assumed_fields),
  investor_version: event.investor_version,
  investor_kyc_status: event.investor_kyc_status,
  created_at: sqlInstant(event.envelope.recorded_at),
  updated_at: sqlInstant(event.envelope.recorded_at),
  version: event.envelope.event_version,
});

/** A position taken over; it is known up to the effective date of the event. */
export const toDbOpeningBalance = (event: OpeningBalanceRecorded): RowOf<typeof openingBalances> => ({
  commitment_id: event.commitment_id,
  event_version: event.envelope.event_version,
  fund_id: event.fund_id,
  investor_id: event.investor_id,
  as_of_date: event.envelope.effective_date,
  currency: event.currency,
  called_amount: sqlMoney(event.called_amount),
  distributed_amount: sqlMoney(event.distributed_amount),
  remaining_value: sqlMoney(event.remaining_value),
  reported_irr: event.reported_irr,
  reported_multiple: event.reported_multiple,
  reported_vintage_year: event.reported_vintage_year,
  source: event.source,
  created_at: sqlInstant(event.envelope.recorded_at),
});

/** A net asset value at the effective date of the event. */
export const toDbValuation = (event: ValuationRecorded): RowOf<typeof valuations> => ({
  valuation_id: event.envelope.event_id,
  commitment_id: event.commitment_id,
  fund_id: event.fund_id,
  investor_id: event.investor_id,
  event_version: event.envelope.event_version,
  valuation_date: event.envelope.effective_date,
  currency: event.currency,
  remaining_value: sqlMoney(event.remaining_value),
  valuation_source: event.valuation_source,
  created_at: sqlInstant(event.envelope.recorded_at),
});

const modification = (
  event: CommitmentAmountChanged | CommitmentTransferred | CommitmentCancelled,
  type: ModificationType,
  newAmount: Minor,
): RowOf<typeof commitmentModifications> => ({
  modification_id: event.modification_id,
  commitment_id: event.commitment_id,
  fund_id: event.fund_id,
  modification_type: type,
  old_amount: sqlMoney(event.old_amount),
  new_amount: sqlMoney(newAmount),
  to_commitment_id: null,
  called_inside_moved: sqlMoney(0n),
  called_outside_moved: sqlMoney(0n),
  paid_in_moved: sqlMoney(0n),
  distributed_moved: sqlMoney(0n),
  recallable_moved: sqlMoney(0n),
  effective_date: event.envelope.effective_date,
  reason: event.envelope.reason,
  created_at: sqlInstant(event.envelope.recorded_at),
});

/** An increase, a decrease or a cancellation: nothing moves. */
export const toDbModification: (
  event: CommitmentAmountChanged | CommitmentCancelled,
  type: ModificationType,
  newAmount: Minor,
) => RowOf<typeof commitmentModifications> = modification;

/** A transfer with the share of the history that moves. */
export const toDbTransfer = (event: CommitmentTransferred): RowOf<typeof commitmentModifications> => ({
  ...modification(event, 'TRANSFER', event.new_amount),
  to_commitment_id: event.to_commitment_id,
  called_inside_moved: sqlMoney(event.called_inside_moved),
  called_outside_moved: sqlMoney(event.called_outside_moved),
  paid_in_moved: sqlMoney(event.paid_in_moved),
  distributed_moved: sqlMoney(event.distributed_moved),
  recallable_moved: sqlMoney(event.recallable_moved),
});
