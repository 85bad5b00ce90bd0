// What is remembered of decided commands is told again to the letter, however it is packed and after a snapshot, too.
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { v5 as uuidV5 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { OutcomeEvent, RuleResult } from '#domain/messages.ts';
import {
  noDecidedCommands,
  recallDecided,
  rememberEvent,
  restoredDecided,
  type DecidedCommand,
  type DecidedCommands,
} from './decided.ts';

const finding: RuleResult = { rule: 'vintage-differs', severity: 'WARNING', message: 'the vintage is "2007"', field: null };
const types = [
  ['MakeCommitment', 'CommitmentMade', 'COMMITMENT'],
  ['CreateFund', 'FundCreated', 'FUND'],
  ['RecordValuation', 'ValuationRecorded', 'COMMITMENT'],
] as const;

interface Decision {
  readonly id: string;
  readonly type: (typeof types)[number];
  readonly aggregates: readonly string[];
  readonly eventVersion: number;
  readonly decidedAt: number;
  readonly hasFindings: boolean;
}

const decision: fc.Arbitrary<Decision> = fc.record({
  id: fc.uuid(),
  type: fc.constantFrom(...types),
  aggregates: fc.array(fc.uuid(), { minLength: 1, maxLength: 3 }),
  eventVersion: fc.integer({ min: 1, max: 2_147_483_647 }),
  decidedAt: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
  hasFindings: fc.boolean(),
});

const remembered = (commands: DecidedCommands, { id, type, aggregates, ...rest }: Decision): DecidedCommand => {
  const [commandType, event_type, aggregate_type] = type;
  const results = rest.hasFindings ? [finding] : [];
  const events = aggregates.map((aggregate_id, place): OutcomeEvent => ({
    event_id: uuidV5(String(place), id),
    event_type,
    aggregate_type,
    aggregate_id,
    event_version: rest.eventVersion,
  }));
  for (const event of events) rememberEvent(commands, { id, type: commandType }, event, results, rest.decidedAt);
  return { kind: 'ACCEPTED', commandType, decidedAt: rest.decidedAt, events, results };
};

describe('decided commands', () => {
  it('are told again to the letter, after a snapshot too', () => {
    fc.assert(
      fc.property(fc.uniqueArray(decision, { selector: ({ id }) => id, maxLength: 40 }), (decisions) => {
        const commands = noDecidedCommands();
        const told = new Map(decisions.map((each) => [each.id, remembered(commands, each)]));
        const restored = restoredDecided(deserialize(serialize(commands)) as DecidedCommands);
        for (const [id, outcome] of told) {
          expect(recallDecided(commands, id)).toEqual(outcome);
          expect(recallDecided(restored, id)).toEqual(outcome);
        }
      }),
    );
  });

  it('are found among twenty thousand, and what was never decided is not', () => {
    const commands = noDecidedCommands();
    const ids = Array.from({ length: 20_000 }, (_, at) => uuidV5(String(at), uuidV5.DNS));
    ids.forEach((id, at) => {
      const event: OutcomeEvent = {
        event_id: uuidV5('0', id),
        event_type: 'CommitmentMade',
        aggregate_type: 'COMMITMENT',
        aggregate_id: id,
        event_version: at + 1,
      };
      rememberEvent(commands, { id, type: 'MakeCommitment' }, event, [], at);
    });
    const found = ids.map((id) => recallDecided(commands, id)?.events[0]?.event_version);
    expect(found).toEqual(ids.map((_, at) => at + 1));
    expect(recallDecided(commands, uuidV5('20000', uuidV5.DNS))).toBeNull();
    expect(commands.accepted.size).toBe(0);
    expect(serialize(commands).byteLength).toBeLessThan(20_000 * 84);
  });
});
