// Business days: Monday to Friday without the holidays of the calendar that the caller passes in. Calendars are reference data
// and enter as data; this file knows only weekends.
import { fromEpochDay, type LocalDate, toEpochDay } from './local-date.ts';

/** ISO weekday of an epoch day: 1 is Monday, 7 is Sunday. 1970-01-01 was a Thursday (4). */
export const weekdayOf = (epochDay: number): number => ((((epochDay + 3) % 7) + 7) % 7) + 1;

/** Whether the date is Monday to Friday and no holiday. */
export const isBusinessDay = (date: string, holidays: ReadonlySet<string>): boolean =>
  weekdayOf(toEpochDay(date)) <= 5 && !holidays.has(date);

/** The date itself when it is a business day, else the next one ("following" convention). */
export const businessDayOnOrAfter = (date: string, holidays: ReadonlySet<string>): LocalDate => {
  let day = toEpochDay(date);
  while (!isBusinessDay(fromEpochDay(day), holidays)) day += 1;
  return fromEpochDay(day);
};

/**
 * The date that is `count` business days after (before, when negative) the date; 0 gives the date itself. A notice period of
 * 10 business days from Friday 2024-03-01 without holidays ends on Friday 2024-03-15.
 */
export const addBusinessDays = (date: string, count: number, holidays: ReadonlySet<string>): LocalDate => {
  const step = count < 0 ? -1 : 1;
  let day = toEpochDay(date);
  for (let left = Math.abs(count); left > 0;) {
    day += step;
    if (isBusinessDay(fromEpochDay(day), holidays)) left -= 1;
  }
  return fromEpochDay(day);
};

/** Business days after `from` up to and including `to`; 0 when `to` is not later. Friday to the next Monday is 1. */
export const businessDaysBetween = (from: string, to: string, holidays: ReadonlySet<string>): number => {
  let count = 0;
  const last = toEpochDay(to);
  for (let day = toEpochDay(from) + 1; day <= last; day += 1) if (isBusinessDay(fromEpochDay(day), holidays)) count += 1;
  return count;
};
