// Reads fixed partitions by raw Fetch requests, without a consumer group: one request under way per leader, and the next one as soon
// as an answer has landed, so that the broker reads while the caller works.
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../port.ts';
import type { FetchedPartition, PartitionOffset, PartitionReader, ReaderOptions, TopicPartition } from '../port.ts';
import type { FetchedRecordSet, FetchResult } from '../wire/fetch.ts';
import { gapEnd, keyOf } from '../wire/fetch-plan.ts';
import { createRecordSetDecoder } from '../wire/partition-decoder.ts';
import type { RecordSetStep } from '../wire/partition-decoder.ts';
import { endOffsetOf } from '../wire/record-batch.ts';
import { Cluster } from './cluster.ts';
import { CODE, isPassing, ProtocolError, toKafkaError } from './errors.ts';
import { launchFlight } from './fetch-flight.ts';
import type { Assigned, Flight } from './fetch-flight.ts';
import type { ClientSettings } from './settings.ts';

const BYTES_PER_PARTITION = 1024 * 1024;
const BYTES_PER_PARTITION_MAX = 4 * 1024 * 1024;
const RESPONSE_BYTES_MAX = 4 * 1024 * 1024;
const RECORDS_PER_STEP = 4_000;
const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024;
const PAUSE_MS = 50;
const CLOSED_PAUSE_MS = 20;
/** Answers of a partition that may lie here undelivered while another fetch for it is under way. */
const LANDED_MAX = 1;

/** A reader over `options.positions`; connects at the first poll. */
export const createReader = (settings: ClientSettings, options: ReaderOptions): PartitionReader =>
  new FetchReader(settings, options);

class FetchReader implements PartitionReader {
  private readonly settings: ClientSettings;
  private readonly options: ReaderOptions;
  private readonly isolation: 'committed' | 'uncommitted';
  private readonly partitions = new Map<string, Assigned>();
  private readonly flights = new Map<number, Flight>();
  private readonly cluster: Cluster;
  private turn = 0;
  private polling = false;
  private looking: Promise<void> | null = null;
  private closed = false;
  private retryAt = 0;
  private waitMs = 0;
  /** Thrown by a later poll when records of other partitions had to be delivered first: nothing that was read is lost by an error. */
  private pending: Error | null = null;
  private wake: () => void = () => undefined;

  constructor(settings: ClientSettings, options: ReaderOptions) {
    this.settings = settings;
    this.options = options;
    this.isolation = options.isolation ?? 'committed';
    this.cluster = new Cluster(settings);
    for (const position of options.positions) this.seek(position);
  }

  seek({ topic, partition, offset }: PartitionOffset): void {
    this.partitions.set(keyOf({ topic, partition }), {
      topic,
      partition,
      position: offset,
      fetchAt: offset,
      landed: [],
      bytesMax: this.options.maxBytesPerPartition ?? BYTES_PER_PARTITION,
      failingSince: null,
    });
    this.wake();
  }

  remove(partition: TopicPartition): void {
    this.partitions.delete(keyOf(partition));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    this.flights.clear();
    this.cluster.close();
    await Promise.resolve();
  }

  async poll(maxWaitMs: number): Promise<readonly FetchedPartition[]> {
    if (this.polling) throw new Error('poll was called while another poll of this reader is under way; await it first');
    this.polling = true;
    try {
      // Whoever still polls one that was closed must not keep everything else in the process from its turn.
      if (this.closed) await sleep(CLOSED_PAUSE_MS);
      const until = Date.now() + maxWaitMs;
      this.waitMs = maxWaitMs;
      for (;;) {
        if (this.closed) return [];
        this.throwPending();
        this.land();
        this.launch();
        const moved = this.deliverAll();
        if (moved.length > 0) return moved;
        this.throwPending();
        if (Date.now() >= until) return [];
        await this.landing(until);
      }
    } finally {
      this.polling = false;
    }
  }

  private throwPending(): void {
    const { pending } = this;
    this.pending = null;
    if (pending !== null && !this.closed) throw pending;
  }

