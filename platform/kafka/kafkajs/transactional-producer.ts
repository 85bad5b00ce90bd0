// The exactly-once writer over a kafkajs producer. A producer that met any error is thrown away: kafkajs cannot mend its state,
// and a new epoch keeps late requests of the old one from touching later transactions (pipeline.md 2.2, 3 to 5).
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../port.ts';
import type { PartitionOffset, TransactionalProducer, TransactionInput } from '../port.ts';
import { keyOf } from '../wire/fetch-plan.ts';
import { isPassing, protocolErrorType, toKafkaError } from './errors.ts';
import { createKafkajsProducer } from './internals.ts';
import type { KafkajsProducer, KafkajsTransaction } from './internals.ts';
import { withDeadline } from './deadline.ts';
import { chunkRecords, sendWhole } from './record-chunks.ts';
import { openSession, SHORT_RETRY } from './session.ts';
import type { Session, SessionSettings } from './session.ts';
import { readTransactionOutcome } from './transaction-outcome.ts';
import type { WireClient } from './wire-client.ts';

export interface ProducerSettings extends SessionSettings {
  /** How long a call may take before it ends as `unavailable`. */
  readonly patienceMs: number;
  readonly batchBytesMax: number;
}

export interface TransactionalOptions {
  readonly transactionalId: string;
  readonly transactionTimeoutMs?: number;
}

const TRANSACTION_TIMEOUT_MS = 60_000;
const CONCURRENT_PAUSE_MS = 3;

interface LiveProducer {
  readonly session: Session;
  readonly producer: KafkajsProducer;
}

/** How far a transaction came. Until the commit is asked for, nothing of it can be committed. */
interface Progress {
  commitAsked: boolean;
  /** Where the first record went: there the log is asked for the outcome in doubt. */
  first: PartitionOffset | null;
}

/** A writer for one transactional id; connects at `fence`. `client` reads outcomes of transactions in doubt. */
export const createTransactionalProducer = (
  settings: ProducerSettings,
  client: WireClient,
  options: TransactionalOptions,
): TransactionalProducer => new KafkajsTransactionalProducer(settings, client, options);

class KafkajsTransactionalProducer implements TransactionalProducer {
  private readonly settings: ProducerSettings;
  private readonly client: WireClient;
  private readonly options: TransactionalOptions;
  private live: LiveProducer | null = null;
  /** Why nothing may be committed before the next fence. */
  private blocked: KafkaError | null = null;
  private busy = false;
  private closed = false;

  constructor(settings: ProducerSettings, client: WireClient, options: TransactionalOptions) {
    this.settings = settings;
    this.client = client;
    this.options = options;
  }

  fence(): Promise<void> {
    return this.alone(async () => {
      await this.renew();
      this.blocked = null;
    });
  }

  commit(input: TransactionInput): Promise<void> {
    return this.alone(async () => {
      if (this.blocked !== null) throw this.blocked;
      if (input.records.length === 0 && (input.offsets?.positions.length ?? 0) === 0) return;
      const progress: Progress = { commitAsked: false, first: null };
      const live = this.live ?? (await this.renew());
      try {
        await withDeadline(
          this.run(live, input, progress),
          this.settings.patienceMs,
          this.name('commit'),
          live.session.lastTrouble,
        );
      } catch (error) {
        await this.settle(error, input, progress);
      }
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const { live } = this;
    this.live = null;
    await live?.session.close();
  }

  private name(what: string): string {
    return `Transactional id ${this.options.transactionalId}, ${what}`;
  }

  private async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.busy) throw new Error(`${this.name('call')}: another fence or commit is under way; await it first`);
    this.busy = true;
    try {
      return await work();
    } finally {
      this.busy = false;
    }
  }

  private drop(): void {
    this.live?.session.abandon();
    this.live = null;
  }

