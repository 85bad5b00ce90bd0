// Partners: whose money a distribution is, before any tier. Apportioned by capital contributed up to that day, to the cent.
import { allocateList } from '../allocation/allocate.ts';
import type { Contribution, Distribution } from './flows.ts';

/** Contributions without a partner count as one partner of this name. */
export const UNNAMED_PARTNER = '';

/** Partners in the order of their first contribution, which also breaks ties. */
const partnersOf = (contributions: readonly Contribution[], distributions: readonly Distribution[]): readonly string[] => [
  ...new Set(
    [...contributions, ...distributions].flatMap((flow) =>
      'purpose' in flow || flow.partner !== null ? [flow.partner ?? UNNAMED_PARTNER] : [],
    ),
  ),
];

/**
 * Each partner's part of every distribution: its own where the distribution names a partner, else by the capital that each had
 * contributed up to that day, largest remainder, ties to the first contributor. 98m and 2m of capital share 180m as 176.4m and
 * 3.6m (case D44). Before anybody has contributed the first partner takes it.
 */
export const apportion = (
  contributions: readonly Contribution[],
  distributions: readonly Distribution[],
): ReadonlyMap<string, readonly Distribution[]> => {
  const partners = partnersOf(contributions, distributions);
  const parts = new Map<string, Distribution[]>(partners.map((partner) => [partner, []]));
  for (const distribution of distributions) {
    const named = distribution.partner;
    if (named !== null) {
      parts.get(named)?.push(distribution);
      continue;
    }
    const contributed = new Map<string, bigint>();
    for (const { partner, day, minor } of contributions) {
      const name = partner ?? UNNAMED_PARTNER;
      if (day <= distribution.day) contributed.set(name, (contributed.get(name) ?? 0n) + minor);
    }
    const weights = partners.map((partner) => contributed.get(partner) ?? 0n);
    const nobody = weights.every((weight) => weight === 0n);
    const allocation = allocateList(distribution.minor, nobody ? weights.map((_, index) => (index === 0 ? 1n : 0n)) : weights);
    if (allocation.kind === 'error')
      throw new Error(
        `a distribution of ${distribution.minor} cents cannot be apportioned: ${allocation.reason}; this is a defect of the waterfall`,
      );
    partners.forEach((partner, index) => parts.get(partner)?.push({ ...distribution, minor: allocation.minor[index] ?? 0n }));
  }
  return parts;
};
