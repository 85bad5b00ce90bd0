// The checks find what a faulty ledger would have let through, and are silent about what is right.
import { describe, expect, it } from 'vitest';
import { createEvents, fundId, id } from '../fund-book/events.fixture.ts';
import type { AnyEvent } from '../messages.ts';
import { emptyQuality, foldQuality } from './checks.ts';

const events = createEvents();
const fund = (size: bigint | null): AnyEvent =>
  events.event('FundCreated', '2020-01-01', {
    fund: { fund_id: fundId, base_currency: 'USD', terms: [], fund_size: size } as never,
  });
const notice = (investor: string, amount: bigint) => ({
  notice_id: id(`n ${investor}`),
  commitment_id: id(`c ${investor}`),
  call_amount: amount,
  outside_commitment: 0n,
});
const call = (total: bigint, notices: readonly object[]): AnyEvent =>
  events.event('CapitalCallIssued', '2020-02-01', {
    call_id: id('call'),
    call_date: '2020-02-01',
    due_date: '2020-02-15',
    investment_id: null,
    total_call_amount: total,
    notice_count: notices.length,
    chunk_count: 0,
    notices: notices as never,
  });
const payment = (amount: bigint, reference: string | null = null): AnyEvent => {
  const paid = events.payment('A', '2020-02-10', amount);
  return { ...paid, value: { ...paid.value, notice_id: id('n A'), bank_reference: reference } } as AnyEvent;
};
const failing = (log: readonly AnyEvent[]) => {
  const state = emptyQuality();
  return log.flatMap((event) => foldQuality(state, event)).filter(({ holds }) => !holds);
};
const commitments = [events.commitment('A', 60_000_00n), events.commitment('B', 40_000_00n)];

describe('quality checks', () => {
  it('are silent about bookings that tie', () => {
    expect(
      failing([
        fund(100_000_00n),
        ...commitments,
        call(10_000_00n, [notice('A', 6_000_00n), notice('B', 4_000_00n)]),
        payment(6_000_00n, 'ref 1'),
        events.investment('Deal', '2020-03-01', 5_000_00n),
        events.valuation('Deal', '2020-06-30', 7_000_00n),
        events.transaction('MANAGEMENT_FEE_ACCRUED', '2020-06-30', 100_00n),
        events.realisation('Deal', '2020-09-30', 4_000_01n, 2_000_00n, 4_500_00n),
        events.valuation('Deal', '2020-05-31', 6_000_00n),
      ]),
    ).toEqual([]);
  });

  it('find commitments that exceed the size of the fund by more than 5 %, and see it resolved', () => {
    const state = emptyQuality();
    const results = [
      fund(95_000_00n),
      ...commitments,
      events.commitment('C', 1_00n),
      events.event('CommitmentCancelled', '2020-05-01', { commitment_id: id('c C'), old_amount: 1_00n }),
    ].flatMap((event) => foldQuality(state, event).filter(({ check }) => check === 'COMMITMENT_CONSISTENCY'));
    // 99,750.00 is the limit: 100,000.00 exceeds it.
    expect(results.map(({ holds }) => holds)).toEqual([true, false, false, false]);
    expect(results.at(-1)).toMatchObject({ expected: '95000.00', actual: '100000.00' });
  });

  it('find a call whose notices do not add up, and a notice of an unknown commitment', () => {
    expect(
      failing([fund(null), ...commitments, call(10_000_00n, [notice('A', 6_000_00n), notice('B', 3_999_99n)])]),
    ).toMatchObject([{ check: 'CAPITAL_CALL_RECONCILIATION', expected: '10000.00', actual: '9999.99', subjectId: id('call') }]);
    expect(() => failing([fund(null), ...commitments, call(1_00n, [notice('Z', 1_00n)])])).toThrow('commitment');
  });

  it('find the same payment twice, unless the first was taken back', () => {
    const start = [fund(null), ...commitments, call(6_000_00n, [notice('A', 6_000_00n)])];
    const first = payment(1_000_00n, 'ref 7');
    const reversal = events.event('CapitalCallPaymentReversed', '2020-02-10', {
      payment_id: first.type === 'CapitalCallPaymentReceived' ? first.value.payment_id : '',
      payment_date: '2020-02-10',
      amount: 1_000_00n,
    });
    expect(failing([...start, first, payment(1_000_00n, 'ref 7')])).toMatchObject([
      { check: 'DUPLICATE_RECORDS', severity: 'WARNING' },
    ]);
    expect(failing([...start, first, reversal, payment(1_000_00n, 'ref 7')])).toEqual([]);
  });

  it('find a notice whose net is not what is left of its gross', () => {
    const declared = events.distribution('2020-12-01', [
      { investor: 'A', gross: 600_00n, carried: 0n },
      { investor: 'B', gross: 400_00n, carried: 0n },
    ]);
    const value = declared.value as unknown as { readonly notices: readonly object[] };
    const paidAlike = value.notices.map((each, place) => ({
      ...each,
      notice_id: id(`dn ${place}`),
      net_distribution: 500_00n,
      tax_withholding: 0n,
    }));
    const faulty = { ...declared, value: { ...value, notice_count: 2, notices: paidAlike } } as unknown as AnyEvent;
    expect(failing([fund(null), ...commitments, faulty])).toMatchObject([
      { check: 'DISTRIBUTION_RECONCILIATION', expected: '600.00', actual: '500.00' },
      { check: 'DISTRIBUTION_RECONCILIATION', expected: '400.00', actual: '500.00' },
    ]);
  });
});
