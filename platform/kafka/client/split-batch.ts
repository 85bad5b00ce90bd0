// Cuts a batch in two that a topic refused as too large. The halves together use the same sequence numbers, so that the batches
// behind them keep theirs.
import { BatchBuilder, fieldBytes } from '../wire/batch-builder.ts';
import { readRawRecords } from '../wire/records.ts';

/** The two halves of a batch of two or more records. */
export const splitBatch = async (batch: BatchBuilder): Promise<readonly [BatchBuilder, BatchBuilder]> => {
  const halves = [new BatchBuilder(), new BatchBuilder()] as const;
  const first = Math.ceil(batch.count / 2);
  readRawRecords(batch.payload, batch.count, (record, index) => {
    const { key, value, headers, timestampDelta } = record;
    const half = index < first ? halves[0] : halves[1];
    half.append(key, value, headers, batch.baseTimestampMs + timestampDelta, fieldBytes(key, value, headers));
  });
  for (const half of halves) await half.pack(batch.codec);
  return halves;
};
