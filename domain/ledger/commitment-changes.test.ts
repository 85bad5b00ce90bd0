// Commitments that grow, shrink, move and end.
import { describe, expect, it } from 'vitest';
import { testCommand, testId, testInvestor } from '#tests/support/commands.ts';
import {
  commitmentId,
  declare,
  draftCall,
  fundWith,
  investorId,
  issueCall,
  lifeFund,
  pay,
  transact,
} from '#tests/support/fund-commands.ts';
import { testLedger, type TestLedger } from '#tests/support/ledger.ts';
import { trialBalance } from '../journal/balances.ts';
import { unfundedOf } from './commitment-account.ts';

const day = '2020-03-02';
const change = (name: string, amount: bigint, modification = `to ${amount}`) =>
  testCommand('ChangeCommitmentAmount', {
    commitment_id: commitmentId(name),
    fund_id: lifeFund,
    new_amount: amount,
    modification_id: testId(modification),
  });
const cancel = (name: string) =>
  testCommand('CancelCommitment', { commitment_id: commitmentId(name), fund_id: lifeFund, modification_id: testId('cancelled') });
const transfer = (from: string, to: string, amount: bigint, name = 'moved') =>
  testCommand(
    'TransferCommitment',
    {
      commitment_id: commitmentId(from),
      fund_id: lifeFund,
      transferred_amount: amount,
      to_investor_id: investorId(to),
      to_commitment_id: testId(name),
      modification_id: testId(`transfer ${name}`),
    },
    { effective_date: '2020-06-30' },
  );
const newcomer = (changes: Parameters<typeof testInvestor>[1] = {}) =>
  testCommand('CreateInvestor', { investor: testInvestor('New', changes) });
const notices = (ledger: TestLedger) => ledger.last('CapitalCallIssued').notices;

/** A and B have paid 50.00 and 25.00 of 100.00 and 50.00; 15.01 are distributed, a third of it recallable. */
const running = () => {
  const ledger = testLedger().given(...fundWith({ A: 100_00n, B: 50_00n }, { fund_size: 200_00n }), newcomer());
  ledger.given(draftCall(1, 75_00n, day), issueCall(1));
  for (const { notice_id, call_amount } of notices(ledger)) ledger.given(pay(1, notice_id, call_amount, day));
  return ledger.given(declare(1, 15_01n, '2020-04-01', { recallable_amount: 5_00n }));
};

describe('the amount of a commitment', () => {
  it('grows within the size of the fund and shrinks to what is called', () => {
    const ledger = running();
    ledger.accepts(change('A', 150_00n), 'CommitmentAmountChanged');
    expect(ledger.last('CommitmentAmountChanged')).toMatchObject({ modification_type: 'INCREASE', old_amount: 100_00n });
    ledger.rejects(change('B', 50_01n), 'fund-capacity-exceeded');
    // Called 50.00, recallable 3.33: 46.67 is the least.
    ledger.rejects(change('A', 46_66n), 'decrease-below-called');
    ledger.accepts(change('A', 46_67n), 'CommitmentAmountChanged');
    expect(ledger.last('CommitmentAmountChanged').modification_type).toBe('DECREASE');
    ledger.rejects(change('A', 46_67n, 'again'), 'nothing-to-change');
    ledger.rejects(change('A', 46_67n), 'duplicate-modification');
    ledger.rejects(change('A', 0n, 'nothing'), 'amount-not-positive', 'decrease-below-called');
    ledger.rejects(change('Nobody', 1_00n, 'nobody'), 'unknown-commitment');
  });

  it('does not grow when the fund is closed', () => {
    const ledger = running().given(testCommand('CloseFund', { fund_id: lifeFund, final_close_date: '2020-05-01' }));
    ledger.rejects(change('A', 100_01n), 'fund-closed');
    ledger.accepts(change('A', 99_00n), 'CommitmentAmountChanged');
  });
});

