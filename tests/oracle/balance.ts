// K and P of design.md 5: unreturned capital and unpaid pref, lot by lot, brought forward from flow to flow.
// A lot is one contribution. `annual` keeps pref with each lot; every other accrual has one P for all.

import { add, div, fraction, max, min, mul, negative, one, positive, power, sub, sum, to60Decimals, zero } from './fraction.ts';
import type { Fraction } from './fraction.ts';
import { anniversary, yearOf, yearsBetween } from './days.ts';
import { prefRate, type Contribution, type Terms } from './terms.ts';

type Lot = {
  date: string;
  /** Capital still to be returned; below zero for a receipt beyond capital and pref (look-back). */
  capital: Fraction;
  earns: boolean;
  /** Pref runs from here. */
  start: string;
  /** For `annual` only: unpaid pref, the last compounding date, the amount this year's pref is reckoned on, the part of this year already reckoned. */
  pref: Fraction;
  compounded: string;
  base: Fraction;
  reckoned: Fraction;
};

export type Balance = { terms: Terms; lots: Lot[]; pref: Fraction; at: string };

export const emptyBalance = (terms: Terms): Balance => ({ terms, lots: [], pref: zero, at: '' });

export const capitalOf = (balance: Balance): Fraction => sum(balance.lots.map((lot) => lot.capital));
export const prefOf = (balance: Balance): Fraction => add(balance.pref, sum(balance.lots.map((lot) => lot.pref)));

/** What `amount` earns over t years, by hurdleAccrual (all but annual). `capital` is the part of it that is capital. */
const accrued = (terms: Terms, capital: Fraction, amount: Fraction, t: Fraction): Fraction => {
  const rate = prefRate(terms);
  if (!positive(rate) || t.over === 0n) return zero;
  const compound = (factor: Fraction) => to60Decimals(mul(amount, sub(factor, one)));
  const times = (m: bigint) => compound(power(add(one, div(rate, fraction(m))), mul(t, fraction(m))));
  switch (terms.hurdleAccrual) {
    case 'none':
    case 'annual':
      return zero;
    case 'simple':
      return mul(max(zero, capital), mul(rate, t));
    case 'effective':
      return compound(power(add(one, rate), t));
    case 'quarterly':
      return times(4n);
    case 'monthly':
      return times(12n);
    case 'daily':
      return times(365n);
    case 'continuous':
      return compound(power('e', mul(rate, t)));
  }
};

const nextCompounding = (terms: Terms, lot: Lot): string => {
  if (terms.compoundingDate === 'year-end') {
    const end = `${yearOf(lot.compounded)}-12-31`;
    return end > lot.compounded ? end : `${yearOf(lot.compounded) + 1}-12-31`;
  }
  let n = 1;
  while (anniversary(lot.start, n) <= lot.compounded) n += 1;
  return anniversary(lot.start, n);
};

/** What one unit earns in a part of a year. */
const stubGrowth = (terms: Terms, t: Fraction): Fraction =>
  terms.stub === 'exponent' ? sub(power(add(one, prefRate(terms)), t), one) : mul(prefRate(terms), t);

/** What a lot earns between two points of its year, each a part of that year. What is repaid within it has earned its days. */
const earnedInYear = (terms: Terms, lot: Lot, from: Fraction, to: Fraction): Fraction =>
  to60Decimals(mul(lot.base, sub(stubGrowth(terms, to), stubGrowth(terms, from))));

/** `annual`: a year whole from date to date gives the rate whatever its days, a part of one by its days. */
const accrueLotAnnually = (terms: Terms, lot: Lot, to: string): void => {
  while (lot.earns && lot.compounded < to) {
    const next = nextCompounding(terms, lot);
    const end = next <= to ? next : to;
    const startsAtCompounding = terms.compoundingDate === 'anniversary' || lot.compounded.endsWith('-12-31');
    const reached = end === next && startsAtCompounding ? one : yearsBetween(terms.dayCount, lot.compounded, end);
    lot.pref = add(lot.pref, earnedInYear(terms, lot, lot.reckoned, reached));
    lot.reckoned = reached;
    if (end < next) return;
    lot.compounded = next;
    lot.reckoned = zero;
    lot.base = add(lot.capital, lot.pref);
  }
};

/** Pref accrues up to `to`. A lot that begins to earn in between parts the time. */
export const accrueTo = (balance: Balance, to: string): void => {
  if (balance.at === '' || to <= balance.at) {
    balance.at = balance.at === '' ? to : balance.at;
    return;
  }
  const { terms } = balance;
  if (terms.hurdleAccrual === 'annual') {
    for (const lot of balance.lots) accrueLotAnnually(terms, lot, to);
    balance.at = to;
    return;
  }
  const starts = balance.lots.filter((lot) => lot.earns && lot.start > balance.at && lot.start < to).map((lot) => lot.start);
  for (const stop of [...new Set(starts)].toSorted().concat(to)) {
    const capital = sum(balance.lots.filter((lot) => lot.earns && lot.start <= balance.at).map((lot) => lot.capital));
    const t = yearsBetween(terms.dayCount, balance.at, stop);
    balance.pref = add(balance.pref, accrued(terms, capital, add(capital, balance.pref), t));
    balance.at = stop;
  }
};

/** prefStart: from when a contribution earns. */
export const prefStartOf = (terms: Terms, flow: Contribution): string => {
  const due = flow.due ?? flow.date;
  if (terms.prefStart === 'due') return due;
  if (terms.prefStart === 'later-of-both') return due > flow.date ? due : flow.date;
  if (terms.prefStart === 'facility-draw') return flow.facilityDraw ?? flow.date;
  return flow.date;
};

