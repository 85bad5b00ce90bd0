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

test('an import waits for stores that are further behind than they write in a moment', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const pace = createPace({ windowMax: 2_000, backlog: () => Promise.resolve(2_000), othersBook: () => false, patienceMs: 200 });
  const waited = async (): Promise<boolean> => {
    vi.advanceTimersByTime(1_000);
    const asking = pace.untilStoresFollow().then(() => false);
    const waits = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 30));
    const result = await Promise.race([asking, waits]);
    vi.advanceTimersByTime(1_000);
    await asking;
    return result;
  };
  try {
    expect(await waited()).toBe(true);
    for (let command = 0; command < 10_000; command += 1) {
      vi.advanceTimersByTime(0.5);
      pace.decided(50);
    }
    expect(await waited()).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