  private deliverAll(): FetchedPartition[] {
    const moved: FetchedPartition[] = [];
    for (const assigned of this.partitions.values()) {
      const step = this.deliver(assigned);
      if (step !== null) moved.push(step);
    }
    return moved;
  }

  /** The next step of what has landed for a partition. Damaged bytes end the poll in an error, but only after the records of others. */
  private deliver(assigned: Assigned): FetchedPartition | null {
    const [first] = assigned.landed;
    if (first === undefined) return null;
    let step: RecordSetStep;
    try {
      step = first.next();
    } catch (error) {
      assigned.landed.length = 0;
      assigned.fetchAt = assigned.position;
      this.pending ??= error as Error;
      return null;
    }
    if (step.isLast) assigned.landed.shift();
    if (step.nextOffset <= assigned.position) return null;
    assigned.position = step.nextOffset;
    const { topic, partition, highWatermark, lastStableOffset, logStartOffset } = first.answer;
    return {
      topic,
      partition,
      records: step.records,
      nextOffset: step.nextOffset,
      highWatermark,
      lastStableOffset,
      logStartOffset,
    };
  }

  /** Starts a fetch at each leader that has none under way. Failures are remembered, not thrown, until patience ends. */
  private launch(): void {
    const waiting = [...this.partitions.values()].filter(({ landed }) => landed.length <= LANDED_MAX);
    if (waiting.length === 0 || this.closed || Date.now() < this.retryAt) return;
    const strangers = waiting.filter(({ topic }) => !this.cluster.knows(topic));
    if (strangers.length > 0 && this.looking === null) this.looking = this.lookUp(strangers);
    const known = waiting.filter(({ topic }) => this.cluster.knows(topic));
    for (const [leader, partitions] of this.cluster.byKnownLeader(known)) {
      if (leader < 0) this.failed(partitions, new ProtocolError(CODE.LEADER_NOT_AVAILABLE));
      else if (!this.flights.has(leader))
        this.flights.set(leader, this.flightTo(leader, partitions, waiting.length < this.partitions.size));
    }
  }

  private async lookUp(partitions: readonly Assigned[]): Promise<void> {
    try {
      await this.cluster.leadersOf(partitions);
      const lost = partitions.filter(({ topic }) => !this.cluster.knows(topic));
      if (lost.length > 0) this.failed(lost, new ProtocolError(CODE.UNKNOWN_TOPIC_OR_PARTITION));
    } catch (error) {
      if (!this.closed) this.failed(partitions, error);
    }
    this.looking = null;
    this.wake();
  }

  private flightTo(leader: number, partitions: readonly Assigned[], isPartial: boolean): Flight {
    this.turn += 1;
    const largest = partitions.reduce((most, { bytesMax }) => Math.max(most, bytesMax), 0);
    const total = partitions.reduce((sum, { bytesMax }) => sum + bytesMax, 0);
    // One that has enough lying here is not asked for; as soon as it has less it must not wait for the quiet ones.
    const maxWaitMs = isPartial ? 0 : this.waitMs;
    return launchFlight({
      cluster: this.cluster,
      leader,
      partitions,
      turn: this.turn,
      limits: {
        maxWaitMs,
        minBytes: this.options.minBytes ?? 1,
        maxBytes: Math.max(largest, Math.min(RESPONSE_BYTES_MAX, total)),
        isolation: this.isolation,
      },
      timeoutMs: maxWaitMs + this.settings.requestTimeoutMs,
      onLanding: () => this.wake(),
    });
  }

