// Reads fixed partitions by raw Fetch requests, without a consumer group: one request under way per leader, over all partitions it leads.
import { KafkaError } from '../port.ts';
import type { FetchedPartition, PartitionOffset, PartitionReader, ReaderOptions, TopicPartition } from '../port.ts';
import { createRecordSetDecoder } from '../wire/partition-decoder.ts';
import type { RecordSetStep } from '../wire/partition-decoder.ts';
import type { FetchedRecordSet, FetchResult } from '../wire/fetch.ts';
import { gapEnd, keyOf } from '../wire/fetch-plan.ts';
import { isPassing, toKafkaError } from './errors.ts';
import { byLeader, launchFlight } from './fetch-flight.ts';
import type { Assigned, Flight } from './fetch-flight.ts';
import { ONE_RETRY, openSession } from './session.ts';
import type { Session, SessionSettings } from './session.ts';
import { protocolError } from './internals.ts';

export interface ReaderSettings extends SessionSettings {
  /** How long partitions may fail for passing reasons before `poll` throws `unavailable`. */
  readonly patienceMs: number;
}

const BYTES_PER_PARTITION = 1024 * 1024;
const RESPONSE_BYTES_MAX = 16 * 1024 * 1024;
const RECORDS_PER_STEP = 10_000;
const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024;
const PAUSE_MS = 50;
const OFFSET_OUT_OF_RANGE = 1;
const LEADER_NOT_AVAILABLE = 5;

/** A reader over `options.positions`; connects at the first poll. */
export const createReader = (settings: ReaderSettings, options: ReaderOptions): PartitionReader =>
  new FetchReader(settings, options);

class FetchReader implements PartitionReader {
  private readonly settings: ReaderSettings;
  private readonly options: ReaderOptions;
  private readonly isolation: 'committed' | 'uncommitted';
  private readonly partitions = new Map<string, Assigned>();
  private readonly flights = new Map<number, Flight>();
  private session: Session | null = null;
  private turn = 0;
  private polling = false;
  private closed = false;
  private retryAt = 0;
  /** Thrown by a later poll when records of other partitions had to be delivered first: nothing that was read is lost by an error. */
  private pending: Error | null = null;
  private wake: () => void = () => undefined;

  constructor(settings: ReaderSettings, options: ReaderOptions) {
    this.settings = settings;
    this.options = options;
    this.isolation = options.isolation ?? 'committed';
    for (const position of options.positions) this.seek(position);
  }

  seek({ topic, partition, offset }: PartitionOffset): void {
    this.partitions.set(keyOf({ topic, partition }), { topic, partition, position: offset, rest: null, failingSince: null });
    this.wake();
  }

  remove(partition: TopicPartition): void {
    this.partitions.delete(keyOf(partition));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    this.flights.clear();
    const session = this.session;
    this.session = null;
    session?.abandon();
    await Promise.resolve();
  }

