// Produce v12: one record batch per partition, idempotent or within a transaction that the partition joins by itself (KIP-890).
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

/** A sealed batch; `parts` are its bytes in order. */
export interface ProduceBatch {
  readonly topic: string;
  readonly partition: number;
  readonly parts: readonly Buffer[];
  readonly bytes: number;
}

export interface ProduceInput {
  readonly transactionalId: string | null;
  /** How long the leader may wait for its followers. */
  readonly timeoutMs: number;
  /** At most one per partition: the broker refuses more. */
  readonly batches: readonly ProduceBatch[];
}

export interface ProduceResult {
  readonly throttleMs: number;
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly errorCode: number;
    readonly errorMessage: string | null;
    readonly baseOffset: bigint;
  }[];
}

const encodeParts = ({ transactionalId, timeoutMs, batches }: ProduceInput): readonly Buffer[] => {
  const parts: Buffer[] = [];
  let writer = new ByteWriter().noTags().nullableCompactString(transactionalId).int16(-1).int32(timeoutMs);
  writer.compactArray([...Map.groupBy(batches, ({ topic }) => topic)], ([topic, entries]) => {
    writer.compactString(topic);
    writer.compactArray(entries, (batch) => {
      parts.push(
        writer
          .int32(batch.partition)
          .unsignedVarint(batch.bytes + 1)
          .bytes(),
        ...batch.parts,
      );
      writer = new ByteWriter(64).noTags();
    });
    writer.noTags();
  });
  parts.push(writer.noTags().bytes());
  return parts;
};

export const decodeProduce = (bytes: Buffer): ProduceResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const partitions = reader.compactArray(3, () => {
    const topic = reader.compactString() ?? '';
    const entries = reader.compactArray(33, () => {
      const partition = reader.int32();
      const errorCode = reader.int16();
      const baseOffset = reader.int64();
      reader.skip(16); // append time, first kept offset
      const recordErrors = reader.compactArray(6, () => {
        reader.skip(4);
        const message = reader.compactString();
        reader.skipTags();
        return message;
      });
      const errorMessage = reader.compactString() ?? recordErrors.find((message) => message !== null) ?? null;
      reader.skipTags();
      return { topic, partition, errorCode, errorMessage, baseOffset };
    });
    reader.skipTags();
    return entries;
  });
  return { throttleMs: reader.int32(), partitions: partitions.flat() };
};

export const produceRequest = (input: ProduceInput): WireRequest<ProduceResult> => ({
  apiKey: 0,
  apiVersion: 12,
  name: 'Produce',
  encode: () => Buffer.concat(encodeParts(input)),
  encodeParts: () => encodeParts(input),
  decode: decodeProduce,
});
