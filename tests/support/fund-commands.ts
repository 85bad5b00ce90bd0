// Commands of a fund's life for tests: ids from names, every field with a value, the test names those that matter.
import type { AnyCommand, CommandByType, CommandHeader, CommandType } from '#domain/messages.ts';
import { testCommand, testFund, testId, testInvestor } from './commands.ts';

type Body<Type extends CommandType> = Partial<Omit<CommandByType[Type], 'header'>>;
type Header = Partial<CommandHeader>;

/** Id of the fund of all these commands. */
export const lifeFund = testId('fund Alpha');
export const dealId = (name: string): string => testId(`deal ${name}`);
export const callId = (number: number): string => testId(`call ${number}`);
export const distributionId = (number: number): string => testId(`distribution ${number}`);
export const commitmentId = (investor: string): string => testId(`commitment Alpha ${investor}`);
export const investorId = (investor: string): string => testId(`investor ${investor}`);

/** Creates the fund and investors with commitments, in hundredths, all on 2020-01-01. */
export const fundWith = (
  amounts: Readonly<Record<string, bigint>>,
  fund: Parameters<typeof testFund>[1] = {},
): readonly AnyCommand[] => [
  testCommand('CreateFund', { fund: testFund('Alpha', fund) }, { effective_date: '2020-01-01' }),
  ...Object.entries(amounts).flatMap(([name, amount]) => [
    testCommand('CreateInvestor', { investor: testInvestor(name) }, { effective_date: '2020-01-01' }),
    commit(name, amount),
  ]),
];

export const commit = (name: string, amount: bigint, body: Body<'MakeCommitment'> = {}, header: Header = {}): AnyCommand =>
  testCommand(
    'MakeCommitment',
    {
      commitment_id: commitmentId(name),
      fund_id: lifeFund,
      investor_id: investorId(name),
      commitment_amount: amount,
      currency: 'USD',
      commitment_date: '2020-01-01',
      commitment_type: 'INITIAL',
      side_letter_terms: null,
      assumed_fields: [],
      ...body,
    },
    { effective_date: '2020-01-01', ...header },
  );

/** Adopts a term, a waterfall unless said otherwise, from 2020-01-01 on. */
export const adopt = (
  value: object,
  term: Partial<CommandByType['AdoptFundTerm']['term']> = {},
  investor: string | null = null,
): AnyCommand =>
  testCommand('AdoptFundTerm', {
    fund_id: lifeFund,
    term: {
      term_id: testId(`term ${JSON.stringify(value)} ${investor ?? ''}`),
      term_type: 'WATERFALL',
      term_name: 'Waterfall',
      term_value: JSON.stringify(value),
      effective_date: '2020-01-01',
      expiry_date: null,
      ...term,
    },
    investor_id: investor,
  });

/** Drafts call `number` for investments on a date, due 21 days later. */
export const draftCall = (number: number, amount: bigint, date: string, body: Body<'DraftCapitalCall'> = {}): AnyCommand =>
  testCommand(
    'DraftCapitalCall',
    {
      call_id: callId(number),
      fund_id: lifeFund,
      call_number: null,
      call_date: date,
      due_date: new Date(Date.parse(date) + 21 * 86_400_000).toISOString().slice(0, 10),
      call_purpose: 'investments',
      investment_amount: amount,
      management_fee_amount: 0n,
      expenses_amount: 0n,
      management_fee_inside: true,
      expenses_inside: true,
      allocation_basis: 'COMMITMENT',
      excused_commitments: [],
      investment_id: null,
      ...body,
    },
    { effective_date: date },
  );

export const issueCall = (number: number, body: Body<'IssueCapitalCall'> = {}, header: Header = {}): AnyCommand =>
  testCommand('IssueCapitalCall', { call_id: callId(number), fund_id: lifeFund, preview_basis: null, ...body }, header);

export const cancelCall = (number: number): AnyCommand =>
  testCommand('CancelCapitalCall', { call_id: callId(number), fund_id: lifeFund });

export const settleCall = (number: number): AnyCommand =>
  testCommand('SettleCapitalCall', { call_id: callId(number), fund_id: lifeFund });

