// What goes along when a part of a commitment changes hands.

/**
 * The parts of amounts that move when `moved` of their total does: each its proportion in whole cents, running totals rounded down,
 * so that they add up to `moved` exactly. 3 of 10 out of 5, 5 is 1 and 2.
 */
export const movedParts = (amounts: readonly bigint[], moved: bigint): readonly bigint[] => {
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  let running = 0n;
  let given = 0n;
  return amounts.map((amount) => {
    running += amount;
    const upTo = total === 0n ? 0n : (moved * running) / total;
    const part = upTo - given;
    given = upTo;
    return part;
  });
};
