// Two funds for the tests of verify: one that was taken over with its sums, one with a life of its own that reaches every table.
import { v5 as uuidV5 } from 'uuid';
import type { AnyCommand } from '#domain/messages.ts';
import { partitionOf } from '#platform/kafka/partition.ts';
import {
  testCommand,
  testCommitment,
  testFund,
  testId,
  testInvestor,
  testOpening,
  testValuation,
} from '#tests/support/commands.ts';
import {
  adopt,
  advance,
  callId,
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
  transact,
  value,
} from '#tests/support/fund-commands.ts';

/** The fund that was taken over. */
export const takenFund = testId('fund Beta');
export const takenInvestor = testId('investor Plan');
export const takenCommitment = testId('commitment Beta Plan');

/** A position that is taken over, valued later, and a commitment that the fund has no room for. */
export const takenOver = (): readonly AnyCommand[] => [
  testCommand('CreateInvestor', { investor: testInvestor('Plan') }),
  testCommand('CreateFund', {
    fund: testFund('Beta', {
      fund_size: 1_000_000_00n,
      terms: [
        {
          term_id: testId('term'),
          term_type: 'WATERFALL',
          term_name: 'Carry',
          term_value: '{"carry":"0.2"}',
          effective_date: '2026-01-01',
          expiry_date: null,
        },
      ],
    }),
  }),
  testCommitment('Beta', 'Plan', 600_000_00n),
  testCommitment('Beta', 'Plan', 600_000_00n, { commitment_id: testId('too much') }),
  testOpening(
    'Beta',
    'Plan',
    { called: 700_000_00n, distributed: 100_000_01n, remaining: null },
    { reported_irr: '0.1250', reported_multiple: '1.4' },
  ),
  testValuation('Beta', 'Plan', 800_000_00n),
  testCommand('CloseFund', { fund_id: takenFund, final_close_date: '2026-02-01' }),
];

/** Ids of notices follow from call and commitment. */
const noticeOf = (investor: string): string => uuidV5(commitmentId(investor), callId(1));

const references = (): readonly AnyCommand[] => [
  testCommand('SetAccount', {
    account: {
      account_id: testId('account 9000'),
      account_code: '9000',
      account_name: 'Suspense',
      account_type: 'ASSET',
      parent_account_id: null,
      is_active: true,
    },
  }),
  testCommand('SetConfiguration', {
    config_id: testId('config'),
    config_key: 'report.footer',
    config_value: '{"text":"unaudited"}',
    config_type: 'GLOBAL',
    is_active: true,
  }),
  testCommand('SetExchangeRate', {
    rate_id: testId('rate'),
    base_currency: 'EUR',
    target_currency: 'USD',
    exchange_rate: '1.0825',
    rate_date: '2021-01-04',
    rate_source: 'central bank',
  }),
];

/** Calls, payments, investments, income, a distribution with carried interest, a transfer, and a commitment that is there twice. */
export const ownLife = (partitions: number): readonly AnyCommand[] => [
  ...references(),
  ...fundWith({ Ada: 300_000_00n, Bert: 100_000_00n }),
  commit('Bert', 100_000_00n, { commitment_id: testId('commitment twice') }),
  adopt({ carry: '0.2', hurdleRate: null }),
  draftCall(1, 250_000_00n, '2021-01-04', { due_date: '2021-01-25' }),
  issueCall(1),
  pay(1, noticeOf('Ada'), 150_000_00n, '2021-01-04', { bank_reference: 'A-1' }),
  pay(1, noticeOf('Bert'), 50_000_00n, '2021-01-05', { bank_reference: 'B-1' }),
  invest('One', 120_000_00n, '2021-02-01'),
  value('One', 180_000_00n, '2021-12-31'),
  realise('One', 90_000_00n, '2022-01-04', { cost_realised: 40_000_00n }),
  transact('OTHER_INCOME', 250_000_00n, '2022-01-04'),
  declare(1, 260_000_00n, '2022-01-04', { recallable_amount: 10_000_00n }),
  payOut(1, '2022-01-05'),
  testCommand('CreateInvestor', { investor: testInvestor('New') }),
  testCommand(
    'TransferCommitment',
    {
      commitment_id: commitmentId('Ada'),
      fund_id: lifeFund,
      transferred_amount: 100_000_00n,
      to_investor_id: investorId('New'),
      to_commitment_id: testId('commitment New'),
      modification_id: testId('transfer'),
    },
    { effective_date: '2022-02-01' },
  ),
  value('One', 130_000_00n, '2022-03-31'),
  advance('2022-04-01', partitionOf(lifeFund, partitions)),
];

/** A distribution after the story: its waterfall has to know the one before it. */
export const laterDistribution = (): AnyCommand => declare(2, 20_000_00n, '2022-05-02');
