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
  const behind = [9_000, 5_000, 450];
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

test('an import has more under way while nobody books beside it, and less as soon as somebody does', () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
  try {
    let others = false;
    const pace = createPace({ windowMax: 2_000, othersBook: () => others });
    turns(pace, 30, 100);
    const alone = pace.window();
    expect(alone).toBe(2_000);
    others = true;
    turns(pace, 4, 100);
    expect(pace.window()).toBeLessThan(alone / 8);
  } finally {
    vi.useRealTimers();
  }
});

test('an import lets the stores fall further behind while nobody books beside it', async () => {
  const waits = async (others: boolean): Promise<boolean> => {
    const pace = createPace({ windowMax: 10, backlog: () => Promise.resolve(2_000), othersBook: () => others, patienceMs: 200 });
    const started = performance.now();
    await pace.untilStoresFollow();
    return performance.now() - started > 150;
  };
  expect(await waits(false)).toBe(false);
  expect(await waits(true)).toBe(true);
});
