import { expect, test } from 'vitest';
import { countRecallable, moicOf, multiplesOf } from './multiples.ts';

const RECALLED = {
  calledMinor: 40_000_000_00n,
  recalledMinor: 10_000_000_00n,
  recallableMinor: 10_000_000_00n,
  otherDistributedMinor: 20_000_000_00n,
};
const COMMITTED = { committedMinor: 100_000_000_00n, navMinor: 35_000_000_00n };

test('D59: recalled distributions counted on both sides give 1.3, on neither 1.375', () => {
  expect(multiplesOf({ ...COMMITTED, ...countRecallable(RECALLED, 'all-in') })).toEqual({
    pic: '0.5000000000',
    dpi: '0.6000000000',
    rvpi: '0.7000000000',
    tvpi: '1.3000000000',
  });
  expect(multiplesOf({ ...COMMITTED, ...countRecallable(RECALLED, 'recallable-excluded') })).toEqual({
    pic: '0.4000000000',
    dpi: '0.5000000000',
    rvpi: '0.8750000000',
    tvpi: '1.3750000000',
  });
});

test('a multiple of nothing is undefined, not zero', () => {
  expect(multiplesOf({ committedMinor: 0n, paidInMinor: 0n, distributedMinor: 5n, navMinor: 0n })).toEqual({
    pic: null,
    dpi: null,
    rvpi: null,
    tvpi: null,
  });
  expect(moicOf({ investedMinor: 0n, realisedMinor: 1n, unrealisedMinor: 1n })).toBeNull();
});

test('TVPI is rounded from its own quotient, not from rounded DPI and RVPI', () => {
  const thirds = multiplesOf({ committedMinor: 3n, paidInMinor: 3n, distributedMinor: 2n, navMinor: 2n });
  expect(thirds).toMatchObject({ dpi: '0.6666666667', rvpi: '0.6666666667', tvpi: '1.3333333333' });
  expect(moicOf({ investedMinor: 12n, realisedMinor: 18n, unrealisedMinor: 6n })).toBe('2.0000000000');
});
