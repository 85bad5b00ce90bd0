// Two judgements about a fetch: in which order to ask for partitions, and what an empty answer for one of them proves.
import type { TopicPartition } from '../port.ts';
import type { FetchedRecordSet } from './fetch.ts';

/** One text for a partition, to look it up by. */
export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic} ${partition}`;

/**
 * Partitions grouped by topic, rotated by `turn` so that each comes first in its turn: the broker fills an answer in request order
 * up to a size limit, and promises at least one whole batch only to the first partition that has any.
 */
export const inRequestOrder = <Entry extends TopicPartition>(
  partitions: readonly Entry[],
  turn: number,
): readonly (readonly [string, readonly Entry[]])[] => {
  const first = partitions[turn % Math.max(1, partitions.length)];
  if (first === undefined) return [];
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)];
  const at = topics.findIndex(([topic]) => topic === first.topic);
  return [...topics.slice(at), ...topics.slice(0, at)].map(([topic, members], index) => {
    const start = index === 0 ? members.indexOf(first) : 0;
    return [topic, [...members.slice(start), ...members.slice(0, start)]] as const;
  });
};

/**
 * Where the position goes when nothing at all is kept between it and the readable end, as on a compacted tail; null when the
 * answer proves no such gap: it has content, or content of partitions before it may have used up the size limit (`mayBeCut`).
 */
export const gapEnd = (answer: FetchedRecordSet, isolation: 'committed' | 'uncommitted', mayBeCut: boolean): bigint | null => {
  if (answer.recordSet.length > 0 || mayBeCut) return null;
  return isolation === 'committed' ? answer.lastStableOffset : answer.highWatermark;
};
