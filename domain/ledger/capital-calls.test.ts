// Capital calls: who owes what, to the cent; what is rejected by name.
import { describe, expect, it } from 'vitest';
import { testCommand, testId, testInvestor } from '#tests/support/commands.ts';
import {
  adopt,
  advance,
  callId,
  cancelCall,
  commit,
  commitmentId,
  draftCall,
  fundWith,
  issueCall,
  lifeFund,
  pay,
  settleCall,
} from '#tests/support/fund-commands.ts';
import { testLedger, type TestLedger } from '#tests/support/ledger.ts';
import { unfundedOf } from './commitment-account.ts';

const day = '2020-03-02';
const three = () => testLedger().given(...fundWith({ A: 5_000_000_00n, B: 5_000_000_00n, C: 5_000_000_00n }));
const amounts = (ledger: TestLedger): readonly bigint[] =>
  ledger.last('CapitalCallIssued').notices.map(({ call_amount }) => call_amount);
const unfunded = (ledger: TestLedger, name: string): bigint => {
  const commitment = ledger.state.commitments.get(commitmentId(name));
  return commitment === undefined ? -1n : unfundedOf(commitment);
};
const noticeOf = (ledger: TestLedger, name: string): string =>
  ledger.last('CapitalCallIssued').notices.find(({ commitment_id }) => commitment_id === commitmentId(name))?.notice_id ?? '';

describe('the notices of a call', () => {
  it('add up to the cent, the odd cent going to the lower commitment id (case A01)', () => {
    const ledger = three().given(draftCall(1, 1_000_000_01n, day), issueCall(1));
    const notices = [...ledger.last('CapitalCallIssued').notices].sort((left, right) =>
      left.commitment_id < right.commitment_id ? -1 : 1,
    );
    expect(notices.map(({ call_amount }) => call_amount)).toEqual([333_333_34n, 333_333_34n, 333_333_33n]);
  });

  it('give a call of one cent to one of three, who all get a notice (case A02)', () => {
    const ledger = three().given(draftCall(1, 1n, day), issueCall(1));
    expect(
      amounts(ledger)
        .map(Number)
        .sort((left, right) => left - right),
    ).toEqual([0, 0, 1]);
  });

  it('ask nothing of who is excused (case A04)', () => {
    const ledger = three().given(draftCall(1, 100_00n, day, { excused_commitments: [commitmentId('A')] }), issueCall(1));
    expect(
      ledger.last('CapitalCallIssued').notices.map(({ commitment_id, call_amount }) => [commitment_id, call_amount]),
    ).toEqual([
      [commitmentId('B'), 50_00n],
      [commitmentId('C'), 50_00n],
    ]);
    expect(unfunded(ledger, 'A')).toBe(5_000_000_00n);
  });

  it('carry the parts of a cent on, so that seven calls of a cent burden nobody more than another (case A06)', () => {
    const ledger = three();
    for (let call = 1; call <= 7; call += 1) ledger.given(draftCall(call, 1n, day), issueCall(call));
    const called = ['A', 'B', 'C'].map((name) => 5_000_000_00n - unfunded(ledger, name));
    expect(called.map(Number).sort((left, right) => left - right)).toEqual([2, 2, 3]);
  });

  it('are shared by what is unfunded when the call says so', () => {
    const ledger = testLedger().given(...fundWith({ A: 100_00n, B: 100_00n }));
    ledger.given(draftCall(1, 60_00n, day, { excused_commitments: [commitmentId('B')] }), issueCall(1));
    // A has 40.00 left and B 100.00: 70.00 are 20.00 and 50.00.
    ledger.given(draftCall(2, 70_00n, day, { allocation_basis: 'UNFUNDED' }), issueCall(2));
    expect(amounts(ledger)).toEqual([20_00n, 50_00n]);
  });

  it('take fees and expenses outside the commitment where the call says so', () => {
    const ledger = testLedger().given(...fundWith({ A: 100_00n }));
    const outside = {
      management_fee_amount: 10_00n,
      expenses_amount: 3_00n,
      management_fee_inside: false,
      expenses_inside: false,
    };
    ledger.given(draftCall(1, 100_00n, day, outside), issueCall(1));
    expect(ledger.last('CapitalCallIssued').notices).toMatchObject([
      {
        call_amount: 113_00n,
        outside_commitment: 13_00n,
        percentage_called: '1.0000000000',
        unfunded_before: 100_00n,
        unfunded_after: 0n,
      },
    ]);
    expect(unfunded(ledger, 'A')).toBe(0n);
  });

  it('come in chunks of 500 when there are more than 1,000, and are folded as one', () => {
    const names = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`I${index}`, 1_000_00n]));
    const ledger = testLedger().given(...fundWith(names), draftCall(1, 1001_00n, day));
    ledger.accepts(
      issueCall(1),
      'CapitalCallIssued',
      'CapitalCallNoticesIssued',
      'CapitalCallNoticesIssued',
      'CapitalCallNoticesIssued',
    );
    expect(ledger.last('CapitalCallIssued')).toMatchObject({ notices: [], notice_count: 1001, chunk_count: 3 });
    const chunks = ledger.all('CapitalCallNoticesIssued');
    expect(chunks.map(({ chunk, notices, envelope }) => [chunk, notices.length, envelope.event_version])).toEqual([
      [1, 500, 3],
      [2, 500, 4],
      [3, 1, 5],
    ]);
    expect(ledger.state.calls.get(callId(1))?.notices.size).toBe(1001);
    expect([...ledger.state.commitments.values()].every((commitment) => unfundedOf(commitment) === 999_00n)).toBe(true);
  });
});