describe('a transfer', () => {
  it('moves a part with its share of the history, and both parts are what the whole was', () => {
    const ledger = running();
    ledger.accepts(transfer('A', 'New', 40_00n), 'CommitmentMade', 'CommitmentTransferred');
    expect(ledger.last('CommitmentMade')).toMatchObject({
      commitment_type: 'TRANSFER',
      commitment_amount: 40_00n,
      investor_id: investorId('New'),
      envelope: { depends_on: [{ aggregate_id: investorId('New'), event_version: 1 }] },
    });
    // Of 50.00 called and paid 20.00, of 10.01 distributed 4.00 (4.004), of 3.33 recallable 1.33 (1.332).
    expect(ledger.last('CommitmentTransferred')).toMatchObject({
      old_amount: 100_00n,
      new_amount: 60_00n,
      called_inside_moved: 20_00n,
      paid_in_moved: 20_00n,
      distributed_moved: 4_00n,
      recallable_moved: 1_33n,
    });
    const from = ledger.state.commitments.get(commitmentId('A'));
    const to = ledger.state.commitments.get(testId('moved'));
    if (from === undefined || to === undefined) throw new Error('both commitments are expected');
    expect([unfundedOf(from), unfundedOf(to)]).toEqual([32_00n, 21_33n]);
    expect(to.account?.contributions).toMatchObject([{ minor: 20_00n, purpose: 'investment' }]);
    expect(from.account?.receipts).toMatchObject([{ gross: 6_01n }]);
    expect(ledger.state.funds.get(lifeFund)?.committed).toBe(150_00n);
    // 3000 and 3100 of the investors have changed, their sums have not.
    const balances = ledger.state.funds.get(lifeFund)?.life?.balances ?? new Map<string, bigint>();
    expect(trialBalance(balances).filter(({ account_code }) => account_code >= '3000')).toEqual([
      { account_code: '3000', debit: 0n, credit: 75_00n },
      { account_code: '3100', debit: 15_01n, credit: 0n },
    ]);
  });

  it('of the whole ends the commitment, and the next call goes to who took it over', () => {
    const ledger = running().given(transfer('A', 'New', 100_00n));
    expect(ledger.state.commitments.get(commitmentId('A'))?.status).toBe('TRANSFERRED');
    ledger.given(draftCall(2, 30_00n, '2020-07-01'), issueCall(2));
    expect(notices(ledger).map(({ investor_id, call_amount }) => [investor_id, call_amount])).toEqual([
      [investorId('B'), 10_00n],
      [investorId('New'), 20_00n],
    ]);
    ledger.rejects(transfer('A', 'B', 1_00n, 'again'), 'commitment-not-active', 'transfer-exceeds-commitment');
  });

  it('takes part in later distributions with the capital that moved', () => {
    const ledger = running().given(transfer('A', 'New', 40_00n), transact('OTHER_INCOME', 75_00n, '2020-07-01'));
    ledger.given(declare(2, 75_00n, '2020-07-02'));
    expect(ledger.last('DistributionDeclared').notices.map(({ gross_distribution }) => gross_distribution)).toEqual([
      30_00n,
      25_00n,
      20_00n,
    ]);
  });

  it('is rejected by name when it moves more than is owned, to oneself, to nobody or without a check', () => {
    const ledger = running();
    ledger.rejects(transfer('A', 'New', 100_01n), 'transfer-exceeds-commitment');
    ledger.rejects(transfer('A', 'A', 1_00n), 'transfer-to-itself');
    ledger.rejects(transfer('A', 'Unknown', 1_00n), 'unknown-investor');
    ledger.rejects(transfer('A', 'New', 0n), 'amount-not-positive');
    ledger.rejects(transfer('Nobody', 'New', 1_00n), 'unknown-commitment');
    ledger.given(
      testCommand('RecordKycDecision', {
        investor_id: investorId('New'),
        kyc_status: 'REJECTED',
        kyc_date: day,
        kyc_source: 'desk',
      }),
    );
    ledger.rejects(transfer('A', 'New', 1_00n), 'kyc-not-approved');
  });

  it('waits for the notices of a call', () => {
    const ledger = running().given(draftCall(2, 30_00n, '2020-05-01'), issueCall(2));
    ledger.rejects(transfer('A', 'New', 1_00n), 'open-notices');
    const own = notices(ledger).find(({ commitment_id }) => commitment_id === commitmentId('A'));
    ledger.given(pay(2, own?.notice_id ?? '', 20_00n, '2020-05-20'));
    ledger.accepts(transfer('A', 'New', 1_00n), 'CommitmentMade', 'CommitmentTransferred');
  });

  it('keeps payments and distributions that moved from being taken back', () => {
    const ledger = running();
    const payment = ledger.all('CapitalCallPaymentReceived').find(({ commitment_id }) => commitment_id === commitmentId('A'));
    ledger.given(transfer('A', 'New', 40_00n));
    ledger.rejects(
      testCommand('ReverseCapitalCallPayment', {
        payment_id: payment?.payment_id ?? '',
        call_id: payment?.call_id ?? '',
        fund_id: lifeFund,
        notice_id: payment?.notice_id ?? '',
      }),
      'payment-was-transferred',
    );
    ledger.rejects(
      testCommand('CancelDistribution', { distribution_id: testId('distribution 1'), fund_id: lifeFund }),
      'recallable-was-called',
    );
  });
});

describe('a commitment', () => {
  it('is cancelled while nothing was called of it', () => {
    const ledger = testLedger().given(...fundWith({ A: 100_00n, B: 50_00n }));
    ledger.accepts(cancel('A'), 'CommitmentCancelled');
    expect(ledger.state.funds.get(lifeFund)?.committed).toBe(50_00n);
    ledger.rejects(cancel('A'), 'commitment-not-active', 'duplicate-modification');
    running().rejects(cancel('A'), 'capital-was-called');
  });

  it('of type TRANSFER comes about by a transfer alone', () => {
    const ledger = testLedger().given(...fundWith({ A: 100_00n }), newcomer());
    const made = ledger.last('CommitmentMade');
    const { envelope: _, investor_version: __, investor_kyc_status: ___, ...body } = made;
    ledger.rejects(
      testCommand('MakeCommitment', { ...body, commitment_id: testId('another'), commitment_type: 'TRANSFER' }),
      'made-by-transfer',
    );
  });

  it('that was taken over counts as called up to its amount, the rest outside it', () => {
    const ledger = testLedger().given(...fundWith({ A: 100_00n }));
    ledger.given(
      testCommand('RecordOpeningBalance', {
        commitment_id: commitmentId('A'),
        fund_id: lifeFund,
        called_amount: 120_00n,
        distributed_amount: 30_00n,
        remaining_value: 110_00n,
        reported_irr: null,
        reported_multiple: null,
        reported_vintage_year: null,
        source: 'report',
      }),
    );
    ledger.given(draftCall(1, 1_00n, '2026-03-02'));
    ledger.rejects(issueCall(1), 'call-exceeds-unfunded');
    const outside = { investment_amount: 0n, management_fee_amount: 5_00n, management_fee_inside: false };
    ledger.given(draftCall(2, 0n, '2026-03-02', outside));
    ledger.accepts(issueCall(2), 'CapitalCallIssued');
    expect(ledger.state.commitments.get(commitmentId('A'))?.account).toMatchObject({
      calledInside: 100_00n,
      calledOutside: 25_00n,
      paidIn: 120_00n,
      distributed: 30_00n,
    });
  });
});
