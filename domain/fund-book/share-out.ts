// A signed amount shared out by weights, to the cent and without memory: results of a fund among its commitments.

/**
 * Each gets the floor of |total| × weight / sum of weights; spare cents go one each to the largest remainders, ties to the earlier.
 * The sign is put back at the end, so that a loss is the mirror of a gain. Null when no weight is above zero. In hundredths.
 * 100.00 by 1, 1, 1: 33.34, 33.33, 33.33. The same numbers as `allocateList`, which keeps fractions and is slower.
 */
export const shareOut = (totalMinor: bigint, weights: readonly bigint[]): readonly bigint[] | null => {
  let sum = 0n;
  for (const weight of weights) if (weight > 0n) sum += weight;
  if (sum === 0n) return null;
  const isLoss = totalMinor < 0n;
  const total = isLoss ? -totalMinor : totalMinor;
  const shares: bigint[] = [];
  const remainders: { readonly place: number; readonly left: bigint }[] = [];
  let spare = total;
  weights.forEach((weight, place) => {
    const product = weight > 0n ? total * weight : 0n;
    const share = product / sum;
    shares.push(share);
    spare -= share;
    const left = product - share * sum;
    if (left > 0n) remainders.push({ place, left });
  });
  if (spare > 0n) {
    remainders.sort((a, b) => (a.left === b.left ? a.place - b.place : a.left > b.left ? -1 : 1));
    for (const { place } of remainders.slice(0, Number(spare))) shares[place] = (shares[place] ?? 0n) + 1n;
  }
  return isLoss ? shares.map((share) => -share) : shares;
};
