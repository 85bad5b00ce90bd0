// Books positions through the intake, each command only after the outcome of what it needs: a command that came too early would be
// rejected, and a rejection is remembered.
import type { AnyCommand, CommandOutcome } from '#domain/messages.ts';
import { IntakeError, type Intake } from '../intake.ts';
import { ImportError, type RowReason } from './errors.ts';
import {
  commitmentCommand,
  fundCommand,
  investorCommand,
  openingBalanceCommand,
  type ImportCommand,
  type ImportContext,
  type PositionIds,
} from './position-commands.ts';
import type { Position } from './position.ts';

/** What became of one row. */
export type RowResult =
  /** accepted: something was booked now; already: all of it had been booked before. `findings`: warnings of the rules. */
  | { readonly kind: 'accepted' | 'already'; readonly findings: number }
  | { readonly kind: 'rejected'; readonly reasons: readonly RowReason[] };

export interface Booking {
  book(position: Position, ids: PositionIds): Promise<RowResult>;
}

export interface BookingOptions {
  readonly intake: Pick<Intake, 'submit'>;
  readonly context: ImportContext;
  /** How long the log and the ledger may stay silent for a command before the import ends; 2 minutes unless given. */
  readonly patienceMs: number;
}

type Decided =
  | { readonly kind: 'booked' | 'already'; readonly findings: number }
  | { readonly kind: 'rejected'; readonly reasons: readonly RowReason[] };

const attemptsMax = 10;
const retryMs = 500;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const reasonsOf = ({ rule_results }: CommandOutcome): readonly RowReason[] =>
  rule_results.filter(({ severity }) => severity === 'ERROR').map(({ rule, message }) => ({ code: rule, message }));

/** A booking for one import. It remembers investors and funds that are decided, and nothing of single rows. */
export const createBooking = ({ intake, context, patienceMs }: BookingOptions): Booking => {
  const submit = async (command: AnyCommand): Promise<CommandOutcome> => {
    const until = Date.now() + patienceMs;
    for (;;) {
      const left = Math.max(1, until - Date.now());
      try {
        const submission = await intake.submit(command, { timeoutMs: left, withPosition: false });
        if (submission.kind === 'decided') return submission.outcome;
      } catch (error) {
        // The broker is away: the same command id again is safe, whatever became of the first.
        if (!(error instanceof IntakeError)) throw error;
        await pause(retryMs);
      }
      if (Date.now() >= until) {
        throw new ImportError(
          'no-outcome',
          `command ${command.value.header.command_id} got no outcome in ${Math.round(patienceMs / 1000)} s: is the log up and the ledger running (stratcap status)? Run the import again: nothing is booked twice.`,
        );
      }
    }
  };

  const decide = async (command: ImportCommand): Promise<Decided> => {
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await submit(command(attempt));
      if (outcome.kind === 'ACCEPTED')
        return { kind: outcome.replayed ? 'already' : 'booked', findings: outcome.rule_results.length };
      // A rejection of an earlier run says nothing of today: the investor, the fund or the rule may be another now.
      if (outcome.replayed && attempt < attemptsMax) continue;
      return { kind: 'rejected', reasons: reasonsOf(outcome) };
    }
  };

  const decided = new Map<string, Promise<readonly RowReason[]>>();
  /** Reasons why an investor or a fund cannot be used; none when it exists, from this file or from elsewhere. */
  const ensure = (id: string, command: () => ImportCommand): Promise<readonly RowReason[]> => {
    const known = decided.get(id);
    if (known !== undefined) return known;
    const result = decide(command()).then((end) => {
      if (end.kind !== 'rejected') return [];
      return end.reasons.every(({ code }) => code === 'duplicate-fund' || code === 'duplicate-investor') ? [] : end.reasons;
    });
    decided.set(id, result);
    return result;
  };

  const asChange = (reasons: readonly RowReason[]): readonly RowReason[] =>
    reasons.map((reason) =>
      reason.code === 'duplicate-commitment' || reason.code === 'opening-balance-exists'
        ? {
            code: 'row-changed',
            message: `the row differs from what was imported before: ${reason.message}; book the difference as a correction`,
          }
        : reason,
    );

  return {
    book: async (position, ids) => {
      const [investor, fund] = await Promise.all([
        ensure(ids.investorId, () => investorCommand(position, ids, context)),
        ensure(ids.fundId, () => fundCommand(position, ids, context)),
      ]);
      const missing = [...investor, ...fund];
      if (missing.length > 0) return { kind: 'rejected', reasons: missing };
      const commitment = await decide(commitmentCommand(position, ids, context));
      if (commitment.kind === 'rejected') return { kind: 'rejected', reasons: asChange(commitment.reasons) };
      const opening = openingBalanceCommand(position, ids, context);
      if (opening === null) return { kind: commitment.kind === 'booked' ? 'accepted' : 'already', findings: commitment.findings };
      const balance = await decide(opening);
      if (balance.kind === 'rejected') return { kind: 'rejected', reasons: asChange(balance.reasons) };
      const isNew = commitment.kind === 'booked' || balance.kind === 'booked';
      return { kind: isNew ? 'accepted' : 'already', findings: commitment.findings + balance.findings };
    },
  };
};
