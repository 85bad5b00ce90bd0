import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSnapshotWriter, type SnapshotWriter } from './snapshot-writer.ts';

const owner = { processor: 'balances', partition: 0 };
const fresh = { events: 0, bytes: 0, snapshot: null, chunkCounts: [0, 0] as const };
const position = { inputPosition: 5n, eventsTopicId: 'log-1', stateVersion: 1 };
const PIECE = 1_500_000;
const begin = (writer: SnapshotWriter, state: Buffer): void => {
  writer.cut(position, state);
  writer.place(5n);
};
const keysOf = (records: readonly { readonly key: Buffer }[]): readonly string[] => records.map(({ key }) => key.toString());

describe('the writer of snapshots', () => {
  it('begins when as many events were processed as it was told, those folded at the restart included', () => {
    const writer = createSnapshotWriter(owner, { every: 10, restored: { ...fresh, events: 4 } });
    expect([writer.isDue(), writer.hasTail()]).toEqual([false, true]);
    writer.advance(6, 600);
    expect(writer.isDue()).toBe(true);
  });

  it('uses the two slots in turn, and starts with the one that is not the last complete one', () => {
    const writer = createSnapshotWriter(owner, { every: 1, restored: fresh });
    begin(writer, Buffer.from('a'));
    expect(keysOf(writer.piece(PIECE))).toEqual(['balances|0|0|0', 'balances|0|0|manifest']);
    expect(writer.accept()).toBe(1);
    begin(writer, Buffer.from('bb'));
    expect(keysOf(writer.piece(PIECE))[0]).toBe('balances|0|1|0');
    // Not accepted: the unfinished slot is written again, the complete one stays.
    begin(writer, Buffer.from('cc'));
    expect(keysOf(writer.piece(PIECE))[0]).toBe('balances|0|1|0');
    expect(writer.accept()).toBe(2);
  });

  it('writes nothing of a cut before it is told where the events end, and nothing at all when that cannot be learnt', () => {
    const writer = createSnapshotWriter(owner, { every: 1, restored: fresh });
    writer.cut(position, Buffer.from('a'));
    writer.advance(5, 5);
    expect([writer.awaitsPlace(), writer.isWriting(), writer.piece(PIECE), writer.isDue()]).toEqual([true, false, [], false]);
    writer.abandon();
    expect([writer.awaitsPlace(), writer.isWriting(), writer.isDue()]).toEqual([false, false, true]);
    writer.cut(position, Buffer.from('b'));
    writer.place(9n);
    const manifest = JSON.parse(writer.piece(PIECE).at(-1)?.value?.toString() ?? '') as Record<string, unknown>;
    expect(manifest).toMatchObject({ next_events_offset: '9', input_position: '5' });
  });

  it('hands out a large state in pieces that a transaction can take along, the manifest last', () => {
    const writer = createSnapshotWriter(owner, { every: 1, restored: fresh });
    begin(writer, randomBytes(5_000_000));
    const pieces: (readonly string[])[] = [];
    for (;;) {
      const piece = writer.piece(PIECE);
      expect(piece.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)).toBeLessThanOrEqual(1_500_000);
      pieces.push(keysOf(piece));
      expect(writer.isDue()).toBe(false);
      if (writer.accept() !== null) break;
    }
    expect(pieces.length).toBe(4);
    expect(pieces.flat()).toEqual([...Array.from({ length: 8 }, (_, chunk) => `balances|0|0|${chunk}`), 'balances|0|0|manifest']);
    expect(writer.piece(PIECE)).toEqual([]);
  });

  it('waits until the tail is a quarter of a large state, so that snapshots stay a bounded share of the work', () => {
    const writer = createSnapshotWriter(owner, { every: 10, restored: fresh });
    begin(writer, Buffer.alloc(10_000));
    expect(writer.piece(PIECE)).toHaveLength(2);
    expect(writer.accept()).toBe(10_000);
    writer.advance(10, 2_499);
    expect(writer.isDue()).toBe(false);
    writer.advance(1, 1);
    expect(writer.isDue()).toBe(true);
  });
});
