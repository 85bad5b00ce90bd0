// Who gets which cent: an amount is divided by weights so that the parts add up to the cent in every single call and no partner
// bears every odd cent over the years. Used for calls, distributions, fees and refunds of a fund.
import { addRationals, compareRationals, type Rational, rational, ZERO } from '../numbers/rational.ts';

/**
 * One partner in an allocation. The residual is what earlier allocations still owe (positive) or gave too much (negative), in
 * cents.
 */
export type Claim = { readonly id: string; readonly weight: bigint; readonly residual: Rational };

/** What a partner gets, and the exact residual that goes into the event and into the next allocation. */
export type Share = { readonly id: string; readonly minor: bigint; readonly residual: Rational };

export type AllocationError = 'negative-total' | 'negative-weight' | 'no-weight';

export type Allocation =
  | { readonly kind: 'ok'; readonly shares: readonly Share[] }
  | { readonly kind: 'error'; readonly reason: AllocationError };

const checkClaims = (totalMinor: bigint, weights: readonly bigint[]): AllocationError | null => {
  if (totalMinor < 0n) return 'negative-total';
  if (weights.some((weight) => weight < 0n)) return 'negative-weight';
  return weights.every((weight) => weight === 0n) && totalMinor > 0n ? 'no-weight' : null;
};

/**
 * Divides a total (hundredths, >= 0) by weights: each gets the floor of total × weight / sum of weights; the spare cents go one
 * each to the largest old residual + fraction, ties to the lower id (plain string order). New residual = old + exact share −
 * cents given, exact. Weight 0 gets 0.00 and keeps its residual. Shares come back in the order of the claims and add up to the
 * total.
 *
 * Worked: 0.01 three times among three equal partners. First 1/3 each: A gets the cent, residuals −2/3, 1/3, 1/3. Then B (1/3 +
 * 1/3), then C: after three calls each has 0.01 and every residual is 0. Source: design 5 "Allocation"; the drift that it cures
 * is case A06, the negative cent that it avoids is case A07 (largest remainder on cumulative totals is not monotone: the
 * Alabama paradox).
 */
export const allocate = (totalMinor: bigint, claims: readonly Claim[]): Allocation => {
  const reason = checkClaims(
    totalMinor,
    claims.map((claim) => claim.weight),
  );
  if (reason !== null) return { kind: 'error', reason };
  const weightSum = claims.reduce((sum, claim) => sum + claim.weight, 0n);
  if (weightSum === 0n) return { kind: 'ok', shares: claims.map(({ id, residual }) => ({ id, minor: 0n, residual })) };

  const floored = claims.map((claim) => {
    const product = totalMinor * claim.weight;
    const fraction = rational(product % weightSum, weightSum);
    return {
      claim,
      minor: product / weightSum,
      owed: claim.weight === 0n ? claim.residual : addRationals(claim.residual, fraction),
    };
  });
  let spare = totalMinor - floored.reduce((sum, share) => sum + share.minor, 0n);
  const ranked = floored
    .filter((share) => share.claim.weight > 0n)
    .sort((a, b) => compareRationals(b.owed, a.owed) || (a.claim.id < b.claim.id ? -1 : a.claim.id > b.claim.id ? 1 : 0));
  const lucky = new Set<unknown>();
  for (const share of ranked) {
    if (spare === 0n) break;
    lucky.add(share);
    spare -= 1n;
  }
  return {
    kind: 'ok',
    shares: floored.map((share) => {
      const cent = lucky.has(share) ? 1n : 0n;
      const residual = cent === 0n ? share.owed : addRationals(share.owed, { numerator: -1n, denominator: 1n });
      return { id: share.claim.id, minor: share.minor + cent, residual };
    }),
  };
};

/**
 * The same without memory, for a plain list: no residuals, ties to the earlier entry. 1,000,000.01 by 1, 1, 1 is .34, .34, .33.
 */
export const allocateList = (
  totalMinor: bigint,
  weights: readonly bigint[],
): { readonly kind: 'ok'; readonly minor: readonly bigint[] } | { readonly kind: 'error'; readonly reason: AllocationError } => {
  const width = String(weights.length).length;
  const claims = weights.map((weight, index) => ({ id: String(index).padStart(width, '0'), weight, residual: ZERO }));
  const allocation = allocate(totalMinor, claims);
  return allocation.kind === 'error' ? allocation : { kind: 'ok', minor: allocation.shares.map((share) => share.minor) };
};
