// The allocation of domain/allocation against design.md 5 in exact fractions: chains of allocations that carry their residuals.

import { describe, expect, it } from 'vitest';
import { allocate as engineAllocate, type Claim } from '#domain/allocation/allocate.ts';
import { ZERO } from '#domain/numbers/rational.ts';
import { allocate, noResidual, type Party } from './allocation.ts';
import { fraction } from './fraction.ts';
import { seededRandom } from './random.ts';

describe('the allocation and the oracle', () => {
  it('give every partner the same cents over 100 chains of 30 calls', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = seededRandom(seed);
      const weights = Array.from({ length: random.whole(1, 9) }, () =>
        BigInt(random.chance(0.1) ? 0 : random.whole(1, 900)),
      ).concat(1n);
      let claims: Claim[] = weights.map((weight, i) => ({ id: `LP ${i}`, weight, residual: ZERO }));
      let parties: Party[] = weights.map((weight, i) => ({ id: `LP ${i}`, weight: fraction(weight), residual: noResidual }));
      for (let call = 0; call < 30; call += 1) {
        const amount = BigInt(random.whole(0, random.chance(0.5) ? 7 : 900_000));
        const ours = engineAllocate(amount, claims);
        if (ours.kind === 'error') throw new Error(ours.reason);
        const shares = allocate(amount, parties);
        expect(
          ours.shares.map(({ minor }) => minor),
          `seed ${seed}, call ${call}`,
        ).toEqual(shares.map(({ cents }) => cents));
        claims = claims.map((claim, i) => ({ ...claim, residual: ours.shares[i]!.residual }));
        parties = parties.map((party, i) => ({ ...party, residual: shares[i]!.residual }));
      }
    }
  });
});
