// Exact fractions of bigints, and powers at 70 digits: the arithmetic of the oracle. It shares nothing with domain/.

import { Decimal } from 'decimal.js';

const Precise = Decimal.clone({ precision: 70, toExpNeg: -9e15, toExpPos: 9e15 });

export type Fraction = { readonly over: bigint; readonly under: bigint };

const gcd = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
};

/** over / under in lowest terms, the sign above. */
export const fraction = (over: bigint, under = 1n): Fraction => {
  if (under === 0n) throw new Error('a fraction over 0');
  if (under < 0n) return fraction(-over, -under);
  if (under === 1n) return { over, under };
  const common = gcd(over, under);
  return { over: over / common, under: under / common };
};

export const zero = fraction(0n);
export const one = fraction(1n);

/** Reads a decimal string exactly: '0.08' is 8/100. */
export const parse = (text: string): Fraction => {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Error(`${text} is no decimal`);
  const decimals = match[3] ?? '';
  const value = BigInt(match[2]! + decimals);
  return fraction(match[1] === '-' ? -value : value, 10n ** BigInt(decimals.length));
};

export const add = (a: Fraction, b: Fraction): Fraction => fraction(a.over * b.under + b.over * a.under, a.under * b.under);
export const negative = (a: Fraction): Fraction => ({ over: -a.over, under: a.under });
export const sub = (a: Fraction, b: Fraction): Fraction => add(a, negative(b));
export const mul = (a: Fraction, b: Fraction): Fraction => fraction(a.over * b.over, a.under * b.under);
export const div = (a: Fraction, b: Fraction): Fraction => fraction(a.over * b.under, a.under * b.over);
export const less = (a: Fraction, b: Fraction): boolean => a.over * b.under < b.over * a.under;
export const min = (a: Fraction, b: Fraction): Fraction => (less(b, a) ? b : a);
export const max = (a: Fraction, b: Fraction): Fraction => (less(a, b) ? b : a);
export const positive = (a: Fraction): boolean => a.over > 0n;
export const sum = (list: readonly Fraction[]): Fraction => list.reduce(add, zero);

const toDecimal = (a: Fraction): Decimal => new Precise(a.over.toString()).div(a.under.toString());

/** base^exponent to 65 decimals; e^exponent when base is 'e'. */
export const power = (base: Fraction | 'e', exponent: Fraction): Fraction => {
  const value = base === 'e' ? toDecimal(exponent).exp() : toDecimal(base).pow(toDecimal(exponent));
  return parse(value.toDecimalPlaces(65).toString());
};

/** Cuts what a power made endless at 60 decimals, so that balances do not grow a longer tail with every flow. */
export const to60Decimals = (a: Fraction): Fraction => fraction((a.over * 10n ** 60n) / a.under, 10n ** 60n);

const floor = (a: Fraction): bigint => {
  const whole = a.over / a.under;
  return a.over < 0n && whole * a.under !== a.over ? whole - 1n : whole;
};

const hundred = fraction(100n);

/** The whole cents below an amount, and what is left of a cent. */
export const floorCents = (amount: Fraction): { cents: bigint; rest: Fraction } => {
  const cents = floor(mul(amount, hundred));
  return { cents, rest: sub(mul(amount, hundred), fraction(cents)) };
};

/** An amount to the nearest cent, a half to the even one. */
export const halfEvenCents = (amount: Fraction): bigint => {
  const { cents, rest } = floorCents(amount);
  const half = fraction(1n, 2n);
  if (less(rest, half)) return cents;
  if (less(half, rest)) return cents + 1n;
  return cents % 2n === 0n ? cents : cents + 1n;
};

/** 1234n is '12.34'. */
export const printCents = (cents: bigint): string => {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** Cents of a decimal string with at most two decimals. */
export const parseCents = (text: string): bigint => {
  const { cents, rest } = floorCents(parse(text));
  if (positive(rest)) throw new Error(`${text} has parts of a cent`);
  return cents;
};
