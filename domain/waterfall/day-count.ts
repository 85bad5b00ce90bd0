// How long a span is in years: the day-count conventions of fund agreements.
import { calendarDayOf, type EpochDay, epochDayOf, isLeapYear } from '../dates/local-date.ts';

export type DayCount = 'act/365f' | 'act/360' | '30/360' | 'act/act';

/** A span in years, exact: numerator / denominator. */
export type YearFraction = { readonly numerator: bigint; readonly denominator: bigint };

const leapDaysBetween = (from: EpochDay, to: EpochDay): number => {
  let leapDays = 0;
  const lastYear = calendarDayOf(to).year;
  for (let { year } = calendarDayOf(from); year <= lastYear; year += 1) {
    if (!isLeapYear(year)) continue;
    const start = Math.max(from, epochDayOf({ year, month: 1, day: 1 }));
    const end = Math.min(to, epochDayOf({ year: year + 1, month: 1, day: 1 }));
    leapDays += Math.max(0, end - start);
  }
  return leapDays;
};

/**
 * Days of a 30/360 span: day 31 at the start is 30; day 31 at the end is 30 if the start is then 30 (bond basis, without a
 * February rule).
 */
const days30360 = (from: EpochDay, to: EpochDay): number => {
  const start = calendarDayOf(from);
  const end = calendarDayOf(to);
  const startDay = Math.min(start.day, 30);
  const endDay = end.day === 31 && startDay === 30 ? 30 : end.day;
  return (end.year - start.year) * 360 + (end.month - start.month) * 30 + (endDay - startDay);
};

/**
 * Years from one day to a later one. For 2020-01-31 to 2023-03-15 (1139 days): act/365f 1139/365, act/360 1139/360, 30/360
 * 1125/360, act/act 336/366 + 803/365. At 8 % simple on 1,000,000 that is 249,643.84, 253,111.11, 250,000.00 and 249,442.62
 * (case D57).
 */
export const yearFraction = (dayCount: DayCount, from: EpochDay, to: EpochDay): YearFraction => {
  switch (dayCount) {
    case 'act/365f':
      return { numerator: BigInt(to - from), denominator: 365n };
    case 'act/360':
      return { numerator: BigInt(to - from), denominator: 360n };
    case '30/360':
      return { numerator: BigInt(days30360(from, to)), denominator: 360n };
    case 'act/act': {
      const leapDays = leapDaysBetween(from, to);
      return { numerator: BigInt(leapDays * 365 + (to - from - leapDays) * 366), denominator: 133_590n };
    }
  }
};
