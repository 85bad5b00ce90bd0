// The engine of the sink: fetch, choose, write, again. It holds no state that Postgres and the log do not hold, so that it can be
// opened anew at any time. The running sink and the rebuild are two ways to drive it.
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { KafkaPort, PartitionReader } from '#platform/kafka/port.ts';
import { isPostgresUnavailable } from '#platform/postgres/errors.ts';
import type { Codec } from '#schemas/codec.ts';
import { topicName } from '#schemas/topics.ts';
import { prepare, write, type Application } from './apply.ts';
import { SinkError } from './errors.ts';
import { findKnownEvents } from './known-events.ts';
import { assertInside, readLog, startPositions, type LogState } from './log.ts';
import { readItem, type LogItem } from './log-item.ts';
import { initialisePositions, loadPositions, positionKey, sources, type Positions, type SourcePosition } from './positions.ts';
import { drop, emptyQueue, enqueue, itemAt, waitingOf, type Queue } from './queues.ts';
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
  readonly events: number;
  readonly facts: number;
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
  /** One fetch of at most `maxWaitMs`, then transactions until nothing more can be written. */
  cycle(maxWaitMs: number): Promise<void>;
  /** Ends the fetch under way; `cycle` then returns soon. */
  close(): Promise<void>;
  readonly positions: Positions;
  readonly queues: readonly Queue[];
  readonly parked: readonly Parked[];
}

/** A queue of more items than this is not fetched until it is short again: a parked partition must not fill the memory. */
const pauseAt = 20_000;
const resumeAt = 2_000;
const uniqueViolation = '23505';

const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);

/** The same move seen from the database: whether a transaction in doubt was committed, or nothing of it. */
const wasCommitted = (application: Application, stored: Positions): boolean => {
  const at = (position: SourcePosition): SourcePosition | undefined => stored.get(positionKey(position.source, position.partition));
  const equal = (left: SourcePosition | undefined, right: SourcePosition): boolean =>
    left?.sourceNextOffset === right.sourceNextOffset && left.nextOffset === right.nextOffset;
  if (application.moves.every(({ to }) => equal(at(to), to))) return true;
  if (application.moves.every(({ from }) => equal(at(from), from))) return false;
  throw new SinkError('fenced', 'the positions moved while Postgres was away: another sink or a rebuild has taken over; this one stops');
};

/** Makes an engine; nothing is read before `open`. */
export const createEngine = (options: EngineOptions): Engine => new SinkEngine(options);

class SinkEngine implements Engine {
  positions: Positions = new Map();
  queues: readonly Queue[] = [];
  parked: readonly Parked[] = [];
  private readonly options: EngineOptions;
  private readonly versions = new LRUCache<string, number>({ max: 100_000 });
  private log: LogState | null = null;
  private reader: PartitionReader | null = null;
  /** A transaction whose commit got no answer. */
  private inDoubt: { readonly application: Application; readonly counts: ReadonlyMap<Queue, number> } | null = null;
  private turn = 0;

  constructor(options: EngineOptions) {
    this.options = options;
  }

  async open(): Promise<LogState> {
    const { kafka, pool, schema } = this.options;
    const log = await readLog(this.options);
    const stored = await loadPositions(pool, schema, log.identity, startPositions(log));
    if (this.inDoubt !== null) wasCommitted(this.inDoubt.application, stored);
    assertInside(log, stored);
    await initialisePositions(pool, schema, log.identity, stored);
    await this.reader?.close();
    this.inDoubt = null;
    this.versions.clear();
    this.log = log;
    this.positions = stored;
    this.queues = [...stored.values()].map(({ source, partition, sourceNextOffset }) => emptyQueue(source, partition, sourceNextOffset));
    for (const source of sources) {
      for (const { partition, high } of log.watermarks[source]) this.queueOf(source, partition).end = high;
    }
    this.reader = kafka.reader({ positions: this.queues.map((queue) => this.placeOf(queue)), minBytes: 1 });
    return log;
  }

  async cycle(maxWaitMs: number): Promise<void> {
    if (this.inDoubt !== null) await this.settleDoubt();
    else await this.fetch(maxWaitMs);
    while (await this.writeNext()) this.resumeShort();
    this.stopAtUnreadable();
  }

  async close(): Promise<void> {
    await this.reader?.close();
  }

  private placeOf({ source, partition, fetchedTo }: Queue): { topic: string; partition: number; offset: bigint } {
    return { topic: topicName(this.options.topicPrefix, source), partition, offset: fetchedTo };
  }

  private queueOf(source: string, partition: number): Queue {
    const queue = this.queues.find((candidate) => candidate.source === source && candidate.partition === partition);
    if (queue === undefined) throw new Error(`no queue for ${source} partition ${partition}`);
    return queue;
  }

  private async fetch(maxWaitMs: number): Promise<void> {
    const { codec, topicPrefix } = this.options;
    for (const fetched of (await this.reader?.poll(maxWaitMs)) ?? []) {
      const queue = this.queueOf(fetched.topic.slice(topicPrefix.length), fetched.partition);
      if (queue.paused) continue;
      enqueue(queue, fetched, (record) => readItem(codec, queue.source, record));
      if (waitingOf(queue) < pauseAt) continue;
      queue.paused = true;
      this.reader?.remove(this.placeOf(queue));
    }
  }

