// What became of a transaction whose commit was not answered. The log itself is the witness: behind the records of a transaction
// stands the control batch of its producer, commit or abort. A committed one may already have been followed by a later owner of the
// same id: the group's position and later batches of the same producer id tell, and then nothing held in memory may be built upon.
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../port.ts';
import type { PartitionOffset, TransactionInput } from '../port.ts';
import { fetchRequest } from '../wire/fetch.ts';
import type { FetchedRecordSet } from '../wire/fetch.ts';
import { controlMarker, readBatch } from '../wire/record-batch.ts';
import type { RecordBatch } from '../wire/record-batch.ts';
import { protocolError, sendWire } from './internals.ts';
import type { KafkajsCluster } from './internals.ts';
import { fetchCommittedOffsets } from './offsets.ts';
import type { WireClient } from './wire-client.ts';

/** `overtaken`: a later owner of the transactional id has gone on from this transaction. */
export type TransactionOutcome = 'committed' | 'aborted' | 'overtaken';

const MARKER_PATIENCE_MS = 10_000;
const FETCH_BYTES = 1024 * 1024;
const REQUEST_TIMED_OUT = 7;

interface Scan {
  position: bigint;
  /** Producer id and epoch of the transaction, from its first batch. */
  producer: { readonly id: bigint; readonly epoch: number } | null;
  marker: 'abort' | 'commit' | null;
  overtaken: boolean;
}

const cannotBeTold = (first: PartitionOffset, reason: string): KafkaError =>
  new KafkaError(
    'unavailable',
    `The outcome of the transaction at ${first.topic}/${first.partition}@${first.offset} cannot be told: ${reason}. Fence, then read the committed position`,
  );

const scanBatch = (scan: Scan, batch: RecordBatch, first: PartitionOffset): void => {
  scan.position = batch.lastOffset + 1n;
  if (scan.producer === null) {
    if (batch.baseOffset > first.offset) throw cannotBeTold(first, 'its record is no longer kept');
    if (batch.lastOffset >= first.offset) scan.producer = { id: batch.producerId, epoch: batch.producerEpoch };
    return;
  }
  if (batch.producerId !== scan.producer.id) return;
  if (batch.isControl) scan.marker ??= controlMarker(batch);
  else if (batch.producerEpoch !== scan.producer.epoch) scan.overtaken = true; // an epoch grows, or the id was given anew
};

const fetchFrom = async (cluster: KafkajsCluster, first: PartitionOffset, position: bigint): Promise<FetchedRecordSet> => {
  await cluster.addMultipleTargetTopics([first.topic]);
  const leader =
    cluster.findTopicPartitionMetadata(first.topic).find(({ partitionId }) => partitionId === first.partition)?.leader ?? -1;
  const request = fetchRequest({
    topics: [{ topic: first.topic, positions: [{ partition: first.partition, offset: position }] }],
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    maxBytesPerPartition: FETCH_BYTES,
    isolation: 'uncommitted', // markers behind the last stable offset count too: another transaction may hold it back
  });
  const { errorCode, partitions } = await sendWire(await cluster.findBroker({ nodeId: leader }), request);
  const [answer] = partitions;
  const refused = errorCode === 0 ? (answer?.errorCode ?? 0) : errorCode;
  if (refused !== 0) throw protocolError(refused);
  if (answer === undefined) throw protocolError(REQUEST_TIMED_OUT);
  return answer;
};

/** Reads headers from the transaction's first record to the end of its partition. */
const outcomeByLog = async (client: WireClient, first: PartitionOffset): Promise<TransactionOutcome> => {
  const scan: Scan = { position: first.offset, producer: null, marker: null, overtaken: false };
  for (const until = Date.now() + MARKER_PATIENCE_MS; ;) {
    const what = `The outcome of the transaction at ${first.topic}/${first.partition}@${first.offset} could not be read`;
    const { recordSet, highWatermark } = await client.run(what, (cluster) => fetchFrom(cluster, first, scan.position));
    for (let batch = readBatch(recordSet, 0); batch !== null; batch = readBatch(recordSet, batch.endAt))
      scanBatch(scan, batch, first);
    if (scan.marker === 'abort') return 'aborted';
    if (scan.marker === 'commit' && scan.overtaken) return 'overtaken';
    if (scan.marker === 'commit' && scan.position >= highWatermark) return 'committed';
    if (Date.now() > until) throw cannotBeTold(first, 'there is no marker behind it');
    if (recordSet.length === 0) await sleep(5);
  }
};

const outcomeByOffsets = async (
  client: WireClient,
  { group, positions }: NonNullable<TransactionInput['offsets']>,
): Promise<TransactionOutcome> => {
  const committed = await fetchCommittedOffsets(client, group, positions);
  if (positions.every(({ offset }, index) => committed[index] === offset)) return 'committed';
  return positions.some(({ offset }, index) => (committed[index] ?? -1n) > offset) ? 'overtaken' : 'aborted';
};

/**
 * The outcome of a transaction after its transactional id was initialised again, which decides it. `first` is where its
 * first record went, null when it had none: then only the committed offsets can tell, and they are all that it had to do.
 * @throws KafkaError `unavailable` when it cannot be told.
 */
export const readTransactionOutcome = async (
  client: WireClient,
  first: PartitionOffset | null,
  offsets: TransactionInput['offsets'],
): Promise<TransactionOutcome> => {
  const byOffsets = (): Promise<TransactionOutcome> =>
    offsets === undefined ? Promise.resolve('committed') : outcomeByOffsets(client, offsets);
  if (first === null) return byOffsets();
  const byLog = await outcomeByLog(client, first);
  if (byLog !== 'committed') return byLog;
  // The transaction committed, so its positions did too: where they are not, they were moved on or back by somebody else.
  return (await byOffsets()) === 'committed' ? 'committed' : 'overtaken';
};
