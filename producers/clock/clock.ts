// The clock producer: lets each business day begin in every partition, once. Business time moves by nothing else (design.md 4).
import { addDays } from '#domain/dates/local-date.ts';
import type { AnyCommand, CommandOutcome, LocalDate, Uuid } from '#domain/messages.ts';
import { businessDateCommands, businessDayOnOrBefore, businessDaysIn } from '../business-date-commands.ts';

/** What became of a command, as the intake says it. */
export type Submitted =
  | { readonly kind: 'decided'; readonly outcome: Pick<CommandOutcome, 'kind' | 'replayed'> }
  | { readonly kind: 'pending' };

export interface ClockDeps {
  /** Puts a command on the log and waits for its outcome: the intake's `submit`. */
  readonly submit: (command: AnyCommand) => Promise<Submitted>;
  readonly partitions: number;
  readonly tenantId: Uuid;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/** What became of the days that were sent. */
export interface ClockReport {
  /** Business days, ascending. */
  readonly days: readonly LocalDate[];
  /** Partitions and days in which the day began now. */
  readonly began: number;
  /** Those in which it had begun before. */
  readonly known: number;
  /** Those that refuse it, as they are further on already. */
  readonly refused: number;
  /** On the log, not decided yet. */
  readonly pending: number;
}

/**
 * Lets the business days of a range begin in every partition, in order. Without `from` the last business day up to `to` alone. A
 * day that was sent before has no second effect.
 * @throws Error when the log does not take a command; call again, what was sent stays sent.
 */
export const advanceClock = async (
  { submit, partitions, tenantId, nowMs }: ClockDeps,
  { from, to }: { readonly from?: LocalDate; readonly to: LocalDate },
): Promise<ClockReport> => {
  const days = from === undefined ? [businessDayOnOrBefore(to)] : businessDaysIn(from, to);
  const report = { began: 0, known: 0, refused: 0, pending: 0 };
  for (const day of days) {
    const commands = businessDateCommands(day, { partitions, tenantId, issuedAt: nowMs() * 1000 });
    for (const submission of await Promise.all(commands.map(async (command) => await submit(command)))) {
      if (submission.kind === 'pending') report.pending += 1;
      else if (submission.outcome.kind === 'REJECTED') report.refused += 1;
      else if (submission.outcome.replayed) report.known += 1;
      else report.began += 1;
    }
  }
  return { days, ...report };
};

export interface ClockRoleDeps extends Omit<ClockDeps, 'nowMs'> {
  readonly nowMs?: () => number;
  readonly logger: {
    info(context: object, message: string): void;
    warn(context: object, message: string): void;
  };
}

/** How often the role looks at the clock of the machine. */
const lookMs = 60_000;
/** Days looked back at the start, so that a clock that stood still for a while leaves none out. */
const daysLookedBack = 14;

export interface RunningClock {
  stop(): Promise<void>;
  health(): { readonly state: 'running'; readonly businessDate: LocalDate | null };
}

/** Starts the clock: the days of the last two weeks at once, then each business day (UTC) as it comes. */
export const startClock = ({ nowMs = Date.now, logger, ...deps }: ClockRoleDeps): RunningClock => {
  const clock: ClockDeps = { ...deps, nowMs };
  let businessDate: LocalDate | null = null;
  const look = async (): Promise<void> => {
    const today = new Date(nowMs()).toISOString().slice(0, 10);
    const day = businessDayOnOrBefore(today);
    if (businessDate === day) return;
    try {
      const report = await advanceClock(clock, { from: businessDate ?? addDays(day, -daysLookedBack), to: day });
      if (report.pending > 0) return;
      businessDate = day;
      logger.info({ ...report, days: report.days.length, businessDate }, 'the business day has begun');
    } catch (error) {
      // A failure has a code; anything else is a defect and ends the role.
      if (!(error instanceof Error && 'code' in error)) throw error;
      logger.warn({ err: error }, 'the business day could not begin yet; it is tried again in a minute');
    }
  };
  let under = look();
  const timer = setInterval(() => {
    under = under.then(look);
  }, lookMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await under;
    },
    health: () => ({ state: 'running', businessDate }),
  };
};
