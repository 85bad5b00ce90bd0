import { expect, test } from 'vitest';
import type { PositionRow } from '../position/reached.ts';
import { lagOf, probe } from './status.ts';

const row = (source: 'events' | 'capital-accounts', partition: number, next_offset: bigint): PositionRow => ({
  source,
  partition,
  next_offset,
  topic_id: 'log',
  epoch: 1,
  recorded_at: null,
});

test('the lag is what the slower source of each partition is behind the end of the log, untouched partitions included', () => {
  const rows = [row('events', 0, 10n), row('capital-accounts', 0, 7n), row('events', 1, 5n)];
  const ends = new Map([
    [0, 12n],
    [1, 5n],
    [2, 3n],
  ]);
  const { lag, lag_by_partition: parts } = lagOf(rows, ends);
  expect(lag).toBe('8');
  expect(parts.map((part) => part.behind)).toEqual(['2', '5', '0']);
});

test('while the log cannot be asked the lag is unknown, not zero', () => {
  expect(lagOf([row('events', 0, 10n)], null)).toMatchObject({
    lag: null,
    lag_by_partition: [{ end_offset: null, behind: null }],
  });
});

test('an engine that fails or is late is told in our words', async () => {
  expect(await probe('Kafka', async () => 1)).toEqual({ state: 'ready' });
  expect(await probe('Kafka', () => Promise.reject(new Error('secret address')))).toEqual({
    state: 'failed',
    detail: 'Kafka cannot be reached.',
  });
  expect(await probe('Kafka', () => new Promise(() => undefined))).toEqual({
    state: 'waiting',
    detail: 'Kafka did not answer within 1.5 s.',
  });
});
