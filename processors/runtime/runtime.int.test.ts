// The runtime against the real broker: inputs come out once, state comes back, and what must stop stops by name.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { openBench, until, type RuntimeBench } from './fixture-stack.ts';
import { balancesFixture, ledgerFixture, toCommand } from './positions.fixture.ts';

let isolation: Isolation;
let bench: RuntimeBench;

beforeAll(async () => {
  isolation = await createIsolation({ stores: [] });
  bench = await openBench({ brokers: isolation.addresses.kafkaBrokers, topicPrefix: isolation.topicPrefix });
});
afterAll(async () => {
  await bench.close();
  await isolation.drop();
});

describe('a chain of two processors', () => {
  it('books every command once and tells the balance after each event', async () => {
    const ledger = await bench.start(ledgerFixture);
    const balances = await bench.start(balancesFixture);
    await until('both run', () => ledger.health().ready && balances.health().ready);
    await bench.send('commands', 0, [toCommand('a', 100n), toCommand('b', 5n), toCommand('a', -30n)]);
    await bench.send('commands', 1, [toCommand('c', 7n)]);
    await until('balances are there', async () => (await bench.texts('capital-accounts', 0)).includes('3 70') && (await bench.texts('capital-accounts', 1)).includes('1 7'));
    expect(await bench.texts('events', 0)).toEqual(['a 100 1 100', 'b 5 2 5', 'a -30 3 70']);
    expect((await bench.texts('capital-accounts', 0)).filter((text) => text.includes(' '))).toEqual(['1 100', '2 5', '3 70']);
    await ledger.stop();
    await balances.stop();
    expect(ledger.health().tasks.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  });

  it('commits a single command within tens of milliseconds of its arrival', async () => {
    const ledger = await bench.start(ledgerFixture);
    await until('it runs', () => ledger.health().ready);
    const took: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const before = (await bench.texts('events', 1)).length;
      const sentAt = performance.now();
      await bench.send('commands', 1, [toCommand('c', 1n)]);
      await until('its event is there', async () => (await bench.texts('events', 1)).length > before);
      took.push(performance.now() - sentAt);
    }
    console.log(took.map(Math.round).join(' '));
    expect(took.toSorted((a, b) => a - b)[10]).toBeLessThan(150);
    await ledger.stop();
  });
});
