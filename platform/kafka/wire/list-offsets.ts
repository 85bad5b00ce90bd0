// ListOffsets v7: the first kept offset, or the end, of partitions that one broker leads.
import type { TopicPartition } from '../port.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

export interface ListOffsetsResult {
  readonly throttleMs: number;
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly errorCode: number;
    readonly offset: bigint;
  }[];
}

export const decodeListOffsets = (bytes: Buffer): ListOffsetsResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const partitions = reader.compactArray(3, () => {
    const topic = reader.compactString() ?? '';
    const entries = reader.compactArray(27, () => {
      const partition = reader.int32();
      const errorCode = reader.int16();
      reader.skip(8); // timestamp
      const offset = reader.int64();
      reader.skip(4); // leader epoch
      reader.skipTags();
      return { topic, partition, errorCode, offset };
    });
    reader.skipTags();
    return entries;
  });
  return { throttleMs, partitions: partitions.flat() };
};

/** Read uncommitted: the end is the high watermark, undecided transactions included. */
export const listOffsetsRequest = (
  partitions: readonly TopicPartition[],
  which: 'earliest' | 'latest',
): WireRequest<ListOffsetsResult> => ({
  apiKey: 2,
  apiVersion: 7,
  name: 'ListOffsets',
  encode: () => {
    const writer = new ByteWriter().noTags().int32(-1).int8(0);
    writer.compactArray([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, entries]) => {
      writer.compactString(topic).compactArray(entries, ({ partition }) => {
        writer
          .int32(partition)
          .int32(-1)
          .int64(which === 'earliest' ? -2n : -1n)
          .noTags();
      });
      writer.noTags();
    });
    return writer.noTags().bytes();
  },
  decode: decodeListOffsets,
});
