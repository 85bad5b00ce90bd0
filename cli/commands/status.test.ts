import { expect, test } from 'vitest';
import type { ControlStatus } from '../control.ts';
import type { RoleLag } from '../lag.ts';
import { statusText, toStatusLine } from './status.ts';

const part = (name: string, state: string, status: unknown = {}) => ({ name, state, pid: 1, restarts: 0, status });
const control: ControlStatus = {
  phase: 'running',
  engines: [part('kafka', 'ready')],
  roles: [
    part('ledger', 'ready'),
    part('sink-postgres', 'waiting', { lag: 12, detail: 'Postgres has not answered for 6 s' }),
    part('api', 'ready'),
  ],
};
const lag = (role: string, records: number | null): RoleLag => ({
  role,
  lag: records,
  seconds_behind: records === null ? null : 0,
  unknown: records === null ? 'Postgres does not answer' : null,
});
const api = { position: 'p', counts: { funds: 3, investors: 2, commitments: 5 } };
const none = { open: 0, since: null };

test('the lag is that of the role furthest behind, and of a role whose store is away what it says itself', () => {
  const line = toStatusLine(control, api, [lag('ledger', 2), lag('sink-postgres', null)], none);
  expect(line).toMatchObject({ ready: false, lag: 12, lags: { ledger: 2, 'sink-postgres': 12 }, commitments: 5 });
  expect(statusText(line)).toContain('role   sink-postgres    waiting   12 behind: Postgres has not answered for 6 s');
});

test('a lag that nobody knows is unknown, never zero', () => {
  const line = toStatusLine(null, null, [lag('ledger', 0), lag('sink-clickhouse', null)], null);
  expect(line).toMatchObject({ phase: 'unknown', ready: false, lag: null, lags: { ledger: 0, 'sink-clickhouse': null } });
  expect(statusText(line)).toContain('? records behind the log');
  expect(statusText(line)).toContain('dead letters: unknown');
});

test('open dead letters are counted with the time of the oldest', () => {
  const text = statusText(toStatusLine(control, api, [lag('ledger', 0)], { open: 2, since: '2026-01-31T09:00:00.000Z' }));
  expect(text).toContain('2 dead letters since 2026-01-31T09:00:00.000Z (stratcap dlq list)');
  expect(statusText(toStatusLine(control, api, [lag('ledger', 0)], none))).toContain('no dead letters');
});
