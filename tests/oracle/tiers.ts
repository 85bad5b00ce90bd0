// The tiers of one distribution, as design.md 5 words them: capital and pref, then catch-up and split, or hurdles.

import { add, div, less, max, min, mul, one, parse, positive, sub, zero, type Fraction } from './fraction.ts';
import { accrueTo, capitalOf, contribute, emptyBalance, lower, payDue, prefOf, type Balance } from './balance.ts';
import type { Contribution, Hurdle, Terms } from './terms.ts';

export type Entry = { lp: Fraction; gp: Fraction };

/** What has happened so far in one waterfall. */
export type State = {
  terms: Terms;
  balance: Balance;
  /** One balance per hurdle: it grows by the hurdle's IRR, and all that LPs receive lowers it, below zero too. */
  hurdleBalances: Balance[];
  contributed: Fraction;
  lpPaid: Fraction;
  gpPaid: Fraction;
  /** Tax distributions not yet made good out of the GP's later carry. */
  advance: Fraction;
  /** Capital returned beyond what was contributed (capitalReturned committed). */
  returnedAhead: Fraction;
};

export const emptyState = (terms: Terms): State => ({
  terms,
  balance: emptyBalance(terms),
  hurdleBalances: (terms.hurdles ?? []).map((hurdle) =>
    emptyBalance({ ...terms, hurdleAccrual: 'effective', hurdleRate: hurdle.untilLpIrr ?? null }),
  ),
  contributed: zero,
  lpPaid: zero,
  gpPaid: zero,
  advance: zero,
  returnedAhead: zero,
});

const distributed = (state: State): Fraction => add(state.lpPaid, state.gpPaid);

/** What profit is counted from: contributions so far, or the commitment where that is what comes back. */
export const costBasis = ({ terms, contributed }: State): Fraction =>
  terms.capitalReturned === 'committed' ? max(contributed, parse(terms.committedCapital ?? '0')) : contributed;

const profit = (state: State): Fraction => sub(distributed(state), costBasis(state));

/** Brings every balance forward. */
export const advanceTo = (state: State, date: string): void => {
  accrueTo(state.balance, date);
  for (const balance of state.hurdleBalances) accrueTo(balance, date);
};

/** Counts capital that came in; what of it came back before it was called is no longer owed. */
export const takeOver = (state: State, amount: Fraction): void => {
  state.contributed = add(state.contributed, amount);
  const back = min(state.returnedAhead, amount);
  state.returnedAhead = sub(state.returnedAhead, back);
  lower(state.balance, back);
};

/** A contribution adds to K and to every hurdle's balance. */
export const takeContribution = (state: State, amount: Fraction, flow: Contribution): void => {
  advanceTo(state, flow.date);
  contribute(state.balance, amount, flow);
  for (const balance of state.hurdleBalances) contribute(balance, amount, flow);
  takeOver(state, amount);
};

/** Every LP amount lowers every hurdle's balance (hurdleFlows deal-gross: every amount). */
export const lowerHurdles = (state: State, entry: Entry): void => {
  const off = state.terms.hurdleFlows === 'deal-gross' ? add(entry.lp, entry.gp) : entry.lp;
  for (const balance of state.hurdleBalances) lower(balance, off);
};

const pay = (state: State, entry: Entry): void => {
  state.lpPaid = add(state.lpPaid, entry.lp);
  state.gpPaid = add(state.gpPaid, entry.gp);
  lowerHurdles(state, entry);
};

/** `left` of an amount through a tier that gives the GP `gpShare`, at most `length` (null: no end). */
const runTier = (state: State, left: Fraction, gpShare: Fraction, length: Fraction | null): { entry: Entry; left: Fraction } => {
  const through = length === null ? left : min(left, max(zero, length));
  const gp = mul(through, gpShare);
  const entry = { lp: sub(through, gp), gp };
  pay(state, entry);
  return { entry, left: sub(left, through) };
};

const plus = (a: Entry, b: Entry): Entry => ({ lp: add(a.lp, b.lp), gp: add(a.gp, b.gp) });
const nothing: Entry = { lp: zero, gp: zero };
const shorter = (a: Fraction | null, b: Fraction | null): Fraction | null => (a === null ? b : b === null ? a : min(a, b));

/** The length until LPs have received `room` more, when the GP takes `gpShare`; null: never. */
const untilLpGets = (room: Fraction, gpShare: Fraction): Fraction | null => {
  if (!positive(room)) return zero;
  return less(gpShare, one) ? div(room, sub(one, gpShare)) : null;
};

/** The length until GP = share × profit, when the GP takes `gpShare`; null: never. */
const untilGpHas = (state: State, share: Fraction, gpShare: Fraction): Fraction | null => {
  const short = sub(mul(share, profit(state)), state.gpPaid);
  if (!positive(short)) return zero;
  return less(share, gpShare) ? div(short, sub(gpShare, share)) : null;
};

