// Rates as decimal text, from their logarithm u = ln(1 + r), so that neither a rate of 1e+2555 nor one a hair above −1 is lost.
import { add, type DoubleDouble, exponential, fromNumber, multiply } from '../numbers/double-double.ts';
import { rateOf } from './xirr-series.ts';

const SCIENTIFIC_FROM = 1e15;
const SCIENTIFIC_BELOW = 1e-5;
const DIGITS = 15;
/** Beyond these the rate itself no longer fits a double, or rounds to −1. */
const U_MAX = 690;
const U_MIN = -30;
const LN10: DoubleDouble = { high: 2.302_585_092_994_046, low: -2.170_756_223_382_249_4e-16 };

/** e^u as digits × 10^exponent with 15 digits, one before the point. */
const scientific = (u: DoubleDouble): { readonly mantissa: string; readonly exponent: number } => {
  const tens = Math.floor(u.high / LN10.high);
  const [mantissa = '', carry = '0'] = exponential(add(u, multiply(LN10, fromNumber(-tens))))
    .high.toExponential(DIGITS - 1)
    .split('e');
  return { mantissa, exponent: tens + Number(carry) };
};

const withoutZeros = (text: string): string => (text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '.0') : `${text}.0`);

/** −(1 − e^u) with as many nines as it takes, so that the text is above −1 as the rate is. */
const nearMinusOne = (u: DoubleDouble): string => {
  const { mantissa, exponent } = scientific(u);
  const decimals = DIGITS - 1 - exponent;
  const digits = 10n ** BigInt(decimals) - BigInt(mantissa.replace('.', ''));
  return `-0.${digits.toString().padStart(decimals, '0')}`;
};

/** The rate e^u − 1 as decimal text of 15 significant digits: '0.1', '0.0', '-0.974482035547709', '1.42084570426787e+56'. */
export const rateText = (u: DoubleDouble): string => {
  if (u.high < U_MIN) return nearMinusOne(u);
  if (u.high > U_MAX) {
    const { mantissa, exponent } = scientific(u);
    return `${withoutZeros(mantissa)}e+${exponent}`;
  }
  const rate = rateOf(u);
  if (rate === 0) return '0.0';
  const size = Math.abs(rate);
  const plain = size < SCIENTIFIC_FROM && size >= SCIENTIFIC_BELOW;
  const [mantissa = '', exponent] = (plain ? rate.toPrecision(DIGITS) : rate.toExponential(DIGITS - 1)).split('e');
  return exponent === undefined ? withoutZeros(mantissa) : `${withoutZeros(mantissa)}e${exponent}`;
};
