import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { anythingChanged, mergeChanges, parseNotification } from './change.ts';
import type { LiveMessage } from './hub.ts';
import { createHub } from './hub.ts';
import { eventText } from './route.ts';

const payload = (funds: readonly string[], investors: readonly string[] = []): string =>
  JSON.stringify({ funds, investors, source: 'events', partition: 0, next_offset: '7' });
const hubOf = (position: () => Promise<string | null> = async () => 'p1') => {
  const errors: unknown[] = [];
  return {
    errors,
    hub: createHub({
      run: 'run',
      position,
      gatherMs: 30,
      onError: (error) => {
        errors.push(error);
      },
    }),
  };
};

test('a change in quiet times is told at once, with the position that contains it', async () => {
  const { hub } = hubOf();
  const told: LiveMessage[] = [];
  hub.subscribe(undefined, (message) => told.push(message));
  hub.heard(payload(['f1'], ['i1']));
  await sleep(5);
  expect(told).toEqual([{ id: 'run.1', change: { all: false, funds: ['f1'], investors: ['i1'] }, position: 'p1' }]);
  hub.stop();
});

test('a burst becomes one message that names everything once', async () => {
  const { hub } = hubOf();
  const told: LiveMessage[] = [];
  hub.subscribe(undefined, (message) => told.push(message));
  hub.heard(payload(['f1']));
  await sleep(5);
  for (const fund of ['f2', 'f3', 'f2']) hub.heard(payload([fund]));
  await sleep(60);
  expect(told.map((message) => message.change.funds)).toEqual([['f1'], ['f2', 'f3']]);
  hub.stop();
});

test('a page that comes back hears what it missed, and a page of an earlier process fetches everything', async () => {
  const { hub } = hubOf();
  hub.subscribe(undefined, () => undefined);
  for (const fund of ['f1', 'f2']) {
    hub.heard(payload([fund]));
    await sleep(45);
  }
  const missed: LiveMessage[] = [];
  hub.subscribe('run.1', (message) => missed.push(message));
  expect(missed.map((message) => message.change.funds)).toEqual([['f2']]);
  const old: LiveMessage[] = [];
  hub.subscribe('former.9', (message) => old.push(message));
  expect(old).toEqual([{ id: 'run.2', change: anythingChanged, position: 'p1' }]);
  hub.stop();
});

test('a change whose position cannot be read is told later, never lost', async () => {
  let down = true;
  const { hub, errors } = hubOf(async () => {
    if (down) throw new Error('Postgres is away');
    return 'p2';
  });
  const told: LiveMessage[] = [];
  hub.subscribe(undefined, (message) => told.push(message));
  hub.heard(payload(['f1']));
  await sleep(5);
  expect(errors).toHaveLength(1);
  down = false;
  await sleep(350);
  expect(told).toEqual([{ id: 'run.1', change: { all: false, funds: ['f1'], investors: [] }, position: 'p2' }]);
  hub.stop();
});

test('whoever waits for the next commit wakes with it, or when the time is over', async () => {
  const { hub } = hubOf();
  const before = performance.now();
  const woken = hub.nextChange(5_000);
  hub.heard(payload(['f1']));
  await woken;
  expect(performance.now() - before).toBeLessThan(1_000);
  await hub.nextChange(10);
  hub.stop();
});

test('an unreadable notification and too many ids mean that anything may have changed', () => {
  expect(parseNotification('no json').all).toBe(true);
  expect(parseNotification('{"funds":7}').all).toBe(true);
  const many = { all: false, funds: Array.from({ length: 401 }, (_unused, place) => String(place)), investors: [] };
  expect(mergeChanges(many, { all: false, funds: [], investors: [] })).toEqual(anythingChanged);
});

test('an event of the stream is one block with one line of data', () => {
  expect(eventText('change', { text: 'two\nlines' }, 'run.1')).toBe('id: run.1\nevent: change\ndata: {"text":"two\\nlines"}\n\n');
});
