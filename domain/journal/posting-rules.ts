// Posting rules held as data: which event debits and credits which accounts with which of its amounts. A negative amount changes
// sides. Issuing a call posts nothing: contributions are recognised when they are paid. Positions that were taken over from
// another system stand outside the journal.
import type { EventType, FundTransactionType } from '../messages.ts';
import { accounts } from './chart.ts';

export interface PostingRule {
  readonly event: EventType;
  readonly description: string;
  /** Account code and the name of an amount of the event. Debits and credits of an entry are equal. */
  readonly debit: readonly (readonly [account: string, amount: string])[];
  readonly credit: readonly (readonly [account: string, amount: string])[];
}

const {
  cash,
  investmentsAtCost,
  unrealisedOnInvestments,
  distributionsPayable,
  carryPayable,
  withholdingPayable,
  managementFeesPayable,
  expensesPayable,
  contributedCapital,
  distributions,
  carriedInterest,
} = accounts;

const movements = {
  'contribution-received': {
    event: 'CapitalCallPaymentReceived',
    description: 'Capital paid in',
    debit: [[cash, 'amount']],
    credit: [[contributedCapital, 'amount']],
  },
  'contribution-reversed': {
    event: 'CapitalCallPaymentReversed',
    description: 'Capital booked in error taken back',
    debit: [[contributedCapital, 'amount']],
    credit: [[cash, 'amount']],
  },
  'investment-made': {
    event: 'InvestmentMade',
    description: 'Investment bought',
    debit: [[investmentsAtCost, 'amount']],
    credit: [[cash, 'amount']],
  },
  'investment-increased': {
    event: 'InvestmentIncreased',
    description: 'Further investment',
    debit: [[investmentsAtCost, 'amount']],
    credit: [[cash, 'amount']],
  },
  'investment-realised': {
    event: 'InvestmentRealised',
    description: 'Investment sold, the gain over cost realised',
    debit: [[cash, 'proceeds']],
    credit: [
      [investmentsAtCost, 'cost'],
      [accounts.realisedGains, 'gain'],
    ],
  },
  'investment-written-off': {
    event: 'InvestmentWrittenOff',
    description: 'Cost of an investment lost',
    debit: [[accounts.realisedGains, 'cost']],
    credit: [[investmentsAtCost, 'cost']],
  },
  'fair-value-changed': {
    event: 'InvestmentValued',
    description: 'Unrealised gain or loss changed against the former value',
    debit: [[unrealisedOnInvestments, 'change']],
    credit: [[accounts.unrealisedGains, 'change']],
  },
  'distribution-declared': {
    event: 'DistributionDeclared',
    description: 'Distribution owed; a fee kept back is paid in again at once',
    debit: [
      [distributions, 'received'],
      [carriedInterest, 'carry'],
    ],
    credit: [
      [distributionsPayable, 'net'],
      [carryPayable, 'carry'],
      [withholdingPayable, 'withholding'],
      [contributedCapital, 'offset'],
    ],
  },
  'distribution-cancelled': {
    event: 'DistributionCancelled',
    description: 'Distribution no longer owed',
    debit: [
      [distributionsPayable, 'net'],
      [carryPayable, 'carry'],
      [withholdingPayable, 'withholding'],
      [contributedCapital, 'offset'],
    ],
    credit: [
      [distributions, 'received'],
      [carriedInterest, 'carry'],
    ],
  },
  'distribution-paid': {
    event: 'DistributionPaid',
    description: 'Distribution paid to investors, general partner and tax office',
    debit: [
      [distributionsPayable, 'net'],
      [carryPayable, 'carry'],
      [withholdingPayable, 'withholding'],
    ],
    credit: [[cash, 'paid']],
  },
  'carry-clawed-back': {
    event: 'CarryClawedBack',
    description: 'Carried interest returned by the general partner goes to the investors',
    debit: [[distributions, 'returned']],
    credit: [[carriedInterest, 'returned']],
  },
  'capital-transferred': {
    event: 'CommitmentTransferred',
    description: 'Capital account handed over',
    debit: [[contributedCapital, 'paidIn']],
    credit: [[distributions, 'distributed']],
  },
} as const satisfies Readonly<Record<string, PostingRule>>;

const transaction = (description: string, debit: string, credit: string): PostingRule => ({
  event: 'FundTransactionRecorded',
  description,
  debit: [[debit, 'amount']],
  credit: [[credit, 'amount']],
});

/** Rule of each fund transaction. A reversal posts by the same rule with the amount below zero. */
const transactions = {
  INTEREST_INCOME: transaction('Interest received', cash, accounts.interestIncome),
  DIVIDEND_INCOME: transaction('Dividend received', cash, accounts.dividendIncome),
  OTHER_INCOME: transaction('Other income received', cash, accounts.otherIncome),
  MANAGEMENT_FEE_ACCRUED: transaction('Management fee owed', accounts.managementFees, managementFeesPayable),
  MANAGEMENT_FEE_PAID: transaction('Management fee paid', managementFeesPayable, cash),
  EXPENSE_ACCRUED: transaction('Expense owed', accounts.partnershipExpenses, expensesPayable),
  EXPENSE_PAID: transaction('Expense paid', expensesPayable, cash),
  ORGANISATION_COST: transaction('Organisation cost paid', accounts.organisationCosts, cash),
  INTEREST_EXPENSE: transaction('Interest paid', accounts.interestExpense, cash),
} as const satisfies Readonly<Record<Exclude<FundTransactionType, 'UNKNOWN'>, PostingRule>>;

export type PostingRuleName = keyof typeof movements | keyof typeof transactions;

/** Every posting rule by its name. */
export const postingRules: Readonly<Record<PostingRuleName, PostingRule>> = { ...movements, ...transactions };
