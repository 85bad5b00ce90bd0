// The loop of a worker: inputs of all its partitions go into one transaction, and the next one is filled while the former is committed.
// State runs ahead of what is committed; whatever fails, it is dropped and comes back from the log.
import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { KafkaPort, Worker, WorkerListener } from '#platform/kafka/port.ts';
import { closeOwed, closeParts } from './closing.ts';
import { reportCommitted } from './commit-report.ts';
import { judge, type RuntimeError } from './errors.ts';
import { takeInputs, type FillDeps } from './fill.ts';
import type { LogEnds } from './log-ends.ts';
import type { RuntimeMetrics } from './metrics.ts';
import type { PartitionTask } from './partition-task.ts';
import { createPartitions } from './partitions.ts';
import { park } from './park.ts';
import { createSnapshotTurns } from './snapshot-turns.ts';
import { createSteps } from './steps.ts';
import type { TableStore } from './tables.ts';
import type { TaskHealth } from './task-health.ts';
import type { Processor } from './topology.ts';
import { transactionOpener, type Transaction } from './transaction.ts';
import { createBell, createConditions } from './waiting.ts';

export interface LoopSettings {
  readonly batchRecordsMax: number;
  readonly batchWaitMs: number;
  readonly snapshotEvery: number;
  readonly codeVersion: string;
}

export interface WorkerLoopDeps<State> {
  readonly kafka: KafkaPort;
  readonly ends: LogEnds;
  readonly worker: Pick<Worker, 'committed' | 'draft' | 'commit'>;
  readonly topicPrefix: string;
  readonly processor: Processor<State>;
  /** Known beforehand where nobody shares them out. */
  readonly fixed: readonly number[] | null;
  readonly tables: TableStore;
  readonly logger: Logger;
  readonly metrics: RuntimeMetrics;
  readonly settings: LoopSettings;
  /** A partition stopped for good, or with `fenced` the whole worker. */
  readonly onStopped: (error: RuntimeError) => void;
}

export interface WorkerLoop {
  readonly listener: WorkerListener;
  /** Stops taking inputs, commits what was taken, writes snapshots. Ends early when a commit fails: nothing of it counts then. */
  drain(): Promise<void>;
  /** The worker cannot go on at all. */
  end(error: RuntimeError): void;
  close(): Promise<void>;
  health(): readonly TaskHealth[];
}

/** Inputs of one partition before the next one has its turn. */
const TURN_INPUTS = 256;
/** The loop gives way to the sockets after so long. */
const SLICE_MS = 8;
/** With more offsets than this on the log, a transaction is filled before it is sent: a large one costs far less per input. */
const BACKLOG = { offsets: 2_000, fillMs: 25 };
/** Far behind, nobody waits for a single input. */
const LARGE_BACKLOG = { offsets: 50_000, fillMs: 60 };
const FILL_BYTES = 4 * 1024 * 1024;
const TRANSACTION_BYTES_MAX = 6 * 1024 * 1024;
/** A worker that stood still was fenced by its group and comes back. So many times in so long it is a second process with its id. */
const FENCED = { times: 3, withinMs: 10_000 };

