// Opaque, signed cursors of keyset pagination: a client can neither make one up nor carry one over to another question.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ProblemError } from './problems.ts';

/** Values of the sort columns of the last row that was shown; null is an unknown figure. */
export type SortTuple = readonly (string | number | null)[];

export interface CursorKeeper {
  /** The cursor that continues after `last` in the list that `question` describes. */
  seal(question: unknown, last: SortTuple): string;
  /** @throws ProblemError `invalid-cursor` when it was changed, made by another secret or given out for another question. */
  open(question: unknown, cursor: string): SortTuple;
}

const digestOf = (question: unknown): string =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 16);

const isTuple = (value: unknown): value is SortTuple =>
  Array.isArray(value) &&
  value.every((part) => part === null || typeof part === 'string' || (typeof part === 'number' && Number.isFinite(part)));

/** Makes and opens cursors under one secret. `question` must be made the same way each time: its JSON is compared. */
export const createCursorKeeper = (secret: string): CursorKeeper => {
  const sign = (payload: string): Buffer => createHmac('sha256', secret).update(payload).digest().subarray(0, 18);
  return {
    seal: (question, last) => {
      const payload = Buffer.from(JSON.stringify([1, digestOf(question), ...last]), 'utf8').toString('base64url');
      return `${payload}.${sign(payload).toString('base64url')}`;
    },
    open: (question, cursor) => {
      const [payload, signature, ...rest] = cursor.split('.');
      const given = Buffer.from(signature ?? '', 'base64url');
      const expected = sign(payload ?? '');
      if (payload === undefined || rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new ProblemError(
          'invalid-cursor',
          'cursor was not given out by this service, or before its secret changed. Start again without a cursor.',
        );
      }
      const parts = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown;
      if (!Array.isArray(parts) || parts[0] !== 1)
        throw new ProblemError('invalid-cursor', 'cursor is of another version. Start again without a cursor.');
      if (parts[1] !== digestOf(question)) {
        throw new ProblemError(
          'invalid-cursor',
          'cursor belongs to another search, filter or sort order. Start again without a cursor.',
        );
      }
      const last: unknown = parts.slice(2);
      if (!isTuple(last)) throw new ProblemError('invalid-cursor', 'cursor is damaged. Start again without a cursor.');
      return last;
    },
  };
};
