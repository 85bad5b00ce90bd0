// A ledger for tests without engines: books commands on a state as the processor does, and keeps the events.
import { v5 as uuidV5 } from 'uuid';
import { expect } from 'vitest';
import { decide } from '#domain/ledger/decide.ts';
import type { Decision } from '#domain/ledger/decision.ts';
import { eventOf } from '#domain/ledger/event-of.ts';
import { evolve } from '#domain/ledger/evolve.ts';
import { emptyLedger, type LedgerState } from '#domain/ledger/state.ts';
import type { AnyCommand, AnyEvent, EventByType, EventType } from '#domain/messages.ts';
import { testId } from './commands.ts';

/** Decides on a state without booking. The id of "taken elsewhere" names something in another partition. */
export const decideOn = (state: LedgerState, command: AnyCommand): Decision =>
  decide(command, {
    state,
    investor: (id) => state.investors.get(id) ?? null,
    isTakenElsewhere: (id) => id === testId('taken elsewhere'),
    deriveId: (namespace, name) => uuidV5(name, namespace),
  });

export interface TestLedger {
  readonly state: LedgerState;
  readonly events: AnyEvent[];
  /** Books a command; its events, or the rejection. */
  readonly book: (command: AnyCommand) => Decision;
  /** Books commands that must be accepted. @throws Error naming the rules that one breaks. */
  readonly given: (...commands: readonly AnyCommand[]) => TestLedger;
  /** Books and expects events of these types. */
  readonly accepts: (command: AnyCommand, ...types: readonly EventType[]) => void;
  /** Expects exactly these reasons; the state stays as it was. */
  readonly rejects: (command: AnyCommand, ...reasons: readonly string[]) => void;
  /** Expects that the command is accepted with these findings; books nothing. */
  readonly finds: (command: AnyCommand, ...findings: readonly string[]) => void;
  /** The latest event of a type. @throws Error when there is none. */
  readonly last: <Type extends EventType>(type: Type) => EventByType[Type];
  readonly all: <Type extends EventType>(type: Type) => readonly EventByType[Type][];
}

/** An empty ledger, or one that goes on from a state. */
export const testLedger = (state: LedgerState = emptyLedger()): TestLedger => {
  const events: AnyEvent[] = [];
  const book = (command: AnyCommand): Decision => {
    const decision = decideOn(state, command);
    if (decision.kind === 'Accepted') {
      decision.events.forEach((draft, place) => {
        const event = eventOf(command.value, draft, {
          eventId: uuidV5(String(place), command.value.header.command_id),
          recordedAt: command.value.header.issued_at,
          findings: [],
          unsealed: new Uint8Array(),
        });
        evolve(state, event);
        events.push(event);
      });
    }
    return decision;
  };
  const all = <Type extends EventType>(type: Type): readonly EventByType[Type][] =>
    events.filter((event) => event.type === type).map((event) => event.value as unknown as EventByType[Type]);
  const ledger: TestLedger = {
    state,
    events,
    book,
    given: (...commands) => {
      for (const command of commands) {
        const decision = book(command);
        if (decision.kind === 'Rejected')
          throw new Error(`given ${command.type} was rejected: ${JSON.stringify(decision.reasons)}`);
      }
      return ledger;
    },
    accepts: (command, ...types) => {
      const decision = book(command);
      expect(decision.kind === 'Accepted' ? decision.events.map((event) => event.type) : decision).toEqual(types);
    },
    rejects: (command, ...reasons) => {
      const decision = decideOn(state, command);
      expect(
        decision.kind === 'Rejected'
          ? decision.reasons.filter(({ severity }) => severity === 'ERROR').map(({ rule }) => rule)
          : decision,
      ).toEqual(reasons);
    },
    finds: (command, ...findings) => {
      const decision = decideOn(state, command);
      expect(decision.kind === 'Accepted' ? decision.findings.map(({ rule }) => rule) : decision).toEqual(findings);
    },
    last: (type) => {
      const value = all(type).at(-1);
      if (value === undefined) throw new Error(`no ${type} was booked`);
      return value;
    },
    all,
  };
  return ledger;
};
