// OffsetCommit v9 from outside of a group: positions are set by hand while it has no member.
import type { PartitionOffset } from '../port.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';
import { decodeTxnOffsetCommit } from './transactions.ts';
import type { PartitionErrors } from './transactions.ts';

export const offsetCommitRequest = (group: string, positions: readonly PartitionOffset[]): WireRequest<PartitionErrors> => ({
  apiKey: 8,
  apiVersion: 9,
  name: 'OffsetCommit',
  encode: () => {
    const writer = new ByteWriter().noTags().compactString(group).int32(-1).compactString('').nullableCompactString(null);
    writer.compactArray([...Map.groupBy(positions, ({ topic }) => topic)], ([topic, entries]) => {
      writer.compactString(topic);
      writer.compactArray(entries, ({ partition, offset }) => {
        writer.int32(partition).int64(offset).int32(-1).nullableCompactString(null).noTags();
      });
      writer.noTags();
    });
    return writer.noTags().bytes();
  },
  decode: decodeTxnOffsetCommit, // the two answers are written alike
});
