// Seeded choices for the generators of this folder: the same seed gives the same funds.

export type Random = {
  /** A whole number from `from` to `to`, both included. */
  whole: (from: number, to: number) => number;
  chance: (of: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
};

/** mulberry32, as published by Tommy Ettinger: 32 bits of state are enough to choose test data. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return { whole, chance: (of) => next() < of, pick: (list) => list[whole(0, list.length - 1)]! };
};
