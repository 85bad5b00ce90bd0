// OffsetFetch v9 with require_stable (KIP-447): the broker refuses to answer while a transaction still holds an offset, and, where
// a member asks, when its epoch is not the current one (KIP-848).
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

export interface OffsetFetchInput {
  readonly group: string;
  readonly member?: { readonly id: string; readonly epoch: number } | null;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

export interface OffsetFetchResult {
  readonly throttleMs: number;
  readonly errorCode: number;
  /** `offset` is -1 where nothing is committed. */
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: bigint;
    readonly errorCode: number;
  }[];
}

const encodeOffsetFetch = ({ group, member, topics }: OffsetFetchInput): Buffer => {
  const writer = new ByteWriter().noTags().unsignedVarint(2);
  writer
    .compactString(group)
    .nullableCompactString(member?.id ?? null)
    .int32(member?.epoch ?? -1);
  writer.compactArray(topics, ({ topic, partitions }) => {
    writer.compactString(topic).compactArray(partitions, (partition) => writer.int32(partition));
    writer.noTags();
  });
  return writer.noTags().bool(true).noTags().bytes();
};

/** Reads an OffsetFetch v9 response to a request for one group. */
export const decodeOffsetFetch = (bytes: Buffer): OffsetFetchResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const [group] = reader.compactArray(5, () => {
    reader.compactString();
    const partitions = reader.compactArray(3, () => {
      const topic = reader.compactString() ?? '';
      const entries = reader.compactArray(20, () => {
        const partition = reader.int32();
        const offset = reader.int64();
        reader.skip(4); // leader epoch
        reader.compactString(); // metadata
        const errorCode = reader.int16();
        reader.skipTags();
        return { topic, partition, offset, errorCode };
      });
      reader.skipTags();
      return entries;
    });
    const errorCode = reader.int16();
    reader.skipTags();
    return { throttleMs, errorCode, partitions: partitions.flat() };
  });
  return group ?? { throttleMs, errorCode: -1, partitions: [] };
};

export const offsetFetchRequest = (input: OffsetFetchInput): WireRequest<OffsetFetchResult> => ({
  apiKey: 9,
  apiVersion: 9,
  name: 'OffsetFetch',
  encode: () => encodeOffsetFetch(input),
  decode: decodeOffsetFetch,
});
