// Payments on notices: in part, in full, twice, too much, and taken back.
import { describe, expect, it } from 'vitest';
import { testCommand, testId } from '#tests/support/commands.ts';
import { callId, commitmentId, draftCall, fundWith, issueCall, lifeFund, pay } from '#tests/support/fund-commands.ts';
import { testLedger, type TestLedger } from '#tests/support/ledger.ts';
import { cashOf } from '../journal/balances.ts';

const day = '2020-03-02';
/** Two investors with notices of 50.00 for investments, 30.00 for fees outside the commitment and 20.01 for expenses each. */
const called = () =>
  testLedger().given(
    ...fundWith({ A: 1_000_00n, B: 1_000_00n }),
    draftCall(1, 100_00n, day, { management_fee_amount: 60_00n, expenses_amount: 40_02n, management_fee_inside: false }),
    issueCall(1),
  );
const noticeOf = (ledger: TestLedger, name: string): string =>
  ledger.last('CapitalCallIssued').notices.find(({ commitment_id }) => commitment_id === commitmentId(name))?.notice_id ?? '';
const takeBack = (ledger: TestLedger, name: string, payment: string) =>
  testCommand('ReverseCapitalCallPayment', {
    payment_id: testId(payment),
    call_id: callId(1),
    fund_id: lifeFund,
    notice_id: noticeOf(ledger, name),
  });
const cash = (ledger: TestLedger): bigint => cashOf(ledger.state.funds.get(lifeFund)?.life?.balances ?? new Map());

describe('a payment', () => {
  it('is split over the portions, and the last one pays each of them to the cent', () => {
    const ledger = called();
    const paid = ['10.00', '0.01', '60.00', '30.00'].map((text, index) => {
      const amount = BigInt(text.replace('.', ''));
      ledger.given(pay(1, noticeOf(ledger, 'A'), amount, day, { payment_id: testId(`payment ${index}`) }));
      return ledger.last('CapitalCallPaymentReceived');
    });
    expect(paid[0]).toMatchObject({
      investment_portion: 5_00n,
      management_fee_portion: 3_00n,
      expenses_portion: 2_00n,
      outside_commitment: 3_00n,
      paid_amount: 10_00n,
      outstanding_amount: 90_01n,
      notice_status: 'PARTIALLY_PAID',
    });
    expect(paid.at(-1)).toMatchObject({ paid_amount: 100_01n, outstanding_amount: 0n, notice_status: 'PAID' });
    const total = (field: 'investment_portion' | 'management_fee_portion' | 'expenses_portion' | 'outside_commitment'): bigint =>
      paid.reduce((sum, payment) => sum + payment[field], 0n);
    expect([total('investment_portion'), total('management_fee_portion'), total('expenses_portion')]).toEqual([
      50_00n,
      30_00n,
      20_01n,
    ]);
    expect(total('outside_commitment')).toBe(30_00n);
  });

  it('counts from its own date', () => {
    const ledger = called();
    ledger.given(pay(1, noticeOf(ledger, 'A'), 1_00n, '2020-03-10'));
    expect(ledger.last('CapitalCallPaymentReceived').envelope.effective_date).toBe('2020-03-10');
    ledger.finds(pay(1, noticeOf(ledger, 'A'), 1_00n, '2020-03-01'), 'paid-before-call');
  });

  it('settles the call when nothing is owed any more', () => {
    const ledger = called();
    ledger.accepts(pay(1, noticeOf(ledger, 'A'), 100_01n, day), 'CapitalCallPaymentReceived');
    ledger.accepts(pay(1, noticeOf(ledger, 'B'), 100_01n, day), 'CapitalCallPaymentReceived', 'CapitalCallSettled');
    expect(ledger.last('CapitalCallSettled')).toMatchObject({ paid_amount: 200_02n, defaulted_amount: 0n });
    expect(cash(ledger)).toBe(200_02n);
  });

  it('is rejected by name when it is made twice, too large or on nothing', () => {
    const ledger = called();
    const notice = noticeOf(ledger, 'A');
    ledger.rejects(pay(1, notice, 100_02n, day), 'payment-exceeds-notice');
    ledger.rejects(pay(1, notice, 0n, day), 'amount-not-positive');
    ledger.rejects(pay(1, testId('no notice'), 1_00n, day), 'unknown-notice');
    ledger.rejects(pay(2, notice, 1_00n, day), 'unknown-call');
    ledger.given(pay(1, notice, 40_00n, day, { payment_id: testId('once') }));
    ledger.rejects(pay(1, notice, 40_00n, day, { payment_id: testId('once') }), 'payment-exists');
    ledger.given(pay(1, notice, 60_01n, day));
    ledger.rejects(pay(1, notice, 1n, day), 'notice-already-paid');
  });

  it('waits until the call is issued', () => {
    const ledger = called().given(draftCall(2, 1_00n, day));
    ledger.rejects(pay(2, testId('no notice'), 1_00n, day), 'call-not-issued');
  });
});

describe('a payment that was booked in error', () => {
  it('is taken back with its date, and the settled call is open again', () => {
    const ledger = called();
    ledger.given(pay(1, noticeOf(ledger, 'A'), 100_01n, day, { payment_id: testId('A pays') }));
    ledger.given(pay(1, noticeOf(ledger, 'B'), 100_01n, '2020-03-05', { payment_id: testId('B pays') }));
    ledger.accepts(takeBack(ledger, 'B', 'B pays'), 'CapitalCallPaymentReversed');
    expect(ledger.last('CapitalCallPaymentReversed')).toMatchObject({
      amount: 100_01n,
      investment_portion: 50_00n,
      paid_amount: 0n,
      outstanding_amount: 100_01n,
      notice_status: 'PENDING',
      payment_date: '2020-03-05',
      envelope: { effective_date: '2020-03-05' },
    });
    expect(ledger.state.calls.get(callId(1))).toMatchObject({ status: 'ISSUED', paid: 100_01n });
    expect(cash(ledger)).toBe(100_01n);
    ledger.accepts(pay(1, noticeOf(ledger, 'B'), 100_01n, day), 'CapitalCallPaymentReceived', 'CapitalCallSettled');
  });

  it('is taken back once, and only if it was made', () => {
    const ledger = called();
    ledger.rejects(takeBack(ledger, 'A', 'A pays'), 'unknown-payment');
    ledger.given(pay(1, noticeOf(ledger, 'A'), 1_00n, day, { payment_id: testId('A pays') }), takeBack(ledger, 'A', 'A pays'));
    ledger.rejects(takeBack(ledger, 'A', 'A pays'), 'payment-already-reversed');
    ledger.rejects(pay(1, noticeOf(ledger, 'A'), 1_00n, day, { payment_id: testId('A pays') }), 'payment-exists');
  });
});
