// Distributions and clawbacks: what each investor receives, what is kept back, and what is rejected by name.
import { describe, expect, it } from 'vitest';
import { testCommand, testId } from '#tests/support/commands.ts';
import {
  adopt,
  cancelDistribution,
  clawBack,
  commitmentId,
  dealId,
  declare,
  draftCall,
  fundWith,
  invest,
  investorId,
  issueCall,
  lifeFund,
  pay,
  payOut,
  realise,
  transact,
  writeOff,
} from '#tests/support/fund-commands.ts';
import { decideOn, testLedger, type TestLedger } from '#tests/support/ledger.ts';
import { unfundedOf } from './commitment-account.ts';
import { previewBasis } from './preview-rules.ts';

/** Pays all notices of a call on the day of its notice. */
const callAndPay = (ledger: TestLedger, number: number, amount: bigint, date: string, deal: string | null = null): void => {
  ledger.given(draftCall(number, amount, date, { investment_id: deal === null ? null : dealId(deal) }), issueCall(number));
  for (const { notice_id, call_amount } of ledger.last('CapitalCallIssued').notices)
    if (call_amount > 0n) ledger.given(pay(number, notice_id, call_amount, date));
};

/** A and B have paid 75.00 and 25.00 on 2021-01-01; a year later 200.00 of income stand in cash beside them. */
const ripe = (terms: object = {}) => {
  const ledger = testLedger().given(...fundWith({ A: 300_00n, B: 100_00n }), adopt(terms));
  callAndPay(ledger, 1, 100_00n, '2021-01-01');
  return ledger.given(transact('OTHER_INCOME', 200_00n, '2022-01-01'));
};
const noticesOf = (ledger: TestLedger) => ledger.last('DistributionDeclared').notices;
const basisOf = (ledger: TestLedger): string => previewBasis(ledger.state, lifeFund) ?? '';

