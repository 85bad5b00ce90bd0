// One distribution through the tiers: capital, preferred return, catch-up, split. The state of the waterfall (who has had what
// so far) goes in and is moved on; everything is exact.
import { type Fixed, isPositive, larger, ONE, over, smaller, times } from '../numbers/fixed.ts';
import { type Balance, payDue } from './balance.ts';
import type { ExactTiers } from './tier-amounts.ts';
import type { CarryStep, Terms } from './terms.ts';

/**
 * Everything so far, in cents: contributions, distributions, carry, LP receipts; `advance` is carry paid ahead by tax
 * distributions.
 */
export type Progress = {
  contributed: Fixed;
  distributed: Fixed;
  carry: Fixed;
  lpReceipts: Fixed;
  advance: Fixed;
  /** Capital returned beyond what was contributed, where committed capital comes back (terms.capitalReturned). */
  returnedAhead: Fixed;
};

export const startProgress = (): Progress => ({
  contributed: 0n,
  distributed: 0n,
  carry: 0n,
  lpReceipts: 0n,
  advance: 0n,
  returnedAhead: 0n,
});

/** The capital that profit is counted above: contributions so far, or the commitment where that comes back first. */
export const costBasis = (terms: Terms, progress: Progress): Fixed =>
  terms.capitalReturned === 'committed' ? larger(progress.contributed, terms.committedCapital ?? 0n) : progress.contributed;

const profitOf = (terms: Terms, progress: Progress): Fixed => progress.distributed - costBasis(terms, progress);

const pay = (progress: Progress, lp: Fixed, gp: Fixed): void => {
  progress.distributed += lp + gp;
  progress.carry += gp;
  progress.lpReceipts += lp;
};

/** The smallest of an amount and limits that may not exist. */
const limited = (amount: Fixed, ...limits: readonly (Fixed | null)[]): Fixed =>
  limits.reduce<Fixed>((least, limit) => (limit === null ? least : smaller(least, larger(0n, limit))), amount);

type Paid = { lp: Fixed; gp: Fixed };
type Split = { readonly catchUp: Paid; readonly split: Paid };

/** What the LPs may still get in a carry tier (null: no end), and the same as a whole amount of which they get a share. */
const roomFor = (step: CarryStep, progress: Progress): Fixed | null =>
  step.untilLpMoic === null ? null : times(step.untilLpMoic, progress.contributed) - progress.lpReceipts;

const wholeFor = (room: Fixed | null, lpShare: Fixed): Fixed | null =>
  room === null || lpShare === 0n ? null : over(larger(0n, room), lpShare);

/**
 * How much goes to the LPs alone because the GP is ahead: under look-back-guarded all that it is ahead, else only what tax
 * distributions advanced. The GP is level again when carry × (profit + x) = GP, so x = GP / carry − profit.
 */
const guardLength = (terms: Terms, carry: Fixed, progress: Progress): Fixed | null => {
  const ahead = progress.carry - times(carry, profitOf(terms, progress));
  const counted = terms.overDistribution === 'look-back-guarded' ? ahead : smaller(ahead, progress.advance);
  if (!isPositive(counted)) return 0n;
  return carry === 0n ? null : over(counted, carry);
};

/** Runs one carry tier over `rest`; what it pays is added to `paid`, what is left comes back. */
const runCarryTier = (terms: Terms, step: CarryStep, catchesUp: boolean, rest: Fixed, progress: Progress, paid: Split): Fixed => {
  let left = rest;
  const guarded = limited(left, guardLength(terms, step.carry, progress), roomFor(step, progress));
  if (guarded > 0n) {
    pay(progress, guarded, 0n);
    progress.advance = larger(0n, progress.advance - times(guarded, step.carry));
    paid.catchUp.lp += guarded;
    left -= guarded;
  }
  const behind = times(step.carry, profitOf(terms, progress)) - progress.carry;
  if (catchesUp && terms.catchUp > 0n && isPositive(behind) && left > 0n) {
    const length = terms.catchUp > step.carry ? over(behind, terms.catchUp - step.carry) : null;
    const amount = limited(left, length, wholeFor(roomFor(step, progress), ONE - terms.catchUp));
    const gp = times(amount, terms.catchUp);
    pay(progress, amount - gp, gp);
    paid.catchUp.lp += amount - gp;
    paid.catchUp.gp += gp;
    left -= amount;
  }
  const amount = limited(left, wholeFor(roomFor(step, progress), ONE - step.carry));
  const gp = times(amount, step.carry);
  pay(progress, amount - gp, gp);
  paid.split.lp += amount - gp;
  paid.split.gp += gp;
  return left - amount;
};

/** Committed capital that was never called comes back after called capital, without pref. */
const returnCommitted = (terms: Terms, amount: Fixed, progress: Progress): Fixed => {
  if (terms.capitalReturned !== 'committed') return 0n;
  const paid = limited(amount, costBasis(terms, progress) - progress.contributed - progress.returnedAhead);
  progress.returnedAhead += paid;
  return paid;
};

/**
 * Capital and pref first (to the LPs), then catch-up and split. Worked (case P01): 50m in, 100m out a year later, 8 %, catch-up
 * 1.0, carry 0.2: capital 50m, pref 4m, catch-up 0.2 × 4m / (1 − 0.2) = 1m to the GP, split 36m and 9m: LP 90m, GP 10m. Source:
 * design 5 "Tiers of a distribution", "carryTiers", "overDistribution".
 */
export const payCarryTiers = (terms: Terms, balance: Balance, amount: Fixed, progress: Progress): ExactTiers => {
  const due = payDue(balance, amount, terms.tierOrder);
  const committed = returnCommitted(terms, due.rest, progress);
  pay(progress, due.capital + due.pref + committed, 0n);
  const paid: Split = { catchUp: { lp: 0n, gp: 0n }, split: { lp: 0n, gp: 0n } };
  let rest = due.rest - committed;
  terms.carrySteps.forEach((step, index) => {
    const room = roomFor(step, progress);
    if (rest <= 0n || (room !== null && !isPositive(room))) return;
    rest = runCarryTier(terms, step, index === 0 || terms.laterTiersCatchUp, rest, progress, paid);
  });
  if (terms.overDistribution !== 'floor') balance.payCapital(paid.catchUp.lp + paid.split.lp);
  return {
    kind: 'carry',
    returnOfCapital: { lp: due.capital + committed, gp: 0n },
    preferredReturn: { lp: due.pref, gp: 0n },
    ...paid,
  };
};

/** A tax distribution is carry paid ahead: all to the GP, made good by the LPs' precedence later. */
export const payTaxAdvance = (amount: Fixed, progress: Progress): ExactTiers => {
  pay(progress, 0n, amount);
  progress.advance += amount;
  const none = { lp: 0n, gp: 0n };
  return { kind: 'carry', returnOfCapital: none, preferredReturn: none, catchUp: { lp: 0n, gp: amount }, split: none };
};
