// The judgement of a finished run: everything on the log against the model, read during the faults and read once more afterwards.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fixture } from './fixture.ts';
import { readLogOnce, type PartitionEnd, type ReadLog } from './log-reader.ts';
import { addVerdict, isClean, type Verdict } from './model.ts';
import type { Product } from './product.ts';

/** Longer than a transaction of a dead process may stay open. */
const UNDECIDED = { looks: 4, pauseMs: 6_000 };

const undecided = (ends: readonly PartitionEnd[]): readonly PartitionEnd[] => ends.filter(({ stable, high }) => stable !== high);

export interface Judgement {
  readonly verdict: Verdict;
  /** What is wrong beside lost, duplicated and differing values: somebody stopped, stuck, or could not be asked. */
  readonly findings: readonly string[];
  /** The log as it was read afterwards. */
  readonly log: ReadLog;
}

/** Reads all topics once more and compares. */
export const judge = async ({
  brokers,
  topics,
  fixture,
  product,
  during,
}: {
  readonly brokers: string;
  readonly topics: readonly string[];
  readonly fixture: Fixture;
  readonly product: Product | null;
  /** The log as it was read during the faults. */
  readonly during: ReadLog;
}): Promise<Judgement> => {
  const verdict: Verdict = fixture.check(during);
  const differ = (text: string): void => {
    verdict.differing += 1;
    verdict.findings.push(`differing: ${text}`);
  };
  let after = await readLogOnce(brokers, topics);
  for (let look = 1; look < UNDECIDED.looks && undecided(after.ends).length > 0; look += 1) {
    await sleep(UNDECIDED.pauseMs);
    after = await readLogOnce(brokers, topics);
  }
  for (const { topic, partition, stable, high } of undecided(after.ends))
    differ(`a transaction over ${topic}/${partition} stays undecided at ${stable} of ${high}`);
  for (const topic of topics)
    if (during.count(topic) !== after.count(topic))
      differ(`${topic} had ${during.count(topic)} records when read during the faults, ${after.count(topic)} afterwards`);
  // The same faults are not counted twice.
  if (isClean(verdict)) addVerdict(verdict, { ...fixture.check(after), in: 0, out: 0 });
  if (product !== null) addVerdict(verdict, await product.check(after));
  const findings = [...fixture.workers, ...fixture.guests, ...(product?.roles ?? [])].flatMap(({ name, output }) =>
    output()
      .split('\n')
      .filter(
        (line) =>
          (line.startsWith('failed ') && line !== 'failed fenced') ||
          line.startsWith('chaos: ') ||
          line.includes('a partition stopped for good'),
      )
      .map((line) => `${name}: ${line}`),
  );
  return { verdict, findings, log: after };
};
