import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addBusinessDays, businessDayOnOrAfter, businessDaysBetween, isBusinessDay, weekdayOf } from './business-days.ts';
import {
  addDays,
  addMonths,
  addYears,
  daysBetween,
  fromEpochDay,
  isLeapYear,
  parseLocalDate,
  quarterEnd,
  quarterEndsBetween,
  toEpochDay,
  yearEnd,
} from './local-date.ts';

const NO_HOLIDAYS: ReadonlySet<string> = new Set();

test('every day from year 1 to 9999 comes back from its text and agrees with the calendar of the runtime', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), (day) => {
      expect(toEpochDay(fromEpochDay(day))).toBe(day);
      expect(fromEpochDay(day)).toBe(new Date(day * 86_400_000).toISOString().slice(0, 10));
      expect(weekdayOf(day) % 7).toBe(new Date(day * 86_400_000).getUTCDay());
    }),
  );
});

test.each([
  '2023-02-29',
  '1900-02-29',
  '2024-13-01',
  '2024-00-10',
  '2024-04-31',
  '2024-1-1',
  '24-01-01',
  '2024-01-01T00:00:00Z',
  '',
])('%j is refused as a date', (text) => expect(parseLocalDate(text)).toEqual({ kind: 'error', reason: 'not-a-date' }));

test('a text that is no date is a defect where a date is already known', () => {
  expect(() => toEpochDay('2023-02-29')).toThrow(/'2023-02-29' is not a calendar day/);
});

test('days, months, years and quarter ends follow the Gregorian calendar', () => {
  expect(parseLocalDate('2024-02-29')).toEqual({ kind: 'ok', date: '2024-02-29', epochDay: 19_782 });
  expect([1900, 2000, 2023, 2024].map(isLeapYear)).toEqual([false, true, false, true]);
  expect(daysBetween('2024-02-28', '2024-03-01')).toBe(2);
  expect(daysBetween('2024-03-01', '2024-02-28')).toBe(-2);
  expect(addDays('2023-12-31', 1)).toBe('2024-01-01');
  expect(addMonths('2024-01-31', 1)).toBe('2024-02-29');
  expect(addMonths('2024-03-31', -13)).toBe('2023-02-28');
  expect(addYears('2024-02-29', 1)).toBe('2025-02-28');
  expect(quarterEnd('2024-02-10')).toBe('2024-03-31');
  expect(yearEnd('2024-02-10')).toBe('2024-12-31');
  expect(quarterEndsBetween('2024-03-31', '2024-12-30')).toEqual(['2024-03-31', '2024-06-30', '2024-09-30']);
});

test('a notice period counts business days, not weekends or holidays', () => {
  expect(addBusinessDays('2024-03-01', 10, NO_HOLIDAYS)).toBe('2024-03-15');
  expect(addBusinessDays('2024-03-28', 1, new Set(['2024-03-29', '2024-04-01']))).toBe('2024-04-02');
  expect(addBusinessDays('2024-03-04', -1, NO_HOLIDAYS)).toBe('2024-03-01');
  expect(businessDayOnOrAfter('2024-03-30', new Set(['2024-04-01']))).toBe('2024-04-02');
  expect(businessDaysBetween('2024-03-01', '2024-03-15', NO_HOLIDAYS)).toBe(10);
  expect(businessDaysBetween('2024-03-15', '2024-03-01', NO_HOLIDAYS)).toBe(0);
  expect(isBusinessDay('2024-03-02', NO_HOLIDAYS)).toBe(false);
});
