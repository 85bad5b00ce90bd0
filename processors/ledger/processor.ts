// The ledger: reads commands, decides each once against the state of its partition, and writes events, outcomes and the
// investors table. The decision itself is domain/ledger; here are ids, times, the envelope and the hash chain.
import { deserialize, serialize } from 'node:v8';
import { v5 as uuidV5 } from 'uuid';
import { decide } from '#domain/ledger/decide.ts';
import type { Decision, DraftEvent } from '#domain/ledger/decision.ts';
import { eventOf } from '#domain/ledger/event-of.ts';
import { evolve } from '#domain/ledger/evolve.ts';
import { previewBasis } from '#domain/ledger/preview-rules.ts';

import { emptyLedger, type InvestorLookup, type InvestorView, type LedgerState } from '#domain/ledger/state.ts';
import { consistencyKeyOf, targetOf } from '#domain/ledger/target.ts';
import type { AnyCommand, AnyEvent, CommandOutcome, InvestorEntry, OutcomeEvent, RuleResult } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
import { partitionOf } from '#platform/kafka/partition.ts';
import { DecodeError, type Codec } from '#schemas/codec.ts';
import { contentDigestHeader, eventIdOf } from '#schemas/event-id.ts';
import { carriedLink, genesisLink, linkBytes, sealLink } from '#schemas/hash-chain.ts';
import type { EmittedRecord, Processor, StepContext, StepResult } from '../runtime/topology.ts';
import { commandTypeOf, noDecision, type LastDecision } from './command-of-event.ts';
import {
  commandLifeMicros,
  noDecidedCommands,
  recallDecided,
  rememberEvent,
  restoredDecided,
  type DecidedCommands,
} from './decided.ts';
import { outcomeRecord, previewJson } from './outcome.ts';
import { tableRecords } from './table-records.ts';

export interface LedgerTaskState {
  ledger: LedgerState;
  /** Link of the last event of the partition. */
  link: Buffer;
  /** recorded_at of the last event; it never goes back. */
  recordedAt: number;
  decided: DecidedCommands;
  /** The command that the last event followed from: events of one decision stand together. */
  last: LastDecision;
}

export interface LedgerOptions {
  readonly codec: Codec;
  /** Partitions of the epoch, to refuse a command that a foreign client put on the wrong one. */
  readonly partitions: number;
}

/** The key of an event that follows from the clock in a fund; null for all others, which have the key of their command. */
const keyOf = (event: AnyEvent): Buffer | null =>
  event.type === 'CapitalCallNoticesOverdue' ? Buffer.from(event.value.fund_id, 'utf8') : null;

/** What the intake says of the content of a command; null from a sender that says nothing. */
const contentDigestOf = ({ headers }: InboundRecord): string | null => {
  const digest = headers[contentDigestHeader]?.toString('latin1');
  return digest !== undefined && /^[0-9a-f]{64}$/.test(digest) ? digest : null;
};

/** The investor of another partition that a decision looks at. */
const investorOf = (command: AnyCommand): string | null => {
  switch (command.type) {
    case 'MakeCommitment':
      return command.value.investor_id;
    case 'TransferCommitment':
      return command.value.to_investor_id;
    default:
      return null;
  }
};

/** Whether a text of the command has the character U+0000, which no store can keep. */
const hasNul = (value: unknown): boolean => {
  if (typeof value === 'string') return value.includes('\u0000');
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  for (const part of Object.values(value)) if (hasNul(part)) return true;
  return false;
};

const expired = (command: AnyCommand, recordedAt: number): RuleResult | null =>
  command.value.header.issued_at < recordedAt - commandLifeMicros
    ? {
        rule: 'command-expired',
        severity: 'ERROR',
        field: 'issued_at',
        message: 'the command was issued more than 30 days before the latest booking; send it anew with a new command_id',
      }
    : null;

