// Capital accounts as a topology: events of the ledger in, facts out, the same bytes after every crash.
import { describe, expect, it } from 'vitest';
import type { AnyCommand, CapitalAccount, ProcessorProgress } from '#domain/messages.ts';
import { loadCodec } from '#schemas/released.ts';
import {
  testCommand,
  testCommitment,
  testFund,
  testId,
  testInvestor,
  testOpening,
  testValuation,
} from '#tests/support/commands.ts';
import { ledgerProcessor } from '../ledger/processor.ts';
import { checkEveryCrashPoint } from '../runtime/crash-points.ts';
import { createTestDriver, type PipedRecord } from '../runtime/test-driver.ts';
import { capitalAccountsProcessor } from './processor.ts';

const codec = loadCodec();
const processor = capitalAccountsProcessor({ codec });
const events = (): readonly PipedRecord[] => {
  const ledger = createTestDriver(ledgerProcessor({ codec, partitions: 1 }));
  const commands: readonly AnyCommand[] = [
    testCommand('CreateInvestor', { investor: testInvestor('Plan') }),
    testCommand('CreateInvestor', { investor: testInvestor('Other') }),
    testCommand('CreateFund', { fund: testFund('Alpha') }),
    testCommitment('Alpha', 'Plan', 100_00n),
    testCommitment('Alpha', 'Other', 50_00n),
    testOpening('Alpha', 'Plan', { called: 80_00n, distributed: 20_00n, remaining: 100_00n }),
    testValuation('Alpha', 'Plan', 120_00n),
    testValuation('Alpha', 'Plan', 1_00n, { effective_date: '2026-01-31' }),
  ];
  for (const command of commands)
    ledger.pipeBatch([{ topic: 'commands', key: 'key', value: codec.encode(`stratcap.command.${command.type}`, command.value) }]);
  return ledger.outputs('events').map(({ key, value }) => ({ topic: 'events', key, value }));
};

describe('capital accounts', () => {
  it('follow every booking that touches them, for the investor and for the fund', () => {
    const driver = createTestDriver(processor);
    for (const event of events()) driver.pipeBatch([event]);
    const facts = driver
      .outputs('capital-accounts')
      .map(({ value }) => codec.decode(value))
      .filter(({ type }) => type === 'CapitalAccount')
      .map(({ value }) => value as CapitalAccount);
    expect(facts).toHaveLength(8);
    expect(facts.filter(({ investor_id }) => investor_id === testId('investor Plan')).at(-1)).toMatchObject({
      called_amount: 80_00n,
      remaining_value: 120_00n,
      tvpi: '1.7500000000',
      position: { partition: 0, offset: 6 },
    });
    expect(facts.filter(({ investor_id }) => investor_id === null).at(-1)).toMatchObject({
      commitments: 2,
      committed_amount: 150_00n,
      unfunded_amount: 70_00n,
      remaining_value: 120_00n,
    });
  });
  it('say after every transaction up to which event they are true', () => {
    const driver = createTestDriver(processor);
    driver.pipeBatch(events());
    const progress = driver
      .outputs('capital-accounts')
      .map(({ value }) => codec.decode(value))
      .filter(({ type }) => type === 'ProcessorProgress')
      .map(({ value }) => value as ProcessorProgress);
    expect(progress.map(({ next_offset }) => next_offset)).toEqual([8]);
  });
  it('give the same bytes whatever dies when', () => {
    expect(
      checkEveryCrashPoint(
        processor,
        events().map((event) => [event]),
      ),
    ).toBeGreaterThan(20);
  });
});
