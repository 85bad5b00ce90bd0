// Fetch v11: the request for a set of partitions of one leader, and its response with the record sets left as bytes.
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { AbortedTransaction } from './aborted-transactions.ts';
import type { WireRequest } from './request.ts';

export interface FetchPosition {
  readonly partition: number;
  readonly offset: bigint;
  readonly bytesMax: number;
}

/** Topics and partitions keep their order: the broker fills the answer in that order. */
export interface FetchInput {
  readonly topics: readonly { readonly topic: string; readonly positions: readonly FetchPosition[] }[];
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolation: 'committed' | 'uncommitted';
}

export interface FetchedRecordSet {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  readonly logStartOffset: bigint;
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches, back to back. */
  readonly recordSet: Buffer;
}

export interface FetchResult {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly partitions: readonly FetchedRecordSet[];
}

const encodeFetch = (input: FetchInput): Buffer => {
  const writer = new ByteWriter(512);
  writer.int32(-1).int32(input.maxWaitMs).int32(input.minBytes).int32(input.maxBytes);
  writer.int8(input.isolation === 'committed' ? 1 : 0);
  writer.int32(0).int32(-1); // no fetch session: every request names all its partitions
  writer.int32(input.topics.length);
  for (const { topic, positions } of input.topics) {
    writer.string(topic).int32(positions.length);
    for (const { partition, offset, bytesMax } of positions) {
      writer.int32(partition).int32(-1).int64(offset).int64(-1n).int32(bytesMax);
    }
  }
  return writer.int32(0).string('').bytes();
};

const decodePartition = (reader: ByteReader, topic: string): FetchedRecordSet => {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const logStartOffset = reader.int64();
  const aborted: AbortedTransaction[] = [];
  for (let left = reader.arrayLength(16); left > 0; left -= 1) {
    aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() });
  }
  reader.skip(4); // preferred read replica
  const length = reader.int32();
  const recordSet = reader.slice(Math.max(0, length), 'record set');
  return { topic, partition, errorCode, highWatermark, lastStableOffset, logStartOffset, aborted, recordSet };
};

/** Reads a Fetch v11 response. @throws KafkaError `corrupt-batch` when it does not hold what it says. */
export const decodeFetch = (bytes: Buffer): FetchResult => {
  const reader = new ByteReader(bytes);
  const throttleMs = reader.int32();
  const errorCode = reader.int16();
  reader.skip(4); // session
  const partitions: FetchedRecordSet[] = [];
  for (let topics = reader.arrayLength(6); topics > 0; topics -= 1) {
    const topic = reader.string();
    for (let left = reader.arrayLength(42); left > 0; left -= 1) partitions.push(decodePartition(reader, topic));
  }
  return { throttleMs, errorCode, partitions };
};

/** One Fetch over partitions that one broker leads. */
export const fetchRequest = (input: FetchInput): WireRequest<FetchResult> => ({
  apiKey: 1,
  apiVersion: 11,
  name: 'Fetch',
  encode: () => encodeFetch(input),
  decode: decodeFetch,
});
