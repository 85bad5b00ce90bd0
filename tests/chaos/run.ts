// One chaos run: engines of its own, workers, load, faults dealt by a seed, and the comparison of everything on the log with the model.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectKafka } from '#platform/kafka/connect.ts';
import { seededRandom } from '#tests/oracle/random.ts';
import type { BugName } from './bugs.ts';
import { startChaosEngines } from './engines.ts';
import { expireOffsets } from './expired.ts';
import { dealFaults, faults, type Arena, type FaultName } from './faults.ts';
import { createFixture, makeFixtureTopics } from './fixture.ts';
import { followLog, readLogOnce } from './log-reader.ts';
import { addVerdict, isClean, type Verdict } from './model.ts';
import { longestPauses, type DoneFault, type PausesByCause } from './pauses.ts';
import type { Product } from './product.ts';
import type { Server } from './slot.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  /** 1 unless given. */
  readonly brokers?: 1 | 3;
  /** Worker processes of the small processors; 3 unless given. */
  readonly workers?: number;
  /** The product's own roles and stores as well; true unless given. */
  readonly product?: boolean;
  /** A bug to plant in the worker processes. */
  readonly bug?: BugName;
  /** End as soon as something is wrong. */
  readonly endAtFirst?: boolean;
  /** Where the outputs of all processes go in the end. */
  readonly logs?: string;
  readonly say?: (text: string) => void;
}

export interface ChaosResult {
  readonly seed: number;
  readonly minutes: number;
  readonly brokers: number;
  readonly bug: string | null;
  readonly faults: Readonly<Record<string, number>>;
  readonly faultsTotal: number;
  readonly in: number;
  readonly out: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly differing: number;
  /** Milliseconds by cause (pauses.ts), on a machine whose other load is in the document. */
  readonly longestPauses: PausesByCause;
  /** The slowest answer to SIGTERM. */
  readonly leaveMsMax: number;
  readonly seconds: number;
  readonly findings: readonly string[];
}

const QUIET_MS = 2_000;
/** A busy machine restores slowly; what is not there after so long is lost. */
const CATCH_UP_MS = 150_000;
const AT_ONCE_MAX = 3;
const LOOK_EVERY_MS = 5_000;

