// Where a sink goes on, and when it must not.
import { describe, expect, it } from 'vitest';
import { RebuildNeeded, resumeOffsets, type WatermarkRow } from './watermark.ts';

const log = { topicId: 'topic-1', epoch: 1 };
const row = (over: Partial<WatermarkRow> = {}): WatermarkRow => ({
  generation: 1,
  source: 'events',
  kind: 'read',
  partition: 0,
  topic_id: 'topic-1',
  epoch: 1,
  next_offset: '40',
  recorded_at: null,
  ...over,
});
const marks = new Map([
  [0, { low: 0n, high: 100n }],
  [1, { low: 0n, high: 5n }],
]);
const resumed = (...rows: readonly WatermarkRow[]) => Object.fromEntries(resumeOffsets(rows, 'events', log, marks));

describe('a sink goes on', () => {
  it('behind what it has written, and at the first record of a partition of which it has written nothing', () => {
    expect(resumed(row())).toEqual({ 0: 40n, 1: 0n });
  });

  it('by what it has read of the topic itself, not by what the facts of a topic are true for', () => {
    expect(resumed(row({ kind: 'true_for', next_offset: '99' }), row({ source: 'quality', next_offset: '77' }))).toEqual({
      0: 0n,
      1: 0n,
    });
  });

  it('at the first record that is kept, where a topic keeps its records for a time', () => {
    const kept = new Map([[0, { low: 60n, high: 100n }]]);
    expect(resumeOffsets([], 'quality', log, kept)).toEqual(new Map([[0, 60n]]));
    expect(resumeOffsets([row({ source: 'quality' })], 'quality', log, kept)).toEqual(new Map([[0, 60n]]));
  });

  it('not at all on another log, another epoch, or beyond the end', () => {
    for (const over of [{ topic_id: 'topic-2' }, { epoch: 2 }, { next_offset: '101' }, { partition: 9 }])
      expect(() => resumed(row(over))).toThrow(RebuildNeeded);
  });
});
