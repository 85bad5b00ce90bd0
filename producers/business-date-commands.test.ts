// Which business days the clock sends, and that each is the same command whoever sends it.
import { describe, expect, it } from 'vitest';
import type { AnyCommand } from '#domain/messages.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { businessDateCommands, businessDayOnOrBefore, businessDaysIn } from './business-date-commands.ts';
import { advanceClock, startClock, type Submitted } from './clock/clock.ts';

const reading = { partitions: 2, tenantId: '00000000-0000-4000-8000-000000000001', issuedAt: 1_767_225_600_000_000 };

describe('business days', () => {
  it('leave weekends and Fedwire holidays out', () => {
    // 2 July 2026 is a Thursday, 4 July a Saturday that Fedwire does not move.
    expect(businessDaysIn('2026-07-02', '2026-07-07')).toEqual(['2026-07-02', '2026-07-03', '2026-07-06', '2026-07-07']);
    expect(businessDaysIn('2026-12-24', '2026-12-28')).toEqual(['2026-12-24', '2026-12-28']);
    expect(businessDayOnOrBefore('2026-12-27')).toBe('2026-12-24');
  });
});

describe('a day', () => {
  it('is one command for each partition, with an id that follows from day and partition', () => {
    const [first, second] = businessDateCommands('2026-07-02', reading);
    const again = businessDateCommands('2026-07-02', { ...reading, issuedAt: reading.issuedAt + 1 });
    expect([first, second].map((command) => command?.value.header.command_id)).toEqual(
      again.map((command) => command.value.header.command_id),
    );
    expect(first?.value.header.command_id).not.toBe(second?.value.header.command_id);
    expect([first, second].map((command) => command?.type === 'AdvanceBusinessDate' && command.value.partition)).toEqual([0, 1]);
  });
});

describe('the clock', () => {
  /** Two partitions that remember command ids as the ledger does. */
  const sender = () => {
    const ledgers = [testLedger(), testLedger()];
    const known = new Map<string, 'ACCEPTED' | 'REJECTED'>();
    const submit = (command: AnyCommand): Promise<Submitted> => {
      if (command.type !== 'AdvanceBusinessDate') throw new Error('only the clock is expected here');
      const id = command.value.header.command_id;
      const earlier = known.get(id);
      const kind = earlier ?? (ledgers[command.value.partition]?.book(command).kind === 'Accepted' ? 'ACCEPTED' : 'REJECTED');
      known.set(id, kind);
      return Promise.resolve({ kind: 'decided', outcome: { kind, replayed: earlier !== undefined } });
    };
    return { ledgers, deps: { submit, partitions: 2, tenantId: reading.tenantId, nowMs: () => 1_767_225_600_000 } };
  };

  it('lets every business day of a range begin once in every partition', async () => {
    const { ledgers, deps } = sender();
    const report = await advanceClock(deps, { from: '2026-07-02', to: '2026-07-06' });
    expect(report).toEqual({ days: ['2026-07-02', '2026-07-03', '2026-07-06'], began: 6, known: 0, refused: 0, pending: 0 });
    expect(ledgers.map(({ state }) => state.businessDate)).toEqual(['2026-07-06', '2026-07-06']);
    expect(await advanceClock(deps, { from: '2026-07-03', to: '2026-07-07' })).toMatchObject({ began: 2, known: 4, refused: 0 });
  });

  it('goes to the last business day when no beginning is given, and never back', async () => {
    const { ledgers, deps } = sender();
    expect(await advanceClock(deps, { to: '2026-07-05' })).toMatchObject({ days: ['2026-07-03'], began: 2 });
    expect(await advanceClock(deps, { to: '2026-07-01' })).toMatchObject({ days: ['2026-07-01'], began: 0, refused: 2 });
    expect(ledgers.map(({ state }) => state.businessDate)).toEqual(['2026-07-03', '2026-07-03']);
  });

  it('as a role lets the days of the last two weeks begin, and waits when the log takes none', async () => {
    const { ledgers, deps } = sender();
    const told: string[] = [];
    const logger = { info: (_: object, text: string) => told.push(text), warn: (_: object, text: string) => told.push(text) };
    // 1 January 2026, a holiday: 31 December is the last business day.
    const running = startClock({ ...deps, logger });
    await running.stop();
    expect(ledgers.map(({ state }) => state.businessDate)).toEqual(['2025-12-31', '2025-12-31']);
    expect(running.health()).toEqual({ state: 'running', businessDate: '2025-12-31' });
    const deaf = startClock({
      ...deps,
      logger,
      submit: () => Promise.reject(Object.assign(new Error('no broker'), { code: 'log-unavailable' })),
    });
    await deaf.stop();
    expect(deaf.health().businessDate).toBeNull();
    expect(told).toEqual(['the business day has begun', 'the business day could not begin yet; it is tried again in a minute']);
  });
});
