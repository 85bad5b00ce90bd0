// Reads one partition up to an end that was fixed before: the loop of every restore. It cannot hang on control records, aborted
// transactions or compacted gaps, since the position of the fetch advances over them (datapath.md 4).
import type { InboundRecord, KafkaPort, PartitionReader, TopicPartition } from '#platform/kafka/port.ts';

const POLL_WAIT_MS = 200;
const FETCH_BYTES_MAX = 2 * 1024 * 1024;
const STANDSTILL_MS = 10_000;

export interface ReadTo extends TopicPartition {
  readonly from: bigint;
  /** Exclusive. The high watermark, never the last stable offset, which may lag behind a commit (datapath.md 0). */
  readonly to: bigint;
  readonly onRecord: (record: InboundRecord) => void;
  readonly onProgress?: (position: bigint) => void;
  /** Told when nothing moves for `standstillMs` (ten seconds unless given), for example behind an open transaction of a dead process. */
  readonly onStandstill?: (position: bigint) => void;
  readonly standstillMs?: number;
  readonly signal: AbortSignal;
}

/** Folds all committed records of `[from, to)`; stops early, without error, only when the signal is given. */
export const readTo = async (
  kafka: KafkaPort,
  { topic, partition, from, to, onRecord, onProgress, onStandstill, standstillMs = STANDSTILL_MS, signal }: ReadTo,
): Promise<void> => {
  if (from >= to) return;
  const reader: PartitionReader = kafka.reader({
    positions: [{ topic, partition, offset: from }],
    maxBytesPerPartition: FETCH_BYTES_MAX,
  });
  let position = from;
  let movedAt = performance.now();
  try {
    while (position < to && !signal.aborted) {
      for (const fetched of await reader.poll(POLL_WAIT_MS)) {
        for (const record of fetched.records) if (record.offset < to) onRecord(record);
        position = fetched.nextOffset;
        movedAt = performance.now();
        onProgress?.(position < to ? position : to);
      }
      if (performance.now() - movedAt > standstillMs) {
        onStandstill?.(position);
        movedAt = performance.now();
      }
    }
  } finally {
    await reader.close();
  }
};
