// Snapshots as records: state in chunks, then a manifest, in two slots used in turn, so that the last complete one survives while the
// next is being written. Pure: bytes in, records out, and back.
import { createHash } from 'node:crypto';
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { EmittedRecord } from './topology.ts';

/** Well under the message limit of any broker. */
export const SNAPSHOT_CHUNK_BYTES_MAX = 700_000;
const SNAPSHOT_HEADER = 'snapshot';

export type Slot = 0 | 1;

/** Where a snapshot stands: the state is the fold of all events of its partition before `nextEventsOffset`. */
export interface SnapshotPosition {
  readonly nextEventsOffset: bigint;
  /** Committed input position at the same transaction border; for whoever looks, not for restoring. */
  readonly inputPosition: bigint;
  /** The broker's id of the events topic: another id is another log. */
  readonly eventsTopicId: string;
  readonly stateVersion: number;
}

interface Manifest extends SnapshotPosition {
  readonly id: string;
  readonly chunks: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Snapshot extends SnapshotPosition {
  readonly slot: Slot;
  readonly state: Buffer;
}

export interface SnapshotOwner {
  readonly processor: string;
  readonly partition: number;
}

const keyOf = ({ processor, partition }: SnapshotOwner, slot: Slot, part: number | 'manifest'): Buffer =>
  Buffer.from(`${processor}|${partition}|${slot}|${part}`, 'utf8');
const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const toManifestJson = ({
  id,
  stateVersion,
  eventsTopicId,
  nextEventsOffset,
  inputPosition,
  chunks,
  bytes,
  sha256,
}: Manifest): string =>
  JSON.stringify({
    id,
    state_version: stateVersion,
    events_topic_id: eventsTopicId,
    next_events_offset: String(nextEventsOffset),
    input_position: String(inputPosition),
    chunks,
    bytes,
    sha256,
  });

const fromManifestJson = (text: string): Manifest => {
  const json = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return {
    id: String(json['id']),
    stateVersion: Number(json['state_version']),
    eventsTopicId: String(json['events_topic_id']),
    nextEventsOffset: BigInt(String(json['next_events_offset'])),
    inputPosition: BigInt(String(json['input_position'])),
    chunks: Number(json['chunks']),
    bytes: Number(json['bytes']),
    sha256: String(json['sha256']),
  };
};

/**
 * The records of one snapshot, in the order to write them: chunks, tombstones for chunks of the slot's former content (`formerChunks`
 * of them), the manifest last. They may be spread over several transactions: until the manifest is there, the other slot counts.
 */
export const snapshotRecords = (
  owner: SnapshotOwner,
  {
    position,
    state,
    slot,
    formerChunks,
  }: { readonly position: SnapshotPosition; readonly state: Buffer; readonly slot: Slot; readonly formerChunks: number },
): readonly EmittedRecord[] => {
  const sha256 = sha256Of(state);
  const chunks = Math.max(1, Math.ceil(state.length / SNAPSHOT_CHUNK_BYTES_MAX));
  const id = `${position.nextEventsOffset}-${sha256.slice(0, 16)}`;
  const headers = { [SNAPSHOT_HEADER]: Buffer.from(id, 'utf8') };
  const records: EmittedRecord[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const value = state.subarray(chunk * SNAPSHOT_CHUNK_BYTES_MAX, (chunk + 1) * SNAPSHOT_CHUNK_BYTES_MAX);
    records.push({ topic: 'snapshots', key: keyOf(owner, slot, chunk), value, headers });
  }
  for (let chunk = chunks; chunk < formerChunks; chunk += 1)
    records.push({ topic: 'snapshots', key: keyOf(owner, slot, chunk), value: null });
  const manifest = toManifestJson({ ...position, id, chunks, bytes: state.length, sha256 });
  records.push({ topic: 'snapshots', key: keyOf(owner, slot, 'manifest'), value: Buffer.from(manifest, 'utf8'), headers });
  return records;
};

interface SlotContent {
  manifest: Buffer | null;
  readonly chunks: Map<number, { readonly id: string; readonly bytes: Buffer }>;
}

/** What a restore may use: the right shape, the same log, and not beyond the position to restore to. */
export interface SnapshotNeeds {
  readonly stateVersion: number;
  readonly eventsTopicId: string;
  readonly notAfter: bigint;
}

export interface SnapshotCollector {
  /** Takes a record of the snapshots topic; those of others are left alone. */
  add(record: InboundRecord): void;
  /** Usable snapshots, the newest first, and a sentence for each that is damaged or does not fit. */
  usable(needs: SnapshotNeeds): { readonly snapshots: readonly Snapshot[]; readonly ignored: readonly string[] };
  /** Chunks that stand in each slot, by slot. */
  chunkCounts(): readonly [number, number];
}

const misfit = (manifest: Manifest, needs: SnapshotNeeds): string | null => {
  if (manifest.stateVersion !== needs.stateVersion)
    return `state version ${manifest.stateVersion}, the code has ${needs.stateVersion}`;
  if (manifest.eventsTopicId !== needs.eventsTopicId)
    return `events topic id ${manifest.eventsTopicId}, the log has ${needs.eventsTopicId}`;
  if (manifest.nextEventsOffset > needs.notAfter) return `position ${manifest.nextEventsOffset} is beyond ${needs.notAfter}`;
  return null;
};

/** The state of a slot, or why it cannot be used. A slot that is being overwritten has chunks of another id. */
const readSlot = (
  { manifest: bytes, chunks }: SlotContent,
  needs: SnapshotNeeds,
): { readonly manifest: Manifest; readonly state: Buffer } | string => {
  if (bytes === null) return 'its manifest is missing';
  let manifest: Manifest;
  try {
    manifest = fromManifestJson(bytes.toString('utf8'));
  } catch (error) {
    return `its manifest cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
  const reason = misfit(manifest, needs);
  if (reason !== null) return reason;
  const parts: Buffer[] = [];
  for (let chunk = 0; chunk < manifest.chunks; chunk += 1) {
    const part = chunks.get(chunk);
    if (part === undefined || part.id !== manifest.id)
      return `chunk ${chunk} of ${manifest.chunks} is missing or belongs to another snapshot`;
    parts.push(part.bytes);
  }
  const state = Buffer.concat(parts);
  if (sha256Of(state) !== manifest.sha256) return `it is damaged: sha256 differs from the manifest's ${manifest.sha256}`;
  return { manifest, state };
};

/** Gathers the two slots of one owner from the records of the snapshots partition, in log order. */
export const createSnapshotCollector = (owner: SnapshotOwner): SnapshotCollector => {
  const slots: readonly [SlotContent, SlotContent] = [
    { manifest: null, chunks: new Map() },
    { manifest: null, chunks: new Map() },
  ];
  const prefix = `${owner.processor}|${owner.partition}|`;
  const highest = ({ chunks }: SlotContent): number => Math.max(-1, ...chunks.keys()) + 1;
  return {
    add: ({ key, value, headers }) => {
      const text = key?.toString('utf8') ?? '';
      if (!text.startsWith(prefix)) return;
      const [slotText, part] = text.slice(prefix.length).split('|');
      const content = slots[slotText === '1' ? 1 : 0];
      if (part === 'manifest') content.manifest = value;
      else if (value === null) content.chunks.delete(Number(part));
      else content.chunks.set(Number(part), { id: headers[SNAPSHOT_HEADER]?.toString('utf8') ?? '', bytes: value });
    },
    usable: (needs) => {
      const snapshots: Snapshot[] = [];
      const ignored: string[] = [];
      for (const slot of [0, 1] as const) {
        const content = slots[slot];
        if (content.manifest === null && content.chunks.size === 0) continue;
        const read = readSlot(content, needs);
        if (typeof read === 'string')
          ignored.push(`snapshot of ${owner.processor} partition ${owner.partition} in slot ${slot} is not used: ${read}`);
        else snapshots.push({ ...read.manifest, slot, state: read.state });
      }
      snapshots.sort((a, b) => (a.nextEventsOffset < b.nextEventsOffset ? 1 : -1));
      return { snapshots, ignored };
    },
    chunkCounts: () => [highest(slots[0]), highest(slots[1])],
  };
};
