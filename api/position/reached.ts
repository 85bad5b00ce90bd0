// How far the operational model has come in the log, per source, and the one position that an answer drawn from several sources is true for.
import { z } from 'zod';
import type { Position } from '#schemas/position.ts';
import { encodePosition } from '#schemas/position.ts';

/** What the sink reads: the events themselves, and the facts that processors made of them. All count in offsets of events. */
export const sources = ['events', 'capital-accounts', 'cash-flows', 'waterfalls', 'performance', 'quality'] as const;
export type Source = (typeof sources)[number];

export const positionRow = z.object({
  source: z.enum(sources),
  topic_id: z.string(),
  epoch: z.coerce.number().int(),
  partition: z.coerce.number().int(),
  next_offset: z.string().regex(/^\d+$/).transform(BigInt),
  recorded_at: z.string().nullable(),
});
export type PositionRow = z.output<typeof positionRow>;

/** SQL of all positions of the sink, offsets as text. */
export const positionsSql = `
  SELECT source, topic_id, epoch, partition, next_offset::text AS next_offset,
         to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded_at
    FROM positions
   WHERE source IN (${sources.map((source) => `'${source}'`).join(', ')})`;

export interface Reached {
  /** null while no event has been applied. */
  readonly position: Position | null;
  readonly token: string | null;
  /** When the latest event that is contained was recorded. */
  readonly known_at: string | null;
}

/**
 * The position that everything read from `sources` is true for: per partition the lower of their offsets, 0 where a source has not begun.
 * The topic's identity is that of the events.
 */
export const reachedBy = (rows: readonly PositionRow[], sources: readonly Source[], partitions: number): Reached => {
  const identity = rows.find((row) => row.source === 'events');
  if (identity === undefined) return { position: null, token: null, known_at: null };
  let knownAt: string | null = null;
  const offsets = Array.from({ length: Math.max(partitions, ...rows.map((row) => row.partition + 1)) }, (_unused, partition) => {
    const parts = sources.map((source) => rows.find((row) => row.source === source && row.partition === partition));
    const slowest = parts.reduce((left, right) => ((right?.next_offset ?? -1n) < (left?.next_offset ?? -1n) ? right : left));
    const recordedAt = slowest?.recorded_at ?? null;
    if (recordedAt !== null && (knownAt === null || recordedAt > knownAt)) knownAt = recordedAt;
    return slowest?.next_offset ?? 0n;
  });
  const position = { topicId: identity.topic_id, epoch: identity.epoch, offsets };
  return { position, token: encodePosition(position), known_at: knownAt };
};
