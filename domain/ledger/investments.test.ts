// Investments and the transactions of a fund: cost, value, gain, and the journal behind them.
import { describe, expect, it } from 'vitest';
import { testCommand, testId } from '#tests/support/commands.ts';
import { dealId, fundWith, invest, lifeFund, realise, transact, value, writeOff } from '#tests/support/fund-commands.ts';
import { testLedger, type TestLedger } from '#tests/support/ledger.ts';
import { availableCash } from '../journal/balances.ts';

const bought = () => testLedger().given(...fundWith({ A: 1_000_00n }), invest('One', 100_00n, '2020-01-31'));
const increase = (amount: bigint, date: string, name = 'more') =>
  testCommand(
    'IncreaseInvestment',
    { investment_id: dealId('One'), fund_id: lifeFund, amount, transaction_id: testId(name) },
    { effective_date: date },
  );
const takeBack = (transaction: string) =>
  testCommand('ReverseFundTransaction', { transaction_id: testId(transaction), fund_id: lifeFund });
const balance = (ledger: TestLedger, account: string): bigint | undefined =>
  ledger.state.funds.get(lifeFund)?.life?.balances.get(account);

describe('an investment', () => {
  it('is made, increased and valued; the gain is the value less the cost of that day', () => {
    const ledger = bought().given(value('One', 130_00n, '2020-06-30'), increase(20_00n, '2020-07-31'));
    expect(ledger.last('InvestmentIncreased')).toMatchObject({ cost_after: 120_00n, fair_value_after: 150_00n });
    ledger.given(value('One', 110_00n, '2020-12-31'));
    expect(ledger.last('InvestmentValued')).toMatchObject({ cost: 120_00n, unrealised_gain_loss: -10_00n });
    // Booked late, it counts at its day: the cost then was 100.00.
    ledger.given(value('One', 105_00n, '2020-03-31'));
    expect(ledger.last('InvestmentValued')).toMatchObject({ cost: 100_00n, unrealised_gain_loss: 5_00n });
    expect([balance(ledger, '1200'), balance(ledger, '1300'), balance(ledger, '4400')]).toEqual([120_00n, -10_00n, 10_00n]);
  });

  it('takes the later of two valuations of a day', () => {
    const ledger = bought().given(value('One', 130_00n, '2020-06-30'), value('One', 125_00n, '2020-06-30'));
    expect(balance(ledger, '1300')).toBe(25_00n);
  });

  it('is sold in part: the rest keeps its share of the former value unless one is given', () => {
    const ledger = bought().given(value('One', 150_00n, '2020-06-30'));
    ledger.given(realise('One', 60_00n, '2020-09-30', { cost_realised: 30_00n }));
    expect(ledger.last('InvestmentRealised')).toMatchObject({
      realised_gain_loss: 30_00n,
      remaining_cost: 70_00n,
      remaining_fair_value: 105_00n,
      investment_status: 'PARTIALLY_REALISED',
    });
    ledger.given(
      realise('One', 80_00n, '2020-12-31', {
        cost_realised: 35_00n,
        remaining_fair_value: 90_00n,
        transaction_id: testId('half'),
      }),
    );
    expect(ledger.last('InvestmentRealised')).toMatchObject({ remaining_cost: 35_00n, remaining_fair_value: 90_00n });
    ledger.given(realise('One', 20_00n, '2021-01-31'));
    expect(ledger.last('InvestmentRealised')).toMatchObject({
      cost_realised: 35_00n,
      realised_gain_loss: -15_00n,
      remaining_cost: 0n,
      remaining_fair_value: 0n,
      investment_status: 'REALISED',
    });
    // Cash: -100.00 + 60.00 + 80.00 + 20.00; gains 30.00 + 45.00 - 15.00; nothing unrealised is left.
    expect(['1000', '1200', '1300', '4300', '4400'].map((account) => balance(ledger, account))).toEqual([
      60_00n,
      0n,
      0n,
      -60_00n,
      0n,
    ]);
  });

  it('is written off in part and in whole', () => {
    const ledger = bought().given(value('One', 80_00n, '2020-06-30'), writeOff('One', '2020-09-30', 25_00n));
    expect(ledger.last('InvestmentWrittenOff')).toMatchObject({
      remaining_cost: 75_00n,
      remaining_fair_value: 60_00n,
      investment_status: 'PARTIALLY_REALISED',
    });
    ledger.given(writeOff('One', '2020-12-31'));
    expect(ledger.last('InvestmentWrittenOff')).toMatchObject({ cost_written_off: 75_00n, investment_status: 'WRITTEN_OFF' });
    expect(['1200', '1300', '4300', '4400'].map((account) => balance(ledger, account))).toEqual([0n, 0n, 100_00n, 0n]);
  });

  it('is rejected by name when it cannot be', () => {
    const ledger = bought();
    ledger.rejects(invest('One', 1_00n, '2020-02-01'), 'duplicate-investment', 'transaction-exists');
    ledger.rejects(invest('Two', 0n, '2020-02-01'), 'amount-not-positive');
    ledger.rejects(invest('Two', 1_00n, '2020-02-01', { portfolio_company: ' ' }), 'unnamed-company');
    ledger.rejects(value('Two', 1_00n, '2020-02-01'), 'unknown-investment');
    ledger.rejects(value('One', -1n, '2020-02-01'), 'negative-amount');
    ledger.rejects(value('One', 1_00n, '2020-01-30'), 'before-investment');
    ledger.rejects(realise('One', 1_00n, '2020-02-01', { cost_realised: 100_01n }), 'realises-more-than-held');
    ledger.rejects(realise('One', 1_00n, '2020-02-01', { remaining_fair_value: 5_00n }), 'value-of-nothing');
    ledger.given(value('One', 1_00n, '2020-03-01'), realise('One', 1_00n, '2020-06-30', { cost_realised: 60_00n }));
    ledger.rejects(value('One', 1_00n, '2020-03-01'), 'valuation-exists');
    // Back-dated, only the 40.00 that are left after June can go.
    ledger.rejects(realise('One', 1_00n, '2020-02-01', { cost_realised: 40_01n }), 'realises-more-than-held');
    ledger.given(writeOff('One', '2020-12-31'));
    ledger.rejects(increase(1_00n, '2021-01-01'), 'investment-ended');
    ledger.rejects(realise('One', 1_00n, '2021-01-01'), 'investment-ended');
    ledger.rejects(value('One', 1_00n, '2021-01-01'), 'value-of-nothing');
    ledger.accepts(value('One', 0n, '2021-01-01'), 'InvestmentValued');
  });
});

