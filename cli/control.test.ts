import { expect, test } from 'vitest';
import { roleDetail, roleState } from './control.ts';

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

const task = (partition: number, more: object = {}) => ({ partition, error: null, restore: null, ...more });
test.each([
  [{ state: 'waiting', detail: 'Postgres is away' }, 'Postgres is away'],
  [{ tasks: [task(0), task(3, { error: 'step-defect: no' })] }, 'partition 3: step-defect: no'],
  [{ tasks: [task(1, { restore: { position: '7', target: '90' } })] }, 'partition 1 restores its state, at 7 of 90'],
  [[{ tasks: [task(0)] }, { tasks: [task(2, { error: 'fenced' })] }], 'partition 2: fenced'],
  [{ tasks: [task(0)] }, null],
  [undefined, null],
])('of what a role says, %j, the reason is %j', (said, reason) => {
  expect(roleDetail(said)).toBe(reason);
});
