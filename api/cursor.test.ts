import { expect, test } from 'vitest';
import { createCursorKeeper } from './cursor.ts';

const cursors = createCursorKeeper('secret');
const question = { list: 'funds', sort: 'dpi' };

test('a cursor gives back the last row that was shown', () => {
  expect(cursors.open(question, cursors.seal(question, ['1.45', 'id-7']))).toEqual(['1.45', 'id-7']);
  expect(cursors.open(question, cursors.seal(question, [null, 'id-8']))).toEqual([null, 'id-8']);
});

test('a cursor that was changed in any place is refused', () => {
  const cursor = cursors.seal(question, ['1.45', 'id-7']);
  for (let place = 0; place < cursor.length; place += 1) {
    const other = cursor[place] === 'A' ? 'B' : 'A';
    const changed = cursor.slice(0, place) + other + cursor.slice(place + 1);
    // The last letter of a base64 text has bits that carry nothing: a change of those alone is no change.
    const samePayload =
      Buffer.from(changed.split('.')[1] ?? '', 'base64url').equals(Buffer.from(cursor.split('.')[1] ?? '', 'base64url')) &&
      changed.split('.')[0] === cursor.split('.')[0];
    if (!samePayload) expect(() => cursors.open(question, changed), changed).toThrow(/cursor/);
  }
});

test('a cursor of another secret or another question is refused', () => {
  expect(() => cursors.open(question, createCursorKeeper('other').seal(question, [1]))).toThrow(/not given out by this service/);
  expect(() => cursors.open({ ...question, sort: 'tvpi' }, cursors.seal(question, [1]))).toThrow(
    /another search, filter or sort order/,
  );
  for (const none of ['', '.', 'a.b.c', 'x'.repeat(300)]) expect(() => cursors.open(question, none)).toThrow(/cursor/);
});