describe('a distribution', () => {
  it('keeps carried interest, tax and fee back, and pays the rest', () => {
    const ledger = ripe();
    // Capital 100.00, pref 8.00, catch-up 2.00, then 20.00 split 16.00 and 4.00: carry 6.00 of 130.00.
    ledger.given(
      declare(1, 130_00n, '2022-01-01', {
        management_fee_offset: 10_01n,
        withholdings: [{ investor_id: investorId('A'), rate: '0.15' }],
        recallable_amount: 40_00n,
      }),
    );
    expect(ledger.last('DistributionDeclared')).toMatchObject({
      carried_interest: 6_00n,
      management_fee_offset: 10_01n,
      tax_withholding: 13_95n,
      net_distribution: 100_04n,
      recallable_amount: 40_00n,
      available_cash_before: 300_00n,
    });
    // A: 97.50 − 4.50 = 93.00, of which 15 % are 13.95; the fee is 7.51 (7.5075).
    expect(noticesOf(ledger)).toMatchObject([
      {
        gross_distribution: 97_50n,
        carried_interest: 4_50n,
        tax_withholding: 13_95n,
        management_fee_offset: 7_51n,
        net_distribution: 71_54n,
        return_of_capital: 75_00n,
        preferred_return: 6_00n,
        unfunded_before: 225_00n,
        unfunded_after: 255_00n,
      },
      {
        gross_distribution: 32_50n,
        tax_withholding: 0n,
        net_distribution: 28_50n,
        return_of_capital: 25_00n,
        preferred_return: 2_00n,
      },
    ]);
    expect([...ledger.state.commitments.values()].map(unfundedOf)).toEqual([255_00n, 85_00n]);
    ledger.given(payOut(1, '2022-01-05'));
    expect(ledger.last('DistributionPaid')).toMatchObject({
      net_distribution: 100_04n,
      carried_interest: 6_00n,
      tax_withholding: 13_95n,
    });
    // 300.00 less what was paid: the fee stays in the fund.
    expect(ledger.state.funds.get(lifeFund)?.life?.balances.get('1000')).toBe(180_01n);
  });

  it('tells its terms, its flows and the events that they come from', () => {
    const ledger = ripe({ carry: '0.1' }).given(declare(1, 130_00n, '2022-01-01'));
    const { calculation } = ledger.last('DistributionDeclared');
    expect(calculation).toMatchObject({
      term_id: testId('term {"carry":"0.1"} '),
      terms_version: 1,
      terms: '{"carry":"0.1"}',
      contributions: '[{"date":"2021-01-01","amount":"100.00","dueDate":"2021-01-22"}]',
      distributions: '[]',
      unreturned_capital: 0n,
      unpaid_preferred_return: 0n,
    });
    expect(calculation.inputs).toEqual([
      { aggregate_id: testId('call 1'), event_version: 3 },
      { aggregate_id: testId('call 1'), event_version: 4 },
    ]);
  });

  it('without adopted terms goes by the rates of the fund, or the usual ones', () => {
    const ledger = testLedger().given(...fundWith({ A: 100_00n }, { carried_interest_rate: '0.1', hurdle_rate: '0.08' }));
    callAndPay(ledger, 1, 100_00n, '2021-01-01');
    ledger.given(transact('OTHER_INCOME', 100_00n, '2022-01-01'), declare(1, 200_00n, '2022-01-01'));
    expect(ledger.last('DistributionDeclared')).toMatchObject({
      carried_interest: 10_00n,
      calculation: { term_id: null, terms_version: 0 },
    });
  });

  it('goes by the terms of its day, side letters included', () => {
    const ledger = ripe({ hurdleRate: null });
    ledger.given(
      adopt({ carry: '0.1' }, { effective_date: '2022-01-01' }, investorId('B')),
      adopt({ hurdleRate: null, carry: '0.5' }, { effective_date: '2022-01-02' }),
    );
    // Profit 100.00, of which A has 75.00: carry 15.00 of it, and 2.50 of the 25.00 of B.
    ledger.given(declare(1, 200_00n, '2022-01-01'));
    expect(noticesOf(ledger).map(({ carried_interest }) => carried_interest)).toEqual([15_00n, 2_50n]);
    expect(ledger.last('DistributionDeclared').calculation).toMatchObject({
      terms_version: 2,
      terms: JSON.stringify({ hurdleRate: null, aggregation: 'partner', partnerTerms: { [investorId('B')]: { carry: '0.1' } } }),
    });
  });

  it('of a deal goes to those who paid for it', () => {
    const ledger = testLedger().given(...fundWith({ A: 100_00n, B: 100_00n }), adopt({ style: 'american' }));
    ledger.given(
      draftCall(1, 50_00n, '2021-01-01', { excused_commitments: [commitmentId('B')], investment_id: dealId('One') }),
      issueCall(1),
    );
    ledger.given(pay(1, ledger.last('CapitalCallIssued').notices[0]?.notice_id ?? '', 50_00n, '2021-01-01'));
    callAndPay(ledger, 2, 50_00n, '2021-01-01', 'Two');
    ledger.given(invest('One', 50_00n, '2021-01-01'), realise('One', 54_00n, '2022-01-01'));
    ledger.rejects(declare(1, 54_00n, '2022-01-01'), 'distribution-without-deal');
    ledger.given(declare(1, 54_00n, '2022-01-01', { investment_id: dealId('One') }));
    expect(noticesOf(ledger).map(({ commitment_id, net_distribution }) => [commitment_id, net_distribution])).toEqual([
      [commitmentId('A'), 54_00n],
    ]);
  });

  it('that is split over a day pays in all what one would, the cents included', () => {
    const whole = ripe().given(declare(1, 130_00n, '2022-01-01'));
    const parts = ripe().given(declare(1, 101_11n, '2022-01-01'), declare(2, 28_89n, '2022-01-01'));
    const total = (ledger: TestLedger, tier: number): readonly bigint[] =>
      ledger
        .all('DistributionDeclared')
        .reduce<readonly bigint[]>(
          ([lp = 0n, gp = 0n], { calculation }) => [
            lp + (calculation.tiers[tier]?.lp ?? 0n),
            gp + (calculation.tiers[tier]?.gp ?? 0n),
          ],
          [],
        );
    for (const tier of [0, 1, 2, 3]) expect(total(parts, tier)).toEqual(total(whole, tier));
    expect(parts.last('DistributionDeclared').distribution_number).toBe(2);
  });

  it('in a fund of 1,200 investors comes in chunks', () => {
    const names = Object.fromEntries(Array.from({ length: 1200 }, (_, index) => [`I${index}`, 1_00n]));
    const ledger = testLedger().given(...fundWith(names));
    ledger.given(draftCall(1, 1200_00n, '2021-01-01'), issueCall(1));
    for (const { notice_id } of ledger.all('CapitalCallNoticesIssued').flatMap(({ notices }) => notices))
      ledger.given(pay(1, notice_id, 1_00n, '2021-01-01'));
    ledger.accepts(
      declare(1, 600_01n, '2021-07-01'),
      'DistributionDeclared',
      'DistributionNoticesDeclared',
      'DistributionNoticesDeclared',
      'DistributionNoticesDeclared',
    );
    const { calculation, chunk_count, notice_count } = ledger.last('DistributionDeclared');
    expect({ chunk_count, notice_count, inputs: calculation.inputs }).toEqual({
      chunk_count: 3,
      notice_count: 1200,
      inputs: [{ aggregate_id: testId('call 1'), event_version: 1206 }],
    });
    const notices = ledger.all('DistributionNoticesDeclared').flatMap((chunk) => chunk.notices);
    expect(notices.reduce((sum, { gross_distribution }) => sum + gross_distribution, 0n)).toBe(600_01n);
    ledger.accepts(payOut(1, '2021-07-01'), 'DistributionPaid');
  });

  it('is rejected by name when it cannot be paid or is not whole', () => {
    const ledger = ripe();
    ledger.rejects(declare(1, 300_01n, '2022-01-01'), 'exceeds-available-cash');
    ledger.rejects(declare(1, 0n, '2022-01-01'), 'amount-not-positive');
    ledger.rejects(declare(1, 1_00n, '2022-01-01', { distribution_kind: 'UNKNOWN' }), 'unknown-word');
    ledger.rejects(declare(1, 1_00n, '2020-12-31'), 'nobody-contributed');
    ledger.rejects(declare(1, 1_00n, '2022-01-01', { record_date: '2022-01-02' }), 'distribution-dates-out-of-order');
    ledger.rejects(declare(1, 1_00n, '2022-01-01', { recallable_amount: 1_01n }), 'part-exceeds-distribution');
    ledger.rejects(declare(1, 1_00n, '2022-01-01', { management_fee_offset: -1n }), 'negative-amount');
    ledger.rejects(declare(1, 1_00n, '2022-01-01', { investment_id: testId('no deal') }), 'unknown-investment');
    const withhold = (rate: string, investor = 'A') => ({ withholdings: [{ investor_id: investorId(investor), rate }] });
    ledger.rejects(declare(1, 1_00n, '2022-01-01', withhold('15 %')), 'invalid-withholding');
    ledger.rejects(declare(1, 1_00n, '2022-01-01', withhold('1.1')), 'invalid-withholding');
    ledger.rejects(declare(1, 1_00n, '2022-01-01', withhold('0.1', 'Nobody')), 'invalid-withholding');
    ledger.rejects(
      declare(1, 1_00n, '2022-01-01', { ...withhold('0.5'), management_fee_offset: 60n }),
      'deductions-exceed-share',
    );
    ledger.given(declare(1, 1_00n, '2022-01-01', { distribution_number: 4 }));
    ledger.rejects(declare(1, 1_00n, '2022-01-01'), 'duplicate-distribution');
    ledger.rejects(declare(2, 1_00n, '2022-01-01', { distribution_number: 4 }), 'duplicate-distribution-number');
    // 1.00 of the 300.00 is owed already.
    ledger.rejects(declare(2, 299_01n, '2022-01-01'), 'exceeds-available-cash');
  });

  it('is paid once, on or after its date and out of cash that is there', () => {
    const ledger = ripe().given(declare(1, 250_00n, '2022-01-01'));
    ledger.rejects(payOut(1, '2021-12-31'), 'paid-before-declared');
    ledger.rejects(payOut(2, '2022-01-05'), 'unknown-distribution');
    ledger.given(invest('One', 100_00n, '2022-01-02'));
    ledger.rejects(payOut(1, '2022-01-05'), 'exceeds-available-cash');
    ledger.given(realise('One', 100_00n, '2022-01-03'), payOut(1, '2022-01-05'));
    ledger.rejects(payOut(1, '2022-01-05'), 'distribution-not-declared');
    ledger.rejects(cancelDistribution(1), 'distribution-not-declared');
  });

  it('leaves no trace when it is cancelled, unless what came back was called again', () => {
    const ledger = ripe().given(declare(1, 130_00n, '2022-01-01', { recallable_amount: 20_00n }), cancelDistribution(1));
    const { balances } = ledger.state.funds.get(lifeFund)?.life ?? { balances: new Map<string, bigint>() };
    expect([...balances].filter(([, amount]) => amount !== 0n).map(([account]) => account)).toEqual(['1000', '3000', '4200']);
    expect([...ledger.state.commitments.values()].map(unfundedOf)).toEqual([225_00n, 75_00n]);
    ledger.given(declare(2, 130_00n, '2022-01-01', { recallable_amount: 20_00n }));
    expect(ledger.last('DistributionDeclared').carried_interest).toBe(6_00n);
    ledger.given(draftCall(2, 320_00n, '2022-02-01'), issueCall(2));
    ledger.rejects(cancelDistribution(2), 'recallable-was-called');
  });

  it('warns when more could be called than was pledged', () => {
    ripe().finds(declare(1, 130_00n, '2022-01-01', { recallable_amount: 100_01n }), 'recallable-exceeds-called');
  });
});

