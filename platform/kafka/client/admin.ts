// Topics, watermarks, committed offsets: everything that is asked once and not in the hot path.
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../port.ts';
import type { KafkaAdmin, PartitionOffset, TopicPartition, TopicSpec, Watermarks } from '../port.ts';
import { listOffsetsRequest } from '../wire/list-offsets.ts';
import type { TopicMetadata } from '../wire/metadata.ts';
import { createTopicRequest, deleteRecordsRequest, deleteTopicRequest } from '../wire/topics.ts';
import type { Cluster } from './cluster.ts';
import { CODE, codeOf, ProtocolError } from './errors.ts';
import { evictMember, memberIdOf } from './membership.ts';
import { commitOffsets, fetchCommittedOffsets } from './offsets.ts';
import { persist } from './persist.ts';

const SETTLE_MS_MAX = 15_000;

const repeat = <Result>(cluster: Cluster, what: string, attempt: () => Promise<Result>): Promise<Result> =>
  persist({ what, patienceMs: cluster.settings.patienceMs, mend: () => cluster.refresh() }, attempt);

/** The topic as any broker knows it. @throws ProtocolError, such as UNKNOWN_TOPIC_OR_PARTITION. */
const describeTopic = async (cluster: Cluster, name: string): Promise<TopicMetadata> => {
  const { topics } = await cluster.metadata([name]);
  const topic = topics.find((entry) => entry.name === name);
  if (topic === undefined || topic.errorCode !== 0)
    throw new ProtocolError(topic?.errorCode ?? CODE.UNKNOWN_TOPIC_OR_PARTITION, name);
  return topic;
};

/** Runs `ask` at the leader of each group of partitions. @throws ProtocolError LEADER_NOT_AVAILABLE when one has none. */
const atLeaders = async <Entry extends TopicPartition, Result>(
  cluster: Cluster,
  partitions: readonly Entry[],
  ask: (leader: number, entries: readonly Entry[]) => Promise<Result>,
): Promise<Result[]> => {
  await cluster.refresh(); // a topic may have been deleted and made again
  const byLeader = await cluster.leadersOf(partitions);
  const [orphan] = byLeader.get(-1) ?? [];
  if (orphan !== undefined) throw new ProtocolError(CODE.LEADER_NOT_AVAILABLE, `${orphan.topic}/${orphan.partition}`);
  return Promise.all([...byLeader].map(([leader, entries]) => ask(leader, entries)));
};

const listOffsets = async (
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  which: 'earliest' | 'latest',
): Promise<Map<number, bigint>> => {
  const answers = await atLeaders(cluster, partitions, (leader, entries) =>
    cluster.send(leader, 'control', listOffsetsRequest(entries, which)),
  );
  const found = answers.flatMap((answer) => answer.partitions);
  const refused = found.find(({ errorCode }) => errorCode !== 0);
  if (refused !== undefined) throw new ProtocolError(refused.errorCode, `${refused.topic}/${refused.partition}`);
  return new Map(found.map(({ partition, offset }) => [partition, offset]));
};

/** The topic's partition count; null when there is no such topic. */
const countOrNull = (cluster: Cluster, topic: string): Promise<number | null> =>
  repeat(cluster, `Topic ${topic} could not be described`, async () => {
    try {
      return (await describeTopic(cluster, topic)).partitions.length;
    } catch (error) {
      if (codeOf(error) === CODE.UNKNOWN_TOPIC_OR_PARTITION) return null;
      throw error;
    }
  });

const createTopic = (cluster: Cluster, topic: TopicSpec): Promise<void> =>
  repeat(cluster, `Topic ${topic.name} could not be created`, async () => {
    const { errorCode, errorMessage } = await cluster.askAny(createTopicRequest(topic), cluster.settings.requestTimeoutMs);
    if (errorCode !== 0 && errorCode !== CODE.TOPIC_ALREADY_EXISTS) throw new ProtocolError(errorCode, errorMessage);
  });

/** Brokers learn of a change of topics a moment after the controller: waits until they say so. */
const settled = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  for (const until = Date.now() + SETTLE_MS_MAX; !(await holds()); await sleep(10)) {
    if (Date.now() > until)
      throw new KafkaError(
        'unavailable',
        `${what} was accepted but is not visible after ${SETTLE_MS_MAX} ms; look at the broker's log`,
      );
  }
};

