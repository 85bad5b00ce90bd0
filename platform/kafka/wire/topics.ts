// CreateTopics v7, DeleteTopics v6 and DeleteRecords v2.
import type { PartitionOffset, TopicSpec } from '../port.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

const BROKER_TIMEOUT_MS = 10_000;

/** What became of one topic. */
export interface TopicResult {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

const NO_ANSWER = { errorCode: -1, errorMessage: 'the answer names no topic' };

/** Reads a CreateTopics v7 response to a request for one topic. */
export const decodeCreateTopic = (bytes: Buffer): TopicResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const [topic] = reader.compactArray(28, () => {
    reader.compactString();
    reader.skip(16); // topic id
    const result = { throttleMs, errorCode: reader.int16(), errorMessage: reader.compactString() };
    reader.skip(6); // partitions, replication factor
    reader.compactArray(6, () => {
      reader.compactString();
      reader.compactString();
      reader.skip(3);
      reader.skipTags();
    });
    reader.skipTags();
    return result;
  });
  return topic ?? { throttleMs, ...NO_ANSWER };
};

export const createTopicRequest = (topic: TopicSpec): WireRequest<TopicResult> => ({
  apiKey: 19,
  apiVersion: 7,
  name: 'CreateTopics',
  encode: () => {
    const writer = new ByteWriter().noTags().unsignedVarint(2).compactString(topic.name);
    writer.int32(topic.partitions).int16(topic.replicationFactor ?? 1);
    writer.unsignedVarint(1); // the broker chooses the replicas
    writer.compactArray(Object.entries(topic.config), ([name, value]) => {
      writer.compactString(name).compactString(value).noTags();
    });
    return writer.noTags().int32(BROKER_TIMEOUT_MS).bool(false).noTags().bytes();
  },
  decode: decodeCreateTopic,
});

/** Reads a DeleteTopics v6 response to a request for one topic. */
export const decodeDeleteTopic = (bytes: Buffer): TopicResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const [topic] = reader.compactArray(21, () => {
    reader.compactString();
    reader.skip(16); // topic id
    const result = { throttleMs, errorCode: reader.int16(), errorMessage: reader.compactString() };
    reader.skipTags();
    return result;
  });
  return topic ?? { throttleMs, ...NO_ANSWER };
};

export const deleteTopicRequest = (name: string): WireRequest<TopicResult> => ({
  apiKey: 20,
  apiVersion: 6,
  name: 'DeleteTopics',
  encode: () => {
    const writer = new ByteWriter().noTags().unsignedVarint(2).compactString(name);
    return writer.int64(0n).int64(0n).noTags().int32(BROKER_TIMEOUT_MS).noTags().bytes(); // by name: the id is zero
  },
  decode: decodeDeleteTopic,
});

export interface DeleteRecordsResult {
  readonly throttleMs: number;
  readonly partitions: readonly { readonly topic: string; readonly partition: number; readonly errorCode: number }[];
}

export const decodeDeleteRecords = (bytes: Buffer): DeleteRecordsResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const partitions = reader.compactArray(3, () => {
    const topic = reader.compactString() ?? '';
    const entries = reader.compactArray(15, () => {
      const partition = reader.int32();
      reader.skip(8); // first kept offset
      const errorCode = reader.int16();
      reader.skipTags();
      return { topic, partition, errorCode };
    });
    reader.skipTags();
    return entries;
  });
  return { throttleMs, partitions: partitions.flat() };
};

/** Deletes what lies before the positions, at the leader of all of them. */
export const deleteRecordsRequest = (positions: readonly PartitionOffset[]): WireRequest<DeleteRecordsResult> => ({
  apiKey: 21,
  apiVersion: 2,
  name: 'DeleteRecords',
  encode: () => {
    const writer = new ByteWriter().noTags();
    writer.compactArray([...Map.groupBy(positions, ({ topic }) => topic)], ([topic, entries]) => {
      writer.compactString(topic);
      writer.compactArray(entries, ({ partition, offset }) => writer.int32(partition).int64(offset).noTags());
      writer.noTags();
    });
    return writer.int32(BROKER_TIMEOUT_MS).noTags().bytes();
  },
  decode: decodeDeleteRecords,
});
