// Folds commitments and what happens to them into a batch.
import { insertCard, insertRow, patchCard, type Batch } from '../batch.ts';
import { toDbCommitment, toDbModification, toDbOpeningBalance, toDbTransfer, toDbValuation } from '../mapping/commitments.ts';
import { sqlMoney } from '../sql-values.ts';
import { commitmentModifications, commitments, openingBalances, valuations } from '../tables.ts';
import type { EventOf } from './event-of.ts';

/** A new commitment; one that a transfer makes has its amount from the start. */
export const foldCommitmentMade = (batch: Batch, event: EventOf<'CommitmentMade'>): void => {
  insertCard(batch, commitments, event.value.commitment_id, event, toDbCommitment(event.value));
  batch.countedFunds.add(event.value.fund_id);
};

/** Increased or decreased. */
export const foldAmountChanged = (batch: Batch, event: EventOf<'CommitmentAmountChanged'>): void => {
  const { commitment_id, modification_id, modification_type, new_amount } = event.value;
  patchCard(batch, commitments, commitment_id, event, { set: { commitment_amount: sqlMoney(new_amount) } });
  const row = toDbModification(event.value, modification_type, new_amount);
  insertRow(batch, commitmentModifications, modification_id, event, row);
};

/** Moved to another investor; what was wholly transferred has nothing left. */
export const foldTransferred = (batch: Batch, event: EventOf<'CommitmentTransferred'>): void => {
  const { commitment_id, fund_id, modification_id, new_amount } = event.value;
  patchCard(batch, commitments, commitment_id, event, {
    set: { commitment_amount: sqlMoney(new_amount), ...(new_amount === 0n ? { status: 'TRANSFERRED' } : {}) },
  });
  insertRow(batch, commitmentModifications, modification_id, event, toDbTransfer(event.value));
  batch.countedFunds.add(fund_id);
};

/** Ended; its amount stays what it was. */
export const foldCommitmentCancelled = (batch: Batch, event: EventOf<'CommitmentCancelled'>): void => {
  const { commitment_id, fund_id, modification_id } = event.value;
  patchCard(batch, commitments, commitment_id, event, { set: { status: 'CANCELLED' } });
  insertRow(batch, commitmentModifications, modification_id, event, toDbModification(event.value, 'CANCELLATION', 0n));
  batch.countedFunds.add(fund_id);
};

/** A position that was taken over. */
export const foldOpeningBalance = (batch: Batch, event: EventOf<'OpeningBalanceRecorded'>): void => {
  const { commitment_id, envelope } = event.value;
  const key = `${commitment_id}|${envelope.event_version}`;
  insertRow(batch, openingBalances, key, event, toDbOpeningBalance(event.value));
  patchCard(batch, commitments, commitment_id, event);
};

/** The net asset value of a capital account. */
export const foldValuation = (batch: Batch, event: EventOf<'ValuationRecorded'>): void => {
  insertRow(batch, valuations, event.value.envelope.event_id, event, toDbValuation(event.value));
  patchCard(batch, commitments, event.value.commitment_id, event);
};
