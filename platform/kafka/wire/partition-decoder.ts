// From the record set of one fetched partition to delivered records: aborted and control batches dropped, the position carried
// over them and over compacted gaps. Works in steps, so that a dense compressed fetch is not turned into objects all at once.
import type { InboundRecord } from '../port.ts';
import { createDeliveryFilter } from './aborted-transactions.ts';
import type { AbortedTransaction } from './aborted-transactions.ts';
import { readBatch } from './record-batch.ts';
import { readRecords } from './records.ts';

export interface RecordSetInput {
  readonly topic: string;
  readonly partition: number;
  readonly recordSet: Buffer;
  /** null reads uncommitted: everything but control records is delivered. */
  readonly aborted: readonly AbortedTransaction[] | null;
  readonly fromOffset: bigint;
  /** A step ends with the batch that reaches this many records. */
  readonly recordsPerStep: number;
  readonly decompressedBytesMax: number;
}

export interface RecordSetStep {
  readonly records: readonly InboundRecord[];
  /** Where the next step or fetch continues; `fromOffset` when the set held no whole batch. */
  readonly nextOffset: bigint;
  /** false: call again for the rest. */
  readonly isLast: boolean;
}

/**
 * Returns a function that decodes the next step at each call.
 * @throws KafkaError as `readBatch` and `readRecords` do, from the call that meets the damage; the steps before it stand.
 */
export const createRecordSetDecoder = (input: RecordSetInput): (() => RecordSetStep) => {
  const deliver = createDeliveryFilter(input.aborted ?? []);
  let at = 0;
  let nextOffset = input.fromOffset;
  return () => {
    const records: InboundRecord[] = [];
    const target = { topic: input.topic, partition: input.partition, fromOffset: input.fromOffset, records };
    for (;;) {
      const batch = readBatch(input.recordSet, at);
      if (batch === null) return { records, nextOffset, isLast: true };
      if (deliver(batch) && batch.lastOffset >= input.fromOffset) readRecords(batch, target, input.decompressedBytesMax);
      at = batch.endAt;
      if (batch.lastOffset >= nextOffset) nextOffset = batch.lastOffset + 1n;
      if (records.length >= input.recordsPerStep) return { records, nextOffset, isLast: at >= input.recordSet.length };
    }
  };
};