export const createWorkerLoop = <State>(deps: WorkerLoopDeps<State>): WorkerLoop => {
  const { kafka, ends, worker, topicPrefix, processor, tables, logger, metrics, settings, onStopped } = deps;
  const workerMetrics = metrics.worker(processor.name);
  const steps = createSteps(processor, settings.codeVersion);
  const openTransaction = transactionOpener({ processor, topicPrefix, tables });
  const snapshots = createSnapshotTurns<State>({ ends, topicPrefix, processor, metrics: workerMetrics, logger });
  const bell = createBell();
  const conditions = createConditions();

  let open: Transaction<State> | null = null;
  let committing: Transaction<State> | null = null;
  let fencedAt: readonly number[] = [];
  let sequence = 0;
  let rotation = 0;
  /** A commit failed: nothing passes before `lost` was told. */
  let isBroken = false;
  let isDraining = false;
  let isEnded = false;

  const isUnderWay = (task: PartitionTask<State>): boolean =>
    open?.parts.has(task) === true || committing?.parts.has(task) === true;
  const changed = (): void => {
    conditions.look();
    bell.ring();
  };

  const end = (error: RuntimeError): void => {
    if (isEnded) return;
    isEnded = true;
    open = null;
    logger.fatal({ err: error, code: error.code }, 'the worker stopped for good');
    void partitions.end('failed', error);
    onStopped(error);
    changed();
  };

  const partitions = createPartitions<State>({
    kafka,
    ends,
    worker,
    topicPrefix,
    processor,
    tables,
    logger,
    metrics,
    batchWaitMs: settings.batchWaitMs,
    snapshotEvery: settings.snapshotEvery,
    onReady: () => {
      for (const task of partitions.held.values()) tellLag(task);
      bell.ring();
    },
    onFailed: (error) => {
      onStopped(error);
      changed();
    },
    onFenced: end,
  });
  const { held, inbox } = partitions;
  const closing = { steps, partitions, logger };
  if (deps.fixed !== null) partitions.expect(deps.fixed);

  /** Behind what is committed; nothing, when only control records follow it. */
  function tellLag(task: PartitionTask<State>): void {
    const { partition, running, history } = task;
    if (running === null) return;
    const isIdle = running.queue.size() === 0 && !isUnderWay(task);
    const lag = inbox.lag(partition, isIdle ? running.queue.fetchedTo() : running.committed);
    if (history.health.now.lag !== lag) history.health.set({ lag });
  }

  // Filling.

  const begin = (): Transaction<State> => {
    sequence += 1;
    return openTransaction(sequence, worker.draft());
  };

  const onDefect = (task: PartitionTask<State>, error: RuntimeError): void => {
    const { history, running } = task;
    const at = running?.queue.position() ?? null;
    if (history.culprit === at) return partitions.fail(task, error);
    history.culprit = at;
    // What came before it is right and is committed as it is; only the closing records need a state that is whole.
    if (open?.parts.has(task) === true && processor.closeBatch !== undefined) history.owesClose = true;
    logger.warn(
      { err: error, partition: task.partition },
      'an input cannot be processed; it is tried once more on a restored state',
    );
    partitions.drop(task, null);
    bell.ring();
  };
  const parkDeps = { tables, logger, onReady: () => bell.ring() };
  const fillDeps: FillDeps<State> = { steps, tables, park: (task, topics) => void park(parkDeps, task, topics), onDefect };

  const isAlone = ({ history, running }: PartitionTask<State>): boolean =>
    history.aloneUntil !== null && running !== null && running.queue.position() < history.aloneUntil;

  const hasWork = ({ running, isLeaving, history }: PartitionTask<State>): boolean =>
    running !== null && !isLeaving && !running.isParked && (running.queue.size() > 0 || history.owesClose);
  const take = (task: PartitionTask<State>, endAt: number): number => {
    const alone = isAlone(task);
    if (open !== null && (open.isAlone || alone)) return 0;
    const transaction = (open ??= begin());
    transaction.isAlone = alone;
    closeOwed(closing, task, transaction);
    const max = alone ? 1 : Math.min(TURN_INPUTS, settings.batchRecordsMax - transaction.inputs);
    return takeInputs(fillDeps, task, transaction, max, endAt);
  };
  const isFull = (): boolean =>
    open !== null &&
    (open.isAlone ||
      open.doomed !== null ||
      open.inputs >= settings.batchRecordsMax ||
      open.bytes >= TRANSACTION_BYTES_MAX ||
      open.draft.bytes >= TRANSACTION_BYTES_MAX);

  /** Inputs into the open transaction until nothing waits, it is full, or the time of a slice is over. True when something was done. */
  const fill = (): boolean => {
    if (isBroken || isDraining || isEnded) return false;
    const endAt = performance.now() + SLICE_MS;
    const tasks = [...held.values()];
    rotation += 1;
    let worked = false;
    for (let taken = 1; taken > 0;) {
      taken = 0;
      for (let index = 0; index < tasks.length; index += 1) {
        const task = tasks[(index + rotation) % tasks.length];
        if (task === undefined || !hasWork(task)) continue;
        if (isFull()) return worked;
        const count = take(task, endAt);
        taken += count;
        worked ||= count > 0;
        if (performance.now() > endAt) return true;
      }
    }
    return worked;
  };

  /** How long a transaction may still wait for inputs that are on the log; null when it is to be sent. */
  const fillingMs = (transaction: Transaction<State>): number | null => {
    if (isDraining || isFull() || transaction.bytes >= FILL_BYTES) return null;
    const unfetched = inbox.unfetched();
    if (unfetched < BACKLOG.offsets) return null;
    if ([...transaction.parts.keys()].some(({ isLeaving }) => isLeaving)) return null;
    const { fillMs } = unfetched < LARGE_BACKLOG.offsets ? BACKLOG : LARGE_BACKLOG;
    const left = transaction.openedAt + fillMs - performance.now();
    return left > 0 ? left : null;
  };

  // Committing.

  /** A transaction that can never be committed: its states are dropped, and the culprit is taken alone next time. */
  const discard = (transaction: Transaction<State>): void => {
    const { doomed } = transaction;
    open = null;
    tables.forget();
    if (doomed !== null) {
      const { task, error } = doomed;
      const verdict = judge(error, `${processor.name} partition ${task.partition}`, task.partition);
      if (transaction.isAlone && verdict.kind === 'stop') partitions.fail(task, verdict.error);
      else if (task.running !== null) task.history.aloneUntil = task.running.queue.position() + 1n;
    }
    for (const task of transaction.parts.keys()) partitions.drop(task, doomed?.error ?? new Error('the transaction was dropped'));
    changed();
  };

  const launch = (transaction: Transaction<State>): void => {
    if (transaction.doomed !== null) return discard(transaction);
    open = null;
    committing = transaction;
    closeParts(closing, transaction);
    const perInput = transaction.draft.bytes / Math.max(1, transaction.inputs);
    const tasks = [...held.values()].filter(({ isLeaving }) => !isLeaving);
    if (!transaction.isAlone) snapshots.ride(transaction, tasks);
    const positions = new Map<number, bigint>();
    for (const [{ partition, running }, part] of transaction.parts) {
      positions.set(partition, part.position);
      running?.snapshots.advance(part.inputs, part.bytes + part.inputs * perInput);
    }
    void settle(transaction, worker.commit(transaction.draft, positions), performance.now());
    try {
      snapshots.cutDue(transaction);
    } catch (error) {
      const { partition } = error as RuntimeError;
      const culprit = [...transaction.parts.keys()].find((task) => task.partition === partition);
      if (culprit !== undefined) partitions.fail(culprit, error as RuntimeError);
    }
  };

  const settle = async (transaction: Transaction<State>, commit: Promise<void>, startedAt: number): Promise<void> => {
    try {
      await commit;
    } catch (error) {
      return onCommitFailed(transaction, error);
    }
    workerMetrics.committed((performance.now() - startedAt) / 1000);
    await snapshots.place(transaction.parts.keys());
    committing = null;
    onCommitted(transaction);
  };

  const onCommitted = (transaction: Transaction<State>): void => {
    tables.committed(transaction.sequence);
    reportCommitted(transaction, logger);
    for (const task of transaction.parts.keys()) tellLag(task);
    changed();
  };

  const onCommitFailed = (transaction: Transaction<State>, error: unknown): void => {
    committing = null;
    const tasks = [...transaction.parts.keys()];
    const verdict = judge(error, processor.name, tasks[0]?.partition ?? -1);
    const isFenced = verdict.kind === 'stop' && verdict.error.code === 'fenced';
    if (isFenced) {
      fencedAt = [...fencedAt, Date.now()].filter((at) => at > Date.now() - FENCED.withinMs);
      if (deps.fixed !== null || fencedAt.length >= FENCED.times) return end(verdict.error);
    }
    // Where `lost` was told first, everything of this transaction was dropped then.
    if (tasks.every((task) => held.get(task.partition) !== task)) return changed();
    logger.warn({ err: error, inputs: transaction.inputs }, 'a transaction was not committed; its states are dropped');
    isBroken = true;
    open = null;
    tables.forget();
    for (const [task, part] of transaction.parts) {
      if (verdict.kind !== 'stop' || isFenced) continue;
      if (transaction.isAlone) partitions.fail(task, verdict.error);
      else task.history.aloneUntil = part.position;
    }
    for (const task of held.values()) if (task.history.failed === null) partitions.drop(task, error);
    changed();
  };

  // The worker tells.

  const listener: WorkerListener = {
    assigned: (assigned) => {
      if (isEnded || isDraining) return;
      for (const partition of assigned) partitions.begin(partition);
      if (deps.fixed === null) partitions.forgetMissing();
      changed();
    },
    revoked: async (revoked) => {
      const leaving = revoked.flatMap((partition) => held.get(partition) ?? []);
      for (const task of leaving) {
        task.isLeaving = true;
        inbox.remove(task.partition);
        if (task.running === null) task.release.abort();
      }
      bell.ring();
      await conditions.until(() => isEnded || !leaving.some(isUnderWay));
      for (const { partition } of leaving) {
        partitions.giveUp(partition);
        tables.forget(partition);
      }
      changed();
    },
    lost: (lost, cause) => {
      logger.warn({ err: cause, partitions: lost }, 'partitions were lost');
      const gone = new Set(lost.flatMap((partition) => held.get(partition) ?? []));
      if (open !== null && [...open.parts.keys()].some((task) => gone.has(task))) discard(open);
      for (const { partition } of gone) partitions.lose(partition, cause);
      tables.forget();
      isBroken = false;
      changed();
    },
  };

  const run = async (): Promise<void> => {
    while (!isEnded) {
      if (!isBroken) partitions.beginDropped((task) => !isUnderWay(task));
      const worked = fill();
      if (worked) inbox.taken();
      // Its first input turned out to wait for a table.
      if (open !== null && open.parts.size === 0 && open.doomed === null) open = null;
      let waitMs: number | null = null;
      if (committing === null && !isBroken) {
        if (open === null && !worked && snapshots.hasPieces(held.values())) open = begin();
        waitMs = open === null ? null : fillingMs(open);
        if (open !== null && waitMs === null) launch(open);
      }
      if (worked) await turn();
      else await (waitMs === null ? bell.heard() : bell.heard(waitMs));
    }
  };
  const running = run();
  const isQuiet = (): boolean => isEnded || isBroken || (open === null && committing === null);

  return {
    listener,
    drain: async () => {
      isDraining = true;
      bell.ring();
      await conditions.until(isQuiet);
      if (isEnded || isBroken) return;
      const tasks = [...held.values()].filter(({ running: state }) => state?.snapshots.hasTail() === true);
      for (const task of tasks) snapshots.cut(task);
      await snapshots.place(tasks);
      bell.ring();
      await conditions.until(() => isQuiet() && (isBroken || isEnded || !snapshots.hasPieces(held.values())));
    },
    end,
    close: async () => {
      const wasEnded = isEnded;
      isEnded = true;
      changed();
      await running;
      if (!wasEnded) await partitions.end('stopped');
    },
    health: () => partitions.health(),
  };
};
