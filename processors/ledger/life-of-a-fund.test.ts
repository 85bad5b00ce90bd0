// A fund's life through the ledger as a topology: outcomes that come again, previews, the clock, reference data, crashes.
import { v5 as uuidV5 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { AnyCommand, CommandOutcome, ReferenceEntry } from '#domain/messages.ts';
import { loadCodec } from '#schemas/released.ts';
import { testCommand, testId, testInvestor } from '#tests/support/commands.ts';
import {
  adopt,
  advance,
  callId,
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
  writeOff,
} from '#tests/support/fund-commands.ts';
import { checkEveryCrashPoint } from '../runtime/crash-points.ts';
import { createTestDriver, type PipedRecord } from '../runtime/test-driver.ts';
import { ledgerProcessor } from './processor.ts';

const codec = loadCodec();
const processor = ledgerProcessor({ codec, partitions: 1 });
const record = (command: AnyCommand): PipedRecord => ({
  topic: 'commands',
  key: 'key',
  value: codec.encode(`stratcap.command.${command.type}`, command.value),
});
/** Ids of notices follow from call and commitment. */
const noticeOf = (call: number, investor: string): string => uuidV5(commitmentId(investor), callId(call));

const life = (): readonly AnyCommand[] => [
  ...fundWith({ A: 300_00n, B: 100_00n }),
  adopt({ carry: '0.2' }),
  draftCall(1, 100_00n, '2021-01-04', { due_date: '2021-01-25' }),
  issueCall(1),
  pay(1, noticeOf(1, 'A'), 75_00n, '2021-01-04'),
  advance('2021-01-26'),
  pay(1, noticeOf(1, 'B'), 25_00n, '2021-01-27'),
  invest('One', 60_00n, '2021-02-01'),
  invest('Two', 30_00n, '2021-02-01'),
  value('One', 90_00n, '2021-12-31'),
  realise('One', 40_00n, '2022-01-04', { cost_realised: 20_00n }),
  writeOff('Two', '2022-01-04'),
  transact('OTHER_INCOME', 150_00n, '2022-01-04'),
  declare(1, 130_00n, '2022-01-04', { recallable_amount: 10_00n }),
  payOut(1, '2022-01-05'),
  testCommand('CreateInvestor', { investor: testInvestor('New') }),
  testCommand('TransferCommitment', {
    commitment_id: commitmentId('A'),
    fund_id: lifeFund,
    transferred_amount: 100_00n,
    to_investor_id: investorId('New'),
    to_commitment_id: testId('moved'),
    modification_id: testId('transfer'),
  }),
  testCommand('SetExchangeRate', {
    rate_id: testId('rate'),
    base_currency: 'EUR',
    target_currency: 'USD',
    exchange_rate: '1.0845',
    rate_date: '2022-01-04',
    rate_source: null,
  }),
];

const run = (commands: readonly AnyCommand[]) => {
  const driver = createTestDriver(processor);
  for (const command of commands) driver.pipeBatch([record(command)]);
  const outcomes = () => driver.outputs('outcomes').map((output) => codec.decode(output.value).value as CommandOutcome);
  return { driver, outcomes };
};

describe('the ledger of a fund', () => {
  it('accepts the whole life', () => {
    const { outcomes } = run(life());
    expect(outcomes().filter(({ kind }) => kind !== 'ACCEPTED')).toEqual([]);
  });

  it('gives outcomes of several events again under the name of their command, after a restart too', () => {
    const commands = life();
    const { driver, outcomes } = run(commands);
    const before = outcomes();
    driver.crashAndRestore();
    for (const command of commands) driver.pipeBatch([record(command)]);
    expect(outcomes().slice(commands.length)).toEqual(before.map((outcome) => ({ ...outcome, replayed: true })));
    const kinds = before
      .filter(({ events }) => events.length > 1)
      .map(({ command_type, events }) => [command_type, ...events.map(({ event_type }) => event_type)]);
    expect(kinds).toEqual([
      ['AdvanceBusinessDate', 'BusinessDateAdvanced', 'CapitalCallNoticesOverdue'],
      ['RecordCapitalCallPayment', 'CapitalCallPaymentReceived', 'CapitalCallSettled'],
      ['TransferCommitment', 'CommitmentMade', 'CommitmentTransferred'],
    ]);
  });

  it('writes what follows from the clock under the key of the fund, and the day under that of its partition', () => {
    const { driver } = run(life());
    const keys = driver
      .outputs('events')
      .filter(({ value: bytes }) => ['BusinessDateAdvanced', 'CapitalCallNoticesOverdue'].includes(codec.decode(bytes).type))
      .map(({ key }) => key?.toString());
    expect(keys).toEqual(['clock-0', lifeFund]);
  });

  it('tells other partitions of reference data and of the ids that are taken', () => {
    const { driver } = run(life());
    const [reference] = driver.outputs('reference');
    expect(reference?.key?.toString()).toBe(`exchange-rate ${testId('rate')}`);
    const entry = codec.decode(reference?.value ?? null).value as ReferenceEntry;
    expect(entry).toMatchObject({ version: 1, kind: 'exchange-rate' });
    expect(JSON.parse(entry.value)).toMatchObject({ exchange_rate: '1.0845', rate_date: '2022-01-04' });
    const taken = driver.outputs('aggregates').map(({ key }) => key?.toString());
    expect(taken).toEqual(expect.arrayContaining([callId(1), testId('distribution 1'), testId('deal One'), testId('moved')]));
  });

  it('names the state of a preview, and books it only while the fund stands so', () => {
    const { driver, outcomes } = run(life());
    const preview = declare(2, 5_00n, '2022-02-01', {}, { preview: true });
    driver.pipeBatch([record(preview)]);
    const previewed = outcomes().at(-1);
    expect(previewed).toMatchObject({
      kind: 'PREVIEWED',
      preview_basis: expect.stringMatching(new RegExp(`^${lifeFund}:\\d+$`)) as string,
    });
    const preview_basis = previewed?.preview_basis ?? '';
    driver.pipeBatch([record(transact('OTHER_INCOME', 1n, '2022-02-01'))]);
    driver.pipeBatch([record(declare(2, 5_00n, '2022-02-01', { preview_basis }))]);
    expect(outcomes().at(-1)).toMatchObject({ kind: 'REJECTED', rule_results: [{ rule: 'preview-state-moved' }] });
    driver.pipeBatch([record(declare(2, 5_00n, '2022-02-01', {}, { preview: true }))]);
    driver.pipeBatch([record(declare(2, 5_00n, '2022-02-01', { preview_basis: outcomes().at(-1)?.preview_basis ?? '' }))]);
    const [preview2, booked] = outcomes().slice(-2);
    expect(booked?.kind).toBe('ACCEPTED');
    const [declared] = JSON.parse(preview2?.preview_events ?? '[]') as readonly {
      notices: readonly { net_distribution: string }[];
    }[];
    const event = codec.decode(driver.outputs('events').at(-1)?.value ?? null).value as {
      notices: readonly { net_distribution: bigint }[];
    };
    expect(declared?.notices.map(({ net_distribution }) => net_distribution)).toEqual(
      event.notices.map(
        ({ net_distribution }) => `${net_distribution / 100n}.${String(net_distribution % 100n).padStart(2, '0')}`,
      ),
    );
  });

  it('refuses a business day that stands on another partition than it names', () => {
    const driver = createTestDriver(ledgerProcessor({ codec, partitions: 8 }), { partition: 3 });
    driver.pipeBatch([record(advance('2022-01-04', 3)), record(advance('2022-01-05', 4))]);
    expect(driver.outputs('events')).toHaveLength(1);
    expect(driver.outputs('dead-letters')).toHaveLength(1);
  });

  it('gives the same bytes whatever dies when', { timeout: 60_000 }, () => {
    const records = life().map(record);
    const batches = Array.from({ length: Math.ceil(records.length / 4) }, (_, index) => records.slice(index * 4, index * 4 + 4));
    expect(checkEveryCrashPoint(processor, batches)).toBeGreaterThan(20);
  });
});
