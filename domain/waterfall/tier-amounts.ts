// What a distribution pays in each tier: exact at first, then rounded together so that it adds up to the cent.
import { type Fixed, floorAndRemainder } from '../numbers/fixed.ts';

/** The share of the LPs and of the GP in one tier, exact, in cents. */
export type ExactTier = { readonly lp: Fixed; readonly gp: Fixed };

/** The four tiers of pref, catch-up and carry, or one per hurdle. */
export type ExactTiers =
  | {
      readonly kind: 'carry';
      readonly returnOfCapital: ExactTier;
      readonly preferredReturn: ExactTier;
      readonly catchUp: ExactTier;
      readonly split: ExactTier;
    }
  | { readonly kind: 'hurdles'; readonly hurdles: readonly ExactTier[] };

/** A rounded tier in hundredths. */
export type TierMinor = { readonly lpMinor: bigint; readonly gpMinor: bigint };

export type TiersMinor =
  | {
      readonly kind: 'carry';
      readonly returnOfCapital: TierMinor;
      readonly preferredReturn: TierMinor;
      readonly catchUp: TierMinor;
      readonly split: TierMinor;
    }
  | { readonly kind: 'hurdles'; readonly hurdles: readonly TierMinor[] };

/**
 * Rounds exact entries to a whole total: each down to the cent, the spare cents to the largest remainders, ties to the earlier
 * entry. 1/3, 1/3, 1/3 of two cents is 1, 1, 0. That the entries add up to the total is an invariant; a violation is a defect
 * and throws.
 */
export const roundTogether = (entries: readonly Fixed[], totalMinor: bigint): readonly bigint[] => {
  const parts = entries.map(floorAndRemainder);
  const minors = parts.map((part) => part.floor);
  let spare = totalMinor - minors.reduce((sum, minor) => sum + minor, 0n);
  if (spare < 0n || spare > BigInt(entries.length))
    throw new Error(
      `the tiers of a distribution of ${totalMinor} cents miss it by ${spare} cents; this is a defect of the waterfall`,
    );
  const ranked = parts
    .map(({ remainder }, index) => ({ remainder, index }))
    .sort((a, b) => (a.remainder > b.remainder ? -1 : a.remainder < b.remainder ? 1 : a.index - b.index));
  for (const { index } of ranked) {
    if (spare === 0n) break;
    minors[index] = (minors[index] ?? 0n) + 1n;
    spare -= 1n;
  }
  return minors;
};

const pairs = (minors: readonly bigint[]): readonly TierMinor[] =>
  Array.from({ length: minors.length / 2 }, (_, index) => ({
    lpMinor: minors[2 * index] ?? 0n,
    gpMinor: minors[2 * index + 1] ?? 0n,
  }));

const NOTHING: TierMinor = { lpMinor: 0n, gpMinor: 0n };

/** Rounds the tiers of one distribution in the order in which they are paid, LP before GP within a tier. */
export const roundTiers = (tiers: ExactTiers, totalMinor: bigint, prefFirst: boolean): TiersMinor => {
  if (tiers.kind === 'hurdles')
    return {
      kind: 'hurdles',
      hurdles: pairs(
        roundTogether(
          tiers.hurdles.flatMap(({ lp, gp }) => [lp, gp]),
          totalMinor,
        ),
      ),
    };
  const { returnOfCapital, preferredReturn, catchUp, split } = tiers;
  const paid = prefFirst
    ? [preferredReturn, returnOfCapital, catchUp, split]
    : [returnOfCapital, preferredReturn, catchUp, split];
  const [first = NOTHING, second = NOTHING, third = NOTHING, fourth = NOTHING] = pairs(
    roundTogether(
      paid.flatMap(({ lp, gp }) => [lp, gp]),
      totalMinor,
    ),
  );
  const [capital, pref] = prefFirst ? [second, first] : [first, second];
  return { kind: 'carry', returnOfCapital: capital, preferredReturn: pref, catchUp: third, split: fourth };
};

export const tierList = (tiers: TiersMinor): readonly TierMinor[] =>
  tiers.kind === 'hurdles' ? tiers.hurdles : [tiers.returnOfCapital, tiers.preferredReturn, tiers.catchUp, tiers.split];
