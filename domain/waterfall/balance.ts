// What investors are still owed: unreturned capital K and unpaid preferred return P, growing from flow to flow. This file names
// what every tier needs of such a balance and keeps the balances that grow as one sum; annual compounding is in
// annual-balance.ts.
import type { EpochDay } from '../dates/local-date.ts';
import { type Fixed, isPositive, larger, smaller, times } from '../numbers/fixed.ts';
import type { Earnings } from './growth.ts';

/**
 * A contribution as a balance takes it in: its pref runs from `earnsFrom` (null: it never earns), its capital counts from
 * `day`.
 */
export type Deposit = { readonly day: EpochDay; readonly amount: Fixed; readonly earnsFrom: EpochDay | null };

/** What is due at a moment; nothing when K + P <= 0. */
export type Due = { readonly capital: Fixed; readonly pref: Fixed };

/** A mutable ledger of K and P. All amounts are exact; days never go back. `payCapital` may take K below zero (look-back). */
export type Balance = {
  readonly accrueTo: (day: EpochDay) => void;
  readonly deposit: (deposit: Deposit) => void;
  readonly payCapital: (amount: Fixed) => void;
  readonly payPref: (amount: Fixed) => void;
  readonly capital: () => Fixed;
  readonly pref: () => Fixed;
};

/** Capital min(max(0, K), K + P) and pref the rest of K + P, when that is positive (design 5 "Tiers of a distribution"). */
const dueOf = (balance: Balance): Due => {
  const capital = balance.capital();
  const total = capital + balance.pref();
  if (!isPositive(total)) return { capital: 0n, pref: 0n };
  const due = smaller(larger(0n, capital), total);
  return { capital: due, pref: total - due };
};

export type TierOrder = 'capital-first' | 'pref-first';

/** Pays what is due out of an amount, in the order of the tiers; the rest comes back. */
export const payDue = (balance: Balance, amount: Fixed, order: TierOrder): Due & { readonly rest: Fixed } => {
  const due = dueOf(balance);
  const capitalRoom = order === 'capital-first' ? amount : larger(0n, amount - due.pref);
  const capital = smaller(due.capital, capitalRoom);
  const pref = smaller(due.pref, amount - capital);
  balance.payCapital(capital);
  balance.payPref(pref);
  return { capital, pref, rest: amount - capital - pref };
};

/**
 * An LP receipt of the past, replayed: it pays capital and pref in the order of the tiers, and the rest lowers K, below zero
 * too.
 */
export const absorbReceipt = (balance: Balance, amount: Fixed, order: TierOrder): void => {
  balance.payCapital(payDue(balance, amount, order).rest);
};

/** Capital that does not earn, or not before `from`. */
type IdleCapital = { readonly from: EpochDay | null; readonly amount: Fixed };

/**
 * A balance that grows as one sum. Compounding: P += (K + P) × earnings, whatever the sign. Simple: P += max(0, K) × earnings,
 * so unpaid pref earns nothing and a negative K neither. Capital that does not earn (yet) is repaid after capital that does,
 * the oldest of it first; what look-back had paid in advance uses it up in the same order.
 */
export const createPooledBalance = (earnings: Earnings, compounds: boolean): Balance => {
  let [capital, pref]: [Fixed, Fixed] = [0n, 0n];
  let today: EpochDay | null = null;
  let idle: readonly IdleCapital[] = [];
  const idleAmount = (): Fixed => idle.reduce((sum, { amount }) => sum + amount, 0n);
  /** No more of K is idle than K; what is too much has been repaid, oldest first. */
  const settleIdle = (): void => {
    let repaid = idleAmount() - larger(0n, capital);
    if (repaid <= 0n) return;
    idle = idle.flatMap((entry) => {
      const taken = larger(0n, smaller(repaid, entry.amount));
      repaid -= taken;
      return taken === entry.amount ? [] : [{ ...entry, amount: entry.amount - taken }];
    });
  };
  const grow = (from: EpochDay, to: EpochDay): void => {
    const earning = capital - idleAmount() + (compounds ? pref : 0n);
    if (earning !== 0n && (compounds || earning > 0n)) pref += times(earning, earnings(from, to));
  };
  const accrueTo = (day: EpochDay): void => {
    if (today !== null) {
      let at = today;
      const starts = idle.flatMap(({ from }) => (from === null || from > day ? [] : [from])).sort((a, b) => a - b);
      for (const start of starts) {
        grow(at, start);
        at = start;
        idle = idle.filter(({ from }) => from === null || from > start);
      }
      grow(at, day);
    }
    today = day;
  };
  return {
    accrueTo,
    deposit: ({ day, amount, earnsFrom }) => {
      accrueTo(day);
      // Only what is left of it after an advance (a negative K) can be idle.
      const rest = larger(0n, smaller(amount, capital + amount));
      capital += amount;
      if (earnsFrom === null || earnsFrom > day) idle = [...idle, { from: earnsFrom, amount: rest }];
      if (earnsFrom !== null && earnsFrom < day) pref += times(amount, earnings(earnsFrom, day));
    },
    payCapital: (amount) => {
      capital -= amount;
      settleIdle();
    },
    payPref: (amount) => {
      pref -= amount;
    },
    capital: () => capital,
    pref: () => pref,
  };
};
