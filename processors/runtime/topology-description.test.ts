import { describe, expect, it } from 'vitest';
import { balancesFixture, ledgerFixture } from './testing/positions.ts';
import { describeTopology, topologyMermaid, topologyText } from './topology-description.ts';

const description = describeTopology([ledgerFixture, balancesFixture]);

describe('the description of a topology', () => {
  it('says who reads, looks up and writes each topic, what comes from outside and what leaves', () => {
    expect(description.sources).toEqual(['commands']);
    expect(description.sinks).toEqual(['outcomes', 'dead-letters', 'capital-accounts']);
    expect(description.topics.find(({ name }) => name === 'events')).toMatchObject({
      writtenBy: ['ledger'],
      readBy: ['balances'],
      lookedUpBy: [],
    });
    expect(description.topics.find(({ name }) => name === 'investors')).toMatchObject({
      writtenBy: ['ledger'],
      readBy: [],
      lookedUpBy: ['ledger'],
    });
    expect(description.processors.map(({ name, deadLetters }) => [name, deadLetters])).toEqual([
      ['ledger', 'dead-letters'],
      ['balances', null],
    ]);
  });

  it('is text', () => {
    expect(topologyText(description)).toBe(`Processor ledger
  source        commands
  state         version 1, a fold of events; snapshots in snapshots
  looks up      investors
  outputs       events, outcomes, investors
  dead letters  dead-letters

Processor balances
  source        events
  state         version 1, a fold of events; snapshots in snapshots
  looks up      none
  outputs       capital-accounts
  dead letters  never: an event that cannot be applied stops its partition

From outside: commands
To the sinks: outcomes, dead-letters, capital-accounts
`);
  });

  it('is a picture', () => {
    expect(topologyMermaid(description)).toBe(`flowchart LR
  topic_commands[(commands)]
  topic_investors[(investors)]
  topic_events[(events)]
  topic_outcomes[(outcomes)]
  topic_dead_letters[(dead-letters)]
  topic_capital_accounts[(capital-accounts)]
  processor_ledger["ledger<br/>state v1"]
  processor_balances["balances<br/>state v1"]
  topic_commands --> processor_ledger
  topic_investors -. looks up .-> processor_ledger
  processor_ledger --> topic_events
  processor_ledger --> topic_outcomes
  processor_ledger --> topic_investors
  processor_ledger -- cannot be processed --> topic_dead_letters
  topic_events --> processor_balances
  processor_balances --> topic_capital_accounts
`);
  });

  it('names what contradicts itself', () => {
    const { processors } = describeTopology([{ ...balancesFixture, tables: ['investors'] }]);
    expect(processors[0]?.problems).toEqual([expect.stringContaining('looks nothing up')]);
    expect(topologyText(describeTopology([{ ...balancesFixture, tables: ['investors'] }]))).toContain(
      '  problem       a processor',
    );
  });
});