  /** A new producer of the id: InitProducerId fences the former one and ends its open transaction before it answers. */
  private async renew(): Promise<LiveProducer> {
    this.drop();
    if (this.closed) throw new KafkaError('unavailable', this.name('the producer was closed by this process'));
    const session = openSession(this.settings, SHORT_RETRY);
    const producer = createKafkajsProducer({
      cluster: session.cluster,
      logger: session.logger,
      retry: SHORT_RETRY,
      // Only the transaction manager of kafkajs needs a producer id; `idempotent` would fetch a second one that is never used.
      idempotent: false,
      transactionalId: this.options.transactionalId,
      transactionTimeout: this.options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS,
      createPartitioner:
        () =>
        ({ message }: { message: { partition: number } }) =>
          message.partition,
    });
    const initialise = async (): Promise<void> => {
      await producer.connect();
      await (await producer.transaction()).abort();
    };
    try {
      await withDeadline(initialise(), this.settings.patienceMs, this.name('fence'), session.lastTrouble);
    } catch (error) {
      session.abandon();
      throw toKafkaError(error, this.name('fence'));
    }
    this.live = { session, producer };
    return this.live;
  }

  private async run(
    { session, producer }: LiveProducer,
    { records, offsets }: TransactionInput,
    progress: Progress,
  ): Promise<void> {
    const chunks = chunkRecords(records, this.settings.batchBytesMax);
    const transaction = await producer.transaction();
    for (const chunk of chunks) {
      const firstOffsets = await sendWhole((batch) => transaction.sendBatch(batch), chunk);
      const [first] = chunk.records;
      if (first !== undefined)
        progress.first ??= { topic: first.topic, partition: first.partition, offset: firstOffsets.get(keyOf(first)) ?? -1n };
    }
    if (offsets !== undefined && offsets.positions.length > 0) await this.sendOffsets(session, transaction, offsets);
    progress.commitAsked = true;
    await transaction.commit();
  }

  /**
   * After records this passes at once; as the first step of a transaction it is refused until the last commit's markers are written,
   * and on a new group until its coordinator has loaded. kafkajs retries neither; both steps of it may be repeated.
   */
  private async sendOffsets(
    session: Session,
    transaction: KafkajsTransaction,
    { group, positions }: NonNullable<TransactionInput['offsets']>,
  ): Promise<void> {
    const topics = [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, entries]) => ({
      topic,
      partitions: entries.map(({ partition, offset }) => ({ partition, offset: offset.toString() })),
    }));
    for (const until = Date.now() + this.settings.patienceMs; ; await sleep(CONCURRENT_PAUSE_MS)) {
      try {
        await transaction.sendOffsets({ consumerGroupId: group, topics });
        return;
      } catch (error) {
        if (protocolErrorType(error) === null || !isPassing(error) || Date.now() > until) throw error;
        session.forgetCoordinators();
      }
    }
  }

  /** Ends a failed commit: returns when the transaction had committed after all, throws what the caller must know otherwise. */
  private async settle(error: unknown, input: TransactionInput, progress: Progress): Promise<void> {
    this.drop();
    const reason = toKafkaError(error, this.name('commit'));
    if (reason.code === 'fenced') {
      this.blocked = reason; // a new producer here would fence the rightful owner
      throw reason;
    }
    if (!progress.commitAsked) {
      // Ends the open transaction now, which would hold back readers until its timeout. When even that fails, the next fence does it.
      await this.renew().catch((failure: unknown) =>
        this.settings.logger.warn({ err: failure }, this.name('could not end its transaction')),
      );
      if (reason.code === 'record-too-large') throw reason;
      throw new KafkaError('transaction-aborted', `${reason.message}; nothing of it was committed`, { cause: error });
    }
    await this.resolveDoubt(reason, input, progress);
  }

  private async resolveDoubt(reason: KafkaError, input: TransactionInput, progress: Progress): Promise<void> {
    try {
      await this.renew();
      const outcome = await readTransactionOutcome(this.client, progress.first, input.offsets);
      this.settings.logger.warn({ outcome, err: reason }, this.name('the answer to a commit was lost'));
      if (outcome === 'committed') return;
      if (outcome === 'aborted')
        throw new KafkaError('transaction-aborted', `${reason.message}; nothing of it was committed`, { cause: reason });
      throw new KafkaError('fenced', `${this.name('commit')}: the group is past this transaction, so a later owner exists`, {
        cause: reason,
      });
    } catch (failure) {
      const told = toKafkaError(failure, this.name('outcome of a commit'));
      // Unknown or overtaken: what the caller holds in memory may be wrong, so it must fence and read positions again.
      if (told.code !== 'transaction-aborted') {
        this.drop();
        this.blocked = told;
      }
      throw told;
    }
  }
}
