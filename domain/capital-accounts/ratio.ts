// Multiples of capital accounts as exact decimal text.

/** Decimals of a multiple. */
export const ratioDecimals = 10;

const twiceScale = 2n * 10n ** BigInt(ratioDecimals);
const zero = `0.${'0'.repeat(ratioDecimals)}`;

/**
 * `numerator / denominator` with ten decimals, half away from zero; null when undefined (denominator not above zero).
 * TVPI of 150.00 + 30.00 on 120.00 called: ratio(18000n, 12000n) = "1.5000000000".
 */
export const ratio = (numerator: bigint, denominator: bigint): string | null => {
  if (denominator <= 0n) return null;
  if (numerator === 0n) return zero;
  const negative = numerator < 0n;
  const scaled = ((negative ? -numerator : numerator) * twiceScale + denominator) / (denominator * 2n);
  const text = scaled.toString().padStart(ratioDecimals + 1, '0');
  return `${negative && scaled !== 0n ? '-' : ''}${text.slice(0, -ratioDecimals)}.${text.slice(-ratioDecimals)}`;
};
