// Posting rules and the history of investments, worked by hand.
import { describe, expect, it } from 'vitest';
import { fundTransactionTypeValues } from '../messages.ts';
import { availableCash, cashOf, trialBalance } from './balances.ts';
import { accounts, defaultChart } from './chart.ts';
import { heldOn, type InvestmentHistory, leastCostFrom, unrealisedChanges, withEntry } from './investment-history.ts';
import { postingRules } from './posting-rules.ts';

describe('posting rules', () => {
  it('name accounts of the chart alone, each code once', () => {
    const codes = new Set(defaultChart.map(({ code }) => code));
    expect(codes.size).toBe(defaultChart.length);
    expect(new Set(Object.values(accounts))).toEqual(codes);
    const named = Object.values(postingRules).flatMap(({ debit, credit }) => [...debit, ...credit].map(([account]) => account));
    expect(named.filter((account) => !codes.has(account))).toEqual([]);
  });

  it('exist for every type of transaction', () => {
    expect(fundTransactionTypeValues.filter((type) => !(type in postingRules))).toEqual([]);
  });
});

describe('the history of an investment', () => {
  const history: InvestmentHistory = [
    { day: 0, kind: 'cost', minor: 100n },
    { day: 20, kind: 'value', fairMinor: 150n },
    { day: 30, kind: 'realisation', costMinor: 40n, leftFairMinor: 90n, isWriteOff: false },
  ];

  it('tells cost and value of every day', () => {
    expect([-1, 0, 19, 20, 30].map((day) => heldOn(history, day))).toEqual([
      { costMinor: 0n, fairMinor: 0n },
      { costMinor: 100n, fairMinor: 100n },
      { costMinor: 100n, fairMinor: 100n },
      { costMinor: 100n, fairMinor: 150n },
      { costMinor: 60n, fairMinor: 90n },
    ]);
    expect([0, 25, 30].map((day) => leastCostFrom(history, day))).toEqual([60n, 60n, 60n]);
  });

  it('changes the unrealised gain on the day of a back-dated value and on that of the next one', () => {
    const later = withEntry(history, { day: 10, kind: 'value', fairMinor: 120n });
    expect(unrealisedChanges(history, later)).toEqual([
      { day: 10, change: 20n },
      { day: 20, change: -20n },
    ]);
  });

  it('takes a back-dated cost out of the gain of the next value', () => {
    const later = withEntry(history, { day: 10, kind: 'cost', minor: 30n });
    expect(unrealisedChanges(history, later)).toEqual([{ day: 20, change: -30n }]);
    expect(leastCostFrom(later, 10)).toBe(90n);
  });
});

describe('balances', () => {
  it('make a trial balance whose sides are equal, and cash less what is owed', () => {
    const balances = new Map([
      [accounts.contributedCapital, -100_00n],
      [accounts.cash, 80_00n],
      [accounts.distributions, 30_00n],
      [accounts.distributionsPayable, -10_00n],
      [accounts.carriedInterest, 0n],
    ]);
    expect(trialBalance(balances)).toEqual([
      { account_code: '1000', debit: 80_00n, credit: 0n },
      { account_code: '2000', debit: 0n, credit: 10_00n },
      { account_code: '3000', debit: 0n, credit: 100_00n },
      { account_code: '3100', debit: 30_00n, credit: 0n },
    ]);
    expect([cashOf(balances), availableCash(balances)]).toEqual([80_00n, 70_00n]);
  });
});