describe('a preview', () => {
  it('is booked exactly while the fund stands as it stood, and rejected when it has moved', () => {
    const ledger = ripe();
    const preview_basis = basisOf(ledger);
    const previewed = decideOn(ledger.state, declare(1, 130_00n, '2022-01-01', {}, { preview: true }));
    const booked = decideOn(ledger.state, declare(1, 130_00n, '2022-01-01', { preview_basis }));
    expect(booked).toEqual(previewed);
    ledger.given(transact('OTHER_INCOME', 1n, '2022-01-01'));
    ledger.rejects(declare(1, 130_00n, '2022-01-01', { preview_basis }), 'preview-state-moved');
    ledger.accepts(declare(1, 130_00n, '2022-01-01', { preview_basis: basisOf(ledger) }), 'DistributionDeclared');
  });

  it('of a call is rejected when the fund has moved, too', () => {
    const ledger = ripe().given(draftCall(2, 1_00n, '2022-01-01'));
    const preview_basis = basisOf(ledger);
    ledger.given(draftCall(3, 1_00n, '2022-01-01'));
    ledger.rejects(issueCall(2, { preview_basis }), 'preview-state-moved');
    ledger.accepts(issueCall(2, { preview_basis: basisOf(ledger) }), 'CapitalCallIssued');
  });

  it('answers what other terms would give, which cannot be booked', () => {
    const ledger = ripe();
    const assumed_terms = JSON.stringify({ hurdleRate: null, carry: '0.5' });
    const decision = decideOn(ledger.state, declare(1, 130_00n, '2022-01-01', { assumed_terms }, { preview: true }));
    expect(decision).toMatchObject({
      kind: 'Accepted',
      events: [{ type: 'DistributionDeclared', body: { carried_interest: 15_00n, calculation: { term_id: null } } }],
    });
    ledger.rejects(declare(1, 130_00n, '2022-01-01', { assumed_terms }), 'assumed-terms-booked');
    ledger.rejects(declare(1, 1_00n, '2022-01-01', { assumed_terms: '{"carry":"2"}' }, { preview: true }), 'invalid-term');
    ledger.rejects(declare(1, 1_00n, '2022-01-01', { assumed_terms: 'no' }, { preview: true }), 'invalid-term');
  });
});