describe('a call', () => {
  it('is numbered after the highest number of the fund', () => {
    const ledger = three().given(draftCall(1, 1_00n, day, { call_number: 7 }), draftCall(2, 1_00n, day));
    expect(ledger.last('CapitalCallDrafted').call_number).toBe(8);
  });

  it('counts from its notice, whatever the day of the command', () => {
    const ledger = three().given(draftCall(1, 1_00n, day), issueCall(1, {}, { effective_date: '2020-05-05' }));
    expect(ledger.last('CapitalCallIssued').envelope.effective_date).toBe(day);
  });

  it('is rejected by name when it asks for what cannot be asked', () => {
    const ledger = three();
    ledger.rejects(draftCall(1, 0n, day), 'nothing-called');
    ledger.rejects(draftCall(1, -1n, day), 'negative-amount', 'nothing-called');
    ledger.rejects(draftCall(1, 1_00n, day, { due_date: '2020-03-01' }), 'call-dates-out-of-order');
    ledger.rejects(draftCall(1, 1_00n, day, { excused_commitments: [testId('nobody')] }), 'unknown-commitment');
    ledger.rejects(draftCall(1, 1_00n, day, { call_number: 0 }), 'call-number-not-positive');
    ledger.rejects(draftCall(1, 1_00n, day, { fund_id: testId('no fund') }), 'unknown-fund');
    ledger.rejects(issueCall(1), 'unknown-call');
    ledger.given(draftCall(1, 1_00n, day));
    ledger.rejects(draftCall(1, 1_00n, day), 'duplicate-call');
    ledger.rejects(draftCall(2, 1_00n, day, { call_number: 1 }), 'duplicate-call-number');
    ledger.rejects(draftCall(2, 1_00n, day, { call_id: testId('taken elsewhere') }), 'id-taken');
    ledger.rejects(draftCall(2, 1_00n, day, { call_id: commitmentId('A') }), 'id-taken');
  });

  it('is rejected by name when it takes more than the unfunded commitment', () => {
    const ledger = three().given(draftCall(1, 15_000_000_01n, day));
    ledger.rejects(issueCall(1), 'call-exceeds-unfunded');
    ledger.given(draftCall(2, 15_000_000_00n, day), issueCall(2));
    ledger.given(draftCall(3, 1n, day));
    ledger.rejects(issueCall(3), 'call-exceeds-unfunded');
  });

  it('is rejected by name on a closed fund, whether drafted before or not', () => {
    const ledger = three().given(
      draftCall(1, 1_00n, day),
      testCommand('CloseFund', { fund_id: lifeFund, final_close_date: '2020-04-01' }),
    );
    ledger.rejects(issueCall(1), 'fund-closed');
    ledger.rejects(draftCall(2, 1_00n, day), 'fund-closed');
  });

  it('is issued once, and only when somebody takes part', () => {
    const ledger = three().given(draftCall(1, 1_00n, day), issueCall(1));
    ledger.rejects(issueCall(1), 'call-not-draft');
    ledger.given(draftCall(2, 1_00n, day, { excused_commitments: ['A', 'B', 'C'].map(commitmentId) }));
    ledger.rejects(issueCall(2), 'nobody-to-call');
  });

  it('warns of less than ten business days of notice, or of what the agreement says', () => {
    const ledger = three();
    // From Monday 2 March to Friday 13 March are nine business days, to Monday 16 March ten.
    ledger.finds(draftCall(1, 1_00n, day, { due_date: '2020-03-13' }), 'short-notice');
    ledger.finds(draftCall(1, 1_00n, day, { due_date: '2020-03-16' }));
    // 25 May 2020 is Memorial Day: 18 May to 1 June is nine business days.
    ledger.finds(draftCall(1, 1_00n, '2020-05-18', { due_date: '2020-06-01' }), 'short-notice');
    ledger.given(adopt({ noticeBusinessDays: 5 }, { term_type: 'CAPITAL_CALL' }));
    ledger.finds(draftCall(1, 1_00n, day, { due_date: '2020-03-09' }));
    ledger.finds(draftCall(1, 1_00n, day, { due_date: '2020-03-06' }), 'short-notice');
  });

  it('gives everything back when it is cancelled, unless somebody has paid', () => {
    const ledger = three().given(draftCall(1, 300_00n, day), issueCall(1), cancelCall(1));
    expect(ledger.last('CapitalCallCancelled')).toMatchObject({ was_issued: true, total_call_amount: 300_00n });
    expect(unfunded(ledger, 'A')).toBe(5_000_000_00n);
    ledger.rejects(cancelCall(1), 'call-finished');
    ledger.given(draftCall(2, 300_00n, day), issueCall(2));
    ledger.given(pay(2, noticeOf(ledger, 'A'), 1_00n, day));
    ledger.rejects(cancelCall(2), 'call-was-paid');
    ledger.accepts(draftCall(3, 1_00n, day), 'CapitalCallDrafted');
    ledger.accepts(cancelCall(3), 'CapitalCallCancelled');
    expect(ledger.last('CapitalCallCancelled').was_issued).toBe(false);
  });
});

