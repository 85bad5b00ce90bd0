// What became of a transaction whose commit was not answered. The log itself is the witness: behind the records of a transaction
// stands the control batch of its producer, commit or abort. Committed offsets judge transactions without records, and tell whether a
// later owner has gone on.
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../port.ts';
import type { PartitionOffset, TransactionInput } from '../port.ts';
import { fetchRequest } from '../wire/fetch.ts';
import { controlMarker, readBatch } from '../wire/record-batch.ts';
import { protocolError, sendWire } from './internals.ts';
import type { KafkajsCluster } from './internals.ts';
import { fetchCommittedOffsets } from './offsets.ts';
import type { WireClient } from './wire-client.ts';

export type TransactionOutcome = 'committed' | 'aborted' | 'overtaken';

const MARKER_PATIENCE_MS = 10_000;
const FETCH_BYTES = 1024 * 1024;

interface ScanState {
  position: bigint;
  producerId: bigint | null;
}

/** Walks over batch headers from the first record of the transaction; null while its marker has not been seen. */
const scanRecordSet = (recordSet: Buffer, state: ScanState, first: PartitionOffset): 'abort' | 'commit' | null => {
  for (let at = 0, batch = readBatch(recordSet, 0); batch !== null; at = batch.endAt, batch = readBatch(recordSet, at)) {
    state.position = batch.lastOffset + 1n;
    if (state.producerId === null) {
      if (batch.baseOffset > first.offset) {
        throw new KafkaError('unavailable', `The outcome of a transaction cannot be told: its record at ${first.topic}/${first.partition}@${first.offset} is no longer kept. Fence, then read the committed position`);
      }
      if (batch.lastOffset >= first.offset) state.producerId = batch.producerId;
    } else if (batch.isControl && batch.producerId === state.producerId) {
      const marker = controlMarker(batch);
      if (marker !== null) return marker;
    }
  }
  return null;
};

const fetchFrom = async (cluster: KafkajsCluster, first: PartitionOffset, position: bigint): Promise<Buffer> => {
  await cluster.addMultipleTargetTopics([first.topic]);
  const leader = cluster.findTopicPartitionMetadata(first.topic).find(({ partitionId }) => partitionId === first.partition)?.leader ?? -1;
  const request = fetchRequest({
    topics: [{ topic: first.topic, positions: [{ partition: first.partition, offset: position }] }],
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    maxBytesPerPartition: FETCH_BYTES,
    isolation: 'uncommitted', // markers behind the last stable offset count too: another transaction may hold it back
  });
  const { errorCode, partitions } = await sendWire(await cluster.findBroker({ nodeId: leader }), request);
  const refused = errorCode === 0 ? (partitions[0]?.errorCode ?? 0) : errorCode;
  if (refused !== 0) throw protocolError(refused);
  return partitions[0]?.recordSet ?? Buffer.alloc(0);
};

const outcomeByMarker = async (client: WireClient, first: PartitionOffset): Promise<TransactionOutcome> => {
  const state: ScanState = { position: first.offset, producerId: null };
  for (const until = Date.now() + MARKER_PATIENCE_MS; ; await sleep(5)) {
    const recordSet = await client.run(`Outcome of a transaction at ${first.topic}/${first.partition}@${first.offset} could not be read`, (cluster) =>
      fetchFrom(cluster, first, state.position),
    );
    const marker = scanRecordSet(recordSet, state, first);
    if (marker !== null) return marker === 'commit' ? 'committed' : 'aborted';
    if (Date.now() > until) {
      throw new KafkaError('unavailable', `The outcome of a transaction cannot be told: no marker behind ${first.topic}/${first.partition}@${first.offset}. Fence, then read the committed position`);
    }
  }
};

const outcomeByOffsets = async (client: WireClient, { group, positions }: NonNullable<TransactionInput['offsets']>): Promise<TransactionOutcome> => {
  const committed = await fetchCommittedOffsets(client, group, positions);
  if (positions.every(({ offset }, index) => committed[index] === offset)) return 'committed';
  return positions.some(({ offset }, index) => (committed[index] ?? -1n) > offset) ? 'overtaken' : 'aborted';
};

/**
 * The outcome of a transaction after its transactional id was initialised again, which decides it. `first` is where its
 * first record went, null when it had none. `overtaken`: the group is past this transaction, so a later owner has gone on.
 * @throws KafkaError `unavailable` when it cannot be told.
 */
export const readTransactionOutcome = async (
  client: WireClient,
  first: PartitionOffset | null,
  offsets: TransactionInput['offsets'],
): Promise<TransactionOutcome> => {
  const byOffsets = offsets === undefined ? 'committed' : await outcomeByOffsets(client, offsets);
  if (first === null) return byOffsets;
  const byMarker = await outcomeByMarker(client, first);
  // It did commit, but a later owner has gone on from there before we came back: what the caller holds is no longer the last state.
  return byMarker === 'committed' && byOffsets === 'overtaken' ? 'overtaken' : byMarker;
};