describe('a clawback', () => {
  /** Deal One of 50.00 sold for 100.00: carry 10.00 on a profit of 50.00; deal Two of 50.00 is lost. */
  const lost = (clawback: object) => {
    const terms = { style: 'american', hurdleRate: null, clawback };
    const ledger = testLedger().given(...fundWith({ A: 75_00n, B: 25_00n }), adopt(terms));
    callAndPay(ledger, 1, 50_00n, '2021-01-01', 'One');
    callAndPay(ledger, 2, 50_00n, '2021-01-01', 'Two');
    return ledger.given(
      invest('One', 50_00n, '2021-01-01'),
      invest('Two', 50_00n, '2021-01-01'),
      realise('One', 100_00n, '2022-01-01'),
      declare(1, 100_00n, '2022-01-01', { investment_id: dealId('One') }),
      payOut(1, '2022-01-01'),
      writeOff('Two', '2023-01-01'),
    );
  };

  it('gives the investors back what was too much, once', () => {
    const ledger = lost({ test: 'excess-carry', escrowRate: '0.3' });
    expect(ledger.last('DistributionDeclared').carried_interest).toBe(10_00n);
    ledger.accepts(clawBack('2023-01-01'), 'CarryClawedBack');
    expect(ledger.last('CarryClawedBack')).toMatchObject({
      due: 10_00n,
      from_escrow: 3_00n,
      from_gp: 7_00n,
      escrow_released: 0n,
      unrecovered: 0n,
    });
    expect(ledger.last('CarryClawedBack').notices.map(({ net_distribution }) => net_distribution)).toEqual([7_50n, 2_50n]);
    expect(ledger.state.funds.get(lifeFund)?.life?.balances.get('3200')).toBe(0n);
    ledger.rejects(clawBack('2023-01-01', 'again'), 'nothing-to-claw-back');
    ledger.rejects(clawBack('2023-01-01'), 'clawback-exists', 'nothing-to-claw-back');
  });

  it('is cut off by tax', () => {
    const ledger = lost({ test: 'excess-carry', taxRate: '0.4' }).given(clawBack('2023-01-01'));
    expect(ledger.last('CarryClawedBack')).toMatchObject({ due: 6_00n, unrecovered: 4_00n });
  });

  it('needs terms that have one, and something that is due', () => {
    ripe().rejects(clawBack('2022-01-01'), 'no-clawback-agreed');
    lost({ test: 'excess-carry' }).rejects(clawBack('2021-12-31'), 'nothing-to-claw-back');
    const unknown = testCommand('ClawBackCarry', {
      clawback_id: testId('x'),
      fund_id: testId('no fund'),
      clawback_date: '2022-01-01',
    });
    ripe().rejects(unknown, 'unknown-fund');
  });
});
