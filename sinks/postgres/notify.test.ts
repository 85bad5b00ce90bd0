// What listeners are told.
import { describe, expect, it } from 'vitest';
import { idOf } from '#tests/support/cards.ts';
import { noticePayload } from './notify.ts';

const ids = (count: number): ReadonlySet<string> => new Set(Array.from({ length: count }, (_, at) => idOf(`fund ${at}`)));

describe('a notice of changes', () => {
  it('names funds and investors while they fit, and says that anything may have changed when they do not', () => {
    const few = noticePayload({ source: 'events', partition: 2, nextOffset: 12n, funds: ids(90), investors: ids(80) });
    expect(JSON.parse(few)).toEqual({
      funds: [...ids(90)],
      investors: [...ids(80)],
      partition: 2,
      next_offset: '12',
      source: 'events',
    });
    expect(Buffer.byteLength(few)).toBeLessThan(7_000);
    const many = noticePayload({
      source: 'capital-accounts',
      partition: 0,
      nextOffset: 9_007_199_254_740_993n,
      funds: ids(400),
      investors: ids(1),
    });
    expect(JSON.parse(many)).toEqual({ all: true, partition: 0, next_offset: '9007199254740993', source: 'capital-accounts' });
  });
});
