// Numbers of about 31 digits as an unevaluated sum of two doubles (Dekker 1971; Hida, Li, Bailey 2001). Enough to print 15
// certain digits of a rate and a hundred times faster than big integers. Never used for money.

/** The value is high + low; |low| is at most half a unit in the last place of high. */
export type DoubleDouble = { readonly high: number; readonly low: number };

const SPLITTER = 134_217_729;

const normalized = (high: number, low: number): DoubleDouble => {
  const sum = high + low;
  return { high: sum, low: low - (sum - high) };
};

/** Exact product of two doubles (no fused multiply-add in JavaScript: Dekker's split). */
const productError = (a: number, b: number, product: number): number => {
  const aBig = SPLITTER * a;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = SPLITTER * b;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
};

export const fromNumber = (value: number): DoubleDouble => ({ high: value, low: 0 });

/** The nearest pair to an integer of any size. */
export const fromInteger = (value: bigint): DoubleDouble => {
  const high = Number(value);
  return Math.abs(high) <= Number.MAX_SAFE_INTEGER ? { high, low: 0 } : { high, low: Number(value - BigInt(high)) };
};

export const add = (a: DoubleDouble, b: DoubleDouble): DoubleDouble => {
  const sum = a.high + b.high;
  const shifted = sum - a.high;
  return normalized(sum, a.high - (sum - shifted) + (b.high - shifted) + a.low + b.low);
};

export const multiply = (a: DoubleDouble, b: DoubleDouble): DoubleDouble => {
  const product = a.high * b.high;
  return normalized(product, productError(a.high, b.high, product) + a.high * b.low + a.low * b.high);
};

/** a / divisor for a plain double divisor. */
export const divideByNumber = (a: DoubleDouble, divisor: number): DoubleDouble => {
  const quotient = a.high / divisor;
  const product = quotient * divisor;
  return normalized(quotient, (a.high - product - productError(quotient, divisor, product) + a.low) / divisor);
};

/** base to a whole, not negative exponent, by repeated squaring. */
export const power = (base: DoubleDouble, exponent: number): DoubleDouble => {
  let result = fromNumber(1);
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square);
    if (rest > 1) square = multiply(square, square);
  }
  return result;
};

const LN2: DoubleDouble = { high: 0.693_147_180_559_945_3, low: 2.319_046_813_846_299_6e-17 };
const HALVINGS = 9;
const TAYLOR_TERMS = 9;

/** e^x: x = k ln 2 + r, Taylor's series of r / 512, squared nine times. Good to about 1e-29 relative for |x| < 700. */
export const exponential = (x: DoubleDouble): DoubleDouble => {
  const twos = Math.round(x.high / LN2.high);
  const rest = add(x, multiply(LN2, fromNumber(-twos)));
  const small = { high: rest.high / 2 ** HALVINGS, low: rest.low / 2 ** HALVINGS };
  let sum = fromNumber(1);
  for (let term = TAYLOR_TERMS; term >= 1; term -= 1) sum = add(fromNumber(1), divideByNumber(multiply(small, sum), term));
  for (let halving = 0; halving < HALVINGS; halving += 1) sum = multiply(sum, sum);
  const scale = 2 ** Math.max(-1000, Math.min(1000, twos));
  const rescale = 2 ** (twos - Math.max(-1000, Math.min(1000, twos)));
  return { high: sum.high * scale * rescale, low: sum.low * scale * rescale };
};
