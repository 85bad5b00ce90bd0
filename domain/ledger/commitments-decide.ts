// Decides commitments, their changes and the positions that are taken over.
import type { CommandByType } from '../messages.ts';
import { movedFigures } from './commitment-account.ts';
import { draft, type DraftEvent } from './decision.ts';
import type { RuleContext } from './rule.ts';

export const decideMakeCommitment = (
  command: CommandByType['MakeCommitment'],
  { investor }: RuleContext,
): readonly DraftEvent[] => {
  const { header: _, ...commitment } = command;
  const view = investor(commitment.investor_id);
  if (view === null) return [];
  const dependsOn = [{ aggregate_id: commitment.investor_id, event_version: view.version }];
  return [
    draft(
      'CommitmentMade',
      'COMMITMENT',
      { id: commitment.commitment_id, version: 1, dependsOn },
      { ...commitment, investor_version: view.version, investor_kyc_status: view.card.kyc_status },
    ),
  ];
};

export const decideRecordOpeningBalance = (
  command: CommandByType['RecordOpeningBalance'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const { header: _, ...opening } = command;
  const commitment = state.commitments.get(opening.commitment_id);
  if (commitment === undefined) return [];
  return [
    draft(
      'OpeningBalanceRecorded',
      'COMMITMENT',
      { id: opening.commitment_id, version: commitment.version + 1 },
      { ...opening, investor_id: commitment.investorId, currency: commitment.currency },
    ),
  ];
};

export const decideRecordValuation = (
  command: CommandByType['RecordValuation'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const { header: _, ...valuation } = command;
  const commitment = state.commitments.get(valuation.commitment_id);
  if (commitment === undefined) return [];
  return [
    draft(
      'ValuationRecorded',
      'COMMITMENT',
      { id: valuation.commitment_id, version: commitment.version + 1 },
      { ...valuation, investor_id: commitment.investorId, currency: commitment.currency },
    ),
  ];
};

/** Nothing when the amount stays as it is. */
export const decideChangeCommitmentAmount = (
  { commitment_id, fund_id, new_amount, modification_id }: CommandByType['ChangeCommitmentAmount'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const commitment = state.commitments.get(commitment_id);
  if (commitment === undefined || commitment.amount === new_amount) return [];
  const { amount, version, investorId, currency } = commitment;
  return [
    draft(
      'CommitmentAmountChanged',
      'COMMITMENT',
      { id: commitment_id, version: version + 1 },
      {
        commitment_id,
        fund_id,
        investor_id: investorId,
        modification_id,
        modification_type: new_amount > amount ? 'INCREASE' : 'DECREASE',
        old_amount: amount,
        new_amount,
        currency,
      },
    ),
  ];
};

/**
 * The commitment that comes into being, then the transfer that gives it its amount and history: 40.00 of 100.00 with 50.00 called
 * and 10.01 distributed moves 20.00 called and 4.00 distributed (rounded down; the rest stays).
 */
export const decideTransferCommitment = (
  command: CommandByType['TransferCommitment'],
  { state, investor }: RuleContext,
): readonly DraftEvent[] => {
  const { commitment_id, fund_id, transferred_amount, to_investor_id, to_commitment_id, modification_id, header } = command;
  const commitment = state.commitments.get(commitment_id);
  const view = investor(to_investor_id);
  if (commitment === undefined || view === null) return [];
  const { amount, version, investorId, currency } = commitment;
  const moved = movedFigures(commitment, { moved: transferred_amount, of: amount });
  const dependsOn = [{ aggregate_id: to_investor_id, event_version: view.version }];
  return [
    draft(
      'CommitmentMade',
      'COMMITMENT',
      { id: to_commitment_id, version: 1, dependsOn },
      {
        commitment_id: to_commitment_id,
        fund_id,
        investor_id: to_investor_id,
        commitment_amount: transferred_amount,
        currency,
        commitment_date: header.effective_date,
        commitment_type: 'TRANSFER',
        side_letter_terms: null,
        assumed_fields: [],
        investor_version: view.version,
        investor_kyc_status: view.card.kyc_status,
      },
    ),
    draft(
      'CommitmentTransferred',
      'COMMITMENT',
      { id: commitment_id, version: version + 1 },
      {
        commitment_id,
        fund_id,
        investor_id: investorId,
        modification_id,
        to_commitment_id,
        to_investor_id,
        currency,
        old_amount: amount,
        new_amount: amount - transferred_amount,
        transferred_amount,
        called_inside_moved: moved.calledInside,
        called_outside_moved: moved.calledOutside,
        paid_in_moved: moved.paidIn,
        distributed_moved: moved.distributed,
        recallable_moved: moved.recallable,
      },
    ),
  ];
};

export const decideCancelCommitment = (
  { commitment_id, fund_id, modification_id }: CommandByType['CancelCommitment'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const commitment = state.commitments.get(commitment_id);
  if (commitment === undefined) return [];
  const { amount, version, investorId, currency } = commitment;
  return [
    draft(
      'CommitmentCancelled',
      'COMMITMENT',
      { id: commitment_id, version: version + 1 },
      { commitment_id, fund_id, investor_id: investorId, modification_id, old_amount: amount, currency },
    ),
  ];
};
