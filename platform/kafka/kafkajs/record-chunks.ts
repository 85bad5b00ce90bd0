// Cuts records into produce requests: kafkajs makes one record batch per partition and request, and a batch above the topic's
// limit is refused, so a request holds at most `batchBytesMax` per partition. Order within a partition is kept.
import { KafkaError } from '../port.ts';
import type { OutboundRecord } from '../port.ts';
import { keyOf } from '../wire/fetch-plan.ts';
import { COMPRESSION } from './internals.ts';
import type { KafkajsAppended, KafkajsMessage, KafkajsSendBatch } from './internals.ts';

const RECORD_OVERHEAD_BYTES = 32; // lengths, deltas, attributes at their largest
const REQUEST_BYTES_MAX = 16 * 1024 * 1024;
const RECORD_BYTES_MAX = 32 * 1024 * 1024; // beyond any sane topic limit; the broker judges below it
const COMPRESS_FROM_BYTES = 512; // below it zstd gains nothing
const PRODUCE_TIMEOUT_MS = 10_000;
const WHOLE_ATTEMPTS = 5;

/** One request: the records of `chunk`, in order, ready for kafkajs. */
export interface RecordChunk {
  readonly records: readonly OutboundRecord[];
  readonly bytes: number;
}

/** Upper bound of a record's size on the log, before compression. */
export const recordBytes = (record: OutboundRecord): number => {
  let bytes = RECORD_OVERHEAD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const [name, value] of Object.entries(record.headers ?? {})) bytes += 10 + name.length * 3 + value.length;
  return bytes;
};

/**
 * Records cut into requests in order. A record above `batchBytesMax` has a request of its own: only the broker knows the topic's
 * limit, and its refusal must not touch other records.
 * @throws KafkaError `record-too-large` for a record above 32 MiB, before anything is sent.
 */
export const chunkRecords = (records: readonly OutboundRecord[], batchBytesMax: number): readonly RecordChunk[] => {
  const chunks: RecordChunk[] = [];
  let current: OutboundRecord[] = [];
  let total = 0;
  const perPartition = new Map<string, number>();
  const cut = (): void => {
    if (current.length > 0) chunks.push({ records: current, bytes: total });
    current = [];
    total = 0;
    perPartition.clear();
  };
  for (const record of records) {
    const bytes = recordBytes(record);
    if (bytes > RECORD_BYTES_MAX) {
      throw new KafkaError(
        'record-too-large',
        `Record for ${record.topic}/${record.partition} has ${bytes} bytes, above the limit of ${RECORD_BYTES_MAX}; split it into several records`,
      );
    }
    if (bytes > batchBytesMax) {
      cut();
      chunks.push({ records: [record], bytes });
      continue;
    }
    const key = keyOf(record);
    const before = perPartition.get(key) ?? 0;
    if (before + bytes > batchBytesMax || total + bytes > REQUEST_BYTES_MAX) cut();
    perPartition.set(key, (perPartition.get(key) ?? 0) + bytes);
    total += bytes;
    current.push(record);
  }
  cut();
  return chunks;
};

const toMessage = (record: OutboundRecord): KafkajsMessage => ({
  partition: record.partition,
  key: record.key,
  value: record.value,
  ...(record.headers === undefined ? {} : { headers: record.headers }),
  ...(record.timestampMs === undefined ? {} : { timestamp: record.timestampMs.toString() }),
});

/** The chunk in kafkajs's shape, compressed where that pays. */
export const toSendBatch = (chunk: RecordChunk): KafkajsSendBatch => ({
  acks: -1,
  timeout: PRODUCE_TIMEOUT_MS,
  compression: chunk.bytes >= COMPRESS_FROM_BYTES ? COMPRESSION.zstd : COMPRESSION.none,
  topicMessages: [...Map.groupBy(chunk.records, ({ topic }) => topic)].map(([topic, entries]) => ({
    topic,
    messages: entries.map(toMessage),
  })),
});

/**
 * Sends a chunk and tells where each partition's first record went. kafkajs forgets partitions whose leader moves, while it retries,
 * to a broker that has already answered (seen: half a transaction lost when one of two brokers stopped): such partitions are missing
 * from its answer and are sent again. Their sequence numbers are the same, so the broker keeps one copy. In the reverse case, where
 * a partition moves away from a broker that has answered, kafkajs appends its records twice: an error, which aborts a transaction.
 * @throws KafkaError `unavailable` in that case and when partitions are still missing after some attempts; what `send` throws.
 */
export const sendWhole = async (
  send: (batch: KafkajsSendBatch) => Promise<readonly KafkajsAppended[]>,
  chunk: RecordChunk,
): Promise<ReadonlyMap<string, bigint>> => {
  const firstOffsets = new Map<string, bigint>();
  let missing = chunk.records;
  for (let attempt = 0; missing.length > 0 && attempt < WHOLE_ATTEMPTS; attempt += 1) {
    for (const { topicName, partition, baseOffset } of await send(toSendBatch({ ...chunk, records: missing }))) {
      const key = keyOf({ topic: topicName, partition });
      if (firstOffsets.has(key))
        throw new KafkaError(
          'unavailable',
          `Records for ${topicName}/${partition} were appended twice because its leader moved in the middle of a request`,
        );
      firstOffsets.set(key, BigInt(baseOffset));
    }
    missing = missing.filter((record) => !firstOffsets.has(keyOf(record)));
  }
  if (missing.length === 0) return firstOffsets;
  throw new KafkaError(
    'unavailable',
    `${missing.length} records, the first for ${missing[0]?.topic}/${missing[0]?.partition}, were not acknowledged in ${WHOLE_ATTEMPTS} attempts`,
  );
};
