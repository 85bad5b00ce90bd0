// By what a balance grows over a span: the accrual conventions of a preferred return, apart from the annual one, which needs
// the date of each contribution and lives in annual-balance.ts.
import type { EpochDay } from '../dates/local-date.ts';
import { exponential, type Fixed, logarithm, ONE, power } from '../numbers/fixed.ts';
import { type DayCount, yearFraction } from './day-count.ts';

export type Accrual = 'effective' | 'simple' | 'annual' | 'quarterly' | 'monthly' | 'daily' | 'continuous' | 'none';

/** What one unit earns from one day to a later one: growth factor − 1. */
export type Earnings = (from: EpochDay, to: EpochDay) => Fixed;

const PERIODS_PER_YEAR: { readonly [accrual in Accrual]?: bigint } = {
  effective: 1n,
  annual: 1n,
  quarterly: 4n,
  monthly: 12n,
  daily: 365n,
};

/**
 * Earnings of one unit for a rate, with t = days / basis: effective (1 + rate)^t − 1; quarterly, monthly, daily (1 + rate /
 * m)^(m t) − 1 with m = 4, 12, 365; continuous e^(rate t) − 1; simple rate × t; none 0. 1,000,000 at 8 % for 1139 days act/365f
 * earns 271,453.35, 280,409.81, 282,505.22, 283,533.06, 283,568.17 and 249,643.84 (case D57). Equal spans are computed once,
 * for all runs of funds with the same convention: a fund is run again for every day that is asked for.
 */
export const createEarnings = (accrual: Accrual, rate: Fixed, dayCount: DayCount): Earnings => {
  if (accrual === 'none' || rate === 0n) return () => 0n;
  const convention = `${accrual} ${dayCount} ${rate}`;
  const earnings = shared.get(convention) ?? newEarnings(accrual, rate, dayCount);
  if (shared.size >= conventionsMax) shared.clear();
  shared.set(convention, earnings);
  return earnings;
};

/** Results of a pure function that are worth remembering; bounded, so that no log can fill the memory with them. */
const shared = new Map<string, Earnings>();
const conventionsMax = 200;
const spansMax = 20_000;

const newEarnings = (accrual: Exclude<Accrual, 'none'>, rate: Fixed, dayCount: DayCount): Earnings => {
  const known = new Map<bigint, Fixed>();
  const periods = PERIODS_PER_YEAR[accrual] ?? 1n;
  const base = ONE + rate / periods;
  const logBase = accrual === 'simple' || accrual === 'continuous' ? 0n : logarithm(base);
  const compute = (numerator: bigint, denominator: bigint): Fixed => {
    if (accrual === 'simple') return (rate * numerator) / denominator;
    if (accrual === 'continuous') return exponential((rate * numerator) / denominator) - ONE;
    return power(base, periods * numerator, denominator, logBase) - ONE;
  };
  return (from, to) => {
    if (from === to) return 0n;
    const { numerator, denominator } = yearFraction(dayCount, from, to);
    const found = known.get(numerator);
    if (found !== undefined) return found;
    const earned = compute(numerator, denominator);
    if (known.size >= spansMax) known.clear();
    known.set(numerator, earned);
    return earned;
  };
};
