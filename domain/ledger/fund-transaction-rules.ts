// Rules of income, expenses and fees of a fund.
import { availableCash } from '../journal/balances.ts';
import { accounts } from '../journal/chart.ts';
import type { AnyCommand, Minor } from '../messages.ts';
import { formatMoney } from '../money/money.ts';
import { rule, type Rule } from './rule.ts';

/** Cash that a command takes out of the fund at once; 0 when it takes none. */
const cashOut = (command: AnyCommand): Minor => {
  switch (command.type) {
    case 'MakeInvestment':
      return command.value.investment_amount;
    case 'IncreaseInvestment':
      return command.value.amount;
    case 'RecordFundTransaction':
      return ['MANAGEMENT_FEE_PAID', 'EXPENSE_PAID', 'ORGANISATION_COST', 'INTEREST_EXPENSE'].includes(
        command.value.transaction_type,
      )
        ? command.value.amount
        : 0n;
    default:
      return 0n;
  }
};

const owedAccounts = { MANAGEMENT_FEE_PAID: accounts.managementFeesPayable, EXPENSE_PAID: accounts.expensesPayable } as const;

export const fundTransactionRules: readonly Rule[] = [
  rule({
    name: 'unknown-investment',
    description: 'The investment that a transaction concerns exists in this fund.',
    severity: 'ERROR',
    commands: ['RecordFundTransaction'],
    check: ({ investment_id, fund_id }, { state }) =>
      investment_id === null || state.investments.get(investment_id)?.fundId === fund_id
        ? null
        : { field: 'investment_id', message: `there is no investment ${investment_id} in fund ${fund_id}; make it first` },
  }),
  rule({
    name: 'pays-more-than-owed',
    description: 'More is paid of fees or expenses than was accrued: accrue the rest.',
    severity: 'WARNING',
    commands: ['RecordFundTransaction'],
    check: ({ fund_id, transaction_type, amount }, { state }) => {
      if (transaction_type !== 'MANAGEMENT_FEE_PAID' && transaction_type !== 'EXPENSE_PAID') return null;
      const owed = -(state.funds.get(fund_id)?.life?.balances.get(owedAccounts[transaction_type]) ?? 0n);
      return amount <= owed
        ? null
        : { field: 'amount', message: `amount ${formatMoney(amount)} exceeds the ${formatMoney(owed)} that was accrued` };
    },
  }),
  rule({
    name: 'spends-more-than-cash',
    description:
      'More is spent than the fund has in available cash: usual with a credit line or bookings out of order, but worth a look.',
    severity: 'WARNING',
    commands: ['MakeInvestment', 'IncreaseInvestment', 'RecordFundTransaction'],
    check: ({ fund_id }, { state, command }) => {
      const spent = cashOut(command);
      const cash = availableCash(state.funds.get(fund_id)?.life?.balances ?? new Map());
      return spent <= cash || spent <= 0n
        ? null
        : { message: `${formatMoney(spent)} is spent, and available cash is ${formatMoney(cash)}` };
    },
  }),
  rule({
    name: 'unknown-transaction',
    description: 'The transaction was recorded in this fund.',
    severity: 'ERROR',
    commands: ['ReverseFundTransaction'],
    check: ({ transaction_id, fund_id }, { state }) =>
      state.funds.has(fund_id) && state.funds.get(fund_id)?.life?.transactions.has(transaction_id) !== true
        ? { field: 'transaction_id', message: `there is no transaction ${transaction_id} in fund ${fund_id}` }
        : null,
  }),
  rule({
    name: 'transaction-already-reversed',
    description: 'A transaction is taken back once.',
    severity: 'ERROR',
    commands: ['ReverseFundTransaction'],
    check: ({ transaction_id, fund_id }, { state }) =>
      state.funds.get(fund_id)?.life?.transactions.get(transaction_id)?.isReversed === true
        ? { field: 'transaction_id', message: `transaction ${transaction_id} was reversed already` }
        : null,
  }),
];
