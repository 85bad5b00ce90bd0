// A task's state from the log: the last complete snapshot, then the events after it (design.md 2.4).
import type { Logger } from 'pino';
import { topicName } from '#schemas/topics.ts';
import { foldEvent } from './steps.ts';
import { RuntimeError } from './errors.ts';
import { readTo } from './read-to.ts';
import { createSnapshotCollector, type Snapshot, type SnapshotCollector } from './snapshot.ts';
import { watermarksOf, type PlaceDeps } from './start-position.ts';
import type { Processor } from './topology.ts';

/** Snapshots of all processors share a partition: behind another one's open transaction an older snapshot serves as well. */
const SNAPSHOT_PATIENCE_MS = 3_000;

export type RestoreProgressListener = (progress: {
  readonly restored: number;
  readonly position: bigint;
  readonly target: bigint;
}) => void;

export interface RestoreDeps<State> extends PlaceDeps {
  readonly processor: Processor<State>;
  readonly logger: Logger;
  readonly collected: Promise<SnapshotCollector>;
  readonly onProgress: RestoreProgressListener;
}

export interface Restored<State> {
  readonly state: State;
  /** Events folded beyond the snapshot. */
  readonly events: number;
  /** Their size, for the choice of the next snapshot. */
  readonly bytes: number;
  /** The snapshot used; null after a replay from the beginning. */
  readonly snapshot: Snapshot | null;
  readonly chunkCounts: readonly [number, number];
  readonly eventsTopicId: string;
}

/** Tries the newest snapshot first; one that the processor cannot read is as good as damaged. */
const openSnapshot = <State>(
  { processor, partition, logger }: RestoreDeps<State>,
  snapshots: readonly Snapshot[],
): { state: State; snapshot: Snapshot | null } => {
  for (const snapshot of snapshots) {
    try {
      return { state: processor.deserialize(snapshot.state, partition), snapshot };
    } catch (error) {
      logger.warn({ err: error, partition, slot: snapshot.slot }, 'a snapshot could not be read; it is not used');
    }
  }
  return { state: processor.createState(partition), snapshot: null };
};

/** Reads the snapshots of a partition. It may be begun before the committed position is known: an older one serves as well. */
export const collectSnapshots = async <State>(
  deps: Omit<RestoreDeps<State>, 'onProgress' | 'collected'>,
): Promise<SnapshotCollector> => {
  const { kafka, topicPrefix, processor, partition, logger } = deps;
  const { low, high } = await watermarksOf(deps, 'snapshots');
  const collector = createSnapshotCollector({ processor: processor.name, partition });
  const giveUp = new AbortController();
  await readTo(kafka, {
    topic: topicName(topicPrefix, 'snapshots'),
    partition,
    from: low,
    to: high,
    onRecord: (record) => collector.add(record),
    standstillMs: SNAPSHOT_PATIENCE_MS,
    onStandstill: (position) => {
      logger.warn({ partition, position: String(position) }, 'snapshots behind an undecided transaction are left out');
      giveUp.abort();
    },
    signal: AbortSignal.any([deps.signal, giveUp.signal]),
  });
  return collector;
};

/**
 * Restores the state that belongs to `inputPosition`. A processor of events folds up to it; a processor of commands folds its own
 * events to their end, which is final: the position is stable, so that nothing over the partition is undecided.
 */
export const restore = async <State>(deps: RestoreDeps<State>, inputPosition: bigint): Promise<Restored<State>> => {
  const { kafka, topicPrefix, processor, partition, logger, signal, onProgress } = deps;
  const events = topicName(topicPrefix, 'events');
  const [eventsTopicId, ends, collector] = await Promise.all([
    kafka.admin.topicId(events),
    watermarksOf(deps, 'events'),
    deps.collected,
  ]);
  const target = processor.input === 'events' ? inputPosition : ends.high;
  const { snapshots, ignored } = collector.usable({ stateVersion: processor.stateVersion, eventsTopicId, notAfter: target });
  for (const reason of ignored) logger.warn({ partition }, reason);
  const { state, snapshot } = openSnapshot(deps, snapshots);

  const from = snapshot?.nextEventsOffset ?? 0n;
  if (from < ends.low) {
    throw new RuntimeError(
      'offset-expired',
      `${processor.name} partition ${partition}: events before ${ends.low} were deleted but are needed from ${from}; the events topic is kept for ever, restore it`,
      { partition },
    );
  }
  let restored = 0;
  let bytes = 0;
  onProgress({ restored, position: from, target });
  await readTo(kafka, {
    topic: events,
    partition,
    from,
    to: target,
    onRecord: (event) => {
      foldEvent(processor, state, event);
      restored += 1;
      bytes += event.value?.length ?? 0;
    },
    onProgress: (position) => onProgress({ restored, position, target }),
    onStandstill: (position) =>
      logger.warn(
        { partition, position: String(position), target: String(target) },
        'restore waits behind an undecided transaction',
      ),
    signal,
  });
  return { state, events: restored, bytes, snapshot, chunkCounts: collector.chunkCounts(), eventsTopicId };
};
