// Commands for tests: every field has a value, the test names those that matter.
import type { AnyCommand, CommandByType, CommandHeader, CommandType, FundCard, InvestorCard } from '#domain/messages.ts';
import { fundCard, idOf, investorCard } from './cards.ts';

/** A stable id of a name. */
export const testId = idOf;
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

/** A fund without a size, with what a report shows of it. */
export const testFund = (name: string, changes: Partial<FundCard> = {}): FundCard =>
  fundCard(name, { vintage_year: 2020, inception_date: '2020-01-01', fund_manager: 'Example Partners', ...changes });

/** An investor whose check is approved. */
export const testInvestor = (name: string, changes: Partial<InvestorCard> = {}): InvestorCard =>
  investorCard(name, { kyc_date: '2025-12-01', kyc_source: 'test', ...changes });

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
