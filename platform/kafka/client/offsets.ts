// Committed offsets of a group, read and written at the group's coordinator without joining the group.
import type { PartitionOffset, TopicPartition } from '../port.ts';
import { keyOf } from '../wire/fetch-plan.ts';
import { offsetCommitRequest } from '../wire/offset-commit.ts';
import { offsetFetchRequest } from '../wire/offset-fetch.ts';
import type { Cluster } from './cluster.ts';
import { ProtocolError } from './errors.ts';
import { persist } from './persist.ts';
import { forgettingCoordinator } from './transaction.ts';

/**
 * Committed offsets in the order asked; null where the group has none. The broker is asked for stable offsets: it refuses, and we
 * ask again, while a transaction that holds one of them is undecided.
 */
export const fetchCommittedOffsets = async (
  cluster: Cluster,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<readonly (bigint | null)[]> => {
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, entries]) => ({
    topic,
    partitions: entries.map(({ partition }) => partition),
  }));
  const { patienceMs } = cluster.settings;
  const mend = forgettingCoordinator(cluster, 'group', group);
  const found = await persist({ what: `Committed offsets of group ${group} could not be read`, patienceMs, mend }, async () => {
    const coordinator = await cluster.coordinator('group', group);
    const result = await cluster.send(coordinator, 'group', offsetFetchRequest({ group, topics }));
    const refused = [result.errorCode, ...result.partitions.map(({ errorCode }) => errorCode)].find((code) => code !== 0);
    if (refused !== undefined) throw new ProtocolError(refused);
    return new Map(result.partitions.map(({ topic, partition, offset }) => [keyOf({ topic, partition }), offset]));
  });
  return partitions.map((partition) => {
    const offset = found.get(keyOf(partition)) ?? -1n;
    return offset < 0n ? null : offset;
  });
};

/** Commits positions for a group that has no active member. @throws KafkaError `unavailable` when the broker refuses or is away. */
export const commitOffsets = async (cluster: Cluster, group: string, positions: readonly PartitionOffset[]): Promise<void> => {
  if (positions.length === 0) return;
  const { patienceMs } = cluster.settings;
  const mend = forgettingCoordinator(cluster, 'group', group);
  await persist({ what: `Offsets of group ${group} could not be set`, patienceMs, mend }, async () => {
    const coordinator = await cluster.coordinator('group', group);
    const { partitions } = await cluster.send(coordinator, 'group', offsetCommitRequest(group, positions));
    const refused = partitions.find(({ errorCode }) => errorCode !== 0);
    if (refused !== undefined) throw new ProtocolError(refused.errorCode, `${refused.topic}/${refused.partition}`);
  });
};
