// How long partitions stood still under load, from the times that the processors wrote on their records, and what lay behind it.
import type { LogRecord } from './log-reader.ts';

/** Why nothing passed for a while. */
const causes = ['broker', 'session', 'storm', 'other'] as const;
type Cause = (typeof causes)[number];

/** The longest pause with each cause, in milliseconds: a broker that was away; a worker that was silent until the group gave it up or came
 * back late; many members coming and going; everything else. */
export type PausesByCause = Readonly<Record<Cause, number>>;

export interface DoneFault {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A fault still shows for a while after it is over: processes start, sessions end. */
const AFTER_MS = 8_000;

const causeOf = (name: string): Cause => {
  if (name.startsWith('broker')) return 'broker';
  if (name.includes('session') || name.includes('freeze') || name.includes('gone')) return 'session';
  return name === 'rebalance-storm' ? 'storm' : 'other';
};

/** Pauses between two records of one partition, the longest with each cause. Outside of the two times nothing was sent. */
export const longestPauses = (
  partitions: readonly (readonly LogRecord[])[],
  faults: readonly DoneFault[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): PausesByCause => {
  const longest = { broker: 0, session: 0, storm: 0, other: 0 };
  for (const records of partitions) {
    for (const [index, { timestampMs }] of records.entries()) {
      const before = records[index - 1]?.timestampMs;
      if (before === undefined || timestampMs < fromMs || before > toMs) continue;
      const behind = new Set(
        faults.filter((fault) => fault.fromMs < timestampMs && fault.toMs + AFTER_MS > before).map(({ name }) => causeOf(name)),
      );
      const cause = causes.find((candidate) => behind.has(candidate)) ?? 'other';
      longest[cause] = Math.max(longest[cause], timestampMs - before);
    }
  }
  return longest;
};