/** What the GP has beyond carry × profit. */
const aheadBy = (state: State, carry: Fraction): Fraction => max(zero, sub(state.gpPaid, mul(carry, profit(state))));

/** What LPs alone must receive until the GP is ahead by so much less; without carry: all. */
const lpsAlone = (ahead: Fraction, carry: Fraction): Fraction | null => (positive(carry) ? div(ahead, carry) : null);

/** catchUp and split, for each carry tier in turn. */
const catchUpAndSplit = (state: State, amount: Fraction): { catchUp: Entry; split: Entry } => {
  const { terms } = state;
  const tiers = terms.carryTiers ?? [{ carry: terms.carry }];
  const catchUpRate = parse(terms.catchUp);
  let [left, catchUp, split]: [Fraction, Entry, Entry] = [amount, nothing, nothing];
  tiers.forEach((tier, i) => {
    const carry = parse(tier.carry);
    const room = (gpShare: Fraction): Fraction | null => {
      if (tier.untilLpMoic === undefined || i === tiers.length - 1) return null;
      return untilLpGets(sub(mul(parse(tier.untilLpMoic), state.contributed), state.lpPaid), gpShare);
    };
    // The GP is ahead: by a tax distribution, which is made good, or by what has been contributed since (look-back-guarded).
    const guarded = terms.overDistribution === 'look-back-guarded';
    const ahead = guarded ? aheadBy(state, carry) : min(aheadBy(state, carry), state.advance);
    if (positive(ahead)) {
      const back = runTier(state, left, zero, shorter(lpsAlone(ahead, carry), room(zero)));
      state.advance = max(zero, sub(state.advance, mul(carry, back.entry.lp)));
      catchUp = plus(catchUp, back.entry);
      left = back.left;
    }
    const catchesUp = i === 0 || terms.carryTierMode === 'full-catch-up';
    if (catchesUp && positive(catchUpRate)) {
      const caught = runTier(state, left, catchUpRate, shorter(untilGpHas(state, carry, catchUpRate), room(catchUpRate)));
      catchUp = plus(catchUp, caught.entry);
      left = caught.left;
    }
    const shared = runTier(state, left, carry, room(carry));
    split = plus(split, shared.entry);
    left = shared.left;
  });
  return { catchUp, split };
};

/** How much of a distribution a hurdle's tier takes; null: all. */
const hurdleLength = (state: State, hurdle: Hurdle, i: number): Fraction | null => {
  const gp = parse(hurdle.gp);
  const gross = state.terms.hurdleFlows === 'deal-gross';
  const until = (room: Fraction): Fraction | null => untilLpGets(room, gross ? zero : gp);
  const lengths: (Fraction | null)[] = [];
  if ((hurdle.untilLpIrr ?? null) !== null)
    lengths.push(until(add(capitalOf(state.hurdleBalances[i]!), prefOf(state.hurdleBalances[i]!))));
  if (hurdle.untilLpMoic !== undefined) {
    const received = gross ? distributed(state) : state.lpPaid;
    lengths.push(until(sub(mul(parse(hurdle.untilLpMoic), state.contributed), received)));
  }
  if (hurdle.untilGpShare !== undefined) lengths.push(untilGpHas(state, parse(hurdle.untilGpShare), gp));
  if (lengths.length === 0) return null;
  if (hurdle.until !== 'both') return lengths.reduce(shorter);
  return lengths.reduce((a, b) => (a === null || b === null ? null : max(a, b)));
};

/** The exact entries of one distribution, tier by tier, and the state after it. */
export const distribute = (state: State, date: string, amount: Fraction, isAdvance = false): Entry[] => {
  advanceTo(state, date);
  if (isAdvance) {
    const toGp = { lp: zero, gp: amount };
    pay(state, toGp);
    state.advance = add(state.advance, amount);
    return [nothing, nothing, toGp, nothing];
  }
  if (state.terms.hurdles !== undefined) {
    let left = amount;
    return state.terms.hurdles.map((hurdle, i) => {
      const tier = runTier(state, left, parse(hurdle.gp), hurdleLength(state, hurdle, i));
      left = tier.left;
      return tier.entry;
    });
  }
  const due = payDue(state.balance, amount);
  // Commitments that were never called come back after called capital and its pref.
  const uncalled = max(zero, sub(sub(costBasis(state), state.contributed), state.returnedAhead));
  const ahead = min(sub(sub(amount, due.capital), due.pref), uncalled);
  state.returnedAhead = add(state.returnedAhead, ahead);
  const returnOfCapital = { lp: add(due.capital, ahead), gp: zero };
  const preferredReturn = { lp: due.pref, gp: zero };
  pay(state, returnOfCapital);
  pay(state, preferredReturn);
  const { catchUp, split } = catchUpAndSplit(state, sub(sub(amount, returnOfCapital.lp), due.pref));
  if (state.terms.overDistribution !== 'floor') lower(state.balance, add(catchUp.lp, split.lp));
  return [returnOfCapital, preferredReturn, catchUp, split];
};
