// The profile runs, and a record costs what it may: an object per field would cost several times as much.
import { expect, it } from 'vitest';
import { useStack } from '#tests/support/stack.ts';
import { profileKafka } from './profile.ts';

it('reads and writes a record for a few microseconds of CPU', async () => {
  const costs = await profileKafka(useStack().kafkaBrokers, 200_000);
  expect(costs).toHaveLength(8);
  // Measured: 0.6 to 0.9 us for reading, 1.3 to 2.5 for a copy. A busy machine may double it.
  for (const { what, cpuUsPerRecord } of costs) expect(cpuUsPerRecord, what).toBeLessThan(what.includes('warm') ? 3 : 10);
});
