// What a decision is: events without their envelope, or the rules that were broken.
import type { AggregateType, EventByType, EventRef, EventType, RuleResult, Uuid } from '../messages.ts';

/** An event of a decision; the shell adds the envelope (ids, times, chain). */
export type DraftEvent = {
  [K in EventType]: {
    readonly type: K;
    readonly aggregate_type: AggregateType;
    readonly aggregate_id: Uuid;
    readonly event_version: number;
    readonly depends_on: readonly EventRef[];
    readonly body: Omit<EventByType[K], 'envelope'>;
  };
}[EventType];

/** Outcome of `decide`. A rejection is a value, never a throw. */
export type Decision =
  | { readonly kind: 'Accepted'; readonly events: readonly DraftEvent[]; readonly findings: readonly RuleResult[] }
  | { readonly kind: 'Rejected'; readonly reasons: readonly RuleResult[] };

/** Marks a branch that no value reaches; reaching it is a defect. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
};
