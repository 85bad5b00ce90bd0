import { expect, test } from 'vitest';
import { roleState } from './control.ts';

test.each([
  ['ready', { state: 'running', lag: 3 }, 'ready'],
  ['ready', { state: 'waiting', detail: 'Postgres is away' }, 'waiting'],
  ['ready', { ready: false, tasks: [] }, 'waiting'],
  ['ready', undefined, 'ready'],
  ['starting', { state: 'running' }, 'starting'],
  ['ready', [{ ready: true }, { ready: true }], 'ready'],
  ['ready', [{ ready: true }, { ready: false }], 'waiting'],
])('a process that is %s and says %j is %s', (process, said, state) => {
  expect(roleState(process, said)).toBe(state);
});