/** Pays on a notice of a call. */
export const pay = (
  number: number,
  notice: string,
  amount: bigint,
  date: string,
  body: Body<'RecordCapitalCallPayment'> = {},
): AnyCommand =>
  testCommand(
    'RecordCapitalCallPayment',
    {
      payment_id: testId(`payment ${number} ${notice} ${amount} ${date}`),
      call_id: callId(number),
      fund_id: lifeFund,
      notice_id: notice,
      amount,
      payment_date: date,
      bank_reference: null,
      ...body,
    },
    { effective_date: date },
  );

export const invest = (deal: string, amount: bigint, date: string, body: Body<'MakeInvestment'> = {}): AnyCommand =>
  testCommand(
    'MakeInvestment',
    {
      investment_id: dealId(deal),
      fund_id: lifeFund,
      portfolio_company: deal,
      investment_type: 'EQUITY',
      investment_date: date,
      investment_amount: amount,
      transaction_id: testId(`bought ${deal}`),
      ...body,
    },
    { effective_date: date },
  );

export const value = (deal: string, fair: bigint, date: string, name = ''): AnyCommand =>
  testCommand(
    'ValueInvestment',
    {
      valuation_id: testId(`valuation ${deal} ${fair} ${date} ${name}`),
      investment_id: dealId(deal),
      fund_id: lifeFund,
      fair_value: fair,
      valuation_method: 'market-multiple',
      valuation_source: null,
      notes: null,
    },
    { effective_date: date },
  );

export const realise = (deal: string, proceeds: bigint, date: string, body: Body<'RealiseInvestment'> = {}): AnyCommand =>
  testCommand(
    'RealiseInvestment',
    {
      transaction_id: testId(`sold ${deal} ${date}`),
      investment_id: dealId(deal),
      fund_id: lifeFund,
      proceeds,
      cost_realised: null,
      remaining_fair_value: null,
      ...body,
    },
    { effective_date: date },
  );

export const writeOff = (deal: string, date: string, cost: bigint | null = null): AnyCommand =>
  testCommand(
    'WriteOffInvestment',
    {
      transaction_id: testId(`written off ${deal} ${date}`),
      investment_id: dealId(deal),
      fund_id: lifeFund,
      cost_written_off: cost,
    },
    { effective_date: date },
  );

export const transact = (
  type: CommandByType['RecordFundTransaction']['transaction_type'],
  amount: bigint,
  date: string,
  body: Body<'RecordFundTransaction'> = {},
): AnyCommand =>
  testCommand(
    'RecordFundTransaction',
    {
      transaction_id: testId(`transaction ${type} ${amount} ${date}`),
      fund_id: lifeFund,
      transaction_type: type,
      amount,
      investment_id: null,
      counterparty: null,
      ...body,
    },
    { effective_date: date },
  );

/** Declares distribution `number`. */
export const declare = (
  number: number,
  amount: bigint,
  date: string,
  body: Body<'DeclareDistribution'> = {},
  header: Header = {},
): AnyCommand =>
  testCommand(
    'DeclareDistribution',
    {
      distribution_id: distributionId(number),
      fund_id: lifeFund,
      distribution_number: null,
      distribution_date: date,
      record_date: date,
      distribution_type: 'CAPITAL',
      distribution_kind: 'ORDINARY',
      investment_id: null,
      total_distribution_amount: amount,
      recallable_amount: 0n,
      management_fee_offset: 0n,
      withholdings: [],
      preview_basis: null,
      assumed_terms: null,
      ...body,
    },
    { effective_date: date, ...header },
  );

export const payOut = (number: number, date: string): AnyCommand =>
  testCommand(
    'PayDistribution',
    { distribution_id: distributionId(number), fund_id: lifeFund, payment_date: date },
    { effective_date: date },
  );

export const cancelDistribution = (number: number): AnyCommand =>
  testCommand('CancelDistribution', { distribution_id: distributionId(number), fund_id: lifeFund });

export const clawBack = (date: string, name = ''): AnyCommand =>
  testCommand(
    'ClawBackCarry',
    { clawback_id: testId(`clawback ${date} ${name}`), fund_id: lifeFund, clawback_date: date },
    { effective_date: date },
  );

export const advance = (date: string, partition = 0): AnyCommand =>
  testCommand('AdvanceBusinessDate', { business_date: date, partition }, { effective_date: date });
