// Every point at which a processor can die while it works through a list of inputs, tried one after the other. The claim: whatever
// dies when, and whether it restarts from a snapshot or from the beginning, the outputs are the same bytes.
import { createTestDriver, type CrashPoint, type PipedRecord, type TestDriver } from './test-driver.ts';
import type { EmittedRecord, Processor } from './topology.ts';

interface Crash {
  readonly at: number;
  readonly point: CrashPoint;
  /** The transaction after which a snapshot was cut; null for a replay from the beginning. */
  readonly snapshotAfter: number | null;
}

const textOf = ({ topic, key, value, headers = {} }: EmittedRecord): string =>
  JSON.stringify([topic, key.toString('hex'), value?.toString('hex') ?? null, Object.entries(headers).map(([name, bytes]) => [name, bytes.toString('hex')])]);

const outputsOf = <State>(processor: Processor<State>, driver: TestDriver<State>): readonly string[] =>
  [...processor.outputs, 'dead-letters' as const].flatMap((topic) => driver.outputs(topic).map(textOf));

const runWith = <State>(processor: Processor<State>, partition: number, batches: readonly (readonly PipedRecord[])[], crash: Crash | null): readonly string[] => {
  const driver = createTestDriver(processor, { partition });
  for (const [index, batch] of batches.entries()) {
    driver.pipeBatch(batch, crash?.at === index ? crash.point : undefined);
    if (crash?.snapshotAfter === index) driver.snapshot();
  }
  return outputsOf(processor, driver);
};

/**
 * Runs the transactions once undisturbed, then once for every crash point: before and after the commit of each, without a snapshot
 * and with one cut after each earlier transaction. Returns how many runs were compared. Quadratic: give it tens of transactions.
 * @throws Error naming the first crash point whose outputs differ, with both records.
 */
export const checkEveryCrashPoint = <State>(
  processor: Processor<State>,
  batches: readonly (readonly PipedRecord[])[],
  { partition = 0 }: { readonly partition?: number } = {},
): number => {
  const expected = runWith(processor, partition, batches, null);
  let runs = 0;
  for (let at = 0; at < batches.length; at += 1) {
    for (const point of ['before-commit', 'after-commit'] as const) {
      for (const snapshotAfter of [null, ...Array.from({ length: at }, (_, index) => index)]) {
        const found = runWith(processor, partition, batches, { at, point, snapshotAfter });
        const index = Math.max(expected.length, found.length) === 0 ? -1 : [...Array(Math.max(expected.length, found.length)).keys()].findIndex((key) => expected[key] !== found[key]);
        if (index >= 0) {
          const snapshot = snapshotAfter === null ? 'without a snapshot' : `with a snapshot after transaction ${snapshotAfter}`;
          throw new Error(`${processor.name}: a crash ${point} of transaction ${at}, ${snapshot}, changes output ${index}: expected ${expected[index] ?? 'nothing'}, found ${found[index] ?? 'nothing'}`);
        }
        runs += 1;
      }
    }
  }
  return runs;
};
