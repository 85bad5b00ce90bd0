// Exact enough to never decide a cent: fixed-point numbers of 60 decimals in one bigint. Amounts (in cents), rates and factors
// of a waterfall are held in it. Decimal inputs are exact; an operation errs by at most 1e-60, and results are read at 30
// decimals (`snapped`), so that a whole or half cent that exact arithmetic would meet is met here too.
import type { DecimalText } from './decimal-text.ts';

/** value × 10^60. */
export type Fixed = bigint;

const FIXED_DECIMALS = 60;
export const ONE: Fixed = 10n ** BigInt(FIXED_DECIMALS);
const SNAP_STEP = 10n ** 30n;
const SNAPPED_ONE = ONE / SNAP_STEP;

/**
 * Differences below 1e-33 are the errors of computing, never money: far above 1e-60 × any sum, far below what results are read
 * at.
 */
const NOISE = 10n ** 27n;

/**
 * Whether a difference is more than nothing. Decisions (who is ahead of whom) use this, since exact arithmetic would meet 0
 * where errors do not.
 */
export const isPositive = (value: Fixed): boolean => value > NOISE;

/** Logarithms are computed with 12 further digits. */
const GUARD = 10n ** 12n;
const WORK_ONE = ONE * GUARD;

export const fixedFromInteger = (value: bigint): Fixed => value * ONE;

/** Exact up to 60 decimals, cut beyond. */
export const fixedFromDecimal = ({ units, decimals }: DecimalText): Fixed =>
  decimals <= FIXED_DECIMALS
    ? units * 10n ** BigInt(FIXED_DECIMALS - decimals)
    : units / 10n ** BigInt(decimals - FIXED_DECIMALS);

export const times = (a: Fixed, b: Fixed): Fixed => (a * b) / ONE;
export const over = (a: Fixed, b: Fixed): Fixed => (a * ONE) / b;
export const smaller = (a: Fixed, b: Fixed): Fixed => (a < b ? a : b);
export const larger = (a: Fixed, b: Fixed): Fixed => (a > b ? a : b);

/** The exponential works in powers of two, where a division by the scale is a shift: 2^-260 is about 1e-78. */
const BITS = 260n;
const HALVINGS = 16n;

/** e^x: x / 2^16, Taylor's series, squared sixteen times. */
const exponentialSeries = (x: Fixed): Fixed => {
  const small = ((x << BITS) / ONE) >> HALVINGS;
  const one = 1n << BITS;
  let [sum, term] = [one, one];
  for (let n = 1n; term !== 0n && term !== -1n; n += 1n) {
    term = ((term * small) >> BITS) / n;
    sum += term;
  }
  for (let i = 0n; i < HALVINGS; i += 1n) sum = (sum * sum) >> BITS;
  return (sum * ONE) >> BITS;
};

/** 2 artanh((x − 1) / (x + 1)) by its series; quick for x near 1. */
const logarithmNearOne = (x: bigint): bigint => {
  const y = ((x - WORK_ONE) * WORK_ONE) / (x + WORK_ONE);
  const square = (y * y) / WORK_ONE;
  let [sum, power] = [0n, y];
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = (power * square) / WORK_ONE;
  }
  return 2n * sum;
};

const LN2_WORK = logarithmNearOne(2n * WORK_ONE);

const logarithmWork = (x: bigint): bigint => {
  let [rest, twos] = [x, 0n];
  while (rest > (WORK_ONE * 3n) / 2n) [rest, twos] = [rest / 2n, twos + 1n];
  while (rest < (WORK_ONE * 3n) / 4n) [rest, twos] = [rest * 2n, twos - 1n];
  return logarithmNearOne(rest) + twos * LN2_WORK;
};

/** Natural logarithm of a positive number, to about 58 digits. */
export const logarithm = (x: Fixed): Fixed => logarithmWork(x * GUARD) / GUARD;

/** e^x, to about 55 digits relative for |x| < 50. */
export const exponential = (x: Fixed): Fixed => exponentialSeries(x);

/**
 * base^(numerator / denominator) for a positive base and a denominator > 0. The whole part of the exponent is multiplied out,
 * so that 1.08^3 is 1.259712 without an error; the rest is e^(ln base × fraction). `logBase` is ln base where the caller keeps
 * it.
 */
export const power = (base: Fixed, numerator: bigint, denominator: bigint, logBase: Fixed): Fixed => {
  const whole = numerator / denominator;
  const rest = numerator % denominator;
  let [result, square] = [ONE, base];
  for (let exponent = whole < 0n ? -whole : whole; exponent > 0n; exponent /= 2n) {
    if (exponent % 2n === 1n) result = times(result, square);
    square = times(square, square);
  }
  const wholePower = whole < 0n ? over(ONE, result) : result;
  return rest === 0n ? wholePower : times(wholePower, exponential((logBase * rest) / denominator));
};

const floorDivide = (a: bigint, b: bigint): bigint => (a < 0n && a % b !== 0n ? a / b - 1n : a / b);

/** To 30 decimals, nearest: the form in which results are compared and rounded (a whole is `SNAPPED_ONE`). */
const snapped = (value: Fixed): bigint => floorDivide(value + SNAP_STEP / 2n, SNAP_STEP);

/** Whole units and the remainder (0 <= remainder < 1, in steps of 1e-30). */
export const floorAndRemainder = (value: Fixed): { readonly floor: bigint; readonly remainder: bigint } => {
  const steps = snapped(value);
  const floor = floorDivide(steps, SNAPPED_ONE);
  return { floor, remainder: steps - floor * SNAPPED_ONE };
};

/** The nearest whole number, halves to the even one: 0.5 is 0, 1.5 is 2, -2.5 is -2. */
export const roundHalfEven = (value: Fixed): bigint => {
  const { floor, remainder } = floorAndRemainder(value);
  const doubled = remainder * 2n;
  if (doubled < SNAPPED_ONE) return floor;
  if (doubled > SNAPPED_ONE) return floor + 1n;
  return floor % 2n === 0n ? floor : floor + 1n;
};
