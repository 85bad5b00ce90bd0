// Money of the whole platform: bigint hundredths (`…Minor`), in every currency alike. This file is the border between the
// decimal strings of JSON, CSV and the command line and those integers; it never rounds, because a figure that needs rounding
// is not money yet.

/** Why a text is not an amount of money. The same words are the rejection reasons of the intake. */
export type MoneyError = 'not-a-decimal' | 'more-than-two-decimals' | 'out-of-range';

export type ParsedMoney =
  | { readonly kind: 'ok'; readonly minor: bigint }
  | { readonly kind: 'error'; readonly reason: MoneyError };

/** The largest amount that NUMERIC(20,2) and Avro decimal(20,2) hold: 999,999,999,999,999,999.99. */
export const MONEY_MAX_MINOR = 10n ** 20n - 1n;

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * Reads a decimal string as hundredths, exactly: '-12.5' is -1250n. Zeros after the second decimal are no information and pass
 * ('1.500' is 150n); any other third decimal is refused, never rounded. No sign '+', no exponent, no grouping, no blanks.
 */
export const parseMoney = (text: string): ParsedMoney => {
  const parts = DECIMAL.exec(text);
  if (parts === null) return { kind: 'error', reason: 'not-a-decimal' };
  const fraction = parts[3] ?? '';
  if (/[1-9]/.test(fraction.slice(2))) return { kind: 'error', reason: 'more-than-two-decimals' };
  const size = BigInt(`${parts[2]}${fraction.slice(0, 2).padEnd(2, '0')}`);
  if (size > MONEY_MAX_MINOR) return { kind: 'error', reason: 'out-of-range' };
  return { kind: 'ok', minor: parts[1] === '-' ? -size : size };
};

/** Writes hundredths as the decimal string of JSON, always with two decimals: -1250n is '-12.50', 0n is '0.00'. */
export const formatMoney = (minor: bigint): string => {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
