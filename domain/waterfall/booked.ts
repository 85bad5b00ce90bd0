// What was booked stays booked: a later distribution of the same day receives the day's total result less what was booked.
import { tierList, type TierMinor, type TiersMinor } from './tier-amounts.ts';

const NOTHING: TierMinor = { lpMinor: 0n, gpMinor: 0n };

const rebuilt = (like: TiersMinor, tiers: readonly TierMinor[]): TiersMinor => {
  if (like.kind === 'hurdles') return { kind: 'hurdles', hurdles: tiers };
  const [returnOfCapital = NOTHING, preferredReturn = NOTHING, catchUp = NOTHING, split = NOTHING] = tiers;
  return { kind: 'carry', returnOfCapital, preferredReturn, catchUp, split };
};

/**
 * The tiers of a day less those already booked for it. Rounding the whole day can give an entry a cent less than it had been
 * booked with; that cent is taken from the largest entry instead, so that nothing is below zero and the sum is the new
 * distribution. Day 100.00 / 25.00 with 60.00 / 15.00 booked leaves 40.00 / 10.00. Source: design 5 "Exactness".
 */
export const lessBooked = (day: TiersMinor, booked: readonly TiersMinor[]): TiersMinor => {
  const entries = tierList(day).flatMap(({ lpMinor, gpMinor }) => [lpMinor, gpMinor]);
  for (const earlier of booked) {
    tierList(earlier).forEach(({ lpMinor, gpMinor }, index) => {
      entries[2 * index] = (entries[2 * index] ?? 0n) - lpMinor;
      entries[2 * index + 1] = (entries[2 * index + 1] ?? 0n) - gpMinor;
    });
  }
  for (let missing = entries.findIndex((entry) => entry < 0n); missing >= 0; missing = entries.findIndex((entry) => entry < 0n)) {
    const largest = entries.reduce((best, entry, index) => (entry > (entries[best] ?? 0n) ? index : best), 0);
    if ((entries[largest] ?? 0n) <= 0n)
      throw new Error('more was booked for a day than its distributions; this is a defect of the ledger');
    const moved = -(entries[missing] ?? 0n) < (entries[largest] ?? 0n) ? -(entries[missing] ?? 0n) : (entries[largest] ?? 0n);
    entries[missing] = (entries[missing] ?? 0n) + moved;
    entries[largest] = (entries[largest] ?? 0n) - moved;
  }
  return rebuilt(
    day,
    tierList(day).map((_, index) => ({ lpMinor: entries[2 * index] ?? 0n, gpMinor: entries[2 * index + 1] ?? 0n })),
  );
};
