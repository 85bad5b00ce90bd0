// The preferred return that compounds once a year, contribution by contribution: a whole year multiplies capital + unpaid pref
// by 1 + rate whatever its days, the stub accrues simply (or by exponent), the oldest contribution is repaid first.
import { calendarDayOf, daysInMonth, type EpochDay, epochDayOf } from '../dates/local-date.ts';
import { type Fixed, smaller, times } from '../numbers/fixed.ts';
import type { Balance, Deposit } from './balance.ts';
import type { Earnings } from './growth.ts';

export type CompoundingDate = 'anniversary' | 'year-end';

/** `stub` is what one unit earns in a part of a year, `rate` what it earns in a whole one. */
export type AnnualTerms = { readonly rate: Fixed; readonly stub: Earnings; readonly compoundingDate: CompoundingDate };

/**
 * One contribution. `compounded` is the unpaid pref of whole years, which earns; `offset` corrects the stub for what was repaid
 * during the year, so that each cent earns until the day it is repaid: stub interest = offset + (capital + compounded) ×
 * earnings since the last compounding.
 */
type Lot = {
  readonly start: EpochDay;
  readonly earns: boolean;
  capital: Fixed;
  compounded: Fixed;
  offset: Fixed;
  since: EpochDay;
  boundary: EpochDay;
  wholeYear: boolean;
};

/** The n-th anniversary of a day; that of 29 February is the 28th in a common year. */
const anniversary = (start: EpochDay, years: number): EpochDay => {
  const { year, month, day } = calendarDayOf(start);
  return epochDayOf({ year: year + years, month, day: Math.min(day, daysInMonth(year + years, month)) });
};

const nextBoundary = (lot: { readonly start: EpochDay }, after: EpochDay, compoundingDate: CompoundingDate): EpochDay => {
  const { year } = calendarDayOf(after);
  if (compoundingDate === 'year-end') {
    const end = epochDayOf({ year, month: 12, day: 31 });
    return end > after ? end : epochDayOf({ year: year + 1, month: 12, day: 31 });
  }
  const years = year - calendarDayOf(lot.start).year;
  const thisYear = anniversary(lot.start, years);
  return thisYear > after ? thisYear : anniversary(lot.start, years + 1);
};

const isYearEnd = (day: EpochDay): boolean => {
  const { month, day: date } = calendarDayOf(day);
  return month === 12 && date === 31;
};

/**
 * Worked (case D57): 1,000,000 on 2020-01-31 at 8 %: 1,259,712.00 on 2023-01-31, and 43 days of stub on it, × (1 + 0.08 × 43 /
 * 365), make 1,271,584.35 on 2023-03-15. Compounding at calendar year ends: 1,272,349.62. Source: design 5 "Balances"; Lee,
 * Plumule (domain 1.3, 1).
 */
export const createAnnualBalance = ({ rate, stub, compoundingDate }: AnnualTerms): Balance => {
  const lots: Lot[] = [];
  let today: EpochDay | null = null;

  const stubEarned = (lot: Lot, day: EpochDay): Fixed =>
    lot.earns && day > lot.since ? lot.offset + times(lot.capital + lot.compounded, stub(lot.since, day)) : lot.offset;
  const prefOf = (lot: Lot): Fixed => lot.compounded + stubEarned(lot, today ?? lot.since);

  /** Changes what earns without changing what has been earned until today. */
  const shift = (lot: Lot, field: 'capital' | 'compounded', change: Fixed): void => {
    if (lot.earns && today !== null && today > lot.since) lot.offset -= times(change, stub(lot.since, today));
    lot[field] += change;
  };

  const accrueLot = (lot: Lot, day: EpochDay): void => {
    while (lot.earns && lot.boundary <= day) {
      const earned = times(lot.capital + lot.compounded, lot.wholeYear ? rate : stub(lot.since, lot.boundary));
      lot.compounded += lot.offset + earned;
      lot.offset = 0n;
      lot.since = lot.boundary;
      lot.boundary = nextBoundary(lot, lot.since, compoundingDate);
      lot.wholeYear = true;
    }
  };

  const accrueTo = (day: EpochDay): void => {
    for (const lot of lots) accrueLot(lot, day);
    today = day;
  };

  /** Contributions of one day are one lot, so that the order of the input decides nothing. */
  const addLot = ({ day, amount, earnsFrom }: Deposit): void => {
    const start = earnsFrom ?? day;
    const lot: Lot = {
      start,
      earns: earnsFrom !== null,
      capital: amount,
      compounded: 0n,
      offset: 0n,
      since: start,
      boundary: nextBoundary({ start }, start, compoundingDate),
      wholeYear: compoundingDate === 'anniversary' || isYearEnd(start),
    };
    accrueLot(lot, day);
    const same = lots.find((other) => other.start === start && other.earns === lot.earns);
    if (same !== undefined) {
      same.capital += lot.capital;
      same.compounded += lot.compounded;
      same.offset += lot.offset;
      return;
    }
    const place = lots.findIndex((other) => other.start > start || (other.start === start && lot.earns));
    if (place < 0) lots.push(lot);
    else lots.splice(place, 0, lot);
  };

  return {
    accrueTo,
    deposit: (deposit) => {
      accrueTo(deposit.day);
      // What look-back had paid in advance is used up first, oldest first; only the rest is new capital.
      let rest = deposit.amount;
      for (const lot of lots) {
        if (rest === 0n) break;
        if (lot.capital >= 0n) continue;
        const used = smaller(rest, -lot.capital);
        shift(lot, 'capital', used);
        rest -= used;
      }
      if (rest > 0n) addLot({ ...deposit, amount: rest });
    },
    payCapital: (amount) => {
      let rest = amount;
      for (const lot of lots) {
        if (rest === 0n) break;
        if (lot.capital <= 0n) continue;
        const paid = smaller(rest, lot.capital);
        shift(lot, 'capital', -paid);
        rest -= paid;
      }
      const day = today;
      if (rest > 0n && day !== null) addLot({ day, amount: -rest, earnsFrom: day });
    },
    payPref: (amount) => {
      let rest = amount;
      for (const lot of lots) {
        const unpaid = prefOf(lot);
        if (rest === 0n) break;
        if (unpaid <= 0n) continue;
        const paid = smaller(rest, unpaid);
        const fromCompounded = lot.compounded > 0n ? smaller(paid, lot.compounded) : 0n;
        shift(lot, 'compounded', -fromCompounded);
        lot.offset -= paid - fromCompounded;
        rest -= paid;
      }
    },
    capital: () => lots.reduce((sum, lot) => sum + lot.capital, 0n),
    pref: () => lots.reduce((sum, lot) => sum + prefOf(lot), 0n),
  };
};
