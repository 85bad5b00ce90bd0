// Rules of changed, transferred and cancelled commitments.
import { formatMoney } from '../money/money.ts';
import { unfundedOf } from './commitment-account.ts';
import { rule, type Rule } from './rule.ts';

export const commitmentChangeRules: readonly Rule[] = [
  rule({
    name: 'unknown-commitment',
    description: 'The commitment exists in this fund.',
    severity: 'ERROR',
    commands: ['ChangeCommitmentAmount', 'TransferCommitment', 'CancelCommitment'],
    check: ({ commitment_id, fund_id }, { state }) =>
      state.commitments.get(commitment_id)?.fundId === fund_id
        ? null
        : { field: 'commitment_id', message: `there is no commitment ${commitment_id} in fund ${fund_id}` },
  }),
  rule({
    name: 'commitment-not-active',
    description: 'Only an active commitment is changed, transferred or cancelled.',
    severity: 'ERROR',
    commands: ['ChangeCommitmentAmount', 'TransferCommitment', 'CancelCommitment'],
    check: ({ commitment_id }, { state }) => {
      const status = state.commitments.get(commitment_id)?.status ?? 'ACTIVE';
      return status === 'ACTIVE' ? null : { field: 'commitment_id', message: `commitment ${commitment_id} is ${status}` };
    },
  }),
  rule({
    name: 'duplicate-modification',
    description: 'A modification id is used once.',
    severity: 'ERROR',
    commands: ['ChangeCommitmentAmount', 'TransferCommitment', 'CancelCommitment'],
    check: ({ modification_id, fund_id }, { state }) =>
      state.funds.get(fund_id)?.life?.usedIds.has(modification_id) === true
        ? { field: 'modification_id', message: `modification ${modification_id} was booked already` }
        : null,
  }),
  rule({
    name: 'fund-capacity-exceeded',
    description: 'Commitments stay within the size of the fund; not checked while the size is unknown.',
    severity: 'ERROR',
    commands: ['ChangeCommitmentAmount'],
    check: ({ fund_id, commitment_id, new_amount }, { state }) => {
      const fund = state.funds.get(fund_id);
      const commitment = state.commitments.get(commitment_id);
      if (fund === undefined || commitment === undefined || fund.card.fund_size === null) return null;
      const over = fund.committed - commitment.amount + new_amount - fund.card.fund_size;
      return over > 0n && new_amount > commitment.amount
        ? {
            field: 'new_amount',
            message: `new_amount ${formatMoney(new_amount)} exceeds the capacity of fund ${fund_id} by ${formatMoney(over)}: size ${formatMoney(fund.card.fund_size)}`,
          }
        : null;
    },
  }),
  rule({
    name: 'decrease-below-called',
    description: 'A commitment is not decreased by more than its unfunded part.',
    severity: 'ERROR',
    commands: ['ChangeCommitmentAmount'],
    check: ({ commitment_id, new_amount }, { state }) => {
      const commitment = state.commitments.get(commitment_id);
      if (commitment === undefined || commitment.status !== 'ACTIVE') return null;
      const least = commitment.amount - unfundedOf(commitment);
      return new_amount < least && new_amount < commitment.amount
        ? {
            field: 'new_amount',
            message: `new_amount ${formatMoney(new_amount)} is below ${formatMoney(least)}, which is called and cannot be called again`,
          }
        : null;
    },
  }),
  rule({
    name: 'transfer-exceeds-commitment',
    description: 'No more is transferred than is owned.',
    severity: 'ERROR',
    commands: ['TransferCommitment'],
    check: ({ commitment_id, transferred_amount }, { state }) => {
      const amount = state.commitments.get(commitment_id)?.amount;
      return amount === undefined || transferred_amount <= amount
        ? null
        : {
            field: 'transferred_amount',
            message: `transferred_amount ${formatMoney(transferred_amount)} exceeds the commitment ${formatMoney(amount)} by ${formatMoney(transferred_amount - amount)}`,
          };
    },
  }),
  rule({
    name: 'open-notices',
    description: 'A commitment with unpaid notices of a call is not transferred: they are paid or cancelled first.',
    severity: 'ERROR',
    commands: ['TransferCommitment'],
    check: ({ commitment_id }, { state }) => {
      const open = state.commitments.get(commitment_id)?.account?.openNotices ?? 0;
      return open === 0
        ? null
        : {
            field: 'commitment_id',
            message: `commitment ${commitment_id} has ${open} unpaid notices; record their payments first`,
          };
    },
  }),
  rule({
    name: 'transfer-to-itself',
    description: 'A transfer has another investor as its target.',
    severity: 'ERROR',
    commands: ['TransferCommitment'],
    check: ({ commitment_id, to_investor_id }, { state }) =>
      state.commitments.get(commitment_id)?.investorId === to_investor_id
        ? { field: 'to_investor_id', message: `investor ${to_investor_id} holds commitment ${commitment_id} already` }
        : null,
  }),
  rule({
    name: 'unknown-investor',
    description: 'The investor who takes a commitment over exists.',
    severity: 'ERROR',
    commands: ['TransferCommitment'],
    check: ({ to_investor_id }, { investor }) =>
      investor(to_investor_id) === null
        ? { field: 'to_investor_id', message: `there is no investor ${to_investor_id}; create it first` }
        : null,
  }),
  rule({
    name: 'kyc-not-approved',
    description: 'Only an investor whose know-your-customer check is approved takes a commitment over.',
    severity: 'ERROR',
    commands: ['TransferCommitment'],
    check: ({ to_investor_id }, { investor }) => {
      const view = investor(to_investor_id);
      return view === null || view.card.kyc_status === 'APPROVED'
        ? null
        : {
            field: 'to_investor_id',
            message: `the check of investor ${to_investor_id} is ${view.card.kyc_status}; record its approval first`,
          };
    },
  }),
  rule({
    name: 'capital-was-called',
    description: 'A commitment of which capital was called is not cancelled; decrease or transfer it.',
    severity: 'ERROR',
    commands: ['CancelCommitment'],
    check: ({ commitment_id }, { state }) => {
      const account = state.commitments.get(commitment_id)?.account ?? null;
      const called = account === null ? 0n : account.calledInside + account.calledOutside;
      return called === 0n && (account === null || (account.paidIn === 0n && account.openNotices === 0))
        ? null
        : { field: 'commitment_id', message: `${formatMoney(called)} of commitment ${commitment_id} was called` };
    },
  }),
  rule({
    name: 'made-by-transfer',
    description: 'A commitment of type TRANSFER comes about by TransferCommitment alone.',
    severity: 'ERROR',
    commands: ['MakeCommitment'],
    check: ({ commitment_type }) =>
      commitment_type === 'TRANSFER'
        ? {
            field: 'commitment_type',
            message: 'commitment_type TRANSFER is made by TransferCommitment; give INITIAL or ADDITIONAL',
          }
        : null,
  }),
  rule({
    name: 'dated-before-commitment',
    description: 'A change is dated before its commitment.',
    severity: 'WARNING',
    commands: ['ChangeCommitmentAmount', 'TransferCommitment', 'CancelCommitment'],
    check: ({ commitment_id, header }, { state }) => {
      const made = state.commitments.get(commitment_id)?.commitmentDate;
      return made === undefined || header.effective_date >= made
        ? null
        : { field: 'effective_date', message: `effective_date ${header.effective_date} lies before the commitment of ${made}` };
    },
  }),
];
