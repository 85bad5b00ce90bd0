// A page of a list: the rows asked for, and a signed cursor when there are more.
import type { CursorKeeper, SortTuple } from './cursor.ts';

/** Cuts the surplus row off and makes the cursor of the next page from the last row that is shown. */
export const toPage = <Row>(
  rows: readonly Row[],
  limit: number,
  question: unknown,
  keyOf: (row: Row) => SortTuple,
  cursors: CursorKeeper,
): { readonly items: readonly Row[]; readonly next_cursor: string | null } => {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > limit && last !== undefined ? cursors.seal(question, keyOf(last)) : null };
};
