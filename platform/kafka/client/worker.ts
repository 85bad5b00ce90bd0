// A worker: one transactional id for all partitions that it holds, fenced by its membership (the order of steps is what makes it
// exactly-once). Anything that goes wrong in a transaction ends in a reset: everything is told lost, the group is asked whether we are
// still in, the identity is taken anew, and what is still ours is assigned again.
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../port.ts';
import type { TransactionDraft, Worker, WorkerListener, WorkerOptions } from '../port.ts';
import type { ProducerIdentity } from '../wire/transactions.ts';
import { appendBatches } from './append.ts';
import { Cluster } from './cluster.ts';
import { Draft } from './draft.ts';
import type { PartitionBatches } from './draft.ts';
import { CODE, isPassing, toKafkaError } from './errors.ts';
import { batchLimits } from './limits.ts';
import type { BatchLimits } from './limits.ts';
import { memberIdOf, Membership } from './membership.ts';
import { fenceOrphans } from './orphans.ts';
import { persist } from './persist.ts';
import type { ClientSettings } from './settings.ts';
import { readStablePosition, withFreshEpoch } from './stable-position.ts';
import type { Member } from './stable-position.ts';
import { addOffsets, endTransaction, forgettingCoordinator, initProducerId } from './transaction.ts';

const TRANSACTION_TIMEOUT_MS = 60_000;
const HEARTBEAT_INTERVAL_MS = 250;
const SESSION_TIMEOUT_MS = 6_000;
const REBALANCE_TIMEOUT_MS = 60_000;
const RESET_PAUSE_MS = 10;
const RESET_PAUSE_MAX_MS = 2_000;
const ORPHAN_LOOK_MS = 100;
/** A commit that a broker keeps waiting for longer is given up by who leaves: it is decided when its id is initialised again. */
const LEAVE_PATIENCE_MS = 5_000;
const POOLED_BYTES_MAX = 32 * 1024 * 1024;

/** Answers that mean: our idea of the member epoch is old. A fresh heartbeat tells whether the partitions are still ours. */
const STALE_EPOCH = new Set<number>([CODE.ILLEGAL_GENERATION, CODE.STALE_MEMBER_EPOCH]);

export type WorkerSettings = ClientSettings;

/** A worker; it connects at `start`. */
export const createWorker = (settings: WorkerSettings, options: WorkerOptions): Worker =>
  new TransactionalWorker(settings, options);

interface Held {
  revoking: boolean;
}

class TransactionalWorker implements Worker {
  private readonly options: WorkerOptions;
  private readonly id: string;
  private readonly cluster: Cluster;
  private readonly membership: Membership | null;
  private readonly limits: BatchLimits;
  private readonly pool: Buffer[] = [];
  private readonly stop = new AbortController();
  private readonly held = new Map<number, Held>();
  private listener: WorkerListener | null = null;
  private identity: ProducerIdentity | null = null;
  /** Grows with each reset: drafts of a former one are never committed. */
  private generation = 0;
  private readonly generations = new WeakMap<Draft, number>();
  private resetting = false;
  private resetsWithoutCommit = 0;
  private fencedForGood: KafkaError | null = null;
  private reconciling = false;
  private askedToReconcile = false;
  private commits: Promise<unknown> = Promise.resolve();
  private told: Promise<void> = Promise.resolve();
  private orphansLookedAt = 0;

  constructor(settings: WorkerSettings, options: WorkerOptions) {
    this.options = options;
    this.id = memberIdOf(options.group, options.workerId);
    this.cluster = new Cluster(settings);
    this.limits = batchLimits(settings);
    const { group, topic } = options;
    this.membership =
      options.partitions === 'group'
        ? new Membership(
            this.cluster,
            {
              group,
              topic,
              memberId: this.id,
              heartbeatIntervalMs: options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS,
              sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
              rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? REBALANCE_TIMEOUT_MS,
            },
            { answered: () => this.reconcile(), thrownOut: (cause) => this.reset(cause) },
          )
        : null;
  }

  async start(listener: WorkerListener): Promise<void> {
    if (this.listener !== null) throw new Error(`${this.name('start')}: it was started already`);
    this.listener = listener;
    try {
      await this.cluster.refresh().catch(() => undefined); // orphans are looked for at every broker
      this.identity = await this.initialise();
      await this.membership?.start();
    } catch (error) {
      this.stop.abort();
      await this.membership?.leave();
      this.cluster.close();
      throw error;
    }
    this.reconcile();
  }

  committed(partition: number): Promise<bigint | null> {
    const { group, topic } = this.options;
    const hold = this.held.get(partition);
    return readStablePosition({
      what: this.name(`committed position of ${topic}/${partition}`),
      cluster: this.cluster,
      group,
      topic,
      partition,
      member: () => this.member(),
      fresh: this.freshEpoch(),
      assertHeld: () => {
        if (hold === undefined || this.held.get(partition) !== hold) throw this.notHeld(partition);
      },
      fenceOrphans: () => this.fenceOrphans(),
      signal: this.stop.signal,
    });
  }

