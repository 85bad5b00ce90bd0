// What an investment cost and was worth, day by day: enough to tell what a booking changes in the unrealised gain, back-dated
// ones included.
import type { EpochDay } from '../dates/local-date.ts';
import type { Minor } from '../messages.ts';

/**
 * An increase of cost raises the value by as much; a valuation sets it; a realisation (or write-off) takes cost away and says what
 * the rest is worth.
 */
export type InvestmentEntry = { readonly day: EpochDay } & (
  | { readonly kind: 'cost'; readonly minor: Minor }
  | { readonly kind: 'value'; readonly fairMinor: Minor }
  | { readonly kind: 'realisation'; readonly costMinor: Minor; readonly leftFairMinor: Minor; readonly isWriteOff: boolean }
);

/** By day, of one day in the order of recording. */
export type InvestmentHistory = readonly InvestmentEntry[];

/** Cost and fair value after all entries up to a day. */
export interface Held {
  readonly costMinor: Minor;
  readonly fairMinor: Minor;
}

const nothing: Held = { costMinor: 0n, fairMinor: 0n };

const after = ({ costMinor, fairMinor }: Held, entry: InvestmentEntry): Held => {
  switch (entry.kind) {
    case 'cost':
      return { costMinor: costMinor + entry.minor, fairMinor: fairMinor + entry.minor };
    case 'value':
      return { costMinor, fairMinor: entry.fairMinor };
    case 'realisation':
      return { costMinor: costMinor - entry.costMinor, fairMinor: entry.leftFairMinor };
  }
};

/** What was held at the end of a day; without a day: after everything. */
export const heldOn = (history: InvestmentHistory, day: EpochDay = Number.POSITIVE_INFINITY): Held =>
  history.reduce((held, entry) => (entry.day <= day ? after(held, entry) : held), nothing);

/** The lowest cost from a day on: what may still be realised on that day without going below zero later. */
export const leastCostFrom = (history: InvestmentHistory, day: EpochDay): Minor => {
  let held = nothing;
  let least: Minor | null = null;
  for (const entry of history) {
    if (entry.day > day && least === null) least = held.costMinor;
    held = after(held, entry);
    if (entry.day > day && least !== null && held.costMinor < least) least = held.costMinor;
  }
  return least ?? held.costMinor;
};

/** Puts an entry in after those of its day. */
export const withEntry = (history: InvestmentHistory, entry: InvestmentEntry): InvestmentHistory => {
  let place = history.length;
  while (place > 0 && (history[place - 1]?.day ?? 0) > entry.day) place -= 1;
  return [...history.slice(0, place), entry, ...history.slice(place)];
};

/** By how much each entry changes the unrealised gain (fair value less cost). */
const changes = (history: InvestmentHistory): ReadonlyMap<InvestmentEntry, Minor> => {
  let held = nothing;
  return new Map(
    history.map((entry) => {
      const next = after(held, entry);
      const change = next.fairMinor - next.costMinor - (held.fairMinor - held.costMinor);
      held = next;
      return [entry, change];
    }),
  );
};

/**
 * What an entry changes in the unrealised gain, by day. A value of 120 put in on 30 June before one of 150 on 31 December, cost
 * 100: +20 on 30 June, and -20 on 31 December, since 50 had been booked there and 30 are left.
 */
export const unrealisedChanges = (
  before: InvestmentHistory,
  later: InvestmentHistory,
): readonly { readonly day: EpochDay; readonly change: Minor }[] => {
  const booked = changes(before);
  const byDay = new Map<EpochDay, Minor>();
  for (const [entry, change] of changes(later)) {
    const difference = change - (booked.get(entry) ?? 0n);
    if (difference !== 0n) byDay.set(entry.day, (byDay.get(entry.day) ?? 0n) + difference);
  }
  return [...byDay].filter(([, change]) => change !== 0n).map(([day, change]) => ({ day, change }));
};
