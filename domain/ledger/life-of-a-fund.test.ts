// One fund from its first call to its last distribution, every figure worked by hand.
import { expect, it } from 'vitest';
import { trialBalance } from '../journal/balances.ts';
import {
  adopt,
  callId,
  commitmentId,
  declare,
  draftCall,
  fundWith,
  invest,
  issueCall,
  pay,
  payOut,
  realise,
  transact,
  value,
} from '#tests/support/fund-commands.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { unfundedOf } from './commitment-account.ts';

const million = 1_000_000_00n;

it('a fund of two investors calls, invests, sells at a gain and pays its general partner carried interest', () => {
  const ledger = testLedger().given(...fundWith({ Big: 75n * million, Small: 25n * million }), adopt({ carry: '0.2' }));
  // 40m of investments and 2m of fees called inside the commitment.
  ledger.accepts(draftCall(1, 40n * million, '2020-01-02', { management_fee_amount: 2n * million }), 'CapitalCallDrafted');
  ledger.accepts(issueCall(1), 'CapitalCallIssued');
  const { notices } = ledger.last('CapitalCallIssued');
  expect(notices.map(({ commitment_id, call_amount, unfunded_after }) => [commitment_id, call_amount, unfunded_after])).toEqual([
    [commitmentId('Big'), 31_500_000_00n, 43_500_000_00n],
    [commitmentId('Small'), 10_500_000_00n, 14_500_000_00n],
  ]);
  const [big, small] = notices;
  if (big === undefined || small === undefined) throw new Error('two notices were expected');
  ledger.accepts(pay(1, big.notice_id, 31_500_000_00n, '2020-01-23'), 'CapitalCallPaymentReceived');
  ledger.accepts(pay(1, small.notice_id, 500_000_00n, '2020-01-23'), 'CapitalCallPaymentReceived');
  // 10.5m of 40m/2m: the 0.5m are 0.476190.48 of investments and 23,809.52 of fees.
  const partly = ledger.last('CapitalCallPaymentReceived');
  expect([partly.investment_portion, partly.management_fee_portion, partly.notice_status]).toEqual([
    476_190_48n,
    23_809_52n,
    'PARTIALLY_PAID',
  ]);
  ledger.accepts(pay(1, small.notice_id, 10_000_000_00n, '2020-01-23'), 'CapitalCallPaymentReceived', 'CapitalCallSettled');
  expect(ledger.state.calls.get(callId(1))?.status).toBe('SETTLED');
  ledger.given(
    transact('MANAGEMENT_FEE_ACCRUED', 2n * million, '2020-01-23'),
    transact('MANAGEMENT_FEE_PAID', 2n * million, '2020-01-24'),
    invest('One', 40n * million, '2020-01-23'),
    value('One', 60n * million, '2020-12-31'),
    realise('One', 80n * million, '2021-01-22'),
  );
  // A year of 365 days (2020-01-23 to 2021-01-22): capital 42m, pref 3.36m, then carry 20 % of the profit of 38m = 7.6m.
  ledger.accepts(declare(1, 80n * million, '2021-01-22'), 'DistributionDeclared');
  const declared = ledger.last('DistributionDeclared');
  expect(declared.calculation.tiers.map(({ tier, lp, gp }) => [tier, lp, gp])).toEqual([
    ['RETURN_OF_CAPITAL', 42n * million, 0n],
    ['PREFERRED_RETURN', 3_360_000_00n, 0n],
    ['CATCH_UP', 0n, 840_000_00n],
    ['SPLIT', 27_040_000_00n, 6_760_000_00n],
  ]);
  expect(
    declared.notices.map(({ gross_distribution, carried_interest, net_distribution }) => [
      gross_distribution,
      carried_interest,
      net_distribution,
    ]),
  ).toEqual([
    [60n * million, 5_700_000_00n, 54_300_000_00n],
    [20n * million, 1_900_000_00n, 18_100_000_00n],
  ]);
  ledger.accepts(payOut(1, '2021-01-25'), 'DistributionPaid');
  const balances = ledger.state.funds.get(declared.fund_id)?.life?.balances ?? new Map<string, bigint>();
  expect(trialBalance(balances)).toEqual([
    { account_code: '3000', debit: 0n, credit: 42n * million },
    { account_code: '3100', debit: 72_400_000_00n, credit: 0n },
    { account_code: '3200', debit: 7_600_000_00n, credit: 0n },
    { account_code: '4300', debit: 0n, credit: 40n * million },
    { account_code: '5000', debit: 2n * million, credit: 0n },
  ]);
  expect([...ledger.state.commitments.values()].map(unfundedOf)).toEqual([43_500_000_00n, 14_500_000_00n]);
});
