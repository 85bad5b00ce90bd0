// How fast an import may go: as fast as the ledger answers soon and the stores keep up. An import alone would put more on the log than
// is decided, and whoever books beside it would wait behind all of it.
import { setTimeout as sleep } from 'node:timers/promises';

export interface PaceOptions {
  /** Most rows under way at the same time. */
  readonly windowMax: number;
  /** Records that the stores are behind the log, null while nobody knows; without it the stores do not slow the import down. */
  readonly backlog?: () => Promise<number | null>;
  /** Whether somebody else books beside the import; while nobody does it goes as fast as it can. Taken as yes unless given. */
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

/** Whoever books beside an import waits about as long as its own commands do. */
const latencyMsAim = 50;
const windowFirst = 40;
const windowMin = 8;
const turnMs = 200;
/** How far the stores may be behind, in records: with others beside the import, and without. Whoever begins to book waits that long once. */
const backlogMaxBesideOthers = 200;
const backlogMaxAlone = 1_500;
/** Rows under way while nobody else books. */
const windowAlone = 800;
const backlogEveryMs = 100;

/** A pace that begins slowly. */
export const createPace = ({ windowMax, backlog, othersBook = () => true, patienceMs = 5_000 }: PaceOptions): Pace => {
  let window = Math.min(windowFirst, windowMax);
  let turn = { since: performance.now(), commands: 0, latencyMs: 0 };
  let askedAt = Number.NEGATIVE_INFINITY;

  const adjust = (meanMs: number): void => {
    if (meanMs > latencyMsAim) window = Math.max(Math.min(windowMin, windowMax), window * Math.max(0.5, latencyMsAim / meanMs));
    else window = Math.min(windowMax, window * 1.2 + 5);
  };

  return {
    window: () => (othersBook() ? Math.floor(window) : Math.min(windowAlone, windowMax)),
    decided: (latencyMs) => {
      turn.commands += 1;
      turn.latencyMs += latencyMs;
      const now = performance.now();
      if (now - turn.since < turnMs) return;
      adjust(turn.latencyMs / turn.commands);
      turn = { since: now, commands: 0, latencyMs: 0 };
    },
    untilStoresFollow: async () => {
      if (backlog === undefined || performance.now() - askedAt < backlogEveryMs) return;
      askedAt = performance.now();
      let least = Number.POSITIVE_INFINITY;
      for (let nearerAt = performance.now(); performance.now() - nearerAt < patienceMs; await sleep(backlogEveryMs / 2)) {
        const behind = await backlog();
        if (behind === null || behind <= (othersBook() ? backlogMaxBesideOthers : backlogMaxAlone)) return;
        if (behind < least) {
          least = behind;
          nearerAt = performance.now();
        }
      }
    },
  };
};
