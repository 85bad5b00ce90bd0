// Fills dim_date once: the calendar is reference data and does not come from the log.
import { isBusinessDay, weekdayOf } from '#domain/dates/business-days.ts';
import { fedwireHolidays } from '#domain/dates/fedwire.ts';
import { calendarDayOf, epochDayOf, fromEpochDay } from '#domain/dates/local-date.ts';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import { dateId, type Row } from './rows.ts';

const firstYear = 1970;
const lastYear = 2100;
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** ISO 8601 week of an epoch day: the week of its Thursday. */
const isoWeek = (epochDay: number): number => {
  const thursday = epochDay - weekdayOf(epochDay) + 4;
  return Math.floor((thursday - epochDayOf({ year: calendarDayOf(thursday).year, month: 1, day: 1 })) / 7) + 1;
};

/** Rows of dim_date from 1970 to 2100. */
export const calendarRows = (): readonly Row[] => {
  const rows: Row[] = [];
  for (let year = firstYear; year <= lastYear; year += 1) {
    const holidays = new Set<string>(fedwireHolidays(year));
    const newYear = epochDayOf({ year, month: 1, day: 1 });
    const nextYear = epochDayOf({ year: year + 1, month: 1, day: 1 });
    for (let day = newYear; day < nextYear; day += 1) {
      const date = fromEpochDay(day);
      const { month, day: dayOfMonth } = calendarDayOf(day);
      const quarter = Math.ceil(month / 3);
      const weekend = weekdayOf(day) >= 6;
      rows.push({
        date_id: dateId(date),
        date_value: date,
        year,
        quarter,
        month,
        day: dayOfMonth,
        day_of_week: weekdayOf(day),
        day_of_year: day - newYear + 1,
        week_of_year: isoWeek(day),
        month_name: months[month - 1] ?? '',
        quarter_name: `Q${quarter}`,
        is_weekend: weekend,
        is_holiday: holidays.has(date) && !weekend,
        is_business_day: isBusinessDay(date, holidays),
        is_quarter_end: calendarDayOf(day + 1).day === 1 && month % 3 === 0,
        fiscal_year: year,
        fiscal_quarter: quarter,
      });
    }
  }
  return rows;
};

/** Fills dim_date when it is empty. */
export const ensureCalendar = async (warehouse: Warehouse): Promise<void> => {
  const [row] = await warehouse.query<{ count: string }>('SELECT count() AS count FROM dim_date');
  if (row?.count === '0') await warehouse.insert('dim_date', calendarRows());
};
