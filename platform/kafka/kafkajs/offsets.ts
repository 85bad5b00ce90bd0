// Committed offsets of a group, read and written at the group's coordinator without joining the group.
import type { PartitionOffset, TopicPartition } from '../port.ts';
import { keyOf } from '../wire/fetch-plan.ts';
import { offsetFetchRequest } from '../wire/offset-fetch.ts';
import { protocolError, sendWire } from './internals.ts';
import type { WireClient } from './wire-client.ts';

const byTopic = <Entry extends TopicPartition>(entries: readonly Entry[]): Map<string, Entry[]> =>
  Map.groupBy(entries, (entry) => entry.topic);

/**
 * Committed offsets in the order asked; null where the group has none. The broker is asked for stable offsets: it refuses, and we
 * ask again, while a transaction that holds one of them is undecided.
 */
export const fetchCommittedOffsets = async (
  client: WireClient,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<readonly (bigint | null)[]> => {
  const topics = [...byTopic(partitions)].map(([topic, entries]) => ({
    topic,
    partitions: entries.map(({ partition }) => partition),
  }));
  const found = await client.run(`Committed offsets of group ${group} could not be read`, async (cluster) => {
    const coordinator = await cluster.findGroupCoordinator({ groupId: group });
    const result = await sendWire(coordinator, offsetFetchRequest({ group, topics }));
    const refused = [result.errorCode, ...result.partitions.map(({ errorCode }) => errorCode)].find((code) => code !== 0);
    if (refused !== undefined) throw protocolError(refused);
    return new Map(result.partitions.map(({ topic, partition, offset }) => [keyOf({ topic, partition }), offset]));
  });
  return partitions.map((partition) => {
    const offset = found.get(keyOf(partition)) ?? -1n;
    return offset < 0n ? null : offset;
  });
};

/** Commits positions for a group that has no active member. @throws KafkaError `unavailable` when the broker refuses or is away. */
export const commitOffsets = async (client: WireClient, group: string, positions: readonly PartitionOffset[]): Promise<void> => {
  if (positions.length === 0) return;
  const topics = [...byTopic(positions)].map(([topic, entries]) => ({
    topic,
    partitions: entries.map(({ partition, offset }) => ({ partition, offset: offset.toString() })),
  }));
  await client.run(`Offsets of group ${group} could not be set`, async (cluster) => {
    const coordinator = await cluster.findGroupCoordinator({ groupId: group });
    await coordinator.offsetCommit({ groupId: group, groupGenerationId: -1, memberId: '', topics });
  });
};
