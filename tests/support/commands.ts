// Commands for tests: every field has a value, the test names those that matter.
import { v5 as uuidV5 } from 'uuid';
import type { AnyCommand, CommandByType, CommandHeader, CommandType, FundCard, InvestorCard } from '#domain/messages.ts';

const space = '6f1c1f0e-6a55-4b3e-9f53-2f6c3d0f7a11';
/** A stable id of a name. */
export const testId = (name: string): string => uuidV5(name, space);
export const testTenant = '00000000-0000-4000-8000-000000000001';
/** 2026-01-01T00:00:00Z in microseconds. */
export const testEpochMicros = 1_767_225_600_000_000;

let counter = 0;
/** A header with an id of its own; every command of a test is a second later than the one before. */
export const testHeader = (changes: Partial<CommandHeader> = {}): CommandHeader => {
  counter += 1;
  return {
    command_id: testId(`command ${counter}`),
    tenant_id: testTenant,
    issued_at: testEpochMicros + counter * 1_000_000,
    effective_date: '2026-01-02',
    actor: { user_id: testId('accountant'), user_role: 'fund-accountant' },
    origin: { channel: 'API', ip: '127.0.0.1', user_agent: null, session_id: null },
    reason: null,
    correlation_id: testId('correlation'),
    expected_version: null,
    preview: false,
    ...changes,
  };
};

/** A fund without a size. */
export const testFund = (name: string, changes: Partial<FundCard> = {}): FundCard => ({
  fund_id: testId(`fund ${name}`),
  fund_name: name,
  fund_type: 'PE',
  fund_size: null,
  target_size: null,
  base_currency: 'USD',
  vintage_year: 2020,
  inception_date: '2020-01-01',
  target_close_date: null,
  final_close_date: null,
  management_fee_rate: null,
  carried_interest_rate: null,
  hurdle_rate: null,
  catch_up_provision: null,
  fund_manager: 'Example Partners',
  investment_strategy: 'Buyout',
  sub_strategy: null,
  geography: null,
  fund_status: 'ACTIVE',
  terms: [],
  assumed_fields: [],
  ...changes,
});
/** An investor whose check is approved. */
export const testInvestor = (name: string, changes: Partial<InvestorCard> = {}): InvestorCard => ({
  investor_id: testId(`investor ${name}`),
  investor_name: name,
  investor_type: 'PENSION_PLAN',
  investor_category: null,
  industry: null,
  aum_range: null,
  geography: null,
  jurisdiction: null,
  tax_id: null,
  contact_person: null,
  email: null,
  phone: null,
  address: null,
  kyc_status: 'APPROVED',
  kyc_date: '2025-12-01',
  kyc_source: 'test',
  ...changes,
});

/** A command of a type with its body and a fresh header. */
export const testCommand = <Type extends CommandType>(
  type: Type,
  body: Omit<CommandByType[Type], 'header'>,
  header: Partial<CommandHeader> = {},
): AnyCommand => ({ type, value: { header: testHeader(header), ...body } }) as unknown as AnyCommand;

/** A commitment of an investor to a fund, by their names. */
export const testCommitment = (
  fund: string,
  investor: string,
  amount: bigint,
  changes: Partial<CommandByType['MakeCommitment']> = {},
): AnyCommand =>
  testCommand(
    'MakeCommitment',
    {
      commitment_id: testId(`commitment ${fund} ${investor}`),
      fund_id: testId(`fund ${fund}`),
      investor_id: testId(`investor ${investor}`),
      commitment_amount: amount,
      currency: 'USD',
      commitment_date: '2026-01-02',
      commitment_type: 'INITIAL',
      side_letter_terms: null,
      assumed_fields: [],
      ...changes,
    },
    changes.header,
  );

/** An opening balance of such a commitment. */
export const testOpening = (
  fund: string,
  investor: string,
  figures: { called: bigint | null; distributed: bigint | null; remaining: bigint | null },
  changes: Partial<CommandByType['RecordOpeningBalance']> = {},
  header: Partial<CommandHeader> = {},
): AnyCommand =>
  testCommand(
    'RecordOpeningBalance',
    {
      commitment_id: testId(`commitment ${fund} ${investor}`),
      fund_id: testId(`fund ${fund}`),
      called_amount: figures.called,
      distributed_amount: figures.distributed,
      remaining_value: figures.remaining,
      reported_irr: null,
      reported_multiple: null,
      reported_vintage_year: null,
      source: 'test',
      ...changes,
    },
    { effective_date: '2026-03-31', ...header },
  );

/** A valuation of such a commitment. */
export const testValuation = (
  fund: string,
  investor: string,
  remaining: bigint,
  header: Partial<CommandHeader> = {},
): AnyCommand =>
  testCommand(
    'RecordValuation',
    {
      commitment_id: testId(`commitment ${fund} ${investor}`),
      fund_id: testId(`fund ${fund}`),
      remaining_value: remaining,
      valuation_source: null,
    },
    { effective_date: '2026-06-30', ...header },
  );