  private resumeShort(): void {
    for (const queue of this.queues) {
      if (!queue.paused || waitingOf(queue) > resumeAt) continue;
      queue.paused = false;
      this.reader?.seek(this.placeOf(queue));
    }
  }

  /** Partitions take turns at being first, so that none starves when there is more than one batch. */
  private queuesInTurn(source: string): readonly Queue[] {
    const own = this.queues.filter((queue) => queue.source === source);
    const first = this.turn % Math.max(1, own.length);
    return [...own.slice(first), ...own.slice(0, first)];
  }

  private async select(): Promise<Selection> {
    this.turn += 1;
    for (;;) {
      const selection = selectNext({
        eventQueues: this.queuesInTurn('events'),
        factQueues: this.queuesInTurn('capital-accounts'),
        known: (aggregateId) => this.versions.get(aggregateId),
        appliedTo: (partition) => this.positions.get(positionKey('events', partition))?.nextOffset ?? 0n,
        limit: this.options.batchRowsMax,
      });
      if (selection.unknown.size === 0) return selection;
      await this.lookUpVersions([...selection.unknown]);
    }
  }

  private async lookUpVersions(aggregateIds: readonly string[]): Promise<void> {
    const { rows } = await this.options.pool.query<{ aggregate_id: string; version: number }>(
      `SELECT aggregate_id, max(event_version) AS version FROM ${this.options.schema}.event_store WHERE aggregate_id = ANY($1::uuid[]) GROUP BY aggregate_id`,
      [aggregateIds]);
    for (const id of aggregateIds) this.versions.set(id, 0);
    for (const row of rows) this.versions.set(row.aggregate_id, row.version);
  }

  /** Queues that hold nothing but have passed control records move their position too. */
  private passedOnly(counts: ReadonlyMap<Queue, number>): readonly Queue[] {
    return this.queues.filter((queue) => !counts.has(queue) && waitingOf(queue) === 0
      && queue.fetchedTo > (this.positions.get(positionKey(queue.source, queue.partition))?.sourceNextOffset ?? 0n));
  }

  /** One transaction; false when there is nothing to write. */
  private async writeNext(): Promise<boolean> {
    const selection = await this.select();
    this.parked = [...selection.waiting].map(([queue, reference]) => ({
      partition: queue.partition, aggregateId: reference.aggregate_id, eventVersion: reference.event_version }));
    const counts = new Map(selection.counts);
    for (const queue of this.passedOnly(counts)) counts.set(queue, 0);
    if (counts.size === 0) return false;
    const startedAt = performance.now();
    const application = prepare(counts, this.positions, new Set());
    const written = await this.writeOrPassKnown(application, counts);
    this.settle(written, counts);
    const total = (source: string): number => [...counts].reduce((sum, [queue, count]) => sum + (queue.source === source ? count : 0), 0);
    this.options.onWritten?.({ events: total('events'), facts: total('capital-accounts'), seconds: (performance.now() - startedAt) / 1000 });
    return true;
  }

  private async writeOrPassKnown(application: Application, counts: ReadonlyMap<Queue, number>): Promise<Application> {
    try {
      await this.writeOnce(application, counts);
      return application;
    } catch (error) {
      if (codeOf(error) !== uniqueViolation) throw error;
      const known = await findKnownEvents(this.options.pool, this.options.schema, counts);
      if (known.size === 0) throw error;
      const rest = prepare(counts, this.positions, known);
      await this.writeOnce(rest, counts);
      return rest;
    }
  }

  private async writeOnce(application: Application, counts: ReadonlyMap<Queue, number>): Promise<void> {
    const { pool, schema, notify } = this.options;
    if (this.log === null) throw new Error('the engine is not open');
    this.inDoubt = { application, counts };
    try {
      await write(application, { pool, schema, notify, log: this.log.identity });
      this.inDoubt = null;
    } catch (error) {
      if (!isPostgresUnavailable(error)) this.inDoubt = null;
      throw error;
    }
  }

  /** After the connection broke: asks the database whether the transaction is in it. @throws SinkError `fenced`. */
  private async settleDoubt(): Promise<void> {
    if (this.inDoubt === null || this.log === null) return;
    const { application, counts } = this.inDoubt;
    const stored = await loadPositions(this.options.pool, this.options.schema, this.log.identity, this.positions);
    if (wasCommitted(application, stored)) this.settle(application, counts);
    this.inDoubt = null;
  }

  private settle(application: Application, counts: ReadonlyMap<Queue, number>): void {
    const positions = new Map(this.positions);
    for (const { to } of application.moves) positions.set(positionKey(to.source, to.partition), to);
    for (const [queue, count] of counts) {
      for (let at = 0; at < count; at += 1) this.remember(itemAt(queue, at));
      drop(queue, count);
    }
    this.positions = positions;
  }

  /** Investors are what commitments of other partitions wait for; an id that was looked up is kept true. */
  private remember(item: LogItem | undefined): void {
    if (item?.kind !== 'event') return;
    const { aggregate_id, aggregate_type, event_version } = item.event.value.envelope;
    if (aggregate_type === 'INVESTOR' || this.versions.has(aggregate_id)) this.versions.set(aggregate_id, event_version);
  }

  private stopAtUnreadable(): void {
    for (const queue of this.queues) {
      const item = itemAt(queue, 0);
      if (item?.kind === 'unreadable') throw item.error;
    }
  }
}
