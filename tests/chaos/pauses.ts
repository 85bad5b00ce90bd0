// How long partitions stood still under load, from the times that the processors wrote on their records, and what had just been done.
import type { LogRecord } from './log-reader.ts';

export interface Pause {
  readonly ms: number;
  readonly partition: number;
  /** Faults that began within it, or just before it. */
  readonly after: readonly string[];
}

export interface DoneFault {
  readonly name: string;
  readonly fromMs: number;
}

const BEFORE_MS = 1_500;

/** The longest pauses between two records of one partition, longest first. Both times are given: outside of them nothing was sent. */
export const longestPauses = (
  partitions: readonly (readonly LogRecord[])[],
  faults: readonly DoneFault[],
  { fromMs, toMs, count = 5 }: { readonly fromMs: number; readonly toMs: number; readonly count?: number },
): readonly Pause[] =>
  partitions
    .flatMap((records, partition) =>
      records.flatMap(({ timestampMs }, index): Pause[] => {
        const before = records[index - 1]?.timestampMs;
        if (before === undefined || timestampMs < fromMs || before > toMs) return [];
        const after = faults.filter((fault) => fault.fromMs > before - BEFORE_MS && fault.fromMs < timestampMs);
        return [{ ms: timestampMs - before, partition, after: [...new Set(after.map(({ name }) => name))] }];
      }),
    )
    .toSorted((left, right) => right.ms - left.ms)
    .slice(0, count);
