// Holidays of the Fedwire Funds Service. Unlike federal offices it moves a Sunday holiday to Monday but leaves a Saturday
// holiday where it is: 3 July 2026 is a business day (Federal Reserve Banks, holiday schedules).
import { weekdayOf } from './business-days.ts';
import { epochDayOf, fromEpochDay, type LocalDate } from './local-date.ts';

const nth = (year: number, month: number, weekday: number, count: number): number => {
  const first = epochDayOf({ year, month, day: 1 });
  return first + ((weekday - weekdayOf(first) + 7) % 7) + (count - 1) * 7;
};
const lastMonday = (year: number, month: number): number => {
  const last = epochDayOf({ year: month === 12 ? year + 1 : year, month: (month % 12) + 1, day: 1 }) - 1;
  return last - (weekdayOf(last) - 1);
};
const observed = (year: number, month: number, day: number): number => {
  const date = epochDayOf({ year, month, day });
  return weekdayOf(date) === 7 ? date + 1 : date;
};

/** Days of a year on which Fedwire is closed, weekends aside, in today's rules; Juneteenth from 2022 and Martin Luther King Day from 1986 on. */
export const fedwireHolidays = (year: number): readonly LocalDate[] =>
  [
    observed(year, 1, 1),
    ...(year >= 1986 ? [nth(year, 1, 1, 3)] : []),
    nth(year, 2, 1, 3),
    lastMonday(year, 5),
    ...(year >= 2022 ? [observed(year, 6, 19)] : []),
    observed(year, 7, 4),
    nth(year, 9, 1, 1),
    nth(year, 10, 1, 2),
    observed(year, 11, 11),
    nth(year, 11, 4, 4),
    observed(year, 12, 25),
  ].map(fromEpochDay);