describe('time', () => {
  it('makes unpaid notices overdue after their due date, once, and lets the call be settled with a default', () => {
    const ledger = three().given(draftCall(1, 300_00n, day, { due_date: '2020-03-16' }), issueCall(1));
    ledger.given(pay(1, noticeOf(ledger, 'A'), 100_00n, day), pay(1, noticeOf(ledger, 'B'), 40_00n, day));
    ledger.accepts(advance('2020-03-16'), 'BusinessDateAdvanced');
    ledger.rejects(settleCall(1), 'unpaid-notices');
    ledger.accepts(advance('2020-03-17'), 'BusinessDateAdvanced', 'CapitalCallNoticesOverdue');
    expect(new Set(ledger.last('CapitalCallNoticesOverdue').notice_ids)).toEqual(
      new Set([noticeOf(ledger, 'B'), noticeOf(ledger, 'C')]),
    );
    ledger.accepts(advance('2020-03-18'), 'BusinessDateAdvanced');
    ledger.rejects(advance('2020-03-18'), 'business-date-not-after');
    ledger.given(pay(1, noticeOf(ledger, 'B'), 10_00n, '2020-03-18'));
    expect(ledger.last('CapitalCallPaymentReceived').notice_status).toBe('OVERDUE');
    ledger.accepts(settleCall(1), 'CapitalCallSettled');
    expect(ledger.last('CapitalCallSettled')).toMatchObject({ paid_amount: 150_00n, defaulted_amount: 150_00n });
    ledger.rejects(settleCall(1), 'call-not-issued');
  });
});

describe('a late commitment', () => {
  it('takes part in the calls after it', () => {
    const ledger = three().given(draftCall(1, 300_00n, day));
    ledger.given(testCommand('CreateInvestor', { investor: testInvestor('D') }), commit('D', 5_000_000_00n), issueCall(1));
    expect(amounts(ledger)).toEqual([75_00n, 75_00n, 75_00n, 75_00n]);
  });
});
