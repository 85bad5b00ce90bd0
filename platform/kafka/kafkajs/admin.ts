// Topics, watermarks, committed offsets: everything that is asked once and not in the hot path.
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../port.ts';
import type { KafkaAdmin, PartitionOffset, TopicSpec, Watermarks } from '../port.ts';
import { metadataRequest } from '../wire/metadata.ts';
import type { TopicMetadata } from '../wire/metadata.ts';
import { protocolErrorType } from './errors.ts';
import { protocolError, sendWire } from './internals.ts';
import type { KafkajsCluster } from './internals.ts';
import { commitOffsets, fetchCommittedOffsets } from './offsets.ts';
import type { WireClient } from './wire-client.ts';

const EARLIEST = '-2';
const LATEST = '-1';
const READ_UNCOMMITTED = 0;
const UNKNOWN_TOPIC = 3;
const SETTLE_MS_MAX = 15_000;

/** The topic as any broker knows it. @throws the protocol error, such as UNKNOWN_TOPIC_OR_PARTITION. */
const describeTopic = async (cluster: KafkajsCluster, name: string): Promise<TopicMetadata> => {
  const { topics } = await sendWire(await cluster.findControllerBroker(), metadataRequest([name]));
  const topic = topics.find((entry) => entry.name === name);
  if (topic === undefined || topic.errorCode !== 0) throw protocolError(topic?.errorCode ?? UNKNOWN_TOPIC);
  return topic;
};

const listOffsets = async (cluster: KafkajsCluster, topic: string, timestamp: string): Promise<Map<number, bigint>> => {
  const byLeader = Map.groupBy((await describeTopic(cluster, topic)).partitions, ({ leader }) => leader);
  const answers = await Promise.all(
    [...byLeader].map(async ([nodeId, partitions]) => {
      const broker = await cluster.findBroker({ nodeId });
      const { responses } = await broker.listOffsets({
        replicaId: -1,
        isolationLevel: READ_UNCOMMITTED,
        topics: [{ topic, partitions: partitions.map(({ partition }) => ({ partition, timestamp })) }],
      });
      return responses.flatMap(({ partitions: offsets }) => offsets);
    }),
  );
  return new Map(answers.flat().map(({ partition, offset }) => [partition, BigInt(offset)]));
};

const deleteRecords = async (cluster: KafkajsCluster, topic: string, positions: readonly PartitionOffset[]): Promise<void> => {
  const leaders = new Map((await describeTopic(cluster, topic)).partitions.map(({ partition, leader }) => [partition, leader]));
  for (const [nodeId, entries] of Map.groupBy(positions, ({ partition }) => leaders.get(partition) ?? -1)) {
    const broker = await cluster.findBroker({ nodeId });
    const partitions = entries.map(({ partition, offset }) => ({ partition, offset: offset.toString() }));
    await broker.deleteRecords({ topics: [{ topic, partitions }] });
  }
};

/** The topic's partition count; null when there is no such topic. */
const countOrNull = (client: WireClient, topic: string): Promise<number | null> =>
  client.run(`Topic ${topic} could not be described`, async (cluster) => {
    try {
      return (await describeTopic(cluster, topic)).partitions.length;
    } catch (error) {
      if (protocolErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return null;
      throw error;
    }
  });

const createTopic = async (client: WireClient, topic: TopicSpec): Promise<void> => {
  const configEntries = Object.entries(topic.config).map(([name, value]) => ({ name, value }));
  await client.run(`Topic ${topic.name} could not be created`, async (cluster) => {
    const controller = await cluster.findControllerBroker();
    try {
      await controller.createTopics({
        topics: [
          { topic: topic.name, numPartitions: topic.partitions, replicationFactor: topic.replicationFactor ?? 1, configEntries },
        ],
      });
    } catch (error) {
      if (protocolErrorType(error) !== 'TOPIC_ALREADY_EXISTS') throw error;
    }
  });
};

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

const ensureTopic = async (client: WireClient, topic: TopicSpec): Promise<void> => {
  let partitions = await countOrNull(client, topic.name);
  if (partitions === null) {
    await createTopic(client, topic);
    await settled(`Creation of topic ${topic.name}`, async () => {
      partitions = await countOrNull(client, topic.name);
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

const knownCount = async (client: WireClient, topic: string): Promise<number> => {
  const count = await countOrNull(client, topic);
  if (count === null) throw new KafkaError('unavailable', `Topic ${topic} does not exist; create it with ensureTopics first`);
  return count;
};

const topicId = (client: WireClient, topic: string): Promise<string> =>
  client.run(`Id of topic ${topic} could not be read`, async (cluster) => (await describeTopic(cluster, topic)).topicId);

const watermarks = async (client: WireClient, topic: string): Promise<readonly Watermarks[]> =>
  client.run(`Watermarks of topic ${topic} could not be read`, async (cluster) => {
    const [lows, highs] = await Promise.all([listOffsets(cluster, topic, EARLIEST), listOffsets(cluster, topic, LATEST)]);
    return [...highs]
      .map(([partition, high]) => ({ topic, partition, low: lows.get(partition) ?? 0n, high }))
      .toSorted((a, b) => a.partition - b.partition);
  });

const deleteTopic = async (client: WireClient, topic: string): Promise<void> => {
  await client.run(`Topic ${topic} could not be deleted`, async (cluster) => {
    const controller = await cluster.findControllerBroker();
    try {
      await controller.deleteTopics({ topics: [topic] });
    } catch (error) {
      if (protocolErrorType(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
    }
  });
  await settled(`Deletion of topic ${topic}`, async () => (await countOrNull(client, topic)) === null);
};

/** The admin side of the port over one shared client; `close` is the client's. */
export const createAdmin = (client: WireClient): KafkaAdmin => ({
  ensureTopics: async (topics) => {
    await Promise.all(topics.map((topic) => ensureTopic(client, topic)));
  },
  topicNames: () =>
    client.run('Topics could not be listed', async (cluster) => {
      const { topics } = await sendWire(await cluster.findControllerBroker(), metadataRequest('all'));
      return topics.map(({ name }) => name).toSorted();
    }),
  topicId: (topic) => topicId(client, topic),
  partitionCount: (topic) => knownCount(client, topic),
  watermarks: (topic) => watermarks(client, topic),
  committedOffsets: async (group, topic, wanted) => {
    const numbers = wanted ?? Array.from({ length: await knownCount(client, topic) }, (_, partition) => partition);
    const partitions = numbers.map((partition) => ({ topic, partition }));
    const offsets = await fetchCommittedOffsets(client, group, partitions);
    return new Map(partitions.map(({ partition }, index) => [partition, offsets[index] ?? null]));
  },
  setOffsets: (group, positions) => commitOffsets(client, group, positions),
  deleteTopics: async (names) => {
    await Promise.all(names.map((name) => deleteTopic(client, name)));
  },
  deleteRecordsBefore: async (positions) => {
    for (const [topic, entries] of Map.groupBy(positions, (position) => position.topic)) {
      await client.run(`Records of topic ${topic} could not be deleted`, (cluster) => deleteRecords(cluster, topic, entries));
    }
  },
  describeCluster: () =>
    client.run('The cluster could not be described', async (cluster) => {
      const { clusterId, brokers } = await sendWire(await cluster.findControllerBroker(), metadataRequest([]));
      return { clusterId, brokers: brokers.length };
    }),
  close: () => client.close(),
});
