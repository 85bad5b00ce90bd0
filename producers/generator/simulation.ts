// The ledger's own rules on a state of its own: what it accepts goes into the file, so that a generated booking is never refused, and
// the next one can look at what the former ones led to.
import { decide } from '#domain/ledger/decide.ts';
import { eventOf } from '#domain/ledger/event-of.ts';
import { evolve } from '#domain/ledger/evolve.ts';
import { emptyLedger, type InvestorView, type LedgerState } from '#domain/ledger/state.ts';
import type { AnyCommand, AnyEvent, CommandByType, CommandHeader, CommandType, LocalDate, Uuid } from '#domain/messages.ts';
import { stableId } from '../stable-ids.ts';

/** A command as it will be booked, and the day on which somebody sits down to book it. */
export interface GeneratedCommand {
  readonly command: AnyCommand;
  readonly bookedOn: LocalDate;
  /** Lies before what was booked in the fund already. */
  readonly isBackDated: boolean;
  /** Takes something back or says it anew. */
  readonly isCorrection: boolean;
}

export interface Simulation {
  readonly state: LedgerState;
  readonly commands: readonly GeneratedCommand[];
  /** How many attempts the rules refused. */
  readonly refused: number;
  /**
   * Tries to book: the events when the ledger accepts, null when it refuses, and then nothing is in the file.
   * `bookedOn` is the day of booking, the effective date unless given.
   */
  book<Type extends CommandType>(
    type: Type,
    effectiveDate: LocalDate,
    body: Omit<CommandByType[Type], 'header'>,
    options?: { readonly bookedOn?: LocalDate; readonly isCorrection?: boolean; readonly reason?: string },
  ): readonly AnyEvent[] | null;
  /** An id that nothing else has. */
  id(...parts: readonly (string | number)[]): Uuid;
}

const nowhere = { channel: 'FILE', ip: null, user_agent: null, session_id: null } as const;

/** A ledger of one fund, or of what stands outside of funds. `namespace` makes its ids. */
export const createSimulation = (namespace: Uuid, investors: ReadonlyMap<Uuid, InvestorView>): Simulation => {
  const state = emptyLedger();
  const commands: GeneratedCommand[] = [];
  let refused = 0;
  let latest = '';
  const id = (...parts: readonly (string | number)[]): Uuid => stableId(namespace, ...parts.map(String));

  return {
    state,
    commands,
    get refused() {
      return refused;
    },
    id,
    book: (type, effectiveDate, body, { bookedOn = effectiveDate, isCorrection = false, reason } = {}) => {
      const commandId = id('command', commands.length, refused);
      const header: CommandHeader = {
        command_id: commandId,
        tenant_id: namespace,
        issued_at: 0,
        effective_date: effectiveDate,
        actor: { user_id: namespace, user_role: 'generator' },
        origin: nowhere,
        reason: reason ?? null,
        correlation_id: commandId,
        expected_version: null,
        preview: false,
      };
      const command = { type, value: { header, ...body } } as unknown as AnyCommand;
      const decision = decide(command, {
        state,
        investor: (investorId) => investors.get(investorId) ?? state.investors.get(investorId) ?? null,
        isTakenElsewhere: () => false,
        deriveId: stableId,
      });
      if (decision.kind === 'Rejected') {
        refused += 1;
        return null;
      }
      const events = decision.events.map((draft, place) =>
        eventOf(command.value, draft, {
          eventId: stableId(header.command_id, String(place)),
          recordedAt: header.issued_at,
          findings: [],
          unsealed: new Uint8Array(),
        }),
      );
      for (const event of events) evolve(state, event);
      // The clock and reference data are of no fund; everything else is compared with the latest date booked before.
      const isBackDated = type !== 'AdvanceBusinessDate' && effectiveDate < latest;
      if (type !== 'AdvanceBusinessDate' && effectiveDate > latest) latest = effectiveDate;
      // A clock is told to every partition by the file as a whole, not by each fund.
      if (type !== 'AdvanceBusinessDate') commands.push({ command, bookedOn, isBackDated, isCorrection });
      return events;
    },
  };
};