const ensureTopic = async (cluster: Cluster, topic: TopicSpec): Promise<void> => {
  let partitions = await countOrNull(cluster, topic.name);
  if (partitions === null) {
    await createTopic(cluster, topic);
    await settled(`Creation of topic ${topic.name}`, async () => {
      partitions = await countOrNull(cluster, topic.name);
      return partitions !== null;
    });
  }
  if (partitions !== topic.partitions) {
    throw new KafkaError(
      'topic-mismatch',
      `Topic ${topic.name} has ${partitions} partitions where ${topic.partitions} are configured; use the configured number of the log's epoch, or another topic prefix`,
    );
  }
};

const knownCount = async (cluster: Cluster, topic: string): Promise<number> => {
  const count = await countOrNull(cluster, topic);
  if (count === null) throw new KafkaError('unavailable', `Topic ${topic} does not exist; create it with ensureTopics first`);
  return count;
};

const watermarks = (cluster: Cluster, topic: string): Promise<readonly Watermarks[]> =>
  repeat(cluster, `Watermarks of topic ${topic} could not be read`, async () => {
    const partitions = (await describeTopic(cluster, topic)).partitions.map(({ partition }) => ({ topic, partition }));
    const [lows, highs] = await Promise.all([
      listOffsets(cluster, partitions, 'earliest'),
      listOffsets(cluster, partitions, 'latest'),
    ]);
    return [...highs]
      .map(([partition, high]) => ({ topic, partition, low: lows.get(partition) ?? 0n, high }))
      .toSorted((a, b) => a.partition - b.partition);
  });

const deleteTopic = async (cluster: Cluster, topic: string): Promise<void> => {
  await repeat(cluster, `Topic ${topic} could not be deleted`, async () => {
    const { errorCode, errorMessage } = await cluster.askAny(deleteTopicRequest(topic), cluster.settings.requestTimeoutMs);
    if (errorCode !== 0 && errorCode !== CODE.UNKNOWN_TOPIC_OR_PARTITION) throw new ProtocolError(errorCode, errorMessage);
  });
  await settled(`Deletion of topic ${topic}`, async () => (await countOrNull(cluster, topic)) === null);
};

const deleteRecords = (cluster: Cluster, topic: string, positions: readonly PartitionOffset[]): Promise<void> =>
  repeat(cluster, `Records of topic ${topic} could not be deleted`, async () => {
    const answers = await atLeaders(cluster, positions, (leader, entries) =>
      cluster.send(leader, 'control', deleteRecordsRequest(entries)),
    );
    const refused = answers.flatMap(({ partitions }) => partitions).find(({ errorCode }) => errorCode !== 0);
    if (refused !== undefined) throw new ProtocolError(refused.errorCode, `${refused.topic}/${refused.partition}`);
  });

/** The admin side of the port over one cluster of its own. */
export const createAdmin = (cluster: Cluster): KafkaAdmin => ({
  ensureTopics: async (topics) => {
    await Promise.all(topics.map((topic) => ensureTopic(cluster, topic)));
  },
  topicNames: () =>
    repeat(cluster, 'Topics could not be listed', async () =>
      (await cluster.metadata('all')).topics.map(({ name }) => name).toSorted(),
    ),
  topicId: (topic) =>
    repeat(cluster, `Id of topic ${topic} could not be read`, async () => (await describeTopic(cluster, topic)).topicId),
  partitionCount: (topic) => knownCount(cluster, topic),
  watermarks: (topic) => watermarks(cluster, topic),
  committedOffsets: async (group, topic, wanted) => {
    const numbers = wanted ?? Array.from({ length: await knownCount(cluster, topic) }, (_, partition) => partition);
    const partitions = numbers.map((partition) => ({ topic, partition }));
    const offsets = await fetchCommittedOffsets(cluster, group, partitions);
    return new Map(partitions.map(({ partition }, index) => [partition, offsets[index] ?? null]));
  },
  setOffsets: (group, positions) => commitOffsets(cluster, group, positions),
  evict: (group, workerId) => evictMember(cluster, group, memberIdOf(group, workerId)),
  deleteTopics: async (names) => {
    await Promise.all(names.map((name) => deleteTopic(cluster, name)));
  },
  deleteRecordsBefore: async (positions) => {
    for (const [topic, entries] of Map.groupBy(positions, (position) => position.topic))
      await deleteRecords(cluster, topic, entries);
  },
  describeCluster: () =>
    repeat(cluster, 'The cluster could not be described', async () => {
      const { clusterId, brokers } = await cluster.metadata([]);
      return { clusterId, brokers: brokers.length };
    }),
  close: async () => {
    cluster.close();
    await Promise.resolve();
  },
});
