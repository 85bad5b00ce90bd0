// How a contribution enters the balances of a waterfall: whether it comes back, from when it earns, and which balances there are.
import type { EpochDay } from '../dates/local-date.ts';
import { type Fixed, fixedFromInteger, times } from '../numbers/fixed.ts';
import { createAnnualBalance } from './annual-balance.ts';
import { absorbReceipt, type Balance, createPooledBalance } from './balance.ts';
import type { Contribution } from './flows.ts';
import { createEarnings, type Earnings } from './growth.ts';
import type { Terms } from './terms.ts';

/**
 * Makes the empty balances of a waterfall: one of capital and pref, or one per hurdle. Earnings are shared, so equal spans are
 * computed once.
 */
export type BalanceFactory = () => readonly Balance[];

/** Simple stubs of an annual pref, or exponential ones (`terms.stub`). */
const stubEarnings = (terms: Terms, rate: Fixed): Earnings =>
  createEarnings(terms.stub === 'simple' ? 'simple' : 'effective', rate, terms.dayCount);

const factories = new WeakMap<Terms, BalanceFactory>();

/** The factory of terms. Partners under the same terms share it, and with it the growth over spans that all of them have. */
export const createBalanceFactory = (terms: Terms): BalanceFactory => {
  const known = factories.get(terms);
  if (known !== undefined) return known;
  const factory = newBalanceFactory(terms);
  factories.set(terms, factory);
  return factory;
};

const newBalanceFactory = (terms: Terms): BalanceFactory => {
  if (terms.hurdles !== null) {
    const earnings = terms.hurdles.map((hurdle) => createEarnings('effective', hurdle.untilLpIrr ?? 0n, terms.dayCount));
    return () => earnings.map((earned) => createPooledBalance(earned, true));
  }
  const rate = terms.hurdleRate ?? 0n;
  if (terms.hurdleAccrual === 'annual' && rate > 0n) {
    const stub = stubEarnings(terms, rate);
    return () => [createAnnualBalance({ rate, stub, compoundingDate: terms.compoundingDate })];
  }
  const earnings = createEarnings(terms.hurdleAccrual, rate, terms.dayCount);
  return () => [createPooledBalance(earnings, terms.hurdleAccrual !== 'simple')];
};

/** Whether a contribution is capital to be returned and a cost in the profit (`terms.capitalReturned`). */
export const isReturned = (terms: Terms, contribution: Contribution): boolean =>
  terms.capitalReturned !== 'invested' || contribution.purpose === 'investment';

/** The day from which the pref of a contribution runs, or null when it never earns (`terms.prefStart`, `terms.prefBase`). */
export const earnsFrom = (terms: Terms, { day, dueDay, drawDay, purpose }: Contribution): EpochDay | null => {
  if (terms.prefBase === 'investments' && purpose !== 'investment') return null;
  switch (terms.prefStart) {
    case 'receipt':
      return day;
    case 'due':
      return dueDay ?? day;
    case 'later-of-both':
      return Math.max(day, dueDay ?? day);
    case 'facility-draw':
      return drawDay ?? day;
  }
};

/**
 * A contribution or the realised share of it, in cents; `joinsOn` is the later day on which it comes into a pool, with the pref
 * since its own.
 */
export type Capital = { readonly contribution: Contribution; readonly amount: Fixed; readonly joinsOn?: EpochDay };

export const shareOfCapital = (contribution: Contribution, share: Fixed): Capital => ({
  contribution,
  amount: times(fixedFromInteger(contribution.minor), share),
});

export const depositAll = (balances: readonly Balance[], terms: Terms, { contribution, amount, joinsOn }: Capital): void => {
  for (const balance of balances)
    balance.deposit({ day: joinsOn ?? contribution.day, amount, earnsFrom: earnsFrom(terms, contribution) });
};

/** An amount that the LPs received on a day, net of carry. */
export type Receipt = { readonly day: EpochDay; readonly amount: Fixed };

/**
 * Balances built anew: capital and LP receipts at their own dates, contributions before receipts of a day, receipts paying
 * capital and pref in the order of the tiers and the rest lowering K, below zero too. Used by look-back pools and by the
 * hurdle-shortfall clawback.
 */
export const replayBalances = (
  make: BalanceFactory,
  terms: Terms,
  capital: readonly Capital[],
  receipts: readonly Receipt[],
): readonly Balance[] => {
  const balances = make();
  const steps = [
    ...capital.map((entry) => ({ day: entry.contribution.day, order: 0, run: () => depositAll(balances, terms, entry) })),
    ...receipts.map(({ day, amount }) => ({
      day,
      order: 1,
      run: () => {
        for (const balance of balances) {
          balance.accrueTo(day);
          if (terms.hurdles === null) absorbReceipt(balance, amount, terms.tierOrder);
          else balance.payCapital(amount);
        }
      },
    })),
  ].sort((a, b) => a.day - b.day || a.order - b.order);
  for (const step of steps) step.run();
  return balances;
};
