// When a partition writes a snapshot, and in which pieces: the state is serialised at one transaction border, its chunks ride along with
// the transactions that follow, so that a large state does not hold up the worker.
import { snapshotRecords, type Slot, type SnapshotOwner, type SnapshotPosition } from './snapshot.ts';
import type { Restored } from './restore.ts';
import type { EmittedRecord } from './topology.ts';

/** A snapshot waits until the tail has this share of the state's size, so that snapshots cost a bounded part of the work. */
const TAIL_SHARE = 0.25;

export interface SnapshotWriter {
  /** Inputs processed since the last look, with the bytes of inputs and outputs. */
  advance(records: number, bytes: number): void;
  /** True at a transaction border where a snapshot should begin. */
  isDue(): boolean;
  /** True when a restart would have something to fold. */
  hasTail(): boolean;
  /** Takes the state at the end of a transaction. Nothing is written before `place`. */
  cut(position: Omit<SnapshotPosition, 'nextEventsOffset'>, state: Buffer): void;
  /** True between `cut` and `place`. */
  awaitsPlace(): boolean;
  /** The transaction of the cut is committed, and the events of the partition end there; null where they are the input itself. */
  place(nextEventsOffset: bigint | null): void;
  /** Forgets a cut whose place could not be learnt; the last complete snapshot stands. */
  abandon(): void;
  /** True while records are left to be written. */
  isWriting(): boolean;
  /** Records to write with the next transaction, at most so many bytes unless one is larger; none when nothing is being written. */
  piece(bytesMax: number): readonly EmittedRecord[];
  /** The piece was committed. Returns the bytes of the state when the snapshot is complete with it. */
  accept(): number | null;
}

export const createSnapshotWriter = (
  owner: SnapshotOwner,
  {
    every,
    restored,
  }: { readonly every: number; readonly restored: Pick<Restored<unknown>, 'events' | 'bytes' | 'snapshot' | 'chunkCounts'> },
): SnapshotWriter => {
  let tail = restored.events;
  let tailBytes = restored.bytes;
  let stateBytes = restored.snapshot?.state.length ?? 0;
  let completeSlot: Slot | null = restored.snapshot?.slot ?? null;
  const chunkCounts: [number, number] = [...restored.chunkCounts];
  let unplaced: { readonly position: Omit<SnapshotPosition, 'nextEventsOffset'>; readonly state: Buffer } | null = null;
  let writing: { readonly slot: Slot; readonly bytes: number; rest: readonly EmittedRecord[]; riding: number } | null = null;

  return {
    advance: (records, bytes) => {
      tail += records;
      tailBytes += bytes;
    },
    isDue: () => writing === null && unplaced === null && tail >= every && tailBytes >= stateBytes * TAIL_SHARE,
    hasTail: () => tail > 0,
    cut: (position, state) => {
      unplaced = { position, state };
      writing = null;
      tail = 0;
      tailBytes = 0;
    },
    awaitsPlace: () => unplaced !== null,
    place: (nextEventsOffset) => {
      if (unplaced === null) return;
      const { position, state } = unplaced;
      const slot: Slot = completeSlot === 0 ? 1 : 0;
      const rest = snapshotRecords(owner, {
        position: { ...position, nextEventsOffset: nextEventsOffset ?? position.inputPosition },
        state,
        slot,
        formerChunks: chunkCounts[slot],
      });
      chunkCounts[slot] = Math.max(chunkCounts[slot], rest.length - 1);
      writing = { slot, bytes: state.length, rest, riding: 0 };
      unplaced = null;
    },
    abandon: () => {
      unplaced = null;
    },
    isWriting: () => writing !== null,
    piece: (bytesMax) => {
      if (writing === null) return [];
      let bytes = 0;
      const over = writing.rest.findIndex((record, index) => {
        bytes += record.value?.length ?? 0;
        return index > 0 && bytes > bytesMax;
      });
      const piece = over === -1 ? writing.rest : writing.rest.slice(0, over);
      writing.riding = piece.length;
      return piece;
    },
    accept: () => {
      if (writing === null) return null;
      writing.rest = writing.rest.slice(writing.riding);
      writing.riding = 0;
      if (writing.rest.length > 0) return null;
      const { slot, bytes } = writing;
      completeSlot = slot;
      stateBytes = bytes;
      writing = null;
      return bytes;
    },
  };
};
