// FindCoordinator v4: which broker keeps a group or a transactional id.
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

export type CoordinatorKind = 'group' | 'transaction';

export interface Coordinator {
  readonly errorCode: number;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

/** Reads a FindCoordinator v4 response to a request for one key. */
export const decodeCoordinator = (bytes: Buffer): Coordinator => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  reader.skip(4); // throttle time
  const [coordinator] = reader.compactArray(15, () => {
    reader.compactString();
    const nodeId = reader.int32();
    const host = reader.compactString() ?? '';
    const port = reader.int32();
    const errorCode = reader.int16();
    reader.compactString();
    reader.skipTags();
    return { errorCode, nodeId, host, port };
  });
  return coordinator ?? { errorCode: 15, nodeId: -1, host: '', port: 0 };
};

export const coordinatorRequest = (kind: CoordinatorKind, key: string): WireRequest<Coordinator> => ({
  apiKey: 10,
  apiVersion: 4,
  name: 'FindCoordinator',
  encode: () =>
    new ByteWriter()
      .noTags()
      .int8(kind === 'group' ? 0 : 1)
      .unsignedVarint(2)
      .compactString(key)
      .noTags()
      .bytes(),
  decode: decodeCoordinator,
});
