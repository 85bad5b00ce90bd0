// The role sink-postgres: keeps the operational model level with the log. An engine that is away makes it wait and lag; a record that
// does not fit makes it stop with an alarm; it never skips.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { KafkaError, type KafkaPort } from '#platform/kafka/port.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import { isPostgresUnavailable } from '#platform/postgres/errors.ts';
import type { Codec } from '#schemas/codec.ts';
import { createEngine, type Engine, type Parked } from './engine.ts';
import { SinkError } from './errors.ts';
import { createSinkMetrics, lagOf, type SinkMetrics } from './metrics.ts';
import { positionKey, sources, type Source } from './positions.ts';

export interface PostgresSinkDeps {
  readonly kafka: KafkaPort;
  readonly pool: Pool;
  readonly codec: Codec;
  /** Prefix of the topics, for example `stratcap.`. */
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly epoch: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Most events and most facts of one transaction; 2,000 unless given. */
  readonly batchRowsMax?: number;
}

export type SinkState = 'starting' | 'ready' | 'waiting' | 'failed' | 'stopped';

export interface PostgresSinkHealth {
  readonly state: SinkState;
  /** Why it is not ready, as a sentence. */
  readonly detail?: string;
  /** Offsets on the log that are not yet in Postgres. */
  readonly lag: number;
  readonly parked: readonly Parked[];
  /** Per source, offset of events by partition before which everything is in its rows. */
  readonly nextOffsets: Readonly<Record<Source, readonly string[]>>;
}

/** How the sink ended. */
export type SinkEnd = { readonly kind: 'stopped' } | { readonly kind: 'failed'; readonly error: Error };

export interface PostgresSink {
  /** Finishes the transaction under way and closes the reader; the pool and Kafka stay the caller's. */
  stop(): Promise<void>;
  health(): PostgresSinkHealth;
  /** Resolves when the sink is no longer running; `failed` asks the role to end with an alarm. */
  readonly ended: Promise<SinkEnd>;
}

const pollMs = 500;
const waitMsMin = 100;
const waitMsMax = 2_000;
/** A transaction that takes longer is a server that does not answer. */
const silentMs = 5_000;
const parkedWarningMs = 10_000;
const constraintClass = /^(22|23|42)/;

const isUnavailable = (error: unknown): boolean =>
  isPostgresUnavailable(error) || (error instanceof KafkaError && error.code === 'unavailable');

/** The error that ends the sink, with what to do. */
const toEnd = (error: unknown): Error => {
  if (error instanceof SinkError) return error;
  if (error instanceof KafkaError && error.code === 'offset-out-of-range') {
    return new SinkError(
      'log-truncated',
      `${error.message}; the log no longer has what Postgres needs: restore the topic from its backup, or run stratcap rebuild postgres`,
      { cause: error },
    );
  }
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && constraintClass.test(code)) {
    const detail: unknown = error instanceof Error && 'detail' in error ? error.detail : undefined;
    return new SinkError(
      'refused',
      `Postgres refuses rows of the log (${code}): ${(error as Error).message}${typeof detail === 'string' ? ` ${detail}` : ''}; a rule of the ledger should imply it. Nothing of the batch was written`,
      { cause: error },
    );
  }
  return error instanceof Error ? error : new Error(String(error));
};

/**
 * Starts the sink and returns at once; it becomes ready when it has read its position. The tables must exist
 * (`migrateOperationalModel`). Each event is in Postgres a few milliseconds after it is committed.
 */
export const startPostgresSink = (deps: PostgresSinkDeps): Promise<PostgresSink> => Promise.resolve(new RunningSink(deps));

class RunningSink implements PostgresSink {
  readonly ended: Promise<SinkEnd>;
  private readonly engine: Engine;
  private readonly logger: Logger;
  private readonly metrics: SinkMetrics;
  private readonly stopping = new AbortController();
  private state: SinkState = 'starting';
  private detail: string | undefined;
  /** How long to wait for an engine before the next attempt: longer each time, from the beginning again after a success. */
  private waitMs = waitMsMin;
  private parkedSince: number | null = null;

