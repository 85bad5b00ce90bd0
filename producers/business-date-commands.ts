// The commands that let time move: one AdvanceBusinessDate for each business day and partition, with ids that follow from both, so
// that a day that is sent twice has one effect.
import { v5 as uuidV5 } from 'uuid';
import { addBusinessDays, businessDayOnOrAfter, isBusinessDay } from '#domain/dates/business-days.ts';
import { fedwireHolidays } from '#domain/dates/fedwire.ts';
import { addDays } from '#domain/dates/local-date.ts';
import type { AnyCommand, LocalDate, Uuid } from '#domain/messages.ts';

/** Namespace of the ids of business dates. Changing it would let every day begin a second time. */
const clockNamespace = '6d1f0c2e-5b7a-5c0d-8a8e-1f0b6f6f9a05';
/** The clock acts as itself. */
const clockUser = uuidV5('clock', clockNamespace);

const holidaysOf = (from: LocalDate, to: LocalDate): ReadonlySet<string> => {
  const first = Number(from.slice(0, 4));
  return new Set(
    Array.from({ length: Number(to.slice(0, 4)) - first + 1 }, (_, index) => first + index).flatMap(fedwireHolidays),
  );
};

/** Business days (Fedwire) from one date to another, both included when they are business days. */
export const businessDaysIn = (from: LocalDate, to: LocalDate): readonly LocalDate[] => {
  const holidays = holidaysOf(from, addDays(to, 10));
  const days: LocalDate[] = [];
  for (let day: LocalDate = businessDayOnOrAfter(from, holidays); day <= to; day = addBusinessDays(day, 1, holidays))
    days.push(day);
  return days;
};

/** The last business day (Fedwire) on or before a date. */
export const businessDayOnOrBefore = (date: LocalDate): LocalDate => {
  const holidays = holidaysOf(addDays(date, -10), date);
  let day = date;
  while (!isBusinessDay(day, holidays)) day = addDays(day, -1);
  return day;
};

export interface ClockReading {
  readonly partitions: number;
  readonly tenantId: Uuid;
  /** By the clock of this machine, in microseconds. */
  readonly issuedAt: number;
}

/** The command of a day in a partition. */
export const businessDateCommand = (
  date: LocalDate,
  partition: number,
  { tenantId, issuedAt }: Omit<ClockReading, 'partitions'>,
): AnyCommand => ({
  type: 'AdvanceBusinessDate',
  value: {
    header: {
      command_id: uuidV5(`${date}\u001f${partition}`, clockNamespace),
      tenant_id: tenantId,
      issued_at: issuedAt,
      effective_date: date,
      actor: { user_id: clockUser, user_role: 'clock' },
      origin: { channel: 'CLOCK', ip: null, user_agent: null, session_id: null },
      reason: null,
      correlation_id: uuidV5(date, clockNamespace),
      expected_version: null,
      preview: false,
    },
    business_date: date,
    partition,
  },
});

/** The commands of a day, one for each partition. */
export const businessDateCommands = (date: LocalDate, { partitions, ...reading }: ClockReading): readonly AnyCommand[] =>
  Array.from({ length: partitions }, (_, partition) => businessDateCommand(date, partition, reading));
