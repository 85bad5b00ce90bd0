// What the ledger remembers of decided commands, so that the same command id has one effect and gives the same outcome
// again. Accepted ids are remembered for ever (imports run again after years), rejected ones for 30 days.
import type { AggregateType, OutcomeEvent, RuleResult } from '#domain/messages.ts';

/** Microseconds after which a command is too old to be decided for the first time. */
export const commandLifeMicros = 30 * 86_400_000_000;

export interface DecidedCommand {
  /** Record name of the command. */
  readonly commandType: string;
  readonly kind: 'ACCEPTED' | 'REJECTED';
  readonly decidedAt: number;
  readonly events: readonly OutcomeEvent[];
  readonly results: readonly RuleResult[];
}

/** Compact texts by command id: a hundred thousand of them must not weigh on a task. */
export interface DecidedCommands {
  readonly accepted: Map<string, string>;
  /** In the order of their decision, so that old ones are dropped from the front. */
  readonly rejected: Map<string, string>;
}

export const noDecidedCommands = (): DecidedCommands => ({ accepted: new Map(), rejected: new Map() });

type Packed = [
  string,
  number,
  [string, string, AggregateType, string, number][],
  [string, RuleResult['severity'], string, string | null][]?,
];

const pack = (decided: DecidedCommand): string => {
  const packed: Packed = [
    decided.commandType,
    decided.decidedAt,
    decided.events.map((event) => [
      event.event_id,
      event.event_type,
      event.aggregate_type,
      event.aggregate_id,
      event.event_version,
    ]),
  ];
  if (decided.results.length > 0)
    packed.push(decided.results.map((result) => [result.rule, result.severity, result.message, result.field]));
  return JSON.stringify(packed);
};
const unpack = (kind: DecidedCommand['kind'], text: string): DecidedCommand => {
  const [commandType, decidedAt, events, results = []] = JSON.parse(text) as Packed;
  return {
    kind,
    commandType,
    decidedAt,
    events: events.map(([event_id, event_type, aggregate_type, aggregate_id, event_version]) => ({
      event_id,
      event_type,
      aggregate_type,
      aggregate_id,
      event_version,
    })),
    results: results.map(([rule, severity, message, field]) => ({ rule, severity, message, field })),
  };
};

/** The earlier outcome of a command, or null when it was not decided before. */
export const recallDecided = (commands: DecidedCommands, id: string): DecidedCommand | null => {
  const accepted = commands.accepted.get(id);
  if (accepted !== undefined) return unpack('ACCEPTED', accepted);
  const rejected = commands.rejected.get(id);
  return rejected === undefined ? null : unpack('REJECTED', rejected);
};

/** Remembers one event of a command: events of one decision follow one another on the log. */
export const rememberEvent = (
  commands: DecidedCommands,
  { id, type: commandType }: { readonly id: string; readonly type: string },
  event: OutcomeEvent,
  results: readonly RuleResult[],
  decidedAt: number,
): void => {
  if (event.event_type === 'CommandRejected') {
    commands.rejected.set(id, pack({ commandType, kind: 'REJECTED', decidedAt, events: [event], results }));
    for (const [old, text] of commands.rejected) {
      if (unpack('REJECTED', text).decidedAt >= decidedAt - commandLifeMicros) break;
      commands.rejected.delete(old);
    }
    return;
  }
  const former = commands.accepted.get(id);
  const events = former === undefined ? [event] : [...unpack('ACCEPTED', former).events, event];
  commands.accepted.set(id, pack({ commandType, kind: 'ACCEPTED', decidedAt, events, results }));
};
