// A fund in a currency without decimals: nobody is asked for, or paid, a part of a yen.
import { expect, it } from 'vitest';
import {
  adopt,
  commit,
  declare,
  draftCall,
  fundWith,
  investorId,
  issueCall,
  pay,
  transact,
} from '#tests/support/fund-commands.ts';
import { testLedger } from '#tests/support/ledger.ts';

const yen = (amount: number): bigint => BigInt(amount) * 100n;

it('calls, payments and distributions of a fund in yen are in whole yen', () => {
  const [fund, ...investors] = fundWith({ A: yen(1000), B: yen(1000), C: yen(1000) }, { base_currency: 'JPY' });
  const ledger = testLedger().given(
    ...(fund === undefined ? [] : [fund]),
    ...investors.filter(({ type }) => type === 'CreateInvestor'),
    ...['A', 'B', 'C'].map((name) => commit(name, yen(1000), { currency: 'JPY' })),
    adopt({ hurdleRate: null }),
  );
  ledger.rejects(draftCall(1, 50n, '2021-01-01'), 'amount-finer-than-currency');
  ledger.given(draftCall(1, yen(100), '2021-01-01', { expenses_amount: yen(10) }), issueCall(1));
  const { notices } = ledger.last('CapitalCallIssued');
  // 100 and 10 among three: 33, 33, 34 and 3, 3, 4, the odd ones to the lowest commitment id.
  expect(notices.map(({ call_amount }) => call_amount).sort((left, right) => Number(left - right))).toEqual([
    yen(36),
    yen(36),
    yen(38),
  ]);
  for (const { notice_id, call_amount } of notices) {
    ledger.given(pay(1, notice_id, yen(10), '2021-01-04'));
    const { investment_portion, expenses_portion } = ledger.last('CapitalCallPaymentReceived');
    expect([investment_portion, expenses_portion]).toEqual([yen(9), yen(1)]);
    ledger.given(pay(1, notice_id, call_amount - yen(10), '2021-01-05'));
  }
  ledger.given(transact('OTHER_INCOME', yen(101), '2021-12-31'));
  ledger.given(declare(1, yen(211), '2021-12-31', { withholdings: [{ investor_id: investorId('A'), rate: '0.15' }] }));
  const declared = ledger.last('DistributionDeclared');
  // Profit 101, carry 20.2: 20 yen.
  expect(declared.carried_interest).toBe(yen(20));
  const parts = declared.notices.flatMap((notice) => [
    notice.gross_distribution,
    notice.carried_interest,
    notice.tax_withholding,
    notice.net_distribution,
    notice.return_of_capital,
  ]);
  expect(parts.filter((part) => part % 100n !== 0n)).toEqual([]);
  expect(declared.notices.reduce((sum, { gross_distribution }) => sum + gross_distribution, 0n)).toBe(yen(211));
});
