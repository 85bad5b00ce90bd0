// The default chart of accounts of a fund. SetAccount renames accounts and adds others; posting rules name these codes.
import type { AccountType } from '../messages.ts';

export interface DefaultAccount {
  readonly code: string;
  readonly name: string;
  readonly type: Exclude<AccountType, 'UNKNOWN'>;
}

/** Codes that posting rules name. */
export const accounts = {
  cash: '1000',
  investmentsAtCost: '1200',
  unrealisedOnInvestments: '1300',
  distributionsPayable: '2000',
  carryPayable: '2100',
  withholdingPayable: '2200',
  managementFeesPayable: '2300',
  expensesPayable: '2400',
  contributedCapital: '3000',
  distributions: '3100',
  carriedInterest: '3200',
  interestIncome: '4000',
  dividendIncome: '4100',
  otherIncome: '4200',
  realisedGains: '4300',
  unrealisedGains: '4400',
  managementFees: '5000',
  partnershipExpenses: '5100',
  organisationCosts: '5200',
  interestExpense: '5300',
} as const;

const account = (code: string, name: string, type: DefaultAccount['type']): DefaultAccount => ({ code, name, type });

/** Every default account, by code. */
export const defaultChart: readonly DefaultAccount[] = [
  account(accounts.cash, 'Cash', 'ASSET'),
  account(accounts.investmentsAtCost, 'Investments at cost', 'ASSET'),
  account(accounts.unrealisedOnInvestments, 'Unrealised gain or loss on investments', 'ASSET'),
  account(accounts.distributionsPayable, 'Distributions payable', 'LIABILITY'),
  account(accounts.carryPayable, 'Carried interest payable', 'LIABILITY'),
  account(accounts.withholdingPayable, 'Withholding tax payable', 'LIABILITY'),
  account(accounts.managementFeesPayable, 'Management fees payable', 'LIABILITY'),
  account(accounts.expensesPayable, 'Expenses payable', 'LIABILITY'),
  account(accounts.contributedCapital, 'Contributed capital', 'EQUITY'),
  account(accounts.distributions, 'Distributions to investors', 'EQUITY'),
  account(accounts.carriedInterest, 'Carried interest distributed', 'EQUITY'),
  account(accounts.interestIncome, 'Interest income', 'REVENUE'),
  account(accounts.dividendIncome, 'Dividend income', 'REVENUE'),
  account(accounts.otherIncome, 'Other income', 'REVENUE'),
  account(accounts.realisedGains, 'Realised gain or loss', 'REVENUE'),
  account(accounts.unrealisedGains, 'Change in unrealised gain or loss', 'REVENUE'),
  account(accounts.managementFees, 'Management fees', 'EXPENSE'),
  account(accounts.partnershipExpenses, 'Partnership expenses', 'EXPENSE'),
  account(accounts.organisationCosts, 'Organisation costs', 'EXPENSE'),
  account(accounts.interestExpense, 'Interest expense', 'EXPENSE'),
];
