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
  for (let index = 0; index < batches.length; index += 1) {
    const batch = batches[index] ?? [];
    const isHere = crash?.at === index;
    const isAhead = isHere && (crash.point === 'ahead' || crash.point === 'overtaken');
    driver.pipeBatch(batch, isHere ? crash.point : undefined, isAhead ? batches[index + 1] : undefined);
    if (isAhead) index += 1;
    if (crash?.snapshotAfter === index) driver.snapshot();
  }
  return outputsOf(processor, driver);
};

/** What can happen to a process while it works on one transaction. */
const pointsOf = <State>(
  { input }: Processor<State>,
  batch: readonly PipedRecord[],
  following: readonly PipedRecord[] | undefined,
): readonly CrashPoint[] => {
  const inputs = batch.filter(({ topic }) => topic === input).length;
  if (inputs === 0) return [];
  const within = Array.from({ length: inputs - 1 }, (_, done) => done + 1);
  // What others write to a table between two transactions may rightly change what the first one sees when it is done again.
  const canRunAhead = following?.every(({ topic }) => topic === input) === true && following.length > 0;
  return [...within, 'before-commit', 'after-commit', ...(canRunAhead ? (['ahead', 'overtaken'] as const) : [])];
};

const firstDifference = (a: readonly string[], b: readonly string[]): number | null => {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) if (a[index] !== b[index]) return index;
  return null;
};

const told = (point: CrashPoint): string => (typeof point === 'number' ? `behind input ${point}` : point);

/**
 * Runs the transactions once undisturbed, then once for every crash point: behind each of its inputs, before and after its commit, and
 * with the following transaction computed ahead of a commit that fails or succeeds; each without a snapshot and with one cut after
 * each earlier transaction. Returns how many runs were compared. Quadratic: give it tens of transactions.
 * @throws Error naming the first crash point whose outputs differ, with both records.
 */
export const checkEveryCrashPoint = <State>(
  processor: Processor<State>,
  batches: readonly (readonly PipedRecord[])[],
  { partition = 0 }: { readonly partition?: number } = {},
): number => {
  const expected = runWith(processor, partition, batches, null);
  let runs = 0;
  for (const [at, batch] of batches.entries()) {
    for (const point of pointsOf(processor, batch, batches[at + 1])) {
      for (const snapshotAfter of [null, ...Array.from({ length: at }, (_, index) => index)]) {
        const found = runWith(processor, partition, batches, { at, point, snapshotAfter });
        const index = firstDifference(expected, found);
        if (index !== null) {
          const snapshot = snapshotAfter === null ? 'without a snapshot' : `with a snapshot after transaction ${snapshotAfter}`;
          throw new Error(
            `${processor.name}: a crash ${told(point)} of transaction ${at}, ${snapshot}, changes output ${index}: expected ${expected[index] ?? 'nothing'}, found ${found[index] ?? 'nothing'}`,
          );
        }
        runs += 1;
      }
    }
  }
  return runs;
};
