import { describe, expect, it } from 'vitest';
import { checkEveryCrashPoint } from './crash-points.ts';
import { balancesFixture, ledgerFixture, toCommand, type Accounts } from './testing/positions.ts';
import { createTestDriver, type PipedRecord } from './test-driver.ts';
import type { Processor } from './topology.ts';

const textsOf = (records: readonly { readonly value: Buffer | null }[]): readonly string[] =>
  records.map(({ value }) => value?.toString('utf8') ?? '');
const booking = (account: string, amountMinor: bigint): readonly PipedRecord[] => [
  { topic: 'commands', key: 'k', value: toCommand(account, amountMinor) },
];
const event = (account: string, amountMinor: bigint): PipedRecord => ({
  topic: 'events',
  key: account,
  value: toCommand(account, amountMinor),
});

describe('the test driver', () => {
  it('books a command as bytes in and bytes out, per topic', () => {
    const driver = createTestDriver(ledgerFixture, { partition: 3 });
    driver.pipe('commands', 'k', toCommand('a', 100n));
    driver.pipe('commands', 'k', toCommand('a', -40n));
    expect(textsOf(driver.outputs('events'))).toEqual(['a 100 1 100', 'a -40 2 60']);
    expect(driver.outputs('events')[0]?.key.toString()).toBe('a');
    expect(driver.position()).toBe(2n);
  });

  it('says at the end of a transaction of several events the position that the facts are true for', () => {
    const driver = createTestDriver(balancesFixture, { partition: 1 });
    driver.pipeBatch([event('a', 1n), event('b', 2n)]);
    expect(textsOf(driver.outputs('capital-accounts'))).toEqual(['1 1', '2 2', '2']);
  });

  it('looks up what another partition wrote, what an earlier transaction wrote, and what the same transaction wrote', () => {
    const driver = createTestDriver(ledgerFixture);
    driver.pipe('commands', 'k', toCommand('a', 1n));
    driver.pipe('investors', 'a', Buffer.from('card of a'));
    driver.pipe('commands', 'k', toCommand('a', 1n));
    driver.pipe('commands', 'k', Buffer.from('register b'));
    driver.pipe('commands', 'k', toCommand('b', 1n));
    driver.pipeBatch([{ topic: 'commands', key: 'k', value: Buffer.from('register c') }, ...booking('c', 1n)]);
    expect(textsOf(driver.outputs('outcomes'))).toEqual(['unknown', 'card of a', 'known', 'known']);
  });

  it('sends a command that cannot be decoded to dead letters with its bytes and place, and goes on', () => {
    const driver = createTestDriver(ledgerFixture, { partition: 2 });
    driver.pipe('commands', 'k', toCommand('a', 1n));
    driver.pipe('commands', 'fund', Buffer.from([0, 0, 0, 0, 42, 255]), { trace: Buffer.from('t') });
    driver.pipe('commands', 'k', toCommand('a', 1n));
    const [letter] = driver.outputs('dead-letters');
    expect(letter?.value).toEqual(Buffer.from([0, 0, 0, 0, 42, 255]));
    expect(letter?.key.toString()).toBe('fund');
    const headers = Object.fromEntries(
      Object.entries(letter?.headers ?? {}).map(([name, bytes]) => [name, bytes.toString('utf8')]),
    );
    expect(headers).toMatchObject({
      trace: 't',
      dead_letter_topic: 'commands',
      dead_letter_partition: '2',
      dead_letter_offset: '1',
      dead_letter_schema_id: '42',
      dead_letter_reason: 'not-decodable',
      dead_letter_error_class: 'SyntaxError',
      dead_letter_processor: 'ledger',
      dead_letter_code_version: 'test',
    });
    expect(headers['dead_letter_stack']).toContain('positions.ts');
    expect(textsOf(driver.outputs('events'))).toEqual(['a 1 1 1', 'a 1 2 2']);
  });

  it('stops at an event that cannot be applied, and at a defect of the step, naming the place', () => {
    const balances = createTestDriver(balancesFixture);
    expect(() => balances.pipe('events', 'k', Buffer.from('?'))).toThrow(
      expect.objectContaining({ code: 'event-not-applicable', message: expect.stringContaining('events partition 0 offset 0') }),
    );
    const ledger = createTestDriver(ledgerFixture);
    expect(() => ledger.pipe('commands', 'k', Buffer.from('defect'))).toThrow(expect.objectContaining({ code: 'step-defect' }));
  });

  it('refuses an output that the topology does not name, and a dead letter for an event', () => {
    const wandering: Processor<Accounts> = { ...balancesFixture, outputs: [] };
    expect(() => createTestDriver(wandering).pipeBatch([event('a', 1n)])).toThrow(/emitted to capital-accounts/);
    const refusing: Processor<Accounts> = { ...balancesFixture, step: () => ({ kind: 'DeadLetter', reason: 'no', detail: '' }) };
    expect(() => createTestDriver(refusing).pipeBatch([event('a', 1n)])).toThrow(
      expect.objectContaining({ code: 'event-not-applicable' }),
    );
  });

  it('refuses input of a topic that the processor does not read', () => {
    expect(() => createTestDriver(balancesFixture).pipe('commands', 'k', Buffer.from('x'))).toThrow(
      /a record of commands cannot be piped/,
    );
  });
});

