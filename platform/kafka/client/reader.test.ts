// A reader without a broker: what it does when it is over.
import { describe, expect, it } from 'vitest';
import { testSettings } from '../testing/open-transaction.ts';
import { createReader } from './reader.ts';

describe('a reader that was closed', () => {
  it('leaves the rest of the process its turn, however often somebody polls it', async () => {
    const reader = createReader(testSettings('127.0.0.1:1'), { positions: [{ topic: 't', partition: 0, offset: 0n }] });
    await reader.close();
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    for (let poll = 0; poll < 3; poll += 1) expect(await reader.poll(500)).toEqual([]);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});
