// The engine of the sink: fetch, choose, write, again. It holds no state that Postgres and the log do not hold, so that it can be
// opened anew at any time. The running sink and the rebuild are two ways to drive it.
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { KafkaPort } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { prepare, write, type Application, type Portion } from './apply.ts';
import { SinkError } from './errors.ts';
import { findKnownEvents } from './known-events.ts';
import { createIntake, type Intake } from './intake.ts';
import { assertInside, readLog, startPositions, type LogState } from './log.ts';
import type { LogItem } from './log-item.ts';
import {
  factSources,
  initialisePositions,
  loadPositions,
  positionKey,
  type Positions,
  type Source,
  type SourcePosition,
} from './positions.ts';
import { offsetAfter, take, waitingOf, type Queue } from './queues.ts';
import { selectNext, type Selection } from './selection.ts';

export interface EngineOptions {
  readonly kafka: KafkaPort;
  readonly pool: Pool;
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly epoch: number;
  /** Schema of the tables. */
  readonly schema: string;
  readonly notify: boolean;
  /** Most events and most facts of one transaction. */
  readonly batchRowsMax: number;
  /** Told after each transaction. */
  readonly onWritten?: (written: Written) => void;
}

export interface Written {
  /** Records by source. */
  readonly records: ReadonlyMap<Source, number>;
  readonly seconds: number;
}

/** A partition whose next event waits for one of another partition. */
export interface Parked {
  readonly partition: number;
  readonly aggregateId: string;
  readonly eventVersion: number;
}

export interface Engine {
  /**
   * Reads the positions and takes up the log there; whatever was fetched before is forgotten.
   * @throws SinkError when the positions do not fit the log.
   */
  open(): Promise<LogState>;
  /**
   * One fetch of at most `maxWaitMs`, then transactions until nothing more can be written. After an error the engine must be opened
   * anew: it finds out whether the transaction under way was committed.
   */
  cycle(maxWaitMs: number): Promise<void>;
  /** Ends the fetch under way; `cycle` then returns after its transaction. */
  close(): Promise<void>;
  /** What is in the database. */
  readonly positions: Positions;
  /** Since when a transaction has been under way, by performance.now(); null when none is. */
  readonly writingSince: number | null;
  readonly queues: readonly Queue[];
  readonly parked: readonly Parked[];
}

/** Versions kept in memory: more than can be on the way, since what is not yet in the database cannot be looked up there. */
const versionsMin = 10_000;
const versionsPerBatchRow = 5;
/** With fewer items than this in all queues, the next fetch is read while the database works. */
const readAheadAt = 10_000;
/** After a transaction of n items the next begins n of these later, but no later than the pause at most: see `gather`. */
const pauseMsPerItem = 1;
const pauseMsMax = 100;
/** How long to wait for the rest of what has come meanwhile. */
const gatherMs = 10;
const uniqueViolation = '23505';

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** Positions after an application. */
const after = (positions: Positions, application: Application): Positions =>
  new Map([...positions, ...application.moves.map(({ to }) => [positionKey(to.source, to.partition), to] as const)]);

/**
 * A transaction whose commit got no answer happened, or nothing of it did: the positions say which.
 * @throws SinkError `fenced` when they say neither.
 */
const assertSettled = (application: Application, stored: Positions): void => {
  const stands = ({ source, partition, nextOffset, sourceNextOffset }: SourcePosition): boolean => {
    const at = stored.get(positionKey(source, partition));
    return at?.nextOffset === nextOffset && at.sourceNextOffset === sourceNextOffset;
  };
  if (application.moves.every(({ to }) => stands(to)) || application.moves.every(({ from }) => stands(from))) return;
  throw new SinkError(
    'fenced',
    'the positions moved while Postgres was away: another sink or a rebuild has taken over; this one stops',
  );
};

/** Makes an engine; nothing is read before `open`. */
export const createEngine = (options: EngineOptions): Engine => new SinkEngine(options);

