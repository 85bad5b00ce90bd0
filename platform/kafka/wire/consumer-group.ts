// Membership of a KIP-848 group: ConsumerGroupHeartbeat v1 (join, stay, acknowledge, leave) and ConsumerGroupDescribe v1 (who is in).
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

/** Partitions of one topic by the topic's id, 32 hexadecimal digits. */
export interface TopicIdPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface HeartbeatInput {
  readonly group: string;
  readonly memberId: string;
  /** 0 joins, -1 leaves, otherwise the epoch of the last answer. */
  readonly memberEpoch: number;
  readonly rebalanceTimeoutMs: number;
  /** null: as in the last heartbeat. */
  readonly topics: readonly string[] | null;
  /** What the member holds; null: as in the last heartbeat. */
  readonly owned: readonly TopicIdPartitions[] | null;
}

export interface HeartbeatResult {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly memberEpoch: number;
  /** What the member shall hold; null: unchanged. */
  readonly assignment: readonly TopicIdPartitions[] | null;
}

const encodeHeartbeat = (input: HeartbeatInput): Buffer => {
  const writer = new ByteWriter(512).noTags();
  writer.compactString(input.group).compactString(input.memberId).int32(input.memberEpoch);
  writer.nullableCompactString(null).nullableCompactString(null); // no instance id: it blocks a restart after a kill; no rack
  writer.int32(input.rebalanceTimeoutMs);
  if (input.topics === null) writer.unsignedVarint(0);
  else writer.compactArray(input.topics, (topic) => writer.compactString(topic));
  writer.nullableCompactString(null).nullableCompactString(null); // no pattern, the broker's assignor
  if (input.owned === null) writer.unsignedVarint(0);
  else {
    writer.compactArray(input.owned, ({ topicId, partitions }) => {
      writer.raw(Buffer.from(topicId, 'hex')).compactArray(partitions, (partition) => writer.int32(partition));
      writer.noTags();
    });
  }
  return writer.noTags().bytes();
};

const readAssignment = (reader: ByteReader): readonly TopicIdPartitions[] => {
  const assignment = reader.compactArray(18, () => {
    const topicId = reader.slice(16, 'topic id').toString('hex');
    const partitions = reader.compactArray(4, () => reader.int32());
    reader.skipTags();
    return { topicId, partitions };
  });
  reader.skipTags();
  return assignment;
};

export const decodeHeartbeat = (bytes: Buffer): HeartbeatResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.compactString();
  reader.compactString(); // member id: ours
  const memberEpoch = reader.int32();
  reader.skip(4); // heartbeat interval: advice
  const assignment = reader.int8() < 0 ? null : readAssignment(reader);
  return { throttleMs, errorCode, errorMessage, memberEpoch, assignment };
};

export const heartbeatRequest = (input: HeartbeatInput): WireRequest<HeartbeatResult> => ({
  apiKey: 68,
  apiVersion: 1,
  name: 'ConsumerGroupHeartbeat',
  encode: () => encodeHeartbeat(input),
  decode: decodeHeartbeat,
});

export interface GroupMembers {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly memberIds: readonly string[];
}

const skipMemberAssignment = (reader: ByteReader): void => {
  reader.compactArray(19, () => {
    reader.skip(16);
    reader.compactString();
    reader.compactArray(4, () => reader.int32());
    reader.skipTags();
  });
  reader.skipTags();
};

const readMember = (reader: ByteReader): string => {
  const memberId = reader.compactString() ?? '';
  reader.compactString(); // instance id
  reader.compactString(); // rack
  reader.skip(4); // epoch
  reader.compactString(); // client id
  reader.compactString(); // host
  reader.compactArray(1, () => reader.compactString()); // topics
  reader.compactString(); // pattern
  skipMemberAssignment(reader);
  skipMemberAssignment(reader);
  reader.skip(1); // kind of member
  reader.skipTags();
  return memberId;
};

/** Reads a ConsumerGroupDescribe v1 response to a request for one group. */
export const decodeGroupMembers = (bytes: Buffer): GroupMembers => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const [group] = reader.compactArray(20, () => {
    const errorCode = reader.int16();
    reader.compactString(); // message
    reader.compactString(); // group
    reader.compactString(); // state
    reader.skip(8); // epochs
    reader.compactString(); // assignor
    const memberIds = reader.compactArray(20, () => readMember(reader));
    reader.skip(4); // authorized operations
    reader.skipTags();
    return { throttleMs, errorCode, memberIds };
  });
  return group ?? { throttleMs, errorCode: 69, memberIds: [] };
};

export const groupMembersRequest = (group: string): WireRequest<GroupMembers> => ({
  apiKey: 69,
  apiVersion: 1,
  name: 'ConsumerGroupDescribe',
  encode: () => new ByteWriter().noTags().unsignedVarint(2).compactString(group).bool(false).noTags().bytes(),
  decode: decodeGroupMembers,
});
