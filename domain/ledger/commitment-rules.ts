// Rules of commitments, opening balances and valuations.
import { Decimal } from 'decimal.js';
import { formatMoney } from '../money/money.ts';
import { isKeepableJson } from './fund-rules.ts';
import { rule, type Rule } from './rule.ts';

/** How far a published multiple may lie from (distributed + remaining) / called before it is a finding. */
export const reportedMultipleTolerance = new Decimal('0.011');

const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);

export const commitmentRules: readonly Rule[] = [
  rule({
    name: 'duplicate-commitment',
    description: 'A commitment id is used once.',
    severity: 'ERROR',
    commands: ['MakeCommitment'],
    check: ({ commitment_id }, { state }) =>
      state.commitments.has(commitment_id)
        ? { field: 'commitment_id', message: `commitment ${commitment_id} exists already` }
        : null,
  }),
  rule({
    name: 'currency-differs',
    description: 'A commitment is in the base currency of its fund.',
    severity: 'ERROR',
    commands: ['MakeCommitment'],
    check: ({ fund_id, currency }, { state }) => {
      const base = state.funds.get(fund_id)?.card.base_currency;
      return base === undefined || base === currency
        ? null
        : { field: 'currency', message: `currency ${currency} differs from the base currency ${base} of fund ${fund_id}` };
    },
  }),
  rule({
    name: 'fund-capacity-exceeded',
    description: 'Commitments stay within the size of the fund; not checked while the size is unknown.',
    severity: 'ERROR',
    commands: ['MakeCommitment'],
    check: ({ fund_id, commitment_amount }, { state }) => {
      const fund = state.funds.get(fund_id);
      if (fund === undefined || fund.card.fund_size === null) return null;
      const over = fund.committed + commitment_amount - fund.card.fund_size;
      return over > 0n
        ? {
            field: 'commitment_amount',
            message: `commitment_amount ${formatMoney(commitment_amount)} exceeds the capacity of fund ${fund_id} by ${formatMoney(over)}: size ${formatMoney(fund.card.fund_size)}, committed ${formatMoney(fund.committed)}`,
          }
        : null;
    },
  }),
  rule({
    name: 'unknown-investor',
    description: 'The investor exists.',
    severity: 'ERROR',
    commands: ['MakeCommitment'],
    check: ({ investor_id }, { investor }) =>
      investor(investor_id) === null
        ? { field: 'investor_id', message: `there is no investor ${investor_id}; create it first` }
        : null,
  }),
  rule({
    name: 'kyc-not-approved',
    description: 'Only an investor whose know-your-customer check is approved may commit.',
    severity: 'ERROR',
    commands: ['MakeCommitment'],
    check: ({ investor_id }, { investor }) => {
      const view = investor(investor_id);
      return view === null || view.card.kyc_status === 'APPROVED'
        ? null
        : {
            field: 'investor_id',
            message: `the check of investor ${investor_id} is ${view.card.kyc_status}; record its approval first`,
          };
    },
  }),
  rule({
    name: 'malformed-side-letter',
    description: 'Side-letter terms are JSON.',
    severity: 'ERROR',
    commands: ['MakeCommitment'],
    check: ({ side_letter_terms }) => {
      return side_letter_terms === null || isKeepableJson(side_letter_terms)
        ? null
        : { field: 'side_letter_terms', message: 'side_letter_terms is not one JSON document without U+0000' };
    },
  }),
  rule({
    name: 'unknown-commitment',
    description: 'The commitment exists in this fund.',
    severity: 'ERROR',
    commands: ['RecordOpeningBalance', 'RecordValuation'],
    check: ({ commitment_id, fund_id }, { state }) =>
      state.commitments.get(commitment_id)?.fundId === fund_id
        ? null
        : { field: 'commitment_id', message: `there is no commitment ${commitment_id} in fund ${fund_id}` },
  }),
  rule({
    name: 'opening-balance-exists',
    description: 'A position is taken over once; later figures are valuations or corrections.',
    severity: 'ERROR',
    commands: ['RecordOpeningBalance'],
    check: ({ commitment_id }, { state }) => {
      const openedOn = state.commitments.get(commitment_id)?.openedOn ?? null;
      return openedOn === null
        ? null
        : { field: 'commitment_id', message: `commitment ${commitment_id} has an opening balance as of ${openedOn} already` };
    },
  }),
  rule({
    name: 'position-has-history',
    description: 'A position is taken over before anything is called or distributed here, or moved to it.',
    severity: 'ERROR',
    commands: ['RecordOpeningBalance'],
    check: ({ commitment_id }, { state }) => {
      const commitment = state.commitments.get(commitment_id);
      const account = commitment?.account ?? null;
      return account === null ||
        commitment?.openedOn !== null ||
        (account.calledInside === 0n && account.calledOutside === 0n && account.receipts.length === 0)
        ? null
        : { field: 'commitment_id', message: `capital of commitment ${commitment_id} was called here already` };
    },
  }),
  rule({
    name: 'negative-called',
    description: 'Called capital is not negative.',
    severity: 'ERROR',
    commands: ['RecordOpeningBalance'],
    check: ({ called_amount }) =>
      called_amount === null || called_amount >= 0n
        ? null
        : { field: 'called_amount', message: `called_amount ${formatMoney(called_amount)} is negative` },
  }),
  rule({
    name: 'malformed-reported-figure',
    description: 'Published figures are decimal numbers.',
    severity: 'ERROR',
    commands: ['RecordOpeningBalance'],
    check: (command) => {
      const wrong = (['reported_irr', 'reported_multiple'] as const).find(
        (name) => command[name] !== null && !isNumber(command[name]),
      );
      return wrong === undefined
        ? null
        : { field: wrong, message: `${wrong} ${JSON.stringify(command[wrong])} is not a decimal number` };
    },
  }),
  rule({
    name: 'called-above-commitment',
    description: 'More was called than was committed: usual, since fees may be called outside the commitment, but worth a look.',
    severity: 'WARNING',
    commands: ['RecordOpeningBalance'],
    check: ({ commitment_id, called_amount }, { state }) => {
      const amount = state.commitments.get(commitment_id)?.amount;
      return amount === undefined || called_amount === null || called_amount <= amount
        ? null
        : {
            field: 'called_amount',
            message: `called_amount ${formatMoney(called_amount)} exceeds the commitment ${formatMoney(amount)} by ${formatMoney(called_amount - amount)}`,
          };
    },
  }),
  rule({
    name: 'negative-distribution',
    description: 'Distributions to date are usually not negative.',
    severity: 'WARNING',
    commands: ['RecordOpeningBalance'],
    check: ({ distributed_amount }) =>
      distributed_amount === null || distributed_amount >= 0n
        ? null
        : { field: 'distributed_amount', message: `distributed_amount ${formatMoney(distributed_amount)} is negative` },
  }),
  rule({
    name: 'negative-remaining-value',
    description: 'A net asset value is usually not negative.',
    severity: 'WARNING',
    commands: ['RecordOpeningBalance', 'RecordValuation'],
    check: ({ remaining_value }) =>
      remaining_value === null || remaining_value >= 0n
        ? null
        : { field: 'remaining_value', message: `remaining_value ${formatMoney(remaining_value)} is negative` },
  }),
  rule({
    name: 'vintage-differs',
    description: 'The source names another vintage year than the fund has.',
    severity: 'WARNING',
    commands: ['RecordOpeningBalance'],
    check: ({ fund_id, reported_vintage_year }, { state }) => {
      const vintage = state.funds.get(fund_id)?.card.vintage_year ?? null;
      return vintage === null || reported_vintage_year === null || vintage === reported_vintage_year
        ? null
        : {
            field: 'reported_vintage_year',
            message: `reported_vintage_year ${reported_vintage_year} differs from vintage_year ${vintage} of fund ${fund_id}`,
          };
    },
  }),
  rule({
    name: 'reported-multiple-differs',
    description: 'The published multiple differs from (distributed + remaining) / called by more than 0.011.',
    severity: 'WARNING',
    commands: ['RecordOpeningBalance'],
    check: ({ called_amount, distributed_amount, remaining_value, reported_multiple }) => {
      if (
        called_amount === null ||
        called_amount <= 0n ||
        distributed_amount === null ||
        remaining_value === null ||
        reported_multiple === null ||
        !isNumber(reported_multiple)
      )
        return null;
      const multiple = new Decimal((distributed_amount + remaining_value).toString()).div(called_amount.toString());
      return multiple.minus(reported_multiple).abs().lte(reportedMultipleTolerance)
        ? null
        : {
            field: 'reported_multiple',
            message: `reported_multiple ${reported_multiple} differs from (distributed + remaining) / called = ${multiple.toFixed(4)}`,
          };
    },
  }),
  rule({
    name: 'dated-before-commitment',
    description: 'A figure is dated before its commitment.',
    severity: 'WARNING',
    commands: ['RecordOpeningBalance', 'RecordValuation'],
    check: ({ commitment_id, header }, { state }) => {
      const made = state.commitments.get(commitment_id)?.commitmentDate;
      return made === undefined || header.effective_date >= made
        ? null
        : { field: 'effective_date', message: `effective_date ${header.effective_date} lies before the commitment of ${made}` };
    },
  }),
];