describe('a crash at any point of a history', () => {
  const commands = [
    booking('a', 100n),
    [...booking('b', 1n), ...booking('a', -7n)],
    [{ topic: 'commands' as const, key: 'k', value: Buffer.from('register a') }],
    [{ topic: 'commands' as const, key: 'k', value: Buffer.from('?') }],
    booking('a', 3n),
    [...booking('c', 1n), ...booking('a', 1n), ...booking('b', 9n)],
  ];

  it('changes no byte of what the ledger writes', () => {
    // Snapshots to restart from: none, or one after each earlier transaction.
    const restarts = [1, 2, 3, 4, 5, 6];
    const aroundCommits = 2 * restarts.reduce((sum, count) => sum + count);
    const withOneAhead = 2 * restarts.slice(0, -1).reduce((sum, count) => sum + count);
    const withinTheSecond = 2;
    const withinTheSixth = 2 * 6;
    expect(checkEveryCrashPoint(ledgerFixture, commands)).toBe(aroundCommits + withOneAhead + withinTheSecond + withinTheSixth);
  });

  it('changes no byte of the facts of a fold of events', () => {
    expect(checkEveryCrashPoint(balancesFixture, [[event('a', 1n)], [event('a', 2n), event('b', 3n)], [event('b', -3n)]])).toBe(
      12 + 2 * (1 + 2) + 2,
    );
  });

  it('is noticed when a step keeps something that no event tells', () => {
    const forgetful: Processor<Accounts> = { ...ledgerFixture, evolve: () => undefined };
    expect(() => checkEveryCrashPoint(forgetful, commands)).toThrow(
      /a crash after-commit of transaction 0, without a snapshot, changes output 1: expected .*, found /,
    );
  });

  it('is noticed when a snapshot leaves something out', () => {
    const leaky: Processor<Accounts> = {
      ...balancesFixture,
      serialize: (state) => balancesFixture.serialize({ ...state, count: 0 }),
    };
    expect(() => checkEveryCrashPoint(leaky, [[event('a', 1n)], [event('a', 2n)], [event('a', 3n)]])).toThrow(
      /with a snapshot after transaction 0/,
    );
  });

  it('is noticed when a step remembers outside of its state what was never committed', () => {
    let last = '';
    const leaking: Processor<Accounts> = {
      ...balancesFixture,
      step: (state, input, context) => {
        const result = balancesFixture.step(state, input, context);
        const value = Buffer.from(last);
        last = String(input.offset);
        if (result.kind !== 'Emit') return result;
        return { kind: 'Emit', records: [...result.records, { topic: 'capital-accounts', key: Buffer.from('former'), value }] };
      },
    };
    expect(() => checkEveryCrashPoint(leaking, [[event('a', 1n), event('a', 2n)]])).toThrow(
      /a crash behind input 1 of transaction 0/,
    );
  });

  it('is noticed when a transaction that was computed ahead leaves something behind in a table', () => {
    const seen = new Set<string>();
    const counting: Processor<Accounts> = {
      ...ledgerFixture,
      step: (state, input, context) => {
        const name = input.value?.toString('utf8') ?? '';
        const first = name.startsWith('register') && !seen.has(name);
        if (first) seen.add(name);
        return first || !name.startsWith('register') ? ledgerFixture.step(state, input, context) : { kind: 'Emit', records: [] };
      },
    };
    expect(() =>
      checkEveryCrashPoint(counting, [booking('a', 1n), [{ topic: 'commands', key: 'k', value: Buffer.from('register a') }]]),
    ).toThrow(/changes output/);
  });

  it('is noticed when a step draws on something that differs from run to run', () => {
    let calls = 0;
    const moody: Processor<Accounts> = {
      ...balancesFixture,
      step: (state, input) => {
        balancesFixture.evolve(state, input);
        calls += 1;
        return {
          kind: 'Emit',
          records: [{ topic: 'capital-accounts', key: Buffer.from('k'), value: Buffer.from(String(calls)) }],
        };
      },
    };
    expect(() => checkEveryCrashPoint(moody, [[event('a', 1n)]])).toThrow(/changes output 0/);
  });
});
