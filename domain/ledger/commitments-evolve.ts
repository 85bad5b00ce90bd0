// Folds commitments, their changes and the positions that were taken over.
import type { EventByType } from '../messages.ts';
import { accountOf, addOpening, lifeOf, splitContributions, splitReceipts } from './commitment-account.ts';
import { commitmentOf, fundOf } from './known.ts';
import type { LedgerState } from './state.ts';

export const foldCommitmentMade = (state: LedgerState, value: EventByType['CommitmentMade']): void => {
  const { commitment_id, fund_id, investor_id, commitment_amount, currency, commitment_date, commitment_type, envelope } = value;
  const fund = fundOf(state, fund_id);
  // The amount of a transfer comes with the event of the transfer, which takes it from the other commitment.
  const amount = commitment_type === 'TRANSFER' ? 0n : commitment_amount;
  fund.committed += amount;
  fund.commitments.push(commitment_id);
  state.commitments.set(commitment_id, {
    fundId: fund_id,
    investorId: investor_id,
    amount,
    currency,
    commitmentDate: commitment_date,
    status: 'ACTIVE',
    version: envelope.event_version,
    openedOn: null,
    openedCalled: 0n,
    openedDistributed: 0n,
    account: null,
  });
};

export const foldCommitmentAmountChanged = (state: LedgerState, value: EventByType['CommitmentAmountChanged']): void => {
  const commitment = commitmentOf(state, value.commitment_id);
  const fund = fundOf(state, value.fund_id);
  fund.committed += value.new_amount - commitment.amount;
  lifeOf(fund).usedIds.add(value.modification_id);
  // What was taken over was called inside the amount of then.
  if (commitment.openedOn !== null) accountOf(commitment);
  commitment.amount = value.new_amount;
  commitment.version = value.envelope.event_version;
};

export const foldCommitmentCancelled = (state: LedgerState, value: EventByType['CommitmentCancelled']): void => {
  const commitment = commitmentOf(state, value.commitment_id);
  const fund = fundOf(state, value.fund_id);
  fund.committed -= commitment.amount;
  lifeOf(fund).usedIds.add(value.modification_id);
  commitment.status = 'CANCELLED';
  commitment.version = value.envelope.event_version;
};

export const foldCommitmentTransferred = (state: LedgerState, value: EventByType['CommitmentTransferred']): void => {
  const from = commitmentOf(state, value.commitment_id);
  const to = commitmentOf(state, value.to_commitment_id);
  const share = { moved: value.transferred_amount, of: value.old_amount };
  lifeOf(fundOf(state, value.fund_id)).usedIds.add(value.modification_id);
  const hasHistory = from.account !== null || from.openedOn !== null;
  const account = hasHistory ? accountOf(from) : null;
  from.amount = value.new_amount;
  to.amount += value.transferred_amount;
  if (from.amount === 0n) from.status = 'TRANSFERRED';
  from.version = value.envelope.event_version;
  if (account === null) return;
  const target = accountOf(to);
  for (const [figure, moved] of [
    ['calledInside', value.called_inside_moved],
    ['calledOutside', value.called_outside_moved],
    ['paidIn', value.paid_in_moved],
    ['distributed', value.distributed_moved],
    ['recallable', value.recallable_moved],
  ] as const) {
    account[figure] -= moved;
    target[figure] += moved;
  }
  const contributions = splitContributions(account.contributions, value.paid_in_moved);
  const receipts = splitReceipts(account.receipts, share);
  account.contributions = contributions.kept;
  account.receipts = receipts.kept;
  target.contributions.push(...contributions.moved);
  target.receipts.push(...receipts.moved);
  if (from.status === 'TRANSFERRED') target.residuals = account.residuals;
};

export const foldOpeningBalance = (state: LedgerState, value: EventByType['OpeningBalanceRecorded']): void => {
  const commitment = commitmentOf(state, value.commitment_id);
  commitment.version = value.envelope.event_version;
  commitment.openedOn = value.envelope.effective_date;
  commitment.openedCalled = value.called_amount ?? 0n;
  commitment.openedDistributed = value.distributed_amount ?? 0n;
  if (commitment.account !== null) addOpening(commitment, commitment.account);
};