  /** Resolves when a fetch has ended, a pause is over, a position was set, or at `until`. */
  private async landing(until: number): Promise<void> {
    if ([...this.flights.values()].some(({ outcome }) => outcome !== null) || this.closed) return;
    const isPausing = this.flights.size === 0 && this.partitions.size > 0 && this.looking === null;
    const target = isPausing ? Math.min(until, Math.max(this.retryAt, Date.now() + 1)) : until;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, target - Date.now()));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }

  /** Takes the fetches that have ended. */
  private land(): void {
    for (const [leader, flight] of this.flights) {
      if (flight.outcome === null) continue;
      this.flights.delete(leader);
      const asked = flight.asked.map(({ assigned }) => assigned);
      if (flight.outcome instanceof Error) this.failed(asked, flight.outcome);
      else if (flight.outcome.errorCode !== 0) this.failed(asked, new ProtocolError(flight.outcome.errorCode));
      else this.landed(flight, flight.outcome);
    }
  }

  private landed(flight: Flight, result: FetchResult): void {
    const answers = new Map(result.partitions.map((answer) => [keyOf(answer), answer]));
    let contentBefore = false;
    for (const { assigned, from } of flight.asked) {
      const answer = answers.get(keyOf(assigned));
      if (answer === undefined) continue;
      const mayBeCut = contentBefore;
      if (answer.recordSet.length > 0) contentBefore = true;
      // A partition whose position was set meanwhile, or that was taken out, ignores the answer.
      if (this.partitions.get(keyOf(assigned)) !== assigned || assigned.fetchAt !== from) continue;
      if (answer.errorCode !== 0) this.refused(assigned, from, answer.errorCode);
      else this.take(assigned, from, answer, mayBeCut);
    }
  }

  private take(assigned: Assigned, from: bigint, answer: FetchedRecordSet, mayBeCut: boolean): void {
    assigned.failingSince = null;
    const gap = gapEnd(answer, this.isolation, mayBeCut);
    if (gap !== null) {
      if (gap <= from) return;
      assigned.fetchAt = gap;
      assigned.landed.push({ answer, next: () => ({ records: [], nextOffset: gap, isLast: true }) });
      return;
    }
    if (answer.recordSet.length === 0) return;
    if (this.options.maxBytesPerPartition === undefined) this.adapt(assigned, answer.recordSet.length);
    assigned.fetchAt = endOffsetOf(answer.recordSet, from);
    const { topic, partition, recordSet } = answer;
    const aborted = this.isolation === 'committed' ? answer.aborted : null;
    const next = createRecordSetDecoder({
      topic,
      partition,
      recordSet,
      aborted,
      fromOffset: from,
      recordsPerStep: RECORDS_PER_STEP,
      decompressedBytesMax: DECOMPRESSED_BYTES_MAX,
    });
    assigned.landed.push({ answer, next });
  }

  private adapt(assigned: Assigned, bytes: number): void {
    if (bytes > assigned.bytesMax * 0.75) assigned.bytesMax = Math.min(BYTES_PER_PARTITION_MAX, assigned.bytesMax * 2);
    else if (bytes < assigned.bytesMax / 8) assigned.bytesMax = Math.max(BYTES_PER_PARTITION, assigned.bytesMax / 2);
  }

  private refused(assigned: Assigned, position: bigint, errorCode: number): void {
    const { topic, partition } = assigned;
    if (errorCode !== CODE.OFFSET_OUT_OF_RANGE) return this.failed([assigned], new ProtocolError(errorCode));
    if (assigned.landed.length > 0) return; // what is here is delivered first; then the question comes again
    this.pending ??= new KafkaError(
      'offset-out-of-range',
      `Position ${position} of ${topic}/${partition} lies outside the kept log: it was deleted by retention or never existed. Nothing was skipped; rebuild from the first kept offset or restore the position`,
    );
  }

  private failed(partitions: readonly Assigned[], error: unknown): void {
    const now = Date.now();
    this.retryAt = now + PAUSE_MS;
    const worst = partitions.map((assigned) => (assigned.failingSince ??= now)).reduce((a, b) => Math.min(a, b), now);
    const names = partitions.map(({ topic, partition }) => `${topic}/${partition}`).join(', ');
    if (!isPassing(error)) this.pending ??= toKafkaError(error, `Fetch of ${names} failed`);
    else if (now - worst > this.settings.patienceMs) {
      for (const assigned of partitions) assigned.failingSince = null;
      this.pending ??= new KafkaError(
        'unavailable',
        toKafkaError(error, `Fetch of ${names} has failed for ${now - worst} ms`).message,
        { cause: error },
      );
    }
    if (!this.closed) void this.cluster.refresh().catch(() => undefined);
  }
}
