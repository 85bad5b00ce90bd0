// Repeats a request for as long as its failure is of the passing kind and patience lasts.
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../port.ts';
import { CODE, codeOf, isPassing, toKafkaError } from './errors.ts';

export interface Persistence {
  /** Begins the message of the error, for example `Topic x could not be described`. */
  readonly what: string;
  readonly patienceMs: number;
  /** Ends the attempts early, for example when the connection was closed by us or nobody waits any more. */
  readonly signal?: AbortSignal;
  /** Called between attempts, to look for another leader or coordinator; what it throws is forgotten. */
  readonly mend?: (error: unknown) => Promise<void> | void;
}

const FIRST_PAUSE_MS = 4;
const PAUSE_MAX_MS = 250;
/** Markers of the last transaction are being written: a few milliseconds, and the broker has no better hint. */
const CONCURRENT_PAUSE_MS = 1;
const UNSTABLE_PAUSE_MS = 10;
/** A topic that was just created may be unknown to a broker for a moment; one that stays unknown is a mistake of the caller. */
const UNKNOWN_TOPIC_PATIENCE_MS = 3_000;

const pauseAfter = (error: unknown, attempt: number): number => {
  const code = codeOf(error);
  if (code === CODE.CONCURRENT_TRANSACTIONS) return CONCURRENT_PAUSE_MS;
  if (code === CODE.UNSTABLE_OFFSET_COMMIT) return UNSTABLE_PAUSE_MS;
  return Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
};

/** The error that ends all attempts: a passing one is `unavailable` by then. */
export const toldOf = (error: unknown, what: string): Error => {
  const told = toKafkaError(error, what);
  return isPassing(error) && told.code !== 'unavailable' ? new KafkaError('unavailable', told.message, { cause: error }) : told;
};

/** The next attempt tells whether it was of use. */
const mended = async (mend: Persistence['mend'], error: unknown): Promise<void> => {
  try {
    await mend?.(error);
  } catch {
    // for example no broker answered: then the attempt fails, too
  }
};

/**
 * The result of `attempt`, which must be safe to repeat.
 * @throws KafkaError: `unavailable` when it still fails after `patienceMs` or `signal` was given, otherwise what the failure means.
 */
export const persist = async <Result>(
  { what, patienceMs, signal, mend }: Persistence,
  attempt: () => Promise<Result>,
): Promise<Result> => {
  const startedAt = Date.now();
  let unknownSince: number | null = null;
  for (let count = 0; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || signal?.aborted === true) throw toldOf(error, what);
      unknownSince = codeOf(error) === CODE.UNKNOWN_TOPIC_OR_PARTITION ? (unknownSince ?? Date.now()) : null;
      const pause = pauseAfter(error, count);
      const next = Date.now() + pause;
      const isMistake = unknownSince !== null && next - unknownSince > UNKNOWN_TOPIC_PATIENCE_MS;
      if (isMistake || next - startedAt > patienceMs) throw toldOf(error, what);
      await sleep(pause);
      await mended(mend, error);
    }
  }
};
