// The ledger as a topology, bytes in, bytes out: one effect per command id, a chain without a gap, the same bytes after
// every crash.
import { describe, expect, it } from 'vitest';
import type { AnyCommand, CommandOutcome } from '#domain/messages.ts';
import { carriedLink, genesisLink, linkOf } from '#schemas/hash-chain.ts';
import { loadCodec } from '#schemas/released.ts';
import {
  testCommand,
  testCommitment,
  testEpochMicros,
  testFund,
  testId,
  testInvestor,
  testOpening,
  testValuation,
} from '#tests/support/commands.ts';
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
const story = (): readonly AnyCommand[] => [
  testCommand('CreateInvestor', { investor: testInvestor('Plan') }),
  testCommand('CreateFund', { fund: testFund('Alpha', { fund_size: 100_00n }) }),
  testCommitment('Alpha', 'Plan', 60_00n),
  testCommitment('Alpha', 'Plan', 60_00n, { commitment_id: testId('too much') }),
  testOpening('Alpha', 'Plan', { called: 70_00n, distributed: 0n, remaining: null }),
  testValuation('Alpha', 'Plan', 80_00n),
];
const run = (commands: readonly AnyCommand[]) => {
  const driver = createTestDriver(processor);
  for (const command of commands) driver.pipeBatch([record(command)]);
  return {
    driver,
    outcomes: driver.outputs('outcomes').map(({ value }) => codec.decode(value).value as CommandOutcome),
    events: driver.outputs('events').map(({ value }) => codec.decode(value).type),
  };
};

describe('the ledger', () => {
  it('books what keeps the rules and records what does not', () => {
    const { events, outcomes } = run(story());
    expect(events).toEqual([
      'InvestorCreated',
      'FundCreated',
      'CommitmentMade',
      'CommandRejected',
      'OpeningBalanceRecorded',
      'ValuationRecorded',
    ]);
    expect(outcomes.map(({ kind, rule_results }) => [kind, ...rule_results.map(({ rule }) => rule)])).toEqual([
      ['ACCEPTED'],
      ['ACCEPTED'],
      ['ACCEPTED'],
      ['REJECTED', 'fund-capacity-exceeded'],
      ['ACCEPTED', 'called-above-commitment'],
      ['ACCEPTED'],
    ]);
  });
  it('gives the same command id one effect and the same outcome again, after a restart too', () => {
    const commands = story();
    const { driver } = run(commands);
    const before = driver.outputs('outcomes').map(({ value }) => codec.decode(value).value as CommandOutcome);
    driver.crashAndRestore();
    for (const command of commands) driver.pipeBatch([record(command)]);
    const again = driver
      .outputs('outcomes')
      .slice(commands.length)
      .map(({ value }) => codec.decode(value).value as CommandOutcome);
    expect(again).toEqual(before.map((outcome) => ({ ...outcome, replayed: true })));
    expect(driver.outputs('events')).toHaveLength(commands.length);
  });
  it('chains every event to the one before it', () => {
    const { driver } = run(story());
    let link: Buffer = genesisLink;
    for (const { value } of driver.outputs('events')) {
      expect(carriedLink(value!)).toEqual(linkOf(link, value!));
      link = carriedLink(value!);
    }
  });
  it('decides a preview on the live state and books nothing', () => {
    const [investor, fund] = story();
    const { driver, outcomes } = run([
      investor!,
      fund!,
      testCommitment('Alpha', 'Plan', 5_00n, { header: { ...testCommitment('Alpha', 'Plan', 1n).value.header, preview: true } }),
    ]);
    expect(driver.outputs('events')).toHaveLength(2);
    expect(outcomes[2]).toMatchObject({ kind: 'PREVIEWED' });
    expect(JSON.parse(outcomes[2]!.preview_events!)).toMatchObject([{ event_type: 'CommitmentMade', commitment_amount: '5.00' }]);
  });
  it('rejects a command that is older than 30 days, unless it was decided before', () => {
    const [investor, fund] = story();
    const late = testCommand('CreateFund', { fund: testFund('Late') }, { issued_at: testEpochMicros + 40 * 86_400_000_000 });
    const old = testCommand('CreateFund', { fund: testFund('Old') }, { issued_at: testEpochMicros });
    const { outcomes } = run([investor!, fund!, late, old, fund!]);
    expect(outcomes[3]).toMatchObject({ kind: 'REJECTED', rule_results: [{ rule: 'command-expired' }] });
    expect(outcomes[4]).toMatchObject({ kind: 'ACCEPTED', replayed: true });
  });
  it('never lets recorded_at go back', () => {
    const [investor, fund] = story();
    const { driver } = run([
      testCommand('CreateFund', { fund: testFund('First') }, { issued_at: testEpochMicros + 10 ** 12 }),
      investor!,
      fund!,
    ]);
    const times = driver
      .outputs('events')
      .map(({ value }) => (codec.decode(value).value as { envelope: { recorded_at: number } }).envelope.recorded_at);
    expect(times).toEqual([...times].sort((left, right) => left - right));
  });
  it('rejects an id that names something in another partition', () => {
    const driver = createTestDriver(processor);
    const taken = codec.encode('stratcap.aggregate.AggregateEntry', {
      aggregate_type: 'COMMITMENT',
      consistency_key: testId('elsewhere'),
    });
    driver.pipe('aggregates', testId('commitment Alpha Plan'), taken);
    for (const command of story().slice(0, 3)) driver.pipeBatch([record(command)]);
    expect(codec.decode(driver.outputs('outcomes')[2]!.value).value).toMatchObject({
      kind: 'REJECTED',
      rule_results: [{ rule: 'id-taken' }],
    });
  });
  it('sends a text that no store can keep to dead letters', () => {
    const driver = createTestDriver(processor);
    driver.pipeBatch([record(testCommand('CreateFund', { fund: testFund('A\u0000B') }))]);
    expect(driver.outputs('dead-letters')).toHaveLength(1);
    expect(driver.outputs('events')).toHaveLength(0);
  });
  it('sends what no schema decodes, and what stands on the wrong partition, to dead letters and goes on', () => {
    const driver = createTestDriver(processor);
    driver.pipeBatch([{ topic: 'commands', key: 'k', value: Buffer.from('not avro') }, record(story()[0]!)]);
    expect(driver.outputs('dead-letters')).toHaveLength(1);
    expect(driver.outputs('dead-letters')[0]!.value).toEqual(Buffer.from('not avro'));
    expect(driver.outputs('events')).toHaveLength(1);
    const eight = createTestDriver(ledgerProcessor({ codec, partitions: 8 }), { partition: 7 });
    for (const name of ['A', 'B', 'C', 'D']) eight.pipeBatch([record(testCommand('CreateFund', { fund: testFund(name) }))]);
    expect(eight.outputs('dead-letters').length + eight.outputs('events').length).toBe(4);
    expect(eight.outputs('dead-letters').length).toBeGreaterThan(0);
  });
  it('gives the same bytes whatever dies when', () => {
    expect(
      checkEveryCrashPoint(
        processor,
        story().map((command) => [record(command)]),
      ),
    ).toBeGreaterThan(20);
  });
});
