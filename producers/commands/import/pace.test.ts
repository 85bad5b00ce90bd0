// The pace of an import: other bookings are not held up by it, and no store is awaited for ever.
import { expect, test, vi } from 'vitest';
import { createPace, type Pace } from './pace.ts';

const turns = (pace: Pace, count: number, latencyMs: number): void => {
  for (let turn = 0; turn < count; turn += 1) {
    vi.advanceTimersByTime(250);
    pace.decided(latencyMs);
  }
};

test('an import speeds up while it is answered soon and slows down while others would wait behind it', () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
  try {
    const pace = createPace({ windowMax: 2_000 });
    const first = pace.window();
    turns(pace, 30, 20);
    expect(pace.window()).toBe(2_000);
    turns(pace, 10, 1_000);
    expect(pace.window()).toBeLessThan(first);
    turns(pace, 50, 1_000);
    expect(pace.window()).toBe(8);
    turns(pace, 50, 20);
    expect(pace.window()).toBe(2_000);
  } finally {
    vi.useRealTimers();
  }
});

test('an import waits while the stores catch up', async () => {
  const behind = [9_000, 5_000, 150];
  let asked = 0;
  await createPace({ windowMax: 10, backlog: () => Promise.resolve(behind[asked++] ?? 0) }).untilStoresFollow();
  expect(asked).toBe(3);
});

test('an import goes on when a store does not come nearer or nobody knows where it is', async () => {
  await createPace({ windowMax: 10, backlog: () => Promise.resolve(null) }).untilStoresFollow();
  const started = performance.now();
  await createPace({ windowMax: 10, backlog: () => Promise.resolve(9_000), patienceMs: 300 }).untilStoresFollow();
  expect(performance.now() - started).toBeLessThan(3_000);
});

test('an import goes faster while nobody books beside it', async () => {
  let others = false;
  const pace = createPace({ windowMax: 2_000, backlog: () => Promise.resolve(1_000), othersBook: () => others });
  const alone = pace.window();
  const started = performance.now();
  await pace.untilStoresFollow();
  expect(performance.now() - started).toBeLessThan(1_000);
  others = true;
  expect(pace.window()).toBeLessThan(alone);
});
