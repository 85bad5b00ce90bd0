import { describe, expect, it } from 'vitest';
import { balancesFixture, ledgerFixture } from './testing/positions.ts';
import { topicsOf, topologyProblems } from './topology-check.ts';

describe('the check of a topology before the first record', () => {
  it('finds nothing wrong with a ledger and a fold of its events', () => {
    expect([topologyProblems(ledgerFixture), topologyProblems(balancesFixture)]).toEqual([[], []]);
  });

  it.each([
    [
      'a name that is no kebab case',
      { ...balancesFixture, name: 'Capital Accounts' },
      "name 'Capital Accounts' is not kebab case",
    ],
    ['a state version that does not count', { ...balancesFixture, stateVersion: 0 }, 'stateVersion 0'],
    ['a loop', { ...balancesFixture, outputs: ['events' as const] }, 'output events is its own input'],
    [
      'a topic of the runtime',
      { ...balancesFixture, outputs: ['snapshots' as const] },
      'output snapshots is written by the runtime alone',
    ],
    [
      'an output named twice',
      { ...balancesFixture, outputs: ['capital-accounts' as const, 'capital-accounts' as const] },
      'an output is named twice',
    ],
    ['commands without events', { ...ledgerFixture, outputs: ['outcomes' as const] }, 'a processor of commands emits events'],
    ['look-ups in a fold of events', { ...balancesFixture, tables: ['investors' as const] }, 'looks nothing up'],
  ])('names %s', (_what, definition, problem) => {
    expect(topologyProblems(definition)).toEqual([expect.stringContaining(problem)]);
  });

  it('knows every topic that a processor touches, those of the runtime included', () => {
    expect(topicsOf(balancesFixture)).toEqual(['events', 'capital-accounts', 'snapshots', 'dead-letters']);
  });
});
