// Dates of the business: a calendar day without a time or zone, written as ISO text (2026-11-24) and computed as epoch days
// (days since 1970-01-01, as in Avro's date). The arithmetic is integers only (proleptic Gregorian), so that no zone or runtime
// can shift a day.

declare const localDateBrand: unique symbol;

/** A calendar day as ISO text yyyy-mm-dd, checked. Made by `parseLocalDate` and the functions of this folder. */
export type LocalDate = string & { readonly [localDateBrand]: true };

/** Days since 1970-01-01, negative before. */
export type EpochDay = number;

export type CalendarDay = { readonly year: number; readonly month: number; readonly day: number };

export type ParsedDate =
  | { readonly kind: 'ok'; readonly date: LocalDate; readonly epochDay: EpochDay }
  | { readonly kind: 'error'; readonly reason: 'not-a-date' };

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Leap years of the Gregorian calendar: 2000 and 2024 are, 1900 and 2023 are not. */
export const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Days in a month (1 to 12): February 2024 has 29. */
export const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeapYear(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;

/**
 * Epoch day of a calendar day: 1970-01-01 is 0, 2000-03-01 is 11017. Counts whole 400-year eras from 1 March of year 0
 * (Hinnant, days_from_civil).
 */
export const epochDayOf = ({ year, month, day }: CalendarDay): EpochDay => {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
};

/** The inverse of `epochDayOf` (Hinnant, civil_from_days). */
export const calendarDayOf = (epochDay: EpochDay): CalendarDay => {
  const shifted = epochDay + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
};

/** Reads yyyy-mm-dd; a day that the calendar does not have (2023-02-29) is refused. */
export const parseLocalDate = (text: string): ParsedDate => {
  const parts = ISO_DATE.exec(text);
  if (parts === null) return { kind: 'error', reason: 'not-a-date' };
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return { kind: 'error', reason: 'not-a-date' };
  return { kind: 'ok', date: text as LocalDate, epochDay: epochDayOf({ year, month, day }) };
};

/** Epoch day of a text that is known to be a date; any other text is a defect of the caller and throws. */
export const toEpochDay = (date: string): EpochDay => {
  const parsed = parseLocalDate(date);
  if (parsed.kind === 'error')
    throw new RangeError(`date '${date}' is not a calendar day yyyy-mm-dd; parse it with parseLocalDate first`);
  return parsed.epochDay;
};

/** ISO text of an epoch day: 0 is '1970-01-01'. */
export const fromEpochDay = (epochDay: EpochDay): LocalDate => {
  const { year, month, day } = calendarDayOf(epochDay);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}` as LocalDate;
};

/** The date so many calendar days later (earlier when negative). */
export const addDays = (date: string, days: number): LocalDate => fromEpochDay(toEpochDay(date) + days);

/** Calendar days from one date to another; negative when `to` is earlier: 2024-02-28 to 2024-03-01 is 2. */
export const daysBetween = (from: string, to: string): number => toEpochDay(to) - toEpochDay(from);

/** The same day of a later month, or the month's last day when it is shorter: 2024-01-31 plus one month is 2024-02-29. */
export const addMonths = (date: string, months: number): LocalDate => {
  const { year, month, day } = calendarDayOf(toEpochDay(date));
  const index = year * 12 + (month - 1) + months;
  const [targetYear, targetMonth] = [Math.floor(index / 12), (index % 12) + 1];
  return fromEpochDay(
    epochDayOf({ year: targetYear, month: targetMonth, day: Math.min(day, daysInMonth(targetYear, targetMonth)) }),
  );
};

/** The same day of a later year; 29 February becomes the 28th in a common year. */
export const addYears = (date: string, years: number): LocalDate => addMonths(date, years * 12);

/** The last day of the calendar quarter that contains the date: 2024-02-10 is in the quarter that ends on 2024-03-31. */
export const quarterEnd = (date: string): LocalDate => {
  const { year, month } = calendarDayOf(toEpochDay(date));
  const endMonth = Math.ceil(month / 3) * 3;
  return fromEpochDay(epochDayOf({ year, month: endMonth, day: daysInMonth(year, endMonth) }));
};

/** All quarter ends from `from` to `to`, both included when they are quarter ends, ascending. */
export const quarterEndsBetween = (from: string, to: string): readonly LocalDate[] => {
  const ends: LocalDate[] = [];
  const last = toEpochDay(to);
  for (let end = quarterEnd(from); toEpochDay(end) <= last; end = quarterEnd(addDays(end, 1))) ends.push(end);
  return ends;
};

/** The last day of the calendar year that contains the date. */
export const yearEnd = (date: string): LocalDate =>
  fromEpochDay(epochDayOf({ year: calendarDayOf(toEpochDay(date)).year, month: 12, day: 31 }));
