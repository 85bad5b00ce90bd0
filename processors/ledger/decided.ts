// What the ledger remembers of decided commands, so that the same command id has one effect and gives the same outcome
// again. Accepted ids are remembered for ever (imports run again after years), rejected ones for 30 days.
import type { AggregateType, OutcomeEvent, RuleResult } from '#domain/messages.ts';
import { addDecided, emptyDecidedTable, findDecided, ownedTable, type DecidedTable } from './decided-table.ts';

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

/** Types of command, event and aggregate that go together. */
type Kind = readonly [commandType: string, eventType: string, aggregateType: AggregateType];

export interface DecidedCommands {
  /** Accepted with one event and without findings, as nearly all are. */
  readonly plain: DecidedTable;
  /** What the kinds of plain rows stand for. */
  readonly kinds: Kind[];
  /** Accepted with more to tell, as compact texts by command id; such a command counts before a plain row. */
  readonly accepted: Map<string, string>;
  /** In the order of their decision, so that old ones are dropped from the front. */
  readonly rejected: Map<string, string>;
}

export const noDecidedCommands = (): DecidedCommands => ({
  plain: emptyDecidedTable(),
  kinds: [],
  accepted: new Map(),
  rejected: new Map(),
});

/** Decided commands out of a snapshot, in memory of their own. */
export const restoredDecided = (commands: DecidedCommands): DecidedCommands => ({
  ...commands,
  plain: ownedTable(commands.plain),
});

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

const recallPlain = ({ plain, kinds }: DecidedCommands, id: string): DecidedCommand | null => {
  const row = findDecided(plain, id);
  const kind = row === null ? undefined : kinds[row.kind];
  if (row === null || kind === undefined) return null;
  const [commandType, event_type, aggregate_type] = kind;
  const event: OutcomeEvent = {
    event_id: row.eventId,
    event_type,
    aggregate_type,
    aggregate_id: row.aggregateId,
    event_version: row.eventVersion,
  };
  return { kind: 'ACCEPTED', commandType, decidedAt: row.decidedAt, events: [event], results: [] };
};

const recallAccepted = (commands: DecidedCommands, id: string): DecidedCommand | null => {
  const text = commands.accepted.get(id);
  return text === undefined ? recallPlain(commands, id) : unpack('ACCEPTED', text);
};

/** The earlier outcome of a command, or null when it was not decided before. */
export const recallDecided = (commands: DecidedCommands, id: string): DecidedCommand | null => {
  const accepted = recallAccepted(commands, id);
  if (accepted !== null) return accepted;
  const rejected = commands.rejected.get(id);
  return rejected === undefined ? null : unpack('REJECTED', rejected);
};

const kindOf = (kinds: Kind[], commandType: string, { event_type, aggregate_type }: OutcomeEvent): number => {
  const known = kinds.findIndex(
    ([command, event, aggregate]) => command === commandType && event === event_type && aggregate === aggregate_type,
  );
  return known >= 0 ? known : kinds.push([commandType, event_type, aggregate_type]) - 1;
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
  const former = recallAccepted(commands, id);
  if (former === null && results.length === 0) {
    addDecided(commands.plain, id, {
      eventId: event.event_id,
      aggregateId: event.aggregate_id,
      eventVersion: event.event_version,
      decidedAt,
      kind: kindOf(commands.kinds, commandType, event),
    });
    return;
  }
  const events = former === null ? [event] : [...former.events, event];
  commands.accepted.set(id, pack({ commandType, kind: 'ACCEPTED', decidedAt, events, results }));
};
