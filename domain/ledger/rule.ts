// What a rule of the registry is (spec 7.1).
import type { AnyCommand, CommandByType, CommandType, Severity, Uuid } from '../messages.ts';
import type { InvestorLookup, LedgerState } from './state.ts';

export interface RuleContext {
  readonly state: LedgerState;
  /** What is decided. */
  readonly command: AnyCommand;
  /** The uuid of version 5 of a name in a namespace: ids of notices and calculations follow from the ids of the command. */
  readonly deriveId: (namespace: Uuid, name: string) => Uuid;
  readonly investor: InvestorLookup;
  /** Whether an id already names something that another partition keeps. */
  readonly isTakenElsewhere: (id: Uuid) => boolean;
}

/** What a check found wrong. */
export interface Violation {
  /** What is wrong with which value, and what would be right. */
  readonly message: string;
  readonly field?: string;
}

export interface Rule<Type extends CommandType = CommandType> {
  /** Kebab case; the reason of a rejection. */
  readonly name: string;
  readonly description: string;
  readonly severity: Severity;
  /** Command types that it is checked for; empty: all. */
  readonly commands: readonly Type[];
  /** Null when the command keeps the rule; a rule whose subject does not exist says nothing, another one does. */
  readonly check: (command: CommandByType[Type], context: RuleContext) => Violation | null;
}

/** Writes a rule with its command type known to the checker. */
export const rule = <Type extends CommandType>(definition: Rule<Type>): Rule => definition as unknown as Rule;
