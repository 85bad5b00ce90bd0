// A second XIRR, plain and slow: with x = (1 + r)^(−1/365) the flows are a polynomial in x with whole exponents (days), whose
// positive roots are parted by those of a polynomial with one sign change less (design.md 6) and bisected to 36 digits.

import { daysBetween } from './days.ts';

const SCALE = 10n ** 100n;
/** Below this part of the amounts a value is none: a double root is met exactly or missed by far more. */
const NOTHING = 10n ** 45n;
const CLOSE = 10n ** 36n;

/** Coefficients by whole exponents, ascending. */
type Polynomial = { degree: number; coefficient: bigint }[];

const times = (a: bigint, b: bigint): bigint => (a * b) / SCALE;

const power = (base: bigint, exponent: number): bigint => {
  let [result, square, left] = [SCALE, base, exponent];
  while (left > 0) {
    if (left % 2 === 1) result = times(result, square);
    square = times(square, square);
    left = Math.floor(left / 2);
  }
  return result;
};

/** The sign of the polynomial at x (scaled): from the low end below 1, from the high end above it, so that no power grows. */
const signAt = (polynomial: Polynomial, x: bigint): number => {
  const last = polynomial.at(-1)!.degree;
  const small = x <= SCALE;
  const base = small ? x : (SCALE * SCALE) / x;
  let [value, weight] = [0n, 0n];
  const terms = small ? polynomial.toReversed() : polynomial;
  terms.forEach(({ degree, coefficient }, i) => {
    const before = terms[i - 1];
    if (before !== undefined) value = times(value, power(base, Math.abs(before.degree - degree)));
    value += coefficient * SCALE;
    weight += coefficient < 0n ? -coefficient : coefficient;
  });
  const rest = small ? polynomial[0]!.degree : last - polynomial.at(-1)!.degree;
  if (rest !== 0 && !small) throw new Error('the last term is the one of the highest degree');
  const noise = (weight * SCALE) / NOTHING;
  if (value > noise) return 1;
  return value < -noise ? -1 : 0;
};

const signOf = (value: bigint): number => (value > 0n ? 1 : value < 0n ? -1 : 0);

/** Where the polynomial changes sign between two points of different sign. */
const bisect = (polynomial: Polynomial, from: bigint, to: bigint, signFrom: number): bigint => {
  let [low, high] = [from, to];
  while (high - low > low / CLOSE + 1n) {
    const middle = (low + high) / 2n;
    const sign = signAt(polynomial, middle);
    if (sign === 0) return middle;
    if (sign === signFrom) low = middle;
    else high = middle;
  }
  return (low + high) / 2n;
};

type Root = { x: bigint; touches: boolean };

/** All positive roots, ascending. */
const positiveRoots = (polynomial: Polynomial): Root[] => {
  const change = polynomial.findIndex(
    ({ coefficient }, i) => i > 0 && signOf(coefficient) !== signOf(polynomial[i - 1]!.coefficient),
  );
  if (change < 0) return [];
  // x^(−s) × polynomial, differentiated, with s half-way between two terms of opposite sign: one sign change less.
  const twiceS = polynomial[change]!.degree + polynomial[change - 1]!.degree;
  const slope = polynomial.map(({ degree, coefficient }) => ({ degree, coefficient: coefficient * BigInt(2 * degree - twiceS) }));
  const [first, last] = [polynomial[0]!.coefficient, polynomial.at(-1)!.coefficient];
  const largest = polynomial.reduce(
    (most, { coefficient }) => (coefficient * coefficient > most * most ? coefficient : most),
    0n,
  );
  const size = largest < 0n ? -largest : largest;
  const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
  // Cauchy: no root lies outside of these.
  const [low, high] = [(SCALE * absolute(first)) / (absolute(first) + size) / 2n, SCALE * (2n + size / absolute(last))];
  const turns = positiveRoots(slope.filter(({ coefficient }) => coefficient !== 0n)).map((root) => root.x);
  const points = [low, ...turns.filter((x) => x > low && x < high), high];
  const signs = points.map((x) => signAt(polynomial, x));
  const roots: Root[] = [];
  points.forEach((x, i) => {
    if (signs[i] === 0) {
      // The sign beyond the root itself, on either side: the same is a touch.
      const before = signs.slice(0, i).findLast((sign) => sign !== 0);
      const after = signs.slice(i + 1).find((sign) => sign !== 0);
      roots.push({ x, touches: before === after });
      return;
    }
    const next = signs[i + 1];
    if (next !== undefined && next === -signs[i]!)
      roots.push({ x: bisect(polynomial, x, points[i + 1]!, signs[i]!), touches: false });
  });
  return roots;
};

export type Flow = { date: string; amount: bigint };
export type OracleXirr = { status: 'ok' | 'double_root' | 'multiple_roots' | 'no_root'; roots: bigint[] };

/** Rates are scaled by 10^100. */
export const RATE_SCALE = SCALE;

export const oracleXirr = (flows: readonly Flow[]): OracleXirr => {
  const dates = [...new Set(flows.map((flow) => flow.date))].toSorted();
  const netted = dates
    .map((date) => ({ date, amount: flows.filter((flow) => flow.date === date).reduce((all, flow) => all + flow.amount, 0n) }))
    .filter(({ amount }) => amount !== 0n);
  const start = netted[0]?.date ?? '';
  const polynomial = netted.map(({ date, amount }) => ({ degree: daysBetween(start, date), coefficient: amount }));
  const found = positiveRoots(polynomial);
  // r = x^(−365) − 1: a larger x is a smaller rate.
  const roots = found.map(({ x }) => power((SCALE * SCALE) / x, 365) - SCALE).toReversed();
  if (found.length === 0) return { status: 'no_root', roots };
  if (found.length > 1) return { status: 'multiple_roots', roots };
  return { status: found[0]!.touches ? 'double_root' : 'ok', roots };
};
