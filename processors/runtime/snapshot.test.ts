import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { InboundRecord } from '#platform/kafka/port.ts';
import {
  createSnapshotCollector,
  SNAPSHOT_CHUNK_BYTES_MAX,
  snapshotRecords,
  type Slot,
  type SnapshotPosition,
} from './snapshot.ts';
import type { EmittedRecord } from './topology.ts';

const owner = { processor: 'balances', partition: 4 };
const position = (nextEventsOffset: bigint, change: Partial<SnapshotPosition> = {}): SnapshotPosition => ({
  nextEventsOffset,
  inputPosition: nextEventsOffset,
  eventsTopicId: 'log-1',
  stateVersion: 1,
  ...change,
});
const needs = { stateVersion: 1, eventsTopicId: 'log-1', notAfter: 1_000n };
const records = (at: bigint, state: Buffer, slot: Slot = 0, formerChunks = 0): readonly EmittedRecord[] =>
  snapshotRecords(owner, { position: position(at), state, slot, formerChunks });
const collect = (written: readonly EmittedRecord[]): ReturnType<typeof createSnapshotCollector> => {
  const collector = createSnapshotCollector(owner);
  written.forEach(({ key, value, headers = {} }, index) =>
    collector.add({
      topic: 'snapshots',
      partition: 4,
      offset: BigInt(index),
      key,
      value,
      headers,
      timestampMs: 0,
    } satisfies InboundRecord),
  );
  return collector;
};
const large = randomBytes(SNAPSHOT_CHUNK_BYTES_MAX * 2 + 17);

describe('a snapshot', () => {
  it('comes back to the byte from chunks well under the message limit', () => {
    const written = records(17n, large);
    expect(written).toHaveLength(4);
    expect(Math.max(...written.map(({ value }) => value?.length ?? 0))).toBeLessThanOrEqual(700_000);
    const { snapshots, ignored } = collect(written).usable(needs);
    expect(snapshots.map(({ nextEventsOffset, slot }) => [nextEventsOffset, slot])).toEqual([[17n, 0]]);
    expect(snapshots[0]?.state.equals(large)).toBe(true);
    expect(ignored).toEqual([]);
  });

  it('of an empty state comes back empty', () => {
    expect(collect(records(0n, Buffer.alloc(0))).usable(needs).snapshots[0]?.state).toEqual(Buffer.alloc(0));
  });

  it('is used when it is the newest of two', () => {
    const both = [...records(10n, Buffer.from('older'), 0), ...records(20n, Buffer.from('newer'), 1)];
    expect(
      collect(both)
        .usable(needs)
        .snapshots.map(({ state }) => state.toString()),
    ).toEqual(['newer', 'older']);
  });

  it('survives while the next one is being written, at each record of it', () => {
    const first = records(10n, Buffer.from('first'), 0);
    const second = records(20n, Buffer.from('second'), 1);
    const third = records(30n, large, 0, 1);
    for (let count = 0; count < third.length; count += 1) {
      const { snapshots } = collect([...first, ...second, ...third.slice(0, count)]).usable(needs);
      expect(snapshots[0]?.state.toString()).toBe('second');
    }
    expect(
      collect([...first, ...second, ...third])
        .usable(needs)
        .snapshots[0]?.state.equals(large),
    ).toBe(true);
  });

  it('clears chunks of a larger one that stood in its slot', () => {
    const collector = collect([...records(10n, large, 0), ...records(20n, Buffer.from('small'), 0, 3)]);
    expect(collector.chunkCounts()).toEqual([1, 0]);
    expect(collector.usable(needs).snapshots[0]?.state.toString()).toBe('small');
  });

  it('that is damaged is told and not used, and the older one is', () => {
    const older = records(10n, Buffer.from('older'), 0);
    const [chunk, manifest] = records(20n, Buffer.from('newer'), 1);
    if (chunk === undefined || manifest === undefined) throw new Error('a small snapshot is a chunk and a manifest');
    const { snapshots, ignored } = collect([...older, { ...chunk, value: Buffer.from('Newer') }, manifest]).usable(needs);
    expect(snapshots.map(({ state }) => state.toString())).toEqual(['older']);
    expect(ignored).toEqual([expect.stringMatching(/balances partition 4 in slot 1 is not used: it is damaged: sha256 differs/)]);
  });

  it('of another state version, of another log or beyond the position to restore is not used, with the reason', () => {
    const usable = (change: Partial<SnapshotPosition>): readonly string[] =>
      collect(
        snapshotRecords(owner, { position: position(10n, change), state: Buffer.from('s'), slot: 0, formerChunks: 0 }),
      ).usable(needs).ignored;
    expect(usable({ stateVersion: 2 })).toEqual([expect.stringContaining('state version 2, the code has 1')]);
    expect(usable({ eventsTopicId: 'log-0' })).toEqual([expect.stringContaining('events topic id log-0')]);
    expect(usable({ nextEventsOffset: 1_001n })).toEqual([expect.stringContaining('position 1001 is beyond 1000')]);
    expect(usable({})).toEqual([]);
  });

  it('whose manifest is not JSON is not used', () => {
    const [chunk, manifest] = records(10n, Buffer.from('s'));
    if (chunk === undefined || manifest === undefined) throw new Error('a small snapshot is a chunk and a manifest');
    expect(collect([chunk, { ...manifest, value: Buffer.from('{') }]).usable(needs).ignored).toEqual([
      expect.stringContaining('its manifest cannot be read'),
    ]);
  });

  it('of another processor or partition is left alone', () => {
    const foreign = [
      { processor: 'balances', partition: 40 },
      { processor: 'ledger', partition: 4 },
    ].flatMap((other) => snapshotRecords(other, { position: position(10n), state: Buffer.from('s'), slot: 0, formerChunks: 0 }));
    expect(collect(foreign).usable(needs)).toEqual({ snapshots: [], ignored: [] });
  });

  it('names its position, size and digest in the manifest', () => {
    const manifest = JSON.parse(records(10n, Buffer.from('state')).at(-1)?.value?.toString() ?? '') as object;
    expect(manifest).toMatchObject({
      state_version: 1,
      events_topic_id: 'log-1',
      next_events_offset: '10',
      input_position: '10',
      chunks: 1,
      bytes: 5,
      sha256: createHash('sha256').update('state').digest('hex'),
    });
  });
});
