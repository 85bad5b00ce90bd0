// Metadata v12: brokers, leaders and topic ids; a partition without a leader is told, not an error of the whole. Flexible encoding:
// compact fields and tags.
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

export interface ClusterMetadata {
  readonly clusterId: string;
  readonly controllerId: number;
  readonly brokers: readonly {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
    readonly rack: string | null;
  }[];
  readonly topics: readonly TopicMetadata[];
}

export interface TopicMetadata {
  readonly errorCode: number;
  readonly name: string;
  /** 32 hexadecimal digits. */
  readonly topicId: string;
  readonly isInternal: boolean;
  /** `leader` is -1 where there is none at the moment. */
  readonly partitions: readonly { readonly partition: number; readonly leader: number }[];
}

const encodeMetadata = (topics: readonly string[] | 'all'): Buffer => {
  const writer = new ByteWriter();
  writer.noTags(); // of the request header
  writer.unsignedVarint(topics === 'all' ? 0 : topics.length + 1);
  for (const topic of topics === 'all' ? [] : topics) writer.int64(0n).int64(0n).compactString(topic).noTags(); // by name: the id is zero
  return writer.int8(0).int8(0).noTags().bytes(); // no automatic creation, no authorized operations
};

const skipNodeIds = (reader: ByteReader): void => reader.skip(reader.compactArrayLength(4) * 4);

const decodePartition = (reader: ByteReader): { readonly partition: number; readonly leader: number } => {
  reader.skip(2); // its error repeats what leader -1 says
  const partition = reader.int32();
  const leader = reader.int32();
  reader.skip(4); // leader epoch
  for (const _ of ['replicas', 'in sync', 'offline']) skipNodeIds(reader);
  reader.skipTags();
  return { partition, leader };
};

const decodeTopic = (reader: ByteReader): TopicMetadata => {
  const errorCode = reader.int16();
  const name = reader.compactString() ?? '';
  const topicId = reader.slice(16, 'topic id').toString('hex');
  const isInternal = reader.int8() !== 0;
  const partitions = Array.from({ length: reader.compactArrayLength(18) }, () => decodePartition(reader));
  reader.skip(4); // authorized operations
  reader.skipTags();
  return { errorCode, name, topicId, isInternal, partitions };
};

/** Reads a Metadata v12 response. @throws KafkaError `corrupt-batch` when it does not hold what it says. */
export const decodeMetadata = (bytes: Buffer): ClusterMetadata => {
  const reader = new ByteReader(bytes);
  reader.skipTags(); // of the response header
  reader.skip(4); // throttle time
  const brokers = Array.from({ length: reader.compactArrayLength(11) }, () => {
    const broker = {
      nodeId: reader.int32(),
      host: reader.compactString() ?? '',
      port: reader.int32(),
      rack: reader.compactString(),
    };
    reader.skipTags();
    return broker;
  });
  const clusterId = reader.compactString() ?? '';
  const controllerId = reader.int32();
  const topics = Array.from({ length: reader.compactArrayLength(25) }, () => decodeTopic(reader));
  return { clusterId, controllerId, brokers, topics };
};

/** Asks any broker for the cluster and for the topics named, or for all of them. */
export const metadataRequest = (topics: readonly string[] | 'all'): WireRequest<ClusterMetadata> => ({
  apiKey: 3,
  apiVersion: 12,
  name: 'Metadata',
  encode: () => encodeMetadata(topics),
  decode: decodeMetadata,
});