/** The processor of the ledger. */
export const ledgerProcessor = ({ codec, partitions }: LedgerOptions): Processor<LedgerTaskState> => {
  const noLink = Buffer.alloc(linkBytes);

  const investorLookup =
    (state: LedgerTaskState, context: StepContext): InvestorLookup =>
    (id): InvestorView | null => {
      const own = state.ledger.investors.get(id);
      if (own !== undefined) return own;
      const entry = context.tables.get('investors', id);
      if (entry === null) return null;
      const { version, investor } = codec.decode(entry).value as InvestorEntry;
      return { card: investor, version };
    };

  const fold = (state: LedgerTaskState, event: AnyEvent): void => {
    const { envelope } = event.value;
    evolve(state.ledger, event);
    state.last = { commandId: envelope.causation_id, commandType: commandTypeOf(state.last, event) };
    state.recordedAt = Math.max(state.recordedAt, envelope.recorded_at);
    const summary: OutcomeEvent = {
      event_id: envelope.event_id,
      event_type: event.type,
      aggregate_type: envelope.aggregate_type,
      aggregate_id: envelope.aggregate_id,
      event_version: envelope.event_version,
    };
    rememberEvent(
      state.decided,
      { id: envelope.causation_id, type: state.last.commandType },
      summary,
      event.type === 'CommandRejected' ? event.value.reasons : envelope.findings,
      envelope.recorded_at,
    );
  };

  const withEnvelope = (
    command: AnyCommand,
    contentDigest: string | null,
    draft: DraftEvent,
    place: number,
    recordedAt: number,
    findings: readonly RuleResult[],
  ): AnyEvent =>
    eventOf(command.value, draft, {
      eventId: eventIdOf(command.value.header.command_id, place, contentDigest),
      recordedAt,
      findings,
      unsealed: noLink,
    });

  const eventsOf = (
    command: AnyCommand,
    contentDigest: string | null,
    decision: Decision,
    recordedAt: number,
  ): readonly AnyEvent[] => {
    if (decision.kind === 'Accepted')
      return decision.events.map((draft, place) =>
        withEnvelope(command, contentDigest, draft, place, recordedAt, decision.findings),
      );
    const rejection: DraftEvent = {
      type: 'CommandRejected',
      aggregate_type: 'COMMAND',
      aggregate_id: command.value.header.command_id,
      event_version: 1,
      depends_on: [],
      body: { command_type: command.type, target_aggregate_id: targetOf(command), reasons: decision.reasons },
    };
    return [withEnvelope(command, contentDigest, rejection, 0, recordedAt, [])];
  };

  /** Encodes an event, chains it, folds it into the state. */
  const book = (state: LedgerTaskState, key: Buffer, event: AnyEvent): readonly EmittedRecord[] => {
    const bytes = codec.encode(`stratcap.event.${event.type}`, event.value);
    state.link = sealLink(state.link, bytes);
    fold(state, event);
    const { envelope } = event.value;
    const records: EmittedRecord[] = [
      {
        topic: 'events',
        key,
        value: bytes,
        headers: {
          ce_specversion: Buffer.from('1.0'),
          ce_id: Buffer.from(envelope.event_id),
          ce_type: Buffer.from(`stratcap.event.${event.type}`),
          ce_source: Buffer.from('/stratcap/ledger'),
        },
      },
    ];
    return [...records, ...tableRecords(codec, state.ledger, key, event)];
  };

  const decideOnce = (
    state: LedgerTaskState,
    command: AnyCommand,
    contentDigest: string | null,
    context: StepContext,
  ): readonly EmittedRecord[] => {
    const { header } = command.value;
    const outcome = (
      rest: Pick<CommandOutcome, 'kind' | 'events' | 'rule_results' | 'decided_at'> & Partial<CommandOutcome>,
    ): EmittedRecord =>
      outcomeRecord(codec, {
        command_id: header.command_id,
        command_type: command.type,
        partition: context.partition,
        preview_events: null,
        preview_basis: null,
        replayed: false,
        ...rest,
      });
    const earlier = recallDecided(state.decided, header.command_id);
    if (earlier !== null)
      return [
        outcome({
          command_type: earlier.commandType,
          kind: earlier.kind,
          events: earlier.events,
          rule_results: earlier.results,
          decided_at: earlier.decidedAt,
          replayed: true,
        }),
      ];

    const tooOld = expired(command, state.recordedAt);
    const decision: Decision =
      tooOld === null
        ? decide(command, {
            state: state.ledger,
            investor: investorLookup(state, context),
            isTakenElsewhere: (id) => context.tables.get('aggregates', id) !== null,
            deriveId: (namespace, name) => uuidV5(name, namespace),
          })
        : { kind: 'Rejected', reasons: [tooOld] };
    const recordedAt = Math.max(state.recordedAt, header.issued_at);
    const events = eventsOf(command, contentDigest, decision, recordedAt);
    const results = decision.kind === 'Accepted' ? decision.findings : decision.reasons;
    const summaries = events.map(({ type, value: { envelope } }): OutcomeEvent => ({
      event_id: envelope.event_id,
      event_type: type,
      aggregate_type: envelope.aggregate_type,
      aggregate_id: envelope.aggregate_id,
      event_version: envelope.event_version,
    }));
    if (header.preview) {
      const accepted = decision.kind === 'Accepted';
      return [
        outcome({
          kind: accepted ? 'PREVIEWED' : 'REJECTED',
          events: accepted ? summaries : [],
          rule_results: results,
          decided_at: recordedAt,
          preview_events: accepted ? previewJson(events) : null,
          preview_basis: 'fund_id' in command.value ? previewBasis(state.ledger, command.value.fund_id) : null,
        }),
      ];
    }
    const key = Buffer.from(consistencyKeyOf(command), 'utf8');
    return [
      ...events.flatMap((event) => book(state, keyOf(event) ?? key, event)),
      outcome({
        kind: decision.kind === 'Accepted' ? 'ACCEPTED' : 'REJECTED',
        events: summaries,
        rule_results: results,
        decided_at: recordedAt,
      }),
    ];
  };

  const readCommand = (input: InboundRecord): AnyCommand | { readonly reason: string; readonly detail: string } => {
    try {
      const { type, fullName, value } = codec.decode(input.value);
      if (!fullName.startsWith('stratcap.command.'))
        return { reason: 'not-a-command', detail: `${fullName} does not belong on the command topic` };
      if (hasNul(value))
        return { reason: 'nul-character', detail: `a text of the ${type} has the character U+0000, which cannot be kept` };
      const command = { type, value } as AnyCommand;
      const key = consistencyKeyOf(command);
      const partition = command.type === 'AdvanceBusinessDate' ? command.value.partition : partitionOf(key, partitions);
      return partition === input.partition
        ? command
        : {
            reason: 'wrong-partition',
            detail: `consistency key ${key} belongs to partition ${partition}, not ${input.partition}`,
          };
    } catch (error) {
      if (error instanceof DecodeError) return { reason: error.code, detail: error.message };
      throw error;
    }
  };

  // Look-ups and step see the same record: it is decoded once.
  let latest: { readonly input: InboundRecord; readonly command: ReturnType<typeof readCommand> } | null = null;
  const commandOf = (input: InboundRecord): ReturnType<typeof readCommand> => {
    if (latest?.input !== input) latest = { input, command: readCommand(input) };
    return latest.command;
  };

  return {
    name: 'ledger',
    stateVersion: 3,
    input: 'commands',
    outputs: ['events', 'outcomes', 'investors', 'aggregates', 'reference'],
    tables: ['investors', 'aggregates'],
    createState: () => ({
      ledger: emptyLedger(),
      link: genesisLink,
      recordedAt: 0,
      decided: noDecidedCommands(),
      last: noDecision,
    }),
    evolve: (state, record) => {
      const { type, value } = codec.decode(record.value);
      fold(state, { type, value } as AnyEvent);
      state.link = carriedLink(record.value ?? noLink);
    },
    // Whether a new id is taken elsewhere is read from the table as it stands: a new id is expected to be missing, and waiting for
    // the end of the table would tie every task to the open transactions of the others.
    lookups: (state, input) => {
      const command = commandOf(input);
      if (!('type' in command)) return [];
      const investorId = investorOf(command);
      if (investorId === null || state.ledger.investors.has(investorId)) return [];
      // An approval may have been recorded a moment ago in another partition: a card that would reject is looked at again.
      const suffices = (value: Buffer): boolean =>
        (codec.decode(value).value as InvestorEntry).investor.kyc_status === 'APPROVED';
      return [{ topic: 'investors', key: investorId, suffices }];
    },
    step: (state, input, context): StepResult => {
      const command = commandOf(input);
      if (!('type' in command)) return { kind: 'DeadLetter', ...command };
      return { kind: 'Emit', records: decideOnce(state, command, contentDigestOf(input), context) };
    },
    serialize: (state) => serialize(state),
    deserialize: (bytes) => {
      const state = deserialize(bytes) as LedgerTaskState;
      return { ...state, link: Buffer.from(state.link), decided: restoredDecided(state.decided) };
    },
  };
};
