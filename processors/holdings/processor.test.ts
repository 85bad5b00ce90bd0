// Holdings as a topology: events of the ledger in, balances out, the same bytes after every crash.
import { describe, expect, it } from 'vitest';
import type { AnyCommand, Holding } from '#domain/messages.ts';
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
import { holdingsProcessor } from './processor.ts';

const codec = loadCodec();
const processor = holdingsProcessor({ codec });
const events = (): readonly PipedRecord[] => {
  const ledger = createTestDriver(ledgerProcessor({ codec, partitions: 1 }));
  const commands: readonly AnyCommand[] = [
    testCommand('CreateInvestor', { investor: testInvestor('Plan') }),
    testCommand('CreateInvestor', { investor: testInvestor('Other') }),
    testCommand('CreateFund', { fund: testFund('Alpha') }),
    testCommitment('Alpha', 'Plan', 100_00n),
    testCommitment('Alpha', 'Other', 50_00n),
    testOpening('Alpha', 'Plan', { called: 80_00n, distributed: null, remaining: 100_00n }),
    testValuation('Alpha', 'Plan', 120_00n),
    testValuation('Alpha', 'Plan', 1_00n, { effective_date: '2026-01-31' }),
  ];
  for (const command of commands)
    ledger.pipeBatch([{ topic: 'commands', key: 'key', value: codec.encode(`stratcap.command.${command.type}`, command.value) }]);
  return ledger.outputs('events').map(({ key, value }) => ({ topic: 'events', key, value }));
};

describe('holdings', () => {
  it('say after every booking of an investor what it holds, and nothing of other bookings', () => {
    const driver = createTestDriver(processor);
    driver.pipeBatch(events());
    const facts = driver
      .outputs('holdings')
      .map(({ key, value }) => ({ key: key?.toString(), ...(codec.decode(value).value as Holding) }));
    const investor = testId('investor Plan');
    expect(
      facts
        .filter(({ investor_id }) => investor_id === investor)
        .map(({ event_count, committed_amount, called_amount, distributed_amount, remaining_value }) => [
          event_count,
          committed_amount,
          called_amount,
          distributed_amount,
          remaining_value,
        ]),
    ).toEqual([
      [1, 100_00n, 0n, 0n, null],
      [2, 100_00n, 80_00n, 0n, 100_00n],
      [3, 100_00n, 80_00n, 0n, 120_00n],
      [4, 100_00n, 80_00n, 0n, 1_00n],
    ]);
    expect(facts).toHaveLength(5);
    expect(facts.at(-1)).toMatchObject({
      key: `${testId('fund Alpha')}|${investor}`,
      currency: 'USD',
      position: { partition: 0, offset: 7 },
    });
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
