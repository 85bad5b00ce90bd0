// The exactly-once writer of one transactional id without membership: whoever fences later is the owner. An identity that met any
// error is thrown away, so that late requests of it never touch a later transaction.
import { KafkaError } from '../port.ts';
import type { TransactionalProducer, TransactionInput } from '../port.ts';
import type { ProducerIdentity } from '../wire/transactions.ts';
import { appendBatches } from './append.ts';
import { Cluster } from './cluster.ts';
import { Draft } from './draft.ts';
import { toKafkaError } from './errors.ts';
import { batchLimits } from './limits.ts';
import type { BatchLimits } from './limits.ts';
import { persist } from './persist.ts';
import type { ClientSettings } from './settings.ts';
import { addOffsets, endTransaction, forgettingCoordinator, initProducerId } from './transaction.ts';

export interface TransactionalOptions {
  readonly transactionalId: string;
  readonly transactionTimeoutMs?: number;
}

const TRANSACTION_TIMEOUT_MS = 60_000;

/** A writer for one transactional id; connects at `fence`. */
export const createTransactionalProducer = (settings: ClientSettings, options: TransactionalOptions): TransactionalProducer =>
  new WireTransactionalProducer(settings, options);

class WireTransactionalProducer implements TransactionalProducer {
  private readonly options: TransactionalOptions;
  private readonly cluster: Cluster;
  private readonly limits: BatchLimits;
  private readonly stop = new AbortController();
  private identity: ProducerIdentity | null = null;
  /** Why nothing may be committed before the next fence. */
  private blocked: KafkaError | null = null;
  private busy = false;

  constructor(settings: ClientSettings, options: TransactionalOptions) {
    this.options = options;
    this.cluster = new Cluster(settings);
    this.limits = batchLimits(settings);
  }

  fence(): Promise<void> {
    return this.alone(async () => {
      this.identity = null;
      this.identity = await this.initialise();
      this.blocked = null;
    });
  }

  commit(input: TransactionInput): Promise<void> {
    return this.alone(async () => {
      if (this.blocked !== null) throw this.blocked;
      if (input.records.length === 0 && (input.offsets?.positions.length ?? 0) === 0) return;
      const draft = new Draft(this.limits);
      for (const { topic, partition, key, value, headers, timestampMs } of input.records)
        draft.append(topic, partition, key, value, headers, timestampMs);
      const identity = this.identity ?? (await this.initialise());
      this.identity = null; // until all went well
      await this.write(draft, identity, input.offsets).catch((error: unknown) => this.abandon(error));
      this.identity = await this.end(identity);
    });
  }

  async close(): Promise<void> {
    this.stop.abort();
    this.cluster.close();
    await Promise.resolve();
  }

  private name(what: string): string {
    return `Transactional id ${this.options.transactionalId}, ${what}`;
  }

  private async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.busy) throw new Error(`${this.name('call')}: another fence or commit is under way; await it first`);
    if (this.stop.signal.aborted) throw new KafkaError('unavailable', this.name('call: it was closed by this process'));
    this.busy = true;
    try {
      return await work();
    } finally {
      this.busy = false;
    }
  }

  private initialise(): Promise<ProducerIdentity> {
    const { transactionalId, transactionTimeoutMs = TRANSACTION_TIMEOUT_MS } = this.options;
    return initProducerId(this.cluster, { transactionalId, transactionTimeoutMs, signal: this.stop.signal });
  }

  /** Offsets first: they are what Kafka refuses while it finishes the last transaction, and they are small. */
  private async write(draft: Draft, identity: ProducerIdentity, offsets: TransactionInput['offsets']): Promise<void> {
    const { cluster, options } = this;
    const { signal } = this.stop;
    if (offsets !== undefined && offsets.positions.length > 0) {
      const { group, positions } = offsets;
      const { patienceMs } = cluster.settings;
      const mend = forgettingCoordinator(cluster, 'group', group);
      await persist({ what: this.name('offsets'), patienceMs, signal, mend }, () =>
        addOffsets(cluster, { transactionalId: options.transactionalId, group, identity, member: null, positions }),
      );
    }
    await appendBatches({
      what: this.name('append'),
      cluster,
      transactionalId: options.transactionalId,
      identity,
      partitions: await draft.pack(),
      sequenceOf: () => 0,
      signal,
      onSplit: this.limits.refused,
    });
  }

  /** The commit was not asked for yet, so nothing is committed. Ends the open transaction, which would hold back readers until its timeout. */
  private async abandon(error: unknown): Promise<never> {
    const told = toKafkaError(error, this.name('commit'));
    if (told.code === 'fenced') {
      this.blocked = told; // a new identity here would fence the rightful owner
      throw told;
    }
    this.identity = await this.initialise().catch((failure: unknown) => {
      this.cluster.settings.logger.warn({ err: failure }, this.name('could not end its transaction; the next fence does it'));
      return null;
    });
    if (told.code === 'record-too-large') throw told;
    throw new KafkaError('transaction-aborted', `${told.message}; nothing of it was committed`, { cause: error });
  }

  private async end(identity: ProducerIdentity): Promise<ProducerIdentity> {
    try {
      const { transactionalId } = this.options;
      return await endTransaction(this.cluster, { transactionalId, signal: this.stop.signal }, identity, 'commit');
    } catch (error) {
      const told = toKafkaError(error, this.name('commit'));
      // Unknown or overtaken: what the caller holds in memory may be wrong, so it must fence and read positions again.
      if (told.code !== 'transaction-aborted') this.blocked = told;
      throw told;
    }
  }
}
