// Holds the partition function to values of the Java client's own unit test.
import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from './partition.ts';

describe('the partition of a consistency key', () => {
  // Values of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as the Java client does', (text, expected) => {
    expect(murmur2(Buffer.from(text))).toBe(expected);
  });
  it('stays inside the partition count', () => {
    for (let at = 0; at < 1000; at += 1) expect(partitionOf(`fund-${at}`, 8)).toBeGreaterThanOrEqual(0);
  });
});