  draft(): TransactionDraft {
    const draft = new Draft(this.limits, this.pool);
    this.generations.set(draft, this.generation);
    return draft;
  }

  commit(draft: TransactionDraft, positions: ReadonlyMap<number, bigint>): Promise<void> {
    const taken = this.generations.get(draft as Draft);
    if (taken === undefined)
      return Promise.reject(new Error(`${this.name('commit')}: the draft is not of this worker, or was committed`));
    this.generations.delete(draft as Draft);
    const packing = (draft as Draft).pack(); // while the transaction before it still commits
    packing.catch(() => undefined);
    const run = this.commits.then(() => this.commitAlone(draft as Draft, taken, positions, packing));
    this.commits = run.catch(() => undefined);
    return run;
  }

  async leave(): Promise<void> {
    if (this.stop.signal.aborted) return;
    const patience = new AbortController();
    const late = sleep(LEAVE_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.commits, late]);
    patience.abort();
    this.stop.abort();
    await this.membership?.leave();
    this.cluster.close();
  }

  private name(what: string): string {
    return `Worker ${this.id}, ${what}`;
  }

  private notHeld(partition: number): KafkaError {
    return new KafkaError('transaction-aborted', this.name(`partition ${partition} is not held, or was lost meanwhile`));
  }

  private initialise(): Promise<ProducerIdentity> {
    const transactionTimeoutMs = this.options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS;
    return initProducerId(this.cluster, { transactionalId: this.id, transactionTimeoutMs, signal: this.stop.signal });
  }

  private member(): Member {
    return this.membership === null ? null : { id: this.id, epoch: this.membership.epoch };
  }

  private freshEpoch(): (() => Promise<void>) | null {
    const { membership } = this;
    return membership === null ? null : () => membership.fresh();
  }

  /** Only the group knows whether somebody else's transaction is an orphan; without membership it has to end by itself. */
  private async fenceOrphans(): Promise<void> {
    if (this.membership === null || Date.now() - this.orphansLookedAt < ORPHAN_LOOK_MS) return;
    this.orphansLookedAt = Date.now();
    const transactionTimeoutMs = this.options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS;
    const orphans = await fenceOrphans(this.cluster, { group: this.options.group, self: this.id, transactionTimeoutMs });
    if (orphans.length > 0)
      this.cluster.settings.logger.warn({ orphans }, this.name('ended transactions of members that are gone'));
  }

  private async commitAlone(
    draft: Draft,
    generation: number,
    positions: ReadonlyMap<number, bigint>,
    packing: Promise<readonly PartitionBatches[]>,
  ): Promise<void> {
    if (this.fencedForGood !== null) throw this.fencedForGood;
    if (this.stop.signal.aborted || this.identity === null)
      throw new KafkaError('unavailable', this.name('commit: it is not started, or has left'));
    if (generation !== this.generation || this.resetting)
      throw new KafkaError(
        'transaction-aborted',
        this.name('commit: the draft is from before a loss; nothing of it was committed'),
      );
    if (draft.records === 0 && positions.size === 0) return;
    try {
      this.checkHeld(positions, new Map(this.held));
      await this.transact(packing, this.identity, positions);
      this.resetsWithoutCommit = 0;
      draft.release(POOLED_BYTES_MAX);
    } catch (error) {
      const told = toKafkaError(error, this.name('commit'));
      this.reset(told);
      throw told;
    }
  }

  /** Offsets first: once they are pending, no successor can overlook this transaction. */
  private async transact(
    packing: Promise<readonly PartitionBatches[]>,
    identity: ProducerIdentity,
    positions: ReadonlyMap<number, bigint>,
  ): Promise<void> {
    const { cluster, id: transactionalId } = this;
    if (positions.size > 0) await this.sendOffsets(identity, positions);
    await appendBatches({
      what: this.name('append'),
      cluster,
      transactionalId,
      identity,
      partitions: await packing,
      sequenceOf: () => 0,
      signal: this.stop.signal,
      onSplit: this.limits.refused,
    });
    this.identity = await endTransaction(cluster, { transactionalId }, identity, 'commit');
  }

  private async sendOffsets(identity: ProducerIdentity, positions: ReadonlyMap<number, bigint>): Promise<void> {
    const { group, topic } = this.options;
    const before = new Map(this.held);
    const entries = [...positions].map(([partition, offset]) => ({ topic, partition, offset }));
    await persist(
      {
        what: this.name('offsets of a transaction'),
        patienceMs: this.cluster.settings.patienceMs,
        signal: this.stop.signal,
        mend: forgettingCoordinator(this.cluster, 'group', group),
      },
      () =>
        withFreshEpoch(
          this.freshEpoch(),
          (code) => STALE_EPOCH.has(code),
          () => {
            this.checkHeld(positions, before);
            const member = this.member();
            return addOffsets(this.cluster, { transactionalId: this.id, group, identity, member, positions: entries });
          },
        ),
    );
  }

  /** The broker does not check who holds a partition: it is on us never to commit one that was taken away, even if it came back. */
  private checkHeld(positions: ReadonlyMap<number, bigint>, before: ReadonlyMap<number, Held>): void {
    for (const partition of positions.keys()) {
      const hold = this.held.get(partition);
      if (hold === undefined || hold !== before.get(partition)) throw this.notHeld(partition);
    }
  }

  /** Tells the listener one thing after another. What it throws ends in a reset: its state is not to be trusted. */
  private tell(call: (listener: WorkerListener) => void | Promise<void>): Promise<void> {
    const run = this.told.then(async () => {
      if (this.listener !== null && !this.stop.signal.aborted) await call(this.listener);
    });
    this.told = run.catch((error: unknown) => {
      this.cluster.settings.logger.warn({ err: error }, this.name('its listener threw'));
    });
    return run;
  }

  /** Brings what is held in line with what the group wants: first give up, acknowledge, then take. */
  private reconcile(): void {
    this.askedToReconcile = true;
    if (this.reconciling || this.resetting || this.stop.signal.aborted || this.identity === null) return;
    this.reconciling = true;
    this.askedToReconcile = false;
    void this.reconcileAlone()
      .catch((error: unknown) => this.reset(error as Error))
      .finally(() => {
        this.reconciling = false;
        if (this.askedToReconcile) this.reconcile();
      });
  }

  private async reconcileAlone(): Promise<void> {
    const { generation } = this;
    for (;;) {
      const target = this.wanted();
      if (target === null || generation !== this.generation || this.stop.signal.aborted) return;
      const gone = [...this.held.keys()].filter((partition) => !target.has(partition));
      const fresh = [...target].filter((partition) => !this.held.has(partition)).toSorted((a, b) => a - b);
      if (gone.length > 0) await this.giveUp(gone);
      else if (fresh.length > 0) {
        for (const partition of fresh) this.held.set(partition, { revoking: false });
        this.membership?.hold([...this.held.keys()]);
        await this.tell((listener) => listener.assigned(fresh));
      } else return;
    }
  }

  private wanted(): ReadonlySet<number> | null {
    if (this.options.partitions !== 'group') return new Set(this.options.partitions);
    return this.membership?.target ?? null;
  }

  private async giveUp(gone: readonly number[]): Promise<void> {
    const { generation } = this;
    for (const partition of gone) {
      const hold = this.held.get(partition);
      if (hold !== undefined) hold.revoking = true;
    }
    await this.tell((listener) => listener.revoked(gone));
    await this.commits; // nothing of them is on its way any more
    if (generation !== this.generation) return;
    for (const partition of gone) this.held.delete(partition);
    this.membership?.hold([...this.held.keys()]); // the acknowledgement
  }

  private reset(cause: Error): void {
    if (this.stop.signal.aborted) return;
    this.generation += 1;
    const lost = [...this.held].filter(([, { revoking }]) => !revoking).map(([partition]) => partition);
    this.held.clear();
    this.membership?.hold([]);
    this.cluster.settings.logger.warn({ err: cause, lost }, this.name('starts anew'));
    if (!this.resetting || lost.length > 0) {
      const told = this.tell((listener) => {
        this.generation += 1; // nothing that was begun before the listener knew
        listener.lost(lost, cause);
      });
      told.catch(() => undefined);
    }
    if (this.membership === null && cause instanceof KafkaError && cause.code === 'fenced') {
      this.fencedForGood = cause; // nobody can be asked who the owner is: to fence him in turn would go on for ever
      return;
    }
    if (this.resetting) return;
    this.resetting = true;
    void this.startAnew();
  }

  /** A heartbeat first: a worker that was thrown out must not fence whoever took its place. */
  private async startAnew(): Promise<void> {
    const pauseMs = Math.min(RESET_PAUSE_MAX_MS, RESET_PAUSE_MS * 2 ** Math.min(this.resetsWithoutCommit, 10));
    this.resetsWithoutCommit += 1;
    for (let pause = pauseMs; ; pause = RESET_PAUSE_MAX_MS / 4) {
      try {
        await sleep(pause, undefined, { signal: this.stop.signal });
        await this.commits;
        await this.membership?.fresh();
        const identity = await this.initialise();
        await this.told;
        this.identity = identity;
        break;
      } catch (error) {
        if (this.stop.signal.aborted) return;
        if (!isPassing(error)) this.cluster.settings.logger.warn({ err: error }, this.name('could not start anew, tries again'));
      }
    }
    this.resetting = false;
    this.reconcile();
  }
}
