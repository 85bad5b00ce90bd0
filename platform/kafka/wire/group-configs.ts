// IncrementalAlterConfigs v1 for one consumer group: session time-out and pace of assignment are settings of the group (KIP-848).
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

const GROUP_RESOURCE = 32;
const SET = 0;

export interface AlterConfigsResult {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export const decodeAlterConfigs = (bytes: Buffer): AlterConfigsResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const [resource] = reader.compactArray(6, () => {
    const entry = { throttleMs, errorCode: reader.int16(), errorMessage: reader.compactString() };
    reader.skip(1);
    reader.compactString();
    reader.skipTags();
    return entry;
  });
  return resource ?? { throttleMs, errorCode: -1, errorMessage: null };
};

export const groupConfigsRequest = (
  group: string,
  settings: Readonly<Record<string, string>>,
): WireRequest<AlterConfigsResult> => ({
  apiKey: 44,
  apiVersion: 1,
  name: 'IncrementalAlterConfigs',
  encode: () => {
    const writer = new ByteWriter().noTags().unsignedVarint(2).int8(GROUP_RESOURCE).compactString(group);
    writer.compactArray(Object.entries(settings), ([name, value]) => {
      writer.compactString(name).int8(SET).compactString(value).noTags();
    });
    return writer.noTags().bool(false).noTags().bytes();
  },
  decode: decodeAlterConfigs,
});