/** Runs and compares. @throws Error when the run itself could not be held. */
export const runChaos = async (options: ChaosOptions): Promise<ChaosResult> => {
  const { seed, minutes, brokers: nodes = 1, workers = 3, bug = '', say = () => undefined } = options;
  const random = seededRandom(seed);
  const startedAt = Date.now();
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const engines = await startChaosEngines({ nodes, stores: options.product !== false });
    closing.push(() => engines.stop());
    const { brokers } = engines;
    const kafka = await connectKafka({ brokers, clientId: 'chaos' });
    closing.push(() => kafka.close());
    const servers: Server[] = brokers.split(',').map((address) => ({ port: Number(address.split(':')[1]), protocol: 'kafka' }));
    await makeFixtureTopics(kafka);
    const fixture = await createFixture({ kafka, brokers, servers, workers, bug, random });
    closing.push(() => Promise.all([...fixture.workers, ...fixture.guests].map((slot) => slot.stop())));
    const product: Product | null =
      engines.engines === null
        ? null
        : // Only where it is wanted: a run of the small processors loads nothing of the product beside the runtime.
          await (await import('./product.ts')).prepareProduct({ engines: engines.engines, servers, random, kafka });
    if (product !== null) closing.push(() => product.stop());
    const topics = [...fixture.topics, ...(product?.topics ?? [])];
    const log = await followLog(brokers, topics);
    closing.push(() => log.stop());
    await Promise.all([fixture.begin(log), product?.begin()]);
    say(`running after ${Math.round((Date.now() - startedAt) / 1000)} s`);

    const leaves: number[] = [];
    const arena: Arena = { random, kafka, fixture, product, engines, leaves };
    const counts: Partial<Record<FaultName, number>> = {};
    const done: DoneFault[] = [];
    const underWay = new Set<Promise<void>>();
    const broken: string[] = [];
    const inject = (name: FaultName): void => {
      const fromMs = Date.now();
      const since = (): string => `${((Date.now() - loadFrom) / 1000).toFixed(1)} s`;
      say(
        `${since()} ${name}, ${log.count(`${fixture.topicPrefix}commands`)} commands, ${log.count(`${fixture.topicPrefix}events`)} events`,
      );
      const work = faults[name]
        .run(arena)
        .then((happened) => {
          if (!happened) return;
          counts[name] = (counts[name] ?? 0) + 1;
          done.push({ name, fromMs, toMs: Date.now() });
          say(`${since()} ${name} is over`);
        })
        .catch((error: unknown) => void broken.push(`${name}: ${error instanceof Error ? error.message : String(error)}`))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    };

    const loadFrom = Date.now();
    fixture.startLoad();
    product?.startLoad();
    const endAt = loadFrom + minutes * 60_000;
    let lookAt = loadFrom + LOOK_EVERY_MS;
    const isWrong = (): boolean => {
      if (options.endAtFirst !== true || Date.now() < lookAt) return false;
      lookAt = Date.now() + LOOK_EVERY_MS;
      const { duplicated, differing } = fixture.check(log);
      return duplicated + differing > 0;
    };
    for (const name of dealFaults(random, product !== null)) {
      if (Date.now() > endAt || isWrong()) break;
      if (underWay.size >= AT_ONCE_MAX) await Promise.race(underWay);
      inject(name);
      await sleep(random.whole(300, 2_700));
    }
    await Promise.all(underWay);
    await Promise.all([fixture.stopLoad(), product?.stopLoad()]);
    const loadTo = Date.now();
    say(`faults are over after ${Math.round((loadTo - startedAt) / 1000)} s; waiting for the outputs`);
    for (const until = loadTo + (bug === '' ? CATCH_UP_MS : 45_000); Date.now() < until; await sleep(200))
      if (fixture.isCaughtUp(log) && (product === null || product.isCaughtUp(log))) break;
    await sleep(QUIET_MS);

    const findings: string[] = [...broken];
    const verdict: Verdict = fixture.check(log);
    // The reader that read during the faults, and one that comes afterwards, see the same.
    const again = await readLogOnce(brokers, topics);
    for (const topic of topics) {
      if (log.count(topic) === again.count(topic)) continue;
      verdict.differing += 1;
      findings.push(
        `differing: ${topic} had ${log.count(topic)} records when read during the faults, ${again.count(topic)} afterwards`,
      );
    }
    addVerdict(verdict, {
      ...fixture.check(again),
      in: 0,
      out: 0,
      ...(isClean(verdict) ? {} : { lost: 0, duplicated: 0, differing: 0, findings: [] }),
    });
    for (const { topic, partition, stable, high } of again.ends) {
      if (stable === high) continue;
      verdict.differing += 1;
      findings.push(`differing: a transaction over ${topic}/${partition} is undecided: ${stable} of ${high}`);
    }
    const failure = log.failure();
    if (failure !== null) findings.push(failure);
    for (const { name, output } of [...fixture.workers, ...fixture.guests])
      for (const line of output().split('\n'))
        if ((line.startsWith('failed ') && line !== 'failed fenced') || line.startsWith('chaos: '))
          findings.push(`${name}: ${line}`);
    if (options.logs !== undefined)
      for (const slot of [...fixture.workers, ...fixture.guests, ...(product?.roles ?? [])])
        writeFileSync(join(options.logs, `${slot.name}.log`), slot.output());
    if (product !== null) addVerdict(verdict, await product.check(again));
    if (options.endAtFirst !== true || isClean(verdict)) {
      const wrong = await expireOffsets({ kafka, brokers, servers, bug, random });
      verdict.differing += wrong.length;
      findings.push(...wrong.map((text) => `differing: ${text}`));
    }
    const events = Array.from({ length: 4 }, (_, partition) => again.partition(`${fixture.topicPrefix}events`, partition));
    return {
      seed,
      minutes,
      brokers: nodes,
      bug: bug === '' ? null : bug,
      faults: { ...counts, 'expired-offset': 1 },
      faultsTotal: done.length + 1,
      in: verdict.in,
      out: verdict.out,
      lost: verdict.lost,
      duplicated: verdict.duplicated,
      differing: verdict.differing,
      longestPauses: longestPauses(events, done, { fromMs: loadFrom, toMs: loadTo }),
      leaveMsMax: Math.round(Math.max(0, ...leaves)),
      seconds: Math.round((Date.now() - startedAt) / 1000),
      findings: [...verdict.findings, ...findings],
    };
  } finally {
    for (const close of closing.toReversed()) await close().catch(() => undefined);
  }
};

/** Nothing lost, nothing twice, nothing different, nobody stuck or stopped. */
export const isRight = ({ lost, duplicated, differing, findings }: ChaosResult): boolean =>
  lost + duplicated + differing === 0 && findings.length === 0;