  constructor(deps: PostgresSinkDeps) {
    this.logger = deps.logger;
    this.metrics = createSinkMetrics(deps.metrics);
    this.engine = createEngine({
      kafka: deps.kafka,
      pool: deps.pool,
      codec: deps.codec,
      topicPrefix: deps.topicPrefix,
      partitions: deps.partitions,
      epoch: deps.epoch,
      schema: 'public',
      notify: true,
      batchRowsMax: deps.batchRowsMax ?? 2_000,
      onWritten: (written) => {
        this.waitMs = waitMsMin;
        this.metrics.written(written);
      },
    });
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.engine.close();
    await this.ended;
  }

  health(): PostgresSinkHealth {
    const { engine } = this;
    const nextOffsets = (source: Source): readonly string[] =>
      engine.queues
        .filter((queue) => queue.source === source)
        .map((queue) => String(engine.positions.get(positionKey(source, queue.partition))?.nextOffset ?? 0n));
    const writingMs = engine.writingSince === null ? 0 : performance.now() - engine.writingSince;
    const isSilent = this.state === 'ready' && writingMs > silentMs;
    const detail = isSilent ? `Postgres has not answered for ${Math.round(writingMs / 1000)} s` : this.detail;
    return {
      state: isSilent ? 'waiting' : this.state,
      ...(detail === undefined ? {} : { detail }),
      lag: engine.queues.reduce((sum, queue) => sum + lagOf(queue, engine.positions), 0),
      parked: engine.parked,
      nextOffsets: Object.fromEntries(sources.map((source) => [source, nextOffsets(source)])) as Record<
        Source,
        readonly string[]
      >,
    };
  }

  private async run(): Promise<SinkEnd> {
    try {
      await this.untilStopped();
      this.become('stopped');
      return { kind: 'stopped' };
    } catch (cause) {
      const error = toEnd(cause);
      this.become('failed', error.message);
      this.logger.fatal({ err: error }, 'The Postgres sink stops: it cannot go on without skipping');
      await this.engine
        .close()
        .catch((closing: unknown) => this.logger.warn({ err: closing }, 'The reader of the sink did not close'));
      return { kind: 'failed', error };
    }
  }

  private async untilStopped(): Promise<void> {
    for (let open = false; !this.stopping.signal.aborted;) {
      try {
        if (!open) await this.engine.open();
        open = true;
        if (this.state !== 'ready') this.become('ready');
        await this.engine.cycle(pollMs);
        this.waitMs = waitMsMin;
        this.observe();
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        if (!isUnavailable(error)) throw error;
        // Opened anew, the engine compares the log, which may be another one, and finds out what was committed.
        open = false;
        this.become('waiting', error instanceof Error ? error.message : String(error));
        await sleep(this.waitMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
        this.waitMs = Math.min(this.waitMs * 2, waitMsMax);
      }
    }
  }

  private observe(): void {
    const { engine } = this;
    this.metrics.lag(engine.queues, engine.positions);
    this.metrics.state(this.state === 'ready', engine.parked.length);
    if (engine.parked.length === 0) {
      this.parkedSince = null;
      return;
    }
    this.parkedSince ??= Date.now();
    if (Date.now() - this.parkedSince < parkedWarningMs) return;
    this.parkedSince = Date.now();
    this.logger.warn({ parked: engine.parked }, 'Events wait for events of other partitions that have not come');
  }

  private become(state: SinkState, detail?: string): void {
    const changed = state !== this.state;
    this.state = state;
    this.detail = detail;
    this.metrics.state(state === 'ready', this.engine.parked.length);
    if (!changed) return;
    if (state === 'waiting') this.logger.warn({ detail }, 'The Postgres sink waits for an engine');
    if (state === 'ready') this.logger.info({ nextOffsets: this.health().nextOffsets }, 'The Postgres sink is ready');
  }
}