describe('a transaction of the fund', () => {
  it('moves cash at once, is owed, or settles what is owed', () => {
    const ledger = testLedger().given(
      ...fundWith({ A: 1_000_00n }),
      transact('DIVIDEND_INCOME', 90_00n, '2020-03-31'),
      transact('MANAGEMENT_FEE_ACCRUED', 20_00n, '2020-03-31'),
      transact('EXPENSE_ACCRUED', 5_00n, '2020-03-31'),
      transact('MANAGEMENT_FEE_PAID', 20_00n, '2020-04-15'),
      transact('ORGANISATION_COST', 3_00n, '2020-04-15'),
    );
    expect(['1000', '2300', '2400', '4100', '5000', '5100', '5200'].map((account) => balance(ledger, account))).toEqual([
      67_00n,
      0n,
      -5_00n,
      -90_00n,
      20_00n,
      5_00n,
      3_00n,
    ]);
    ledger.finds(transact('EXPENSE_PAID', 5_01n, '2020-05-01'), 'pays-more-than-owed');
    ledger.finds(invest('One', 67_01n, '2020-05-01'), 'spends-more-than-cash');
  });

  it('is taken back with its date, once', () => {
    const ledger = testLedger().given(
      ...fundWith({ A: 1_000_00n }),
      transact('OTHER_INCOME', 90_00n, '2020-03-31', { transaction_id: testId('wrong'), counterparty: 'Bank' }),
    );
    ledger.accepts(takeBack('wrong'), 'FundTransactionReversed');
    expect(ledger.last('FundTransactionReversed')).toMatchObject({
      transaction_type: 'OTHER_INCOME',
      amount: 90_00n,
      counterparty: 'Bank',
      envelope: { effective_date: '2020-03-31' },
    });
    expect(availableCash(ledger.state.funds.get(lifeFund)?.life?.balances ?? new Map([['1000', 1n]]))).toBe(0n);
    ledger.rejects(takeBack('wrong'), 'transaction-already-reversed');
    ledger.rejects(takeBack('another'), 'unknown-transaction');
  });

  it('is rejected by name when it is unknown, doubled, of nothing or of another fund', () => {
    const ledger = bought().given(transact('OTHER_INCOME', 1_00n, '2020-03-31', { transaction_id: testId('one') }));
    ledger.rejects(transact('UNKNOWN', 1_00n, '2020-03-31'), 'unknown-word');
    ledger.rejects(transact('OTHER_INCOME', 0n, '2020-03-31'), 'amount-not-positive');
    ledger.rejects(transact('OTHER_INCOME', 2_00n, '2020-03-31', { transaction_id: testId('one') }), 'transaction-exists');
    ledger.rejects(transact('OTHER_INCOME', 2_00n, '2020-03-31', { transaction_id: testId('bought One') }), 'transaction-exists');
    ledger.rejects(transact('OTHER_INCOME', 2_00n, '2020-03-31', { investment_id: testId('no deal') }), 'unknown-investment');
    ledger.rejects(transact('OTHER_INCOME', 2_00n, '2020-03-31', { fund_id: testId('no fund') }), 'unknown-fund');
  });
});
