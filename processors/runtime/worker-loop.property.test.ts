// Any order of inputs, commits that succeed or fail, partitions that come, go and get lost: what is on the log in the end is the fold of
// the inputs, each once and in order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startProcessor } from './runtime.ts';
import { createMemoryKafka, type PendingCommit } from './testing/memory-kafka.ts';
import { balancesFixture } from './testing/positions.ts';
import { silent, until } from './testing/runtime-bench.ts';

const PARTITIONS = 3;
const partition = fc.integer({ min: 0, max: PARTITIONS - 1 });
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), partition, count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fail' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), partition }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('revoke' as const), partition }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('assign' as const), partition }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('breathe' as const) }) },
);
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 4));

describe('a worker, whatever happens around it', () => {
  it('leaves on the log the fold of its inputs, each once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 40, size: 'max' }),
        fc.integer({ min: 1, max: 6 }),
        async (actions, batchRecordsMax) => {
          const log = createMemoryKafka('t.', PARTITIONS);
          const running = await startProcessor(balancesFixture, {
            kafka: log.kafka,
            topicPrefix: 't.',
            partitions: PARTITIONS,
            logger: silent,
            snapshotEvery: 3,
            batchRecordsMax,
            batchWaitMs: 5,
          });
          await breathe();
          const sent = Array.from({ length: PARTITIONS }, (): number[] => []);
          const held = new Set<number>();
          const revoking = new Set<Promise<void>>();
          const commits: PendingCommit[] = [];
          const collect = async (): Promise<void> => {
            for (;;) commits.push(await log.nextCommit());
          };
          void collect();
          for (const act of actions) {
            switch (act.kind) {
              case 'send':
                for (let index = 0; index < act.count; index += 1) {
                  const amount = sent.flat().length + 1;
                  sent[act.partition]?.push(amount);
                  log.send('events', act.partition, `a ${amount}`);
                }
                break;
              case 'commit':
                commits.shift()?.succeed();
                break;
              case 'fail': {
                const commit = commits.shift();
                if (commit === undefined || revoking.size > 0) commit?.succeed();
                else {
                  commit.fail();
                  await breathe();
                }
                break;
              }
              case 'lose':
                if (revoking.size === 0 && held.delete(act.partition)) log.lose(act.partition);
                break;
              case 'revoke':
                if (revoking.size === 0 && held.delete(act.partition)) {
                  const revocation = log.revoke(act.partition).then(() => void revoking.delete(revocation));
                  revoking.add(revocation);
                }
                break;
              case 'assign':
                if (revoking.size === 0 && !held.has(act.partition)) {
                  held.add(act.partition);
                  log.assign(act.partition);
                }
                break;
              case 'breathe':
                await breathe();
                break;
            }
          }
          log.commitAll();
          for (const commit of commits.splice(0)) commit.succeed();
          await Promise.all(revoking);
          for (let index = 0; index < PARTITIONS; index += 1) if (!held.has(index)) log.assign(index);
          const facts = (index: number): readonly string[] =>
            log.texts('capital-accounts', index).filter((text) => text.includes(' '));
          await until('everything is booked', () => sent.every((amounts, index) => facts(index).length >= amounts.length), 5_000);
          await running.stop();
          for (const [index, amounts] of sent.entries()) {
            let balance = 0;
            expect(facts(index)).toEqual(amounts.map((amount, at) => `${at + 1} ${(balance += amount)}`));
          }
        },
      ),
      { numRuns: 1_000, interruptAfterTimeLimit: 8_000 },
    );
  }, 120_000);
});
