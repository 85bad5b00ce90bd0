// Balances by account out of postings: trial balance and available cash.
import type { Minor } from '../messages.ts';
import { accounts } from './chart.ts';
import type { Posting } from './post.ts';

/** Debits less credits by account code. */
export type Balances = ReadonlyMap<string, Minor>;

/** Adds a posting to balances, in place. */
export const addPosting = (balances: Map<string, Minor>, { lines }: Pick<Posting, 'lines'>): void => {
  for (const { account_code, debit, credit } of lines)
    balances.set(account_code, (balances.get(account_code) ?? 0n) + debit - credit);
};

const balanceOf = (balances: Balances, account: string): Minor => balances.get(account) ?? 0n;

/** Cash that the fund holds. */
export const cashOf = (balances: Balances): Minor => balanceOf(balances, accounts.cash);

/** Cash less what declared distributions owe to investors, general partner and tax office. Payables are credits: below zero. */
export const availableCash = (balances: Balances): Minor =>
  cashOf(balances) +
  balanceOf(balances, accounts.distributionsPayable) +
  balanceOf(balances, accounts.carryPayable) +
  balanceOf(balances, accounts.withholdingPayable);

export interface TrialBalanceRow {
  readonly account_code: string;
  readonly debit: Minor;
  readonly credit: Minor;
}

/** Accounts with a balance, by code; the debits add up to the credits. */
export const trialBalance = (balances: Balances): readonly TrialBalanceRow[] =>
  [...balances]
    .filter(([, balance]) => balance !== 0n)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([account_code, balance]) => ({
      account_code,
      debit: balance > 0n ? balance : 0n,
      credit: balance < 0n ? -balance : 0n,
    }));
