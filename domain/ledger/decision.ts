// What a decision is: events without their envelope, or the rules that were broken.
import type { AggregateType, EventByType, EventRef, EventType, LocalDate, RuleResult, Uuid } from '../messages.ts';

/** An event of a decision; the shell adds the envelope (ids, times, chain). */
export type DraftEvent = {
  [K in EventType]: {
    readonly type: K;
    readonly aggregate_type: AggregateType;
    readonly aggregate_id: Uuid;
    readonly event_version: number;
    readonly depends_on: readonly EventRef[];
    /** Business date of the event where it has one of its own; else that of the command. */
    readonly effective_date?: LocalDate;
    readonly body: Omit<EventByType[K], 'envelope'>;
  };
}[EventType];

/** Which aggregate an event happens to, and its place among the aggregate's events. */
export interface Happening {
  readonly id: Uuid;
  readonly version: number;
  readonly on?: LocalDate;
  readonly dependsOn?: readonly EventRef[];
}

/** Writes an event of a decision. */
export const draft = <Type extends EventType>(
  type: Type,
  aggregate: AggregateType,
  { id, version, on, dependsOn = [] }: Happening,
  body: Omit<EventByType[Type], 'envelope'>,
): DraftEvent =>
  ({
    type,
    aggregate_type: aggregate,
    aggregate_id: id,
    event_version: version,
    depends_on: dependsOn,
    ...(on === undefined ? {} : { effective_date: on }),
    body,
  }) as unknown as DraftEvent;

/** Outcome of `decide`. A rejection is a value, never a throw. */
export type Decision =
  | { readonly kind: 'Accepted'; readonly events: readonly DraftEvent[]; readonly findings: readonly RuleResult[] }
  | { readonly kind: 'Rejected'; readonly reasons: readonly RuleResult[] };

/** Marks a branch that no value reaches; reaching it is a defect. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
};
