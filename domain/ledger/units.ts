// The smallest amount of a currency, in hundredths: a cent, or a whole yen. What is shared out is shared out in these.
import { allocateList } from '../allocation/allocate.ts';
import type { Minor } from '../messages.ts';
import { minorUnits } from '../money/currency.ts';
import { type Fixed, fixedFromInteger, roundHalfEven } from '../numbers/fixed.ts';
import { tierList, type TiersMinor } from '../waterfall/tier-amounts.ts';

/** 1 for currencies with cents, 100 for those without decimals. */
export const unitOf = (currency: string): Minor => (minorUnits(currency) === 0 ? 100n : 1n);

/** An exact amount of hundredths to the nearest unit, halves to the even one. */
export const roundToUnit = (exact: Fixed, unit: Minor): Minor =>
  unit === 1n ? roundHalfEven(exact) : roundHalfEven(exact / unit) * unit;

/** An amount of hundredths to the nearest unit. */
export const toUnit = (minor: Minor, unit: Minor): Minor => roundToUnit(fixedFromInteger(minor), unit);

/** Parts of a total by weights, in whole units, ties to the earlier; all 0 when there is nothing to share. */
export const sharedBy = (total: Minor, weights: readonly Minor[], unit: Minor): readonly Minor[] => {
  if (total === 0n) return weights.map(() => 0n);
  const shares = allocateList(total / unit, weights);
  if (shares.kind === 'error') throw new Error(`${total} hundredths cannot be shared out: ${shares.reason}`);
  return shares.minor.map((share) => share * unit);
};

/**
 * Tiers in whole units that add up to the same: each entry down to the unit, the units left over to the largest rests, ties to the
 * earlier tier, lp before gp (design.md 5, Exactness, for currencies without cents).
 */
export const tiersInUnits = (tiers: TiersMinor, unit: Minor): TiersMinor => {
  if (unit === 1n) return tiers;
  const entries = tierList(tiers).flatMap(({ lpMinor, gpMinor }) => [lpMinor, gpMinor]);
  const spare = entries.reduce((sum, entry) => sum + (entry % unit), 0n) / unit;
  const ranked = entries.map((entry, index) => ({ rest: entry % unit, index }));
  ranked.sort((left, right) => (left.rest === right.rest ? left.index - right.index : left.rest > right.rest ? -1 : 1));
  const lucky = new Set(ranked.slice(0, Number(spare)).map(({ index }) => index));
  const whole = entries.map((entry, index) => entry - (entry % unit) + (lucky.has(index) ? unit : 0n));
  const pairs = tierList(tiers).map((_, index) => ({ lpMinor: whole[2 * index] ?? 0n, gpMinor: whole[2 * index + 1] ?? 0n }));
  if (tiers.kind === 'hurdles') return { kind: 'hurdles', hurdles: pairs };
  const nothing = { lpMinor: 0n, gpMinor: 0n };
  const [returnOfCapital = nothing, preferredReturn = nothing, catchUp = nothing, split = nothing] = pairs;
  return { kind: 'carry', returnOfCapital, preferredReturn, catchUp, split };
};
