// Decimal strings of any length as exact integers with a power of ten: rates, weights and amounts of foreign files.

/** value = units / 10^decimals, exact. */
export type DecimalText = { readonly units: bigint; readonly decimals: number };

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads '0.08', '-12.5', '1e-9' exactly; null when the text is not a decimal number. Trailing zeros do not count. */
export const parseDecimalText = (text: string): DecimalText | null => {
  const parts = DECIMAL.exec(text);
  if (parts === null) return null;
  const fraction = (parts[3] ?? '').replace(/0+$/, '');
  const size = BigInt(`${parts[2]}${fraction}`);
  const units = parts[1] === '-' ? -size : size;
  const decimals = fraction.length - Number(parts[4] ?? '0');
  return decimals >= 0 ? { units, decimals } : { units: units * 10n ** BigInt(-decimals), decimals: 0 };
};

/** Brings decimals to one scale, so that they can be added and compared as integers: 1.5 and 2 are 15 and 20 at scale 1. */
export const alignDecimals = (
  values: readonly DecimalText[],
): { readonly units: readonly bigint[]; readonly decimals: number } => {
  const decimals = values.reduce((most, value) => Math.max(most, value.decimals), 0);
  return { units: values.map((value) => value.units * 10n ** BigInt(decimals - value.decimals)), decimals };
};
