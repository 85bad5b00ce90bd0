// Days, years and day counts of design.md 5, counted the plain way from ISO dates.

import { add, fraction, type Fraction } from './fraction.ts';

type Ymd = { year: number; month: number; day: number };

export type DayCount = 'act/365f' | 'act/360' | '30/360' | 'act/act';

const split = (date: string): Ymd => {
  const [year, month, day] = date.split('-').map(Number);
  return { year: year!, month: month!, day: day! };
};

const join = ({ year, month, day }: Ymd): string => `${year}-${`${month}`.padStart(2, '0')}-${`${day}`.padStart(2, '0')}`;

/** Days between two dates, the later one second. */
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const thirty360 = (from: string, to: string): number => {
  const [a, b] = [split(from), split(to)];
  const startDay = a.day === 31 ? 30 : a.day;
  const endDay = b.day === 31 && startDay === 30 ? 30 : b.day;
  return (b.year - a.year) * 360 + (b.month - a.month) * 30 + (endDay - startDay);
};

const actAct = (from: string, to: string): Fraction => {
  let years = fraction(0n);
  let at = from;
  while (at < to) {
    const { year } = split(at);
    const nextYear = `${year + 1}-01-01`;
    const end = nextYear < to ? nextYear : to;
    years = add(years, fraction(BigInt(daysBetween(at, end)), isLeap(year) ? 366n : 365n));
    at = end;
  }
  return years;
};

/** t of design.md 5: days / basis. */
export const yearsBetween = (dayCount: DayCount, from: string, to: string): Fraction => {
  if (dayCount === 'act/act') return actAct(from, to);
  if (dayCount === '30/360') return fraction(BigInt(thirty360(from, to)), 360n);
  return fraction(BigInt(daysBetween(from, to)), dayCount === 'act/360' ? 360n : 365n);
};

/** The n-th anniversary of a date; that of 29 February is the 28th in a common year. */
export const anniversary = (date: string, n: number): string => {
  const { year, month, day } = split(date);
  const target = year + n;
  return join({ year: target, month, day: month === 2 && day === 29 && !isLeap(target) ? 28 : day });
};

export const yearOf = (date: string): number => split(date).year;