/** A contribution first uses up what look-back had paid in advance, oldest first; the rest is what is left of it. */
const useUpAdvance = (balance: Balance, amount: Fraction): Fraction => {
  let left = amount;
  for (const lot of balance.lots) {
    const used = min(left, max(zero, negative(lot.capital)));
    lot.capital = add(lot.capital, used);
    lot.base = add(lot.base, used);
    left = sub(left, used);
  }
  return left;
};

/** Two lots that earn from the same day on are one. */
const addTo = (same: Lot, lot: Lot): void => {
  same.capital = add(same.capital, lot.capital);
  same.base = add(same.base, lot.base);
  same.pref = add(same.pref, lot.pref);
};

/** A contribution adds to K; what it has earned before its date (a draw on the facility, a due date) adds to P. */
export const contribute = (balance: Balance, amount: Fraction, flow: Contribution): void => {
  const { terms } = balance;
  accrueTo(balance, flow.date);
  const earns = terms.prefBase === 'contributions' || (flow.purpose ?? 'investment') === 'investment';
  const start = earns ? prefStartOf(terms, flow) : flow.date;
  const pooled = terms.hurdleAccrual !== 'annual';
  if (pooled && earns && start < flow.date) {
    balance.pref = add(balance.pref, accrued(terms, amount, amount, yearsBetween(terms.dayCount, start, flow.date)));
  }
  const left = useUpAdvance(balance, amount);
  if (left.over === 0n) return;
  // Contributions of one day are one.
  const same = balance.lots.find(
    (lot) => lot.date === flow.date && lot.start === start && lot.earns === earns && positive(lot.capital),
  );
  const lot: Lot = {
    date: flow.date,
    capital: left,
    earns,
    start,
    pref: zero,
    compounded: start,
    base: earns ? left : zero,
    reckoned: zero,
  };
  if (!pooled) accrueLotAnnually(terms, lot, flow.date);
  if (same === undefined) balance.lots.push(lot);
  else addTo(same, lot);
};

/** Capital is repaid, oldest first; what does not earn after what does (annual: the first to start first). */
const payCapital = (balance: Balance, amount: Fraction): void => {
  const annual = balance.terms.hurdleAccrual === 'annual';
  const last = (lot: Lot): boolean => !lot.earns || (!annual && lot.start > balance.at);
  const order = balance.lots.toSorted((a, b) => {
    if (annual && a.start !== b.start) return a.start < b.start ? -1 : 1;
    return Number(last(a)) - Number(last(b));
  });
  let left = amount;
  for (const lot of order) {
    const paid = min(left, max(zero, lot.capital));
    lot.capital = sub(lot.capital, paid);
    lot.base = lot.earns ? sub(lot.base, paid) : lot.base;
    left = sub(left, paid);
  }
};

/** Pref is paid, oldest first; within a lot what is already compounded before this year's. */
const payPref = (balance: Balance, amount: Fraction): void => {
  if (balance.terms.hurdleAccrual !== 'annual') {
    balance.pref = sub(balance.pref, amount);
    return;
  }
  let left = amount;
  for (const lot of balance.lots.toSorted((a, b) => (a.start < b.start ? -1 : Number(a.start > b.start)))) {
    const paid = min(left, max(zero, lot.pref));
    const compounded = max(zero, sub(lot.base, lot.capital));
    lot.base = sub(lot.base, min(paid, compounded));
    lot.pref = sub(lot.pref, paid);
    left = sub(left, paid);
  }
};

/** Lowers K by what LPs received beyond capital and pref, below zero too (look-back). */
export const lower = (balance: Balance, amount: Fraction): void => {
  const open = sum(balance.lots.map((lot) => max(zero, lot.capital)));
  payCapital(balance, min(amount, open));
  if (!positive(sub(amount, open))) return;
  const at = balance.at;
  const capital = negative(sub(amount, open));
  balance.lots.push({ date: at, capital, earns: true, start: at, pref: zero, compounded: at, base: capital, reckoned: zero });
};

/** Pays capital and pref that are due out of `amount`, in tierOrder. */
export const payDue = (balance: Balance, amount: Fraction): { capital: Fraction; pref: Fraction } => {
  const [k, p] = [capitalOf(balance), prefOf(balance)];
  const due = add(k, p);
  if (!positive(due)) return { capital: zero, pref: zero };
  const capitalDue = min(max(zero, k), due);
  const prefDue = sub(due, capitalDue);
  const capitalFirst = balance.terms.tierOrder === 'capital-first';
  const first = min(amount, capitalFirst ? capitalDue : prefDue);
  const second = min(sub(amount, first), capitalFirst ? prefDue : capitalDue);
  const [capital, pref] = capitalFirst ? [first, second] : [second, first];
  payCapital(balance, capital);
  payPref(balance, pref);
  return { capital, pref };
};

/** An LP receipt in a replay: it pays capital and pref, the rest lowers K. */
export const receive = (balance: Balance, date: string, amount: Fraction): void => {
  accrueTo(balance, date);
  const { capital, pref } = payDue(balance, amount);
  lower(balance, sub(sub(amount, capital), pref));
};

/** Two balances of the same day become one (a deal joins the pool); what is of one contribution is one lot again. */
export const join = (into: Balance, other: Balance): void => {
  for (const lot of other.lots) {
    const same = into.lots.find((each) => each.date === lot.date && each.start === lot.start && each.earns === lot.earns);
    if (same === undefined) into.lots.push(lot);
    else addTo(same, lot);
  }
  into.lots.sort((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date)));
  into.pref = add(into.pref, other.pref);
};