class SinkEngine implements Engine {
  positions: Positions = new Map();
  parked: readonly Parked[] = [];
  writingSince: number | null = null;
  private readonly options: EngineOptions;
  private readonly intake: Intake;
  /** Highest version of the aggregates seen last, of what is in the database or on the way to it; others are looked up. */
  private readonly versions: LRUCache<string, number>;
  private log: LogState | null = null;
  /** Positions after everything that was taken from the queues. */
  private taken: Positions = new Map();
  /** The transaction under way; after an error, one whose commit may or may not have happened. */
  private underWay: Application | null = null;
  private turn = 0;
  /** When the next transaction may begin, by performance.now(). */
  private beginAt = 0;
  private closed = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.versions = new LRUCache({ max: Math.max(versionsMin, versionsPerBatchRow * options.batchRowsMax) });
    this.intake = createIntake(options);
  }

  get queues(): readonly Queue[] {
    return this.intake.queues;
  }

  async open(): Promise<LogState> {
    const { pool, schema } = this.options;
    const log = await readLog(this.options);
    // The lag is told while Postgres is away, too.
    this.intake.noteEnds(log);
    const stored = await loadPositions(pool, schema, log.identity, startPositions(log));
    if (this.underWay !== null) assertSettled(this.underWay, stored);
    assertInside(log, stored);
    await initialisePositions(pool, schema, log.identity, stored);
    await this.intake.open(stored);
    this.intake.noteEnds(log);
    this.underWay = null;
    this.versions.clear();
    this.log = log;
    this.positions = stored;
    this.taken = stored;
    return log;
  }

  async cycle(maxWaitMs: number): Promise<void> {
    await this.intake.fetch(maxWaitMs);
    let writing: Promise<void> = Promise.resolve();
    try {
      while (!this.closed) {
        await this.gather();
        // The next transaction is prepared while the database works on the one before.
        const next = await this.prepareNext();
        await writing;
        if (next === null) break;
        writing = this.writeAndSettle(next);
        // Its error is met by the next await; until then it must not count as unhandled.
        writing.catch(() => undefined);
        this.intake.resumeShort();
        if (this.intake.waiting() < readAheadAt) await this.intake.fetch(0);
      }
      await writing;
    } finally {
      // No transaction outlives its cycle: whoever opens the engine anew must not meet it half-way.
      await writing.catch(() => undefined);
    }
    this.intake.stopAtUnreadable();
  }

  /**
   * Under load a few large transactions cost a quarter of what many small ones do: most of a small one is statements and a commit,
   * whatever it writes. A booking by itself is written at once, and a backlog without a pause.
   */
  private async gather(): Promise<void> {
    const waiting = this.intake.waiting();
    const early = this.beginAt - performance.now();
    if (early <= 0 || waiting === 0 || waiting >= this.options.batchRowsMax) return;
    await sleep(early);
    // What the broker read on at the last fetch is old by now: the second answer brings the rest.
    await this.intake.fetch(0);
    await this.intake.fetch(gatherMs);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.intake.close();
  }

  /** Partitions take turns at being first, so that none starves when there is more than one batch. */
  private queuesInTurn(source: Source): readonly Queue[] {
    const own = this.queues.filter((queue) => queue.source === source);
    const first = this.turn % Math.max(1, own.length);
    return [...own.slice(first), ...own.slice(0, first)];
  }

  private async select(): Promise<Selection> {
    this.turn += 1;
    for (;;) {
      const selection = selectNext({
        eventQueues: this.queuesInTurn('events'),
        factQueues: factSources.flatMap((source) => this.queuesInTurn(source)),
        known: (aggregateId) => this.versions.get(aggregateId),
        takenTo: (partition) => this.taken.get(positionKey('events', partition))?.nextOffset ?? 0n,
        limit: this.options.batchRowsMax,
      });
      if (selection.unknown.size === 0) return selection;
      await this.lookUpVersions([...selection.unknown]);
    }
  }

  private async lookUpVersions(aggregateIds: readonly string[]): Promise<void> {
    const { rows } = await this.options.pool.query<{ aggregate_id: string; version: number }>(
      `SELECT aggregate_id, max(event_version) AS version FROM ${this.options.schema}.event_store WHERE aggregate_id = ANY($1::uuid[]) GROUP BY aggregate_id`,
      [aggregateIds],
    );
    for (const id of aggregateIds) this.versions.set(id, 0);
    for (const row of rows) this.versions.set(row.aggregate_id, row.version);
  }

  /** Queues that hold nothing but have passed control records move their position too. */
  private passedOnly(counts: ReadonlyMap<Queue, number>): readonly Queue[] {
    return this.queues.filter(
      (queue) =>
        !counts.has(queue) &&
        waitingOf(queue) === 0 &&
        queue.fetchedTo > (this.taken.get(positionKey(queue.source, queue.partition))?.sourceNextOffset ?? 0n),
    );
  }

  /** Takes what the next transaction writes out of the queues; null when there is nothing. */
  private async prepareNext(): Promise<Application | null> {
    const selection = await this.select();
    this.parked = [...selection.waiting].map(([queue, reference]) => ({
      partition: queue.partition,
      aggregateId: reference.aggregate_id,
      eventVersion: reference.event_version,
    }));
    const counts = new Map(selection.counts);
    for (const queue of this.passedOnly(counts)) counts.set(queue, 0);
    if (counts.size === 0) return null;
    const portions = [...counts].map(([queue, count]): Portion => {
      const items = take(queue, count);
      for (const item of items) this.remember(item);
      return { source: queue.source, partition: queue.partition, items, sourceNextOffset: offsetAfter(queue) };
    });
    const application = prepare(portions, this.taken, new Set());
    this.taken = after(this.taken, application);
    return application;
  }

  private remember(item: LogItem): void {
    if (item.kind !== 'event') return;
    const { aggregate_id, event_version } = item.event.value.envelope;
    this.versions.set(aggregate_id, event_version);
  }

  private async writeAndSettle(application: Application): Promise<void> {
    const startedAt = performance.now();
    this.writingSince = startedAt;
    const items = application.portions.reduce((sum, portion) => sum + portion.items.length, 0);
    this.beginAt = startedAt + Math.min(pauseMsMax, items * pauseMsPerItem);
    try {
      await this.writeOrPassKnown(application);
    } finally {
      this.writingSince = null;
    }
    this.positions = after(this.positions, application);
    const records = new Map<Source, number>();
    for (const { source, items: written } of application.portions)
      records.set(source, (records.get(source) ?? 0) + written.length);
    this.options.onWritten?.({ records, seconds: (performance.now() - startedAt) / 1000 });
  }

  private async writeOrPassKnown(application: Application): Promise<void> {
    try {
      await this.writeOnce(application);
    } catch (error) {
      if (codeOf(error) !== uniqueViolation) throw error;
      const known = await findKnownEvents(this.options.pool, this.options.schema, application.portions);
      if (known.size === 0) throw error;
      await this.writeOnce(prepare(application.portions, this.positions, known));
    }
  }

  private async writeOnce(application: Application): Promise<void> {
    const { pool, schema, notify } = this.options;
    if (this.log === null) throw new Error('the engine is not open');
    this.underWay = application;
    await write(application, { pool, schema, notify, log: this.log.identity });
    this.underWay = null;
  }
}
