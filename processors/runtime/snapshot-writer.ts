// When a task writes a snapshot, and in which pieces: the state is serialised at one transaction border, its chunks ride along with
// the transactions that follow, so that a large state does not hold up the partition.
import { snapshotRecords, type Slot, type SnapshotOwner, type SnapshotPosition } from './snapshot.ts';
import type { Restored } from './restore.ts';
import type { EmittedRecord } from './topology.ts';

/** Snapshot bytes that one transaction takes along. */
const PIECE_BYTES_MAX = 1_500_000;
/** A snapshot waits until the tail has this share of the state's size, so that snapshots cost a bounded part of the work. */
const TAIL_SHARE = 0.25;

export interface SnapshotWriter {
  /** Inputs processed since the last look, with the bytes of inputs and outputs. */
  advance(records: number, bytes: number): void;
  /** True at a transaction border where a snapshot should begin. */
  isDue(): boolean;
  /** True when a restart would have something to fold. */
  hasTail(): boolean;
  /** Begins a snapshot, in place of an unfinished one. The position must be that of `state`. */
  begin(position: SnapshotPosition, state: Buffer): void;
  /** Records to write with the next transaction; none when no snapshot is being written. */
  piece(): readonly EmittedRecord[];
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
  let writing: { readonly slot: Slot; readonly bytes: number; rest: readonly EmittedRecord[] } | null = null;

  const piece = (): readonly EmittedRecord[] => {
    if (writing === null) return [];
    let bytes = 0;
    const over = writing.rest.findIndex((record, index) => {
      bytes += record.value?.length ?? 0;
      return index > 0 && bytes > PIECE_BYTES_MAX;
    });
    return over === -1 ? writing.rest : writing.rest.slice(0, over);
  };
  return {
    advance: (records, bytes) => {
      tail += records;
      tailBytes += bytes;
    },
    isDue: () => writing === null && tail >= every && tailBytes >= stateBytes * TAIL_SHARE,
    hasTail: () => tail > 0,
    begin: (position, state) => {
      const slot: Slot = completeSlot === 0 ? 1 : 0;
      const rest = snapshotRecords(owner, { position, state, slot, formerChunks: chunkCounts[slot] });
      chunkCounts[slot] = Math.max(chunkCounts[slot], rest.length - 1);
      writing = { slot, bytes: state.length, rest };
      tail = 0;
      tailBytes = 0;
    },
    piece,
    accept: () => {
      if (writing === null) return null;
      writing.rest = writing.rest.slice(piece().length);
      if (writing.rest.length > 0) return null;
      const { slot, bytes } = writing;
      completeSlot = slot;
      stateBytes = bytes;
      writing = null;
      return bytes;
    },
  };
};
