// wait_for: a reader names the position of its own booking and gets an answer only once that position is contained, or hears how far it is.
import type { Position } from '#schemas/position.ts';
import { covers, decodePosition, encodePosition } from '#schemas/position.ts';
import { ProblemError } from '../problems.ts';
import type { Reached } from './reached.ts';

/** @throws ProblemError `invalid-position` when the token is none. */
export const parsePosition = (token: string): Position => {
  const position = decodePosition(token);
  if (position === null) {
    throw new ProblemError(
      'invalid-position',
      `wait_for "${token.slice(0, 40)}" is not a position token. Take it from meta.position of a reply or from the reply to a booking.`,
    );
  }
  return position;
};

/** Which partitions are still short of `wanted`, with both offsets as text. */
export const shortfall = (
  reached: Position | null,
  wanted: Position,
): readonly { readonly partition: number; readonly wanted: string; readonly reached: string }[] =>
  wanted.offsets.flatMap((offset, partition) => {
    const here = reached?.offsets[partition] ?? 0n;
    return here < offset ? [{ partition, wanted: String(offset), reached: String(here) }] : [];
  });

export interface WaitDeps {
  /** Reads how far the answer's sources have come, now. */
  readonly reached: () => Promise<Reached>;
  /** Resolves at the next change of the store, or after the time given. */
  readonly nextChange: (timeoutMs: number) => Promise<void>;
  readonly nowMs: () => number;
}

/**
 * Waits until `wanted` is contained.
 * @throws ProblemError `position-of-another-log` at once, `position-not-reached` after `timeoutMs` with the distance by partition.
 */
export const waitForPosition = async (deps: WaitDeps, wanted: Position, timeoutMs: number): Promise<void> => {
  const deadline = deps.nowMs() + timeoutMs;
  for (;;) {
    const { position } = await deps.reached();
    if (position !== null && covers(position, wanted)) return;
    if (
      position !== null &&
      (position.topicId !== wanted.topicId ||
        position.epoch !== wanted.epoch ||
        position.offsets.length !== wanted.offsets.length)
    ) {
      throw new ProblemError(
        'position-of-another-log',
        'wait_for names another log than the one behind these figures: the log was made anew or repartitioned since. Take a position from a fresh reply.',
        { position: encodePosition(position) },
      );
    }
    const leftMs = deadline - deps.nowMs();
    if (leftMs <= 0) {
      const behind = shortfall(position, wanted);
      const distance = behind.map((part) => `partition ${part.partition} is at ${part.reached} of ${part.wanted}`).join(', ');
      throw new ProblemError(
        'position-not-reached',
        `After ${timeoutMs} ms the position is not contained yet: ${distance}. Try again, or allow more by wait_timeout_ms.`,
        { behind, position: position === null ? null : encodePosition(position) },
      );
    }
    await deps.nextChange(Math.min(leftMs, 250));
  }
};
