// Numbers that look random and are the same for the same seed on every machine (sfc32): a generated file is reproducible to the byte.

export interface Random {
  /** At least 0, below 1. */
  next(): number;
  /** Whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** Around 1, log-normal with this spread. */
  factor(spread: number): number;
  /** Hundredths: an amount times a factor, in whole units of `unitMinor`. */
  share(minor: bigint, factor: number, unitMinor?: bigint): bigint;
  /** Another one that does not depend on how much of this was used. */
  fork(name: string): Random;
}

const hashOf = (text: string): number => {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
  return hash >>> 0;
};

/** A source of numbers that follows from its seed. */
export const createRandom = (seed: string): Random => {
  let a = hashOf(`a${seed}`);
  let b = hashOf(`b${seed}`);
  let c = hashOf(`c${seed}`);
  let count = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 15; round += 1) next();
  return {
    next,
    whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    factor: (spread) => {
      let sum = 0;
      for (let term = 0; term < 6; term += 1) sum += next();
      return Math.exp((sum - 3) * spread * Math.SQRT2);
    },
    // Factors are cut to millionths, so that no product of money passes through a floating number.
    share: (minor, factor, unitMinor = 1n) => {
      const exact = (minor * BigInt(Math.round(factor * 1e6))) / 1_000_000n;
      return (exact / unitMinor) * unitMinor;
    },
    fork: (name) => createRandom(`${seed}|${name}`),
  };
};
