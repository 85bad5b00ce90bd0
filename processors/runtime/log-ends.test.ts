import { describe, expect, it } from 'vitest';
import type { Watermarks } from '#platform/kafka/port.ts';
import { createLogEnds } from './log-ends.ts';

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe('the ends of topics', () => {
  it('are asked once for all who come while a request is under way, and are never older than the question', async () => {
    const requests: { readonly topic: string; answer(high: bigint | Error): void }[] = [];
    const ends = createLogEnds({
      watermarks: (topic) =>
        new Promise<readonly Watermarks[]>((resolve, reject) => {
          const answer = (high: bigint | Error): void =>
            high instanceof Error ? reject(high) : resolve([{ topic, partition: 0, low: 0n, high }]);
          requests.push({ topic, answer });
        }),
    });
    const highOf = async (asked: Promise<readonly Watermarks[]>): Promise<bigint | undefined> => (await asked)[0]?.high;
    const first = ends('events');
    const second = ends('events');
    const third = ends('events');
    void ends('commands');
    expect(requests.map(({ topic }) => topic)).toEqual(['events', 'commands']);
    requests[0]?.answer(1n);
    expect(await highOf(first)).toBe(1n);
    await settled();
    expect(requests).toHaveLength(3);
    const fourth = ends('events');
    requests[2]?.answer(2n);
    expect(await Promise.all([highOf(second), highOf(third)])).toEqual([2n, 2n]);
    await settled();
    requests[3]?.answer(new Error('away'));
    await expect(fourth).rejects.toThrow('away');
    await settled();
    const fifth = ends('events');
    requests[4]?.answer(5n);
    expect(await highOf(fifth)).toBe(5n);
  });
});
