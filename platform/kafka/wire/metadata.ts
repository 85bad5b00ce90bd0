// Metadata v12, the version that tells topic ids (kafkajs stops at 6). Flexible encoding: compact strings and arrays, tagged fields.
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

export interface ClusterIdentity {
  readonly clusterId: string;
  readonly brokers: number;
  /** The topic asked for; null when none was. `topicId` is 32 hexadecimal digits. */
  readonly topic: { readonly errorCode: number; readonly name: string; readonly topicId: string } | null;
}

const encodeMetadata = (topic: string | null): Buffer => {
  const writer = new ByteWriter();
  writer.noTags(); // of the request header
  if (topic === null) writer.unsignedVarint(1); // an empty list: no topics
  else writer.unsignedVarint(2).int64(0n).int64(0n).compactString(topic).noTags(); // one, by name: the id is zero
  return writer.int8(0).int8(0).noTags().bytes(); // no automatic creation, no authorized operations
};

/** Reads a Metadata v12 response down to the id of its first topic; what follows is of no use here. */
export const decodeClusterIdentity = (bytes: Buffer): ClusterIdentity => {
  const reader = new ByteReader(bytes);
  reader.skipTags(); // of the response header
  reader.skip(4); // throttle time
  const brokers = reader.compactArrayLength(11);
  for (let left = brokers; left > 0; left -= 1) {
    reader.skip(4);
    reader.compactString();
    reader.skip(4);
    reader.compactString();
    reader.skipTags();
  }
  const clusterId = reader.compactString() ?? '';
  reader.skip(4); // controller
  if (reader.compactArrayLength(20) === 0) return { clusterId, brokers, topic: null };
  const errorCode = reader.int16();
  const name = reader.compactString() ?? '';
  return { clusterId, brokers, topic: { errorCode, name, topicId: reader.slice(16, 'topic id').toString('hex') } };
};

/** Asks any broker for the cluster's identity and, unless null, that of one topic. */
export const identityRequest = (topic: string | null): WireRequest<ClusterIdentity> => ({
  apiKey: 3,
  apiVersion: 12,
  name: 'Metadata',
  encode: () => encodeMetadata(topic),
  decode: decodeClusterIdentity,
});
