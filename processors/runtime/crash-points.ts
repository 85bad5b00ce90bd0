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

/** One line per record. The stack of a dead letter is left out: it tells which code ran, not what came of it. */
const textOf = ({ topic, key, value, headers = {} }: EmittedRecord): string => {
  const shown = Object.entries(headers).filter(([name]) => name !== 'dead_letter_stack');
  return `${topic} key ${key.toString('latin1')} value ${value?.toString('hex') ?? 'null'} headers ${JSON.stringify(shown.map(([name, bytes]) => [name, bytes.toString('latin1')]))}`;
};

const outputsOf = <State>(processor: Processor<State>, driver: TestDriver<State>): readonly string[] =>
  [...processor.outputs, 'dead-letters' as const].flatMap((topic) => driver.outputs(topic).map(textOf));

const runWith = <State>(
  processor: Processor<State>,
  partition: number,
  batches: readonly (readonly PipedRecord[])[],
  crash: Crash | null,
): readonly string[] => {
  const driver = createTestDriver(processor, { partition });
  for (const [index, batch] of batches.entries()) {
    driver.pipeBatch(batch, crash?.at === index ? crash.point : undefined);
    if (crash?.snapshotAfter === index) driver.snapshot();
  }
  return outputsOf(processor, driver);
};

const firstDifference = (a: readonly string[], b: readonly string[]): number | null => {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) if (a[index] !== b[index]) return index;
  return null;
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
        const index = firstDifference(expected, found);
        if (index !== null) {
          const snapshot = snapshotAfter === null ? 'without a snapshot' : `with a snapshot after transaction ${snapshotAfter}`;
          throw new Error(
            `${processor.name}: a crash ${point} of transaction ${at}, ${snapshot}, changes output ${index}: expected ${expected[index] ?? 'nothing'}, found ${found[index] ?? 'nothing'}`,
          );
        }
        runs += 1;
      }
    }
  }
  return runs;
};
