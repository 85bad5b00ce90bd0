// One chaos run: engines of its own, workers, load, faults dealt by a seed, and the comparison of everything on the log with the model.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectKafka } from '#platform/kafka/connect.ts';
import { seededRandom } from '#tests/oracle/random.ts';
import type { BugName } from './bugs.ts';
import { startChaosEngines, type ChaosEngines } from './engines.ts';
import { expireOffsets } from './expired.ts';
import { dealFaults, faults, type Arena, type FaultName } from './faults.ts';
import { createFixture, FIXTURE_PARTITIONS, makeFixtureTopics } from './fixture.ts';
import { judge } from './judge.ts';
import { followLog, type ReadLog } from './log-reader.ts';
import type { Verdict } from './model.ts';
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
  /** Engines that run already, brokers only; the topics of the run are then named after its seed and bug. */
  readonly engines?: ChaosEngines;
  /** End as soon as something is wrong, and leave the broker alone. For planted bugs. */
  readonly endAtFirst?: boolean;
  /** Where the outputs of all processes go in the end. */
  readonly logs?: string;
  /** Ends the run early, everything stopped. */
  readonly signal?: AbortSignal;
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

/** With a planted bug something may never come. */
const BUG_STANDSTILL_MS = 30_000;
const QUIET_MS = 2_000;
/** After so long without anything new what is not there is lost. A busy machine restores slowly. */
const STANDSTILL_MS = 120_000;
const AT_ONCE_MAX = 3;
const LOOK_EVERY_MS = 3_000;
const LOOKS = 3;

/** Runs and compares. @throws Error when the run itself could not be held. */
export const runChaos = async (options: ChaosOptions): Promise<ChaosResult> => {
  const { seed, minutes, brokers: nodes = 1, workers = 3, bug = '', say = () => undefined } = options;
  const random = seededRandom(seed);
  const startedAt = Date.now();
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const engines = options.engines ?? (await startChaosEngines({ nodes, stores: options.product !== false }));
    if (options.engines === undefined) closing.push(() => engines.stop());
    const topicPrefix = options.engines === undefined ? 'chaos.' : `chaos-${seed}-${bug}.`;
    const { brokers } = engines;
    const kafka = await connectKafka({ brokers, clientId: 'chaos' });
    closing.push(() => kafka.close());
    const servers: Server[] = brokers.split(',').map((address) => ({ port: Number(address.split(':')[1]), protocol: 'kafka' }));
    await makeFixtureTopics(kafka, topicPrefix);
    const fixture = await createFixture({ kafka, brokers, servers, workers, bug, random, topicPrefix });
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
    const counts: Partial<Record<FaultName | 'expired-offset', number>> = {};
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
    fixture.startLoad(log);
    product?.startLoad();
    const endAt = loadFrom + minutes * 60_000;
    let lookAt = loadFrom + LOOK_EVERY_MS;
    let looksWrong = 0;
    /** The topics are not read at one moment, so that only what is still wrong at the third look is. */
    const isWrong = (): boolean => {
      if (options.endAtFirst !== true || Date.now() < lookAt) return looksWrong >= LOOKS;
      lookAt = Date.now() + LOOK_EVERY_MS;
      const { duplicated, differing } = fixture.check(log);
      looksWrong = duplicated + differing > 0 ? looksWrong + 1 : 0;
      return looksWrong >= LOOKS;
    };
    for (const name of dealFaults(random, { hasRoles: product !== null, hasBroker: options.endAtFirst !== true })) {
      options.signal?.throwIfAborted();
      if (Date.now() > endAt || isWrong()) break;
      if (underWay.size >= AT_ONCE_MAX) await Promise.race(underWay);
      inject(name);
      await sleep(random.whole(300, 2_700));
    }
    await Promise.all(underWay);
    await Promise.all([fixture.stopLoad(), product?.stopLoad()]);
    const loadTo = Date.now();
    say(`faults are over after ${Math.round((loadTo - startedAt) / 1000)} s; waiting for the outputs`);
    const result = (verdict: Verdict, findings: readonly string[], pauses: PausesByCause): ChaosResult => ({
      seed,
      minutes,
      brokers: nodes,
      bug: bug === '' ? null : bug,
      faults: counts,
      faultsTotal: done.length,
      in: verdict.in,
      out: verdict.out,
      lost: verdict.lost,
      duplicated: verdict.duplicated,
      differing: verdict.differing,
      longestPauses: pauses,
      leaveMsMax: Math.round(Math.max(0, ...leaves)),
      seconds: Math.round((Date.now() - startedAt) / 1000),
      findings: [...verdict.findings, ...findings, ...broken],
    });
    const pausesOf = (from: ReadLog): PausesByCause =>
      longestPauses(
        Array.from({ length: FIXTURE_PARTITIONS }, (_, partition) => from.partition(`${topicPrefix}events`, partition)),
        done,
        { fromMs: loadFrom, toMs: loadTo },
      );
    if (isWrong()) {
      const { findings, ...verdict } = fixture.check(log);
      // What was not waited for is not lost.
      return result({ ...verdict, lost: 0, findings: findings.filter((text) => !text.startsWith('lost')) }, [], pausesOf(log));
    }
    const isCaughtUp = (): boolean => fixture.isCaughtUp(log) && (product === null || product.isCaughtUp(log));
    // As long as something comes, more may come.
    for (let last = 0, until = 0; !isCaughtUp() && (until === 0 || Date.now() < until); await sleep(200)) {
      options.signal?.throwIfAborted();
      const count = topics.reduce((sum, topic) => sum + log.count(topic), 0);
      if (count === last) continue;
      last = count;
      until = Date.now() + (bug === '' ? STANDSTILL_MS : BUG_STANDSTILL_MS);
    }
    await sleep(QUIET_MS);
    const judged = await judge({ brokers, topics, fixture, product, during: log });
    if (options.logs !== undefined)
      for (const slot of [...fixture.workers, ...fixture.guests, ...(product?.roles ?? [])])
        writeFileSync(join(options.logs, `${slot.name}.log`), slot.output());
    const findings = [...judged.findings];
    const failure = log.failure();
    if (failure !== null) findings.push(failure);
    for (const wrong of await expireOffsets({ kafka, brokers, servers, bug, random, topicPrefix: `expired-${topicPrefix}` })) {
      judged.verdict.differing += 1;
      findings.push(`differing: ${wrong}`);
    }
    counts['expired-offset'] = 1;
    done.push({ name: 'expired-offset', fromMs: loadTo, toMs: Date.now() });
    return result(judged.verdict, findings, pausesOf(judged.log));
  } finally {
    for (const close of closing.toReversed()) await close().catch(() => undefined);
  }
};

/** Nothing lost, nothing twice, nothing different, nobody stuck or stopped. */
export const isRight = ({ lost, duplicated, differing, findings }: ChaosResult): boolean =>
  lost + duplicated + differing === 0 && findings.length === 0;