  async poll(maxWaitMs: number): Promise<readonly FetchedPartition[]> {
    if (this.polling) throw new Error('poll was called while another poll of this reader is under way; await it first');
    this.polling = true;
    try {
      const until = Date.now() + maxWaitMs;
      for (;;) {
        if (this.closed) return [];
        this.throwPending();
        const moved = this.deliverRests();
        if (moved.length > 0) return moved;
        await this.startFlights(Math.max(0, until - Date.now()));
        await this.landing(until);
        const landed = this.land();
        if (landed.length > 0) {
          await this.startFlights(0); // the broker reads on while the caller works
          return landed;
        }
        this.throwPending();
        if (Date.now() >= until) return [];
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

  /** Next steps of what was fetched before. */
  private deliverRests(): FetchedPartition[] {
    const moved: FetchedPartition[] = [];
    for (const assigned of this.partitions.values()) {
      if (assigned.rest === null) continue;
      const step = this.deliver(assigned, assigned.rest.answer, assigned.rest.next);
      if (step !== null) moved.push(step);
    }
    return moved;
  }

  private deliver(assigned: Assigned, answer: FetchedRecordSet, next: () => RecordSetStep): FetchedPartition | null {
    assigned.rest = null;
    const step = this.stepOf(next);
    if (step === null) return null;
    if (!step.isLast) assigned.rest = { answer, next };
    if (step.nextOffset <= assigned.position) return null;
    assigned.position = step.nextOffset;
    const { topic, partition, highWatermark, lastStableOffset, logStartOffset } = answer;
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

  /** Damaged bytes end the poll in an error, but only after the records of other partitions were delivered. */
  private stepOf(next: () => RecordSetStep): RecordSetStep | null {
    try {
      return next();
    } catch (error) {
      this.pending ??= error as Error;
      return null;
    }
  }

  /** Starts a fetch at each leader that has none under way. Failures are remembered, not thrown, until patience ends. */
  private async startFlights(maxWaitMs: number): Promise<void> {
    const waiting = [...this.partitions.values()].filter(({ rest }) => rest === null);
    if (waiting.length === 0 || Date.now() < this.retryAt) return;
    try {
      const session = await this.connected(waiting);
      for (const [leader, partitions] of byLeader(session.cluster, waiting)) {
        if (leader < 0) this.failed(partitions, protocolError(LEADER_NOT_AVAILABLE));
        else if (!this.flights.has(leader)) this.flights.set(leader, this.launch(session, leader, partitions, maxWaitMs));
      }
    } catch (error) {
      this.lost(waiting, error);
    }
  }

  private async connected(waiting: readonly Assigned[]): Promise<Session> {
    this.session ??= openSession(this.settings, ONE_RETRY);
    const { session } = this;
    await session.cluster.connect();
    await session.cluster.addMultipleTargetTopics([...new Set(waiting.map(({ topic }) => topic))]);
    await session.cluster.refreshMetadataIfNecessary();
    return session;
  }

  private launch(session: Session, leader: number, partitions: readonly Assigned[], maxWaitMs: number): Flight {
    this.turn += 1;
    const maxBytesPerPartition = this.options.maxBytesPerPartition ?? BYTES_PER_PARTITION;
    return launchFlight({
      cluster: session.cluster,
      leader,
      partitions,
      turn: this.turn,
      limits: {
        maxWaitMs,
        minBytes: this.options.minBytes ?? 1,
        maxBytes: Math.max(maxBytesPerPartition, Math.min(RESPONSE_BYTES_MAX, maxBytesPerPartition * partitions.length)),
        maxBytesPerPartition,
        isolation: this.isolation,
      },
      timeoutMs: maxWaitMs + this.settings.requestTimeoutMs,
      onLanding: () => this.wake(),
    });
  }

  /** Resolves when a fetch has ended, a pause is over, or at `until`. */
  private async landing(until: number): Promise<void> {
    if ([...this.flights.values()].some(({ outcome }) => outcome !== null) || this.closed) return;
    const isPausing = this.flights.size === 0 && this.partitions.size > 0;
    const target = isPausing ? Math.min(until, Math.max(this.retryAt, Date.now() + 1)) : until;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, target - Date.now()));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Takes the fetches that have ended. A partition whose position was set meanwhile ignores the answer. */
  private land(): FetchedPartition[] {
    const moved: FetchedPartition[] = [];
    for (const [leader, flight] of this.flights) {
      if (flight.outcome === null) continue;
      this.flights.delete(leader);
      const asked = flight.asked.map(({ assigned }) => assigned);
      if (flight.outcome instanceof Error) this.lost(asked, flight.outcome);
      else if (flight.outcome.errorCode !== 0) this.lost(asked, protocolError(flight.outcome.errorCode));
      else moved.push(...this.landed(flight, flight.outcome));
    }
    return moved;
  }

  private landed(flight: Flight, result: FetchResult): FetchedPartition[] {
    const answers = new Map(result.partitions.map((answer) => [keyOf(answer), answer]));
    const current = flight.asked.filter(
      ({ assigned, position }) => this.partitions.get(keyOf(assigned)) === assigned && assigned.position === position,
    );
    const moved: FetchedPartition[] = [];
    let contentBefore = false;
    for (const { assigned, position } of flight.asked) {
      const answer = answers.get(keyOf(assigned));
      if (answer === undefined) continue;
      const mayBeCut = contentBefore;
      if (answer.recordSet.length > 0) contentBefore = true;
      if (!current.some((entry) => entry.assigned === assigned)) continue;
      if (answer.errorCode !== 0) {
        this.refused(assigned, position, answer.errorCode);
        continue;
      }
      assigned.failingSince = null;
      const end = gapEnd(answer, this.isolation, mayBeCut);
      const step =
        end === null
          ? this.decode(assigned, position, answer)
          : this.deliver(assigned, answer, () => ({ records: [], nextOffset: end, isLast: true }));
      if (step !== null) moved.push(step);
    }
    return moved;
  }

  private decode(assigned: Assigned, fromOffset: bigint, answer: FetchedRecordSet): FetchedPartition | null {
    const { topic, partition, recordSet } = answer;
    const aborted = this.isolation === 'committed' ? answer.aborted : null;
    const next = createRecordSetDecoder({
      topic,
      partition,
      recordSet,
      aborted,
      fromOffset,
      recordsPerStep: RECORDS_PER_STEP,
      decompressedBytesMax: DECOMPRESSED_BYTES_MAX,
    });
    return this.deliver(assigned, answer, next);
  }

  private refused(assigned: Assigned, position: bigint, errorCode: number): void {
    const { topic, partition } = assigned;
    if (errorCode !== OFFSET_OUT_OF_RANGE) return this.failed([assigned], protocolError(errorCode));
    this.pending ??= new KafkaError(
      'offset-out-of-range',
      `Position ${position} of ${topic}/${partition} lies outside the kept log: it was deleted by retention or never existed. Nothing was skipped; rebuild from the first kept offset or restore the position`,
    );
  }

  /** The connection is in doubt: all of it is thrown away. */
  private lost(partitions: readonly Assigned[], error: unknown): void {
    this.session?.abandon();
    this.session = null;
    this.flights.clear();
    this.failed(partitions, error);
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
    this.session?.cluster.refreshMetadata().catch(() => undefined);
  }
}
