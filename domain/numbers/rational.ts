// Exact fractions of bigints, for what must not lose a trace of a cent: the residuals that an allocation carries from one call
// to the next.

/** A fraction in lowest terms; the denominator is positive. */
export type Rational = { readonly numerator: bigint; readonly denominator: bigint };

export const ZERO: Rational = { numerator: 0n, denominator: 1n };

const greatestCommonDivisor = (left: bigint, right: bigint): bigint => {
  let [a, b] = [left < 0n ? -left : left, right];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
};

/** The fraction numerator / denominator in lowest terms; a zero denominator is a defect and throws. */
export const rational = (numerator: bigint, denominator: bigint): Rational => {
  if (denominator === 0n) throw new RangeError('a fraction has the denominator 0; check the sum of the weights first');
  const [n, d] = denominator < 0n ? [-numerator, -denominator] : [numerator, denominator];
  const divisor = greatestCommonDivisor(n, d);
  return divisor === 1n ? { numerator: n, denominator: d } : { numerator: n / divisor, denominator: d / divisor };
};

export const addRationals = (left: Rational, right: Rational): Rational =>
  left.denominator === right.denominator
    ? rational(left.numerator + right.numerator, left.denominator)
    : rational(left.numerator * right.denominator + right.numerator * left.denominator, left.denominator * right.denominator);

/** Negative, 0 or positive as left is smaller than, equal to or larger than right. */
export const compareRationals = (left: Rational, right: Rational): number => {
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** Text of an event or a message: '1/3', '-2/7', '0'. */
export const formatRational = ({ numerator, denominator }: Rational): string =>
  denominator === 1n ? numerator.toString() : `${numerator}/${denominator}`;

const FRACTION = /^(-?\d+)(?:\/([1-9]\d*))?$/;

/** The inverse of `formatRational`, or null when the text is no fraction. */
export const parseRational = (text: string): Rational | null => {
  const parts = FRACTION.exec(text);
  return parts === null ? null : rational(BigInt(parts[1] ?? '0'), BigInt(parts[2] ?? '1'));
};
