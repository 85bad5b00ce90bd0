// OffsetFetch v7 with require_stable (KIP-447): the broker refuses to answer while a transaction still holds an offset (kafkajs stops at 4).
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

export interface OffsetFetchInput {
  readonly group: string;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

export interface OffsetFetchResult {
  readonly errorCode: number;
  /** `offset` is -1 where nothing is committed. */
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: bigint;
    readonly errorCode: number;
  }[];
}

const encodeOffsetFetch = ({ group, topics }: OffsetFetchInput): Buffer => {
  const writer = new ByteWriter();
  writer
    .noTags()
    .compactString(group)
    .unsignedVarint(topics.length + 1);
  for (const { topic, partitions } of topics) {
    writer.compactString(topic).unsignedVarint(partitions.length + 1);
    for (const partition of partitions) writer.int32(partition);
    writer.noTags();
  }
  return writer.int8(1).noTags().bytes();
};

export const decodeOffsetFetch = (bytes: Buffer): OffsetFetchResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  reader.skip(4); // throttle time
  const partitions: { topic: string; partition: number; offset: bigint; errorCode: number }[] = [];
  for (let topics = reader.compactArrayLength(3); topics > 0; topics -= 1) {
    const topic = reader.compactString() ?? '';
    for (let left = reader.compactArrayLength(20); left > 0; left -= 1) {
      const partition = reader.int32();
      const offset = reader.int64();
      reader.skip(4); // leader epoch
      reader.compactString(); // metadata
      const errorCode = reader.int16();
      reader.skipTags();
      partitions.push({ topic, partition, offset, errorCode });
    }
    reader.skipTags();
  }
  return { errorCode: reader.int16(), partitions };
};

export const offsetFetchRequest = (input: OffsetFetchInput): WireRequest<OffsetFetchResult> => ({
  apiKey: 9,
  apiVersion: 7,
  name: 'OffsetFetch',
  encode: () => encodeOffsetFetch(input),
  decode: decodeOffsetFetch,
});
