// Which batches of a read-committed fetch belong to aborted transactions. The broker's list is ordered by abort marker, not by
// first offset, and several transactions may be open at once, so it is sorted and activated in a loop.
import { controlMarker } from './record-batch.ts';
import type { RecordBatch } from './record-batch.ts';

/** An aborted transaction as a fetch response names it. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** Decides batch by batch, in log order, whether a batch is delivered. */
export type DeliveryFilter = (batch: RecordBatch) => boolean;

/**
 * A filter for the batches of one partition of one response: control batches and batches of aborted transactions are not delivered.
 * A transaction's abort ends at the abort marker of its producer; markers are known by the batch's control bit, never by key bytes.
 */
export const createDeliveryFilter = (aborted: readonly AbortedTransaction[]): DeliveryFilter => {
  const ordered = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : a.firstOffset > b.firstOffset ? 1 : 0));
  const active = new Set<bigint>();
  let next = 0;
  return (batch) => {
    for (let entry = ordered[next]; entry !== undefined && entry.firstOffset <= batch.lastOffset; entry = ordered[next]) {
      active.add(entry.producerId);
      next += 1;
    }
    if (batch.isControl) {
      if (controlMarker(batch) === 'abort') active.delete(batch.producerId);
      return false;
    }
    return !(batch.isTransactional && active.has(batch.producerId));
  };
};
