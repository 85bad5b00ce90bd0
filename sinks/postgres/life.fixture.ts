// The life of one fund, with everything that can happen to it, as the ledger decides it.
import { partitionOf } from '#platform/kafka/partition.ts';
import { testCommand, testId, testInvestor } from '#tests/support/commands.ts';
import {
  adopt,
  advance,
  callId,
  cancelCall,
  cancelDistribution,
  clawBack,
  commit,
  commitmentId,
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
  settleCall,
  transact,
  value,
  writeOff,
} from '#tests/support/fund-commands.ts';
import { testLedger, type TestLedger } from '#tests/support/ledger.ts';

const million = 1_000_000_00n;

/** Notices of the call that was issued last. */
const noticesOf = (ledger: TestLedger): readonly { readonly notice_id: string; readonly call_amount: bigint }[] =>
  ledger.last('CapitalCallIssued').notices;

const payAll = (ledger: TestLedger, call: number, date: string): void => {
  for (const { notice_id, call_amount } of noticesOf(ledger)) ledger.given(pay(call, notice_id, call_amount, date));
};

/** A ledger in which a fund of three investors went from its terms to a clawback, in a log of `partitions`. */
export const liveLedger = (partitions: number): TestLedger => {
  const partition = partitionOf(lifeFund, partitions);
  const ledger = testLedger().given(
    ...fundWith({ Ada: 60n * million, Bert: 30n * million, Cleo: 10n * million }),
    testCommand('CreateInvestor', { investor: testInvestor('Dora') }),
    testCommand('SetExchangeRate', {
      rate_id: testId('rate'),
      base_currency: 'EUR',
      target_currency: 'USD',
      exchange_rate: '1.08450000',
      rate_date: '2020-01-02',
      rate_source: 'ECB',
    }),
    testCommand('SetExchangeRate', {
      rate_id: testId('rate'),
      base_currency: 'EUR',
      target_currency: 'USD',
      exchange_rate: '1.09',
      rate_date: '2020-01-02',
      rate_source: 'ECB',
    }),
    testCommand('SetAccount', {
      account: {
        account_id: testId('account'),
        account_code: '1900',
        account_name: 'Escrow',
        account_type: 'ASSET',
        parent_account_id: null,
        is_active: true,
      },
    }),
    testCommand('SetConfiguration', {
      config_id: testId('configuration'),
      config_key: 'reports.language',
      config_value: '{"language":"en"}',
      config_type: 'GLOBAL',
      is_active: true,
    }),
    adopt({ carry: '0.2', clawback: { test: 'excess-carry', escrowRate: '0.3' }, overDistribution: 'look-back' }),
    adopt({ carry: '0.2', clawback: { test: 'excess-carry', escrowRate: '0.3' } }, { term_id: testId('second waterfall') }),
    adopt({ carry: '0.1' }, { term_id: testId('side letter') }, investorId('Cleo')),
    advance('2020-01-02', partition),
    draftCall(1, 40n * million, '2020-01-02', {
      management_fee_amount: 2n * million,
      expenses_amount: 1n * million,
      expenses_inside: false,
    }),
    issueCall(1),
  );
  const [ada, bert, cleo] = noticesOf(ledger);
  if (ada === undefined || bert === undefined || cleo === undefined) throw new Error('three notices were expected');
  ledger.given(
    pay(1, ada.notice_id, ada.call_amount, '2020-01-23'),
    pay(1, bert.notice_id, 5n * million, '2020-01-22'),
    advance('2020-02-03', partition),
    pay(1, bert.notice_id, bert.call_amount - 5n * million, '2020-02-04'),
    pay(1, cleo.notice_id, 1n * million, '2020-02-04', { payment_id: testId('wrong payment') }),
    testCommand('ReverseCapitalCallPayment', {
      payment_id: testId('wrong payment'),
      call_id: callId(1),
      fund_id: lifeFund,
      notice_id: cleo.notice_id,
    }),
    settleCall(1),
    pay(1, cleo.notice_id, cleo.call_amount, '2020-03-01'),
    draftCall(2, 1n * million, '2020-03-02'),
    issueCall(2),
    cancelCall(2),
    transact('MANAGEMENT_FEE_ACCRUED', 2n * million, '2020-03-31'),
    transact('MANAGEMENT_FEE_PAID', 2n * million, '2020-04-01'),
    transact('EXPENSE_PAID', 10_000_00n, '2020-04-02', { transaction_id: testId('wrong transaction') }),
    testCommand('ReverseFundTransaction', { transaction_id: testId('wrong transaction'), fund_id: lifeFund }),
    invest('One', 20n * million, '2020-02-10'),
    invest('Two', 10n * million, '2020-02-11'),
    testCommand(
      'IncreaseInvestment',
      { investment_id: testId('deal One'), fund_id: lifeFund, amount: 2n * million, transaction_id: testId('more of One') },
      { effective_date: '2020-05-01' },
    ),
    value('One', 30n * million, '2020-12-31'),
    value('One', 25n * million, '2020-06-30'),
    advance('2020-12-31', partition),
    realise('One', 60n * million, '2021-01-22', { cost_realised: 11n * million }),
    declare(1, 55n * million, '2021-01-25', {
      recallable_amount: 1n * million,
      withholdings: [{ investor_id: investorId('Bert'), rate: '0.1' }],
    }),
    payOut(1, '2021-01-26'),
    transact('DIVIDEND_INCOME', 1n * million, '2021-02-01', { investment_id: testId('deal One') }),
    declare(2, 500_000_00n, '2021-02-02', { distribution_type: 'INCOME' }),
    cancelDistribution(2),
    testCommand(
      'ChangeCommitmentAmount',
      {
        commitment_id: commitmentId('Ada'),
        fund_id: lifeFund,
        new_amount: 65n * million,
        modification_id: testId('increase'),
      },
      { effective_date: '2021-02-15' },
    ),
    testCommand(
      'TransferCommitment',
      {
        commitment_id: commitmentId('Cleo'),
        fund_id: lifeFund,
        transferred_amount: 10n * million,
        to_investor_id: investorId('Dora'),
        to_commitment_id: testId('commitment of Dora'),
        modification_id: testId('transfer'),
      },
      { effective_date: '2021-02-15' },
    ),
    commit('Bert', 1n * million, { commitment_id: testId('commitment to cancel') }, { effective_date: '2021-02-15' }),
    testCommand(
      'CancelCommitment',
      {
        commitment_id: testId('commitment to cancel'),
        fund_id: lifeFund,
        modification_id: testId('cancellation'),
      },
      { effective_date: '2021-02-15' },
    ),
    draftCall(3, 5n * million, '2021-03-01'),
    issueCall(3),
  );
  payAll(ledger, 3, '2021-03-20');
  ledger.given(
    writeOff('Two', '2021-06-30'),
    writeOff('One', '2021-12-31'),
    clawBack('2021-12-31'),
    advance('2022-01-04', partition),
  );
  return ledger;
};
