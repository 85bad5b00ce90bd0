import { describe, expect, it } from 'vitest';
import { createTableOverlay } from './table-overlay.ts';

const write = (
  overlay: ReturnType<typeof createTableOverlay>,
  key: string,
  value: string | null,
  sequence: number,
  partition = 0,
): void => overlay.write({ topic: 'investors', key, value: value === null ? null : Buffer.from(value), partition, sequence });
const valueOf = (overlay: ReturnType<typeof createTableOverlay>, key: string): string | null | undefined => {
  const value = overlay.get('investors', key);
  return value === undefined || value === null ? value : value.toString();
};

describe('what a worker wrote to its tables itself', () => {
  it('is seen at once, the last write and a tombstone too; for the rest the tables are asked', () => {
    const overlay = createTableOverlay();
    write(overlay, 'x', 'first', 1);
    write(overlay, 'x', 'second', 2);
    write(overlay, 'y', null, 2);
    expect([valueOf(overlay, 'x'), valueOf(overlay, 'y'), valueOf(overlay, 'z')]).toEqual(['second', null, undefined]);
  });

  it('keeps its bytes when the memory that they came in is used again', () => {
    const overlay = createTableOverlay();
    const memory = Buffer.from('card');
    overlay.write({ topic: 'investors', key: 'x', value: memory, partition: 0, sequence: 1 });
    memory.fill(0);
    expect(valueOf(overlay, 'x')).toBe('card');
  });

  it('leaves when the tables have it, but not what was written later', () => {
    const overlay = createTableOverlay();
    write(overlay, 'x', 'old', 1);
    write(overlay, 'x', 'new', 2);
    write(overlay, 'y', 'old', 1);
    overlay.retire(1);
    expect([valueOf(overlay, 'x'), valueOf(overlay, 'y')]).toEqual(['new', undefined]);
    expect(overlay.topics()).toEqual(['investors']);
    overlay.retire(2);
    expect(overlay.topics()).toEqual([]);
  });

  it('is forgotten with a failed commit, or for one partition that went to another worker, and says for which tables', () => {
    const overlay = createTableOverlay();
    write(overlay, 'x', 'of 0', 1, 0);
    write(overlay, 'y', 'of 1', 1, 1);
    expect(overlay.forget(1)).toEqual(['investors']);
    expect([valueOf(overlay, 'x'), valueOf(overlay, 'y')]).toEqual(['of 0', undefined]);
    expect(overlay.forget(1)).toEqual([]);
    expect(overlay.forget()).toEqual(['investors']);
    expect(valueOf(overlay, 'x')).toBeUndefined();
  });
});
