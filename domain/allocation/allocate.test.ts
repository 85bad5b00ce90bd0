import { expect, test } from 'vitest';
import { ZERO, formatRational, parseRational, rational, type Rational } from '../numbers/rational.ts';
import { allocate, allocateList, type Share } from './allocate.ts';

const claims = (weights: readonly bigint[], residuals: readonly Rational[] = []) =>
  weights.map((weight, index) => ({ id: `LP${index + 1}`, weight, residual: residuals[index] ?? ZERO }));

const sharesOf = (total: bigint, weights: readonly bigint[], residuals: readonly Rational[] = []): readonly Share[] => {
  const allocation = allocate(total, claims(weights, residuals));
  if (allocation.kind === 'error') throw new Error(allocation.reason);
  return allocation.shares;
};

test('A06: seven calls of one cent leave no partner with every odd cent', () => {
  let residuals: readonly Rational[] = [];
  const totals = [0n, 0n, 0n];
  for (let call = 0; call < 7; call += 1) {
    const shares = sharesOf(1n, [1n, 1n, 1n], residuals);
    residuals = shares.map((share) => share.residual);
    shares.forEach((share, index) => (totals[index] = (totals[index] ?? 0n) + share.minor));
  }
  expect(totals).toEqual([3n, 2n, 2n]);
  expect(residuals.map(formatRational)).toEqual(['-2/3', '1/3', '1/3']);
});

test('A07: a growing total never asks a partner for a cent back', () => {
  const first = sharesOf(10n, [6n, 6n, 2n]);
  expect(first.map((share) => share.minor)).toEqual([4n, 4n, 2n]);
  const second = sharesOf(
    1n,
    [6n, 6n, 2n],
    first.map((share) => share.residual),
  );
  expect(second.map((share) => share.minor)).toEqual([1n, 0n, 0n]);
});

test('an excused partner of weight 0 gets nothing, takes no spare cent and keeps its residual', () => {
  const owed = rational(2n, 3n);
  const shares = sharesOf(1n, [0n, 1n, 1n], [owed, ZERO, ZERO]);
  expect(shares.map((share) => share.minor)).toEqual([0n, 1n, 0n]);
  expect(shares[0]?.residual).toEqual(owed);
});

test('ties go to the lower partner id whatever the order of the claims', () => {
  const allocation = allocate(1n, [
    { id: 'b', weight: 5n, residual: ZERO },
    { id: 'a', weight: 5n, residual: ZERO },
  ]);
  expect(allocation).toMatchObject({
    kind: 'ok',
    shares: [
      { id: 'b', minor: 0n },
      { id: 'a', minor: 1n },
    ],
  });
});

test('E01: three new partners of a later closing pay 20, 30 and 40 of 495 parts of the 50 million', () => {
  expect(allocateList(5_000_000_000n, [405n, 20n, 30n, 40n])).toEqual({
    kind: 'ok',
    minor: [4_090_909_091n, 202_020_202n, 303_030_303n, 404_040_404n],
  });
});

test('F02: half of a defaulted capital account goes 60 to 40 to the others', () => {
  expect(allocateList(5_000_000n, [60n, 40n])).toEqual({ kind: 'ok', minor: [3_000_000n, 2_000_000n] });
});

test('E03: a later partner refunds the earlier ones 60 to 40, its interest likewise', () => {
  expect(allocateList(1_000_000_000n, [60n, 40n])).toEqual({ kind: 'ok', minor: [600_000_000n, 400_000_000n] });
  expect(allocateList(39_671_233n, [60n, 40n])).toEqual({ kind: 'ok', minor: [23_802_740n, 15_868_493n] });
});

test('what cannot be allocated is refused by name', () => {
  expect(allocateList(-1n, [1n])).toEqual({ kind: 'error', reason: 'negative-total' });
  expect(allocateList(1n, [1n, -1n])).toEqual({ kind: 'error', reason: 'negative-weight' });
  expect(allocateList(1n, [0n, 0n])).toEqual({ kind: 'error', reason: 'no-weight' });
  expect(allocateList(0n, [0n, 0n])).toEqual({ kind: 'ok', minor: [0n, 0n] });
});

test('a residual survives its text form', () => {
  expect(parseRational(formatRational(rational(-4n, 14n)))).toEqual({ numerator: -2n, denominator: 7n });
  expect(parseRational('5')).toEqual({ numerator: 5n, denominator: 1n });
  expect(parseRational('1/0')).toBeNull();
  expect(parseRational('x')).toBeNull();
});
