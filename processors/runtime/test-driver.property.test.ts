import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balancesFixture, toCommand } from './testing/positions.ts';
import { createTestDriver, type CrashPoint } from './test-driver.ts';

const crashes: readonly (CrashPoint | 'none')[] = ['none', 'before-commit', 'after-commit'];
const history = fc.array(
  fc.record({
    events: fc.array(
      fc.record({ account: fc.constantFrom('a', 'b', 'c'), amountMinor: fc.bigInt({ min: -1000n, max: 1000n }) }),
      { minLength: 1, maxLength: 5 },
    ),
    crash: fc.constantFrom(...crashes),
    snapshot: fc.boolean(),
  }),
  { maxLength: 20 },
);

describe('balances over any history', () => {
  it('are the sums of the amounts however the events are cut into transactions, and whatever crashes or snapshots lie between', () => {
    fc.assert(
      fc.property(history, (transactions) => {
        const driver = createTestDriver(balancesFixture);
        const sums = new Map<string, bigint>();
        const expected: string[] = [];
        for (const { events, crash, snapshot } of transactions) {
          const records = events.map(({ account, amountMinor }) => ({
            topic: 'events' as const,
            key: account,
            value: toCommand(account, amountMinor),
          }));
          driver.pipeBatch(records, crash === 'none' ? undefined : crash);
          if (snapshot) driver.snapshot();
          for (const { account, amountMinor } of events) {
            const balance = (sums.get(account) ?? 0n) + amountMinor;
            sums.set(account, balance);
            expected.push(`${expected.length + 1} ${balance}`);
          }
        }
        const facts = driver.outputs('capital-accounts').filter(({ key }) => !key.toString().startsWith('progress|'));
        expect(facts.map(({ value }) => value?.toString())).toEqual(expected);
      }),
    );
  });
});
