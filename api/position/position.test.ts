import { expect, test } from 'vitest';
import type { Position } from '#schemas/position.ts';
import { decodePosition, encodePosition } from '#schemas/position.ts';
import type { PositionRow, Reached } from './reached.ts';
import { reachedBy } from './reached.ts';
import { parsePosition, shortfall, waitForPosition } from './wait.ts';

const row = (
  source: 'events' | 'capital-accounts',
  partition: number,
  next: bigint,
  recorded_at: string | null = null,
): PositionRow => ({ source, partition, next_offset: next, topic_id: 'log', epoch: 1, recorded_at });
const at = (...offsets: bigint[]): Position => ({ topicId: 'log', epoch: 1, offsets });

test('figures drawn from events and facts are true for the lower offset of each partition', () => {
  const rows = [
    row('events', 0, 10n, '2026-01-01T00:00:00.000001Z'),
    row('events', 1, 5n, '2026-01-02T00:00:00.000000Z'),
    row('capital-accounts', 0, 7n, '2026-01-01T00:00:00.000000Z'),
    row('capital-accounts', 1, 9n, '2026-01-03T00:00:00.000000Z'),
  ];
  const reached = reachedBy(rows, ['events', 'capital-accounts'], 2);
  expect(reached.position).toEqual(at(7n, 5n));
  expect(reached.known_at).toBe('2026-01-02T00:00:00.000000Z');
  expect(decodePosition(reached.token ?? '')).toEqual(at(7n, 5n));
  expect(reachedBy(rows, ['events'], 2).position).toEqual(at(10n, 5n));
});

test('a source that has not begun counts as nothing, and without any event there is no position', () => {
  expect(reachedBy([row('events', 0, 10n)], ['events', 'capital-accounts'], 3).position).toEqual(at(0n, 0n, 0n));
  expect(reachedBy([], ['events'], 3)).toEqual({ position: null, token: null, known_at: null });
});

const reachedAt = (position: Position | null): Reached => ({ position, token: null, known_at: null });
const waiting = (states: readonly (Position | null)[]) => {
  let clock = 0;
  let reads = 0;
  return {
    reached: async () => reachedAt(states[Math.min(reads++, states.length - 1)] ?? null),
    nextChange: async (ms: number) => {
      clock += ms;
    },
    nowMs: () => clock,
  };
};

test('a reader waits until its booking is contained', async () => {
  await expect(waitForPosition(waiting([null, at(1n, 0n), at(3n, 1n)]), at(3n, 0n), 5_000)).resolves.toBeUndefined();
});

test('a reader whose time is over hears how far every partition is', async () => {
  await expect(waitForPosition(waiting([at(1n, 4n)]), at(3n, 4n), 600)).rejects.toMatchObject({
    kind: 'position-not-reached',
    message: expect.stringContaining('partition 0 is at 1 of 3'),
    extension: { behind: [{ partition: 0, wanted: '3', reached: '1' }] },
  });
  expect(shortfall(null, at(2n))).toEqual([{ partition: 0, wanted: '2', reached: '0' }]);
});

test('a position of another log is refused at once, not waited for', async () => {
  await expect(waitForPosition(waiting([at(1n, 4n)]), { ...at(0n, 0n), topicId: 'other' }, 60_000)).rejects.toMatchObject({
    kind: 'position-of-another-log',
  });
  await expect(waitForPosition(waiting([at(1n, 4n)]), at(0n), 60_000)).rejects.toMatchObject({ kind: 'position-of-another-log' });
});

test('what is no position token is named as such', () => {
  expect(() => parsePosition('nonsense')).toThrow(/wait_for "nonsense" is not a position token/);
  expect(parsePosition(encodePosition(at(1n)))).toEqual(at(1n));
});
