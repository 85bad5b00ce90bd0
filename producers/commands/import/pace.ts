// How fast an import may go: as fast as the ledger answers soon and the stores keep up. An import alone would put more on the log than
// is decided, and whoever books beside it would wait behind all of it.
import { setTimeout as sleep } from 'node:timers/promises';

export interface PaceOptions {
  /** Most rows under way at the same time. */
  readonly windowMax: number;
  /** Records that the stores are behind the log, null while nobody knows; without it the stores do not slow the import down. */
  readonly backlog?: () => Promise<number | null>;
  /** Whether somebody else books beside the import; while nobody does more is under way. Taken as yes unless given. */
  readonly othersBook?: () => boolean;
  /** How long a backlog may stay as it is before the import goes on without regard to it; 5 s unless given. */
  readonly patienceMs?: number;
}

export interface Pace {
  /** Rows that may be under way now. */
  window(): number;
  /** A command was decided after so many milliseconds. */
  decided(latencyMs: number): void;
  /** Waits while the stores are far behind; not for a store that does not come nearer, since an import needs only the log. */
  untilStoresFollow(): Promise<void>;
}

/**
 * Whoever books beside an import waits about as long as its own commands do. While nobody does, more is under way for the sake of large
 * batches, but no more than a newcomer can bear: what is under way when the first booking comes stands before it.
 */
const latencyMsAimBesideOthers = 50;
const latencyMsAimAlone = 150;
const windowFirst = 40;
const windowMinBesideOthers = 8;
/** On a busy machine every answer is slow, and fewer rows under way would only make the batches smaller and the answers no sooner. */
const windowMinAlone = 250;
const turnMs = 200;
/**
 * How far a store may be behind, in records: with others beside the import, and without. Whoever begins to book waits that long once.
 * The stores gather what they write and tell their lag once a second, so that less would make the import wait for news of them.
 */
const backlogMaxBesideOthers = 800;
const backlogMaxAlone = 8_000;
const backlogEveryMs = 100;
/** Share of the last turn in the rate of the import. */
const rateWeight = 0.3;

/** A pace that begins slowly. */
export const createPace = ({ windowMax, backlog, othersBook = () => true, patienceMs = 5_000 }: PaceOptions): Pace => {
  let window = Math.min(windowFirst, windowMax);
  let turn = { since: performance.now(), commands: 0, latencyMs: 0 };
  let commandsPerMs = 0;
  let besideOthers = othersBook();
  let askedAt = Number.NEGATIVE_INFINITY;

  /** Yields at once when somebody begins to book: the window becomes what is decided within the latency that others bear. */
  const yieldToOthers = (): void => {
    if (besideOthers === othersBook()) return;
    besideOthers = !besideOthers;
    if (besideOthers) window = Math.min(window, Math.max(windowMinBesideOthers, commandsPerMs * latencyMsAimBesideOthers));
  };
  const adjust = (meanMs: number): void => {
    const [aim, least] = besideOthers ? [latencyMsAimBesideOthers, windowMinBesideOthers] : [latencyMsAimAlone, windowMinAlone];
    window = meanMs > aim ? window * Math.max(0.5, aim / meanMs) : window * 1.2 + 5;
    window = Math.min(windowMax, Math.max(least, window));
  };
  return {
    window: () => {
      yieldToOthers();
      return Math.floor(window);
    },
    decided: (latencyMs) => {
      turn.commands += 1;
      turn.latencyMs += latencyMs;
      const now = performance.now();
      if (now - turn.since < turnMs) return;
      adjust(turn.latencyMs / turn.commands);
      commandsPerMs += (turn.commands / (now - turn.since) - commandsPerMs) * rateWeight;
      turn = { since: now, commands: 0, latencyMs: 0 };
    },
    untilStoresFollow: async () => {
      if (backlog === undefined || performance.now() - askedAt < backlogEveryMs) return;
      yieldToOthers();
      askedAt = performance.now();
      let least = Number.POSITIVE_INFINITY;
      for (let nearerAt = performance.now(); performance.now() - nearerAt < patienceMs; await sleep(backlogEveryMs / 2)) {
        const behind = await backlog();
        if (behind === null || behind <= (besideOthers ? backlogMaxBesideOthers : backlogMaxAlone)) return;
        if (behind < least) {
          least = behind;
          nearerAt = performance.now();
        }
      }
    },
  };
};
