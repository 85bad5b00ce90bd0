// The requests of a transaction with transaction.version 2 (KIP-890): InitProducerId v4, TxnOffsetCommit v5, EndTxn v5, and
// ListTransactions v2 to find orphans. Partitions join a transaction by themselves, and every end of one brings a new epoch.
import type { PartitionOffset } from '../port.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

/** Producer id and epoch, as the transaction coordinator gave them last. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly epoch: number;
}

export interface ProducerIdentityResult extends ProducerIdentity {
  readonly throttleMs: number;
  readonly errorCode: number;
}

const decodeIdentity = (bytes: Buffer): ProducerIdentityResult => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  return { throttleMs: reader.int32(), errorCode: reader.int16(), producerId: reader.int64(), epoch: reader.int16() };
};
export const decodeInitProducerId = decodeIdentity;
export const decodeEndTxn = decodeIdentity;

/** Fences the former owner of a transactional id and ends its transaction; null asks for the id of an idempotent writer. */
export const initProducerIdRequest = (
  transactionalId: string | null,
  transactionTimeoutMs: number,
): WireRequest<ProducerIdentityResult> => ({
  apiKey: 22,
  apiVersion: 4,
  name: 'InitProducerId',
  encode: () =>
    new ByteWriter()
      .noTags()
      .nullableCompactString(transactionalId)
      .int32(transactionTimeoutMs)
      .int64(-1n)
      .int16(-1)
      .noTags()
      .bytes(),
  decode: decodeIdentity,
});

/** Commits or aborts. Sent again with the same identity it tells the outcome of the first time. */
export const endTxnRequest = (
  transactionalId: string,
  { producerId, epoch }: ProducerIdentity,
  outcome: 'commit' | 'abort',
): WireRequest<ProducerIdentityResult> => ({
  apiKey: 26,
  apiVersion: 5,
  name: 'EndTxn',
  encode: () =>
    new ByteWriter()
      .noTags()
      .compactString(transactionalId)
      .int64(producerId)
      .int16(epoch)
      .bool(outcome === 'commit')
      .noTags()
      .bytes(),
  decode: decodeIdentity,
});

export interface TxnOffsetCommitInput {
  readonly transactionalId: string;
  readonly group: string;
  readonly identity: ProducerIdentity;
  /** Membership that fences the commit; without it the broker checks nothing but the transactional id. */
  readonly member: { readonly id: string; readonly epoch: number } | null;
  readonly positions: readonly PartitionOffset[];
}

export interface PartitionErrors {
  readonly throttleMs: number;
  readonly partitions: readonly { readonly topic: string; readonly partition: number; readonly errorCode: number }[];
}

export const decodeTxnOffsetCommit = (bytes: Buffer): PartitionErrors => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const partitions = reader.compactArray(3, () => {
    const topic = reader.compactString() ?? '';
    const entries = reader.compactArray(7, () => {
      const entry = { topic, partition: reader.int32(), errorCode: reader.int16() };
      reader.skipTags();
      return entry;
    });
    reader.skipTags();
    return entries;
  });
  return { throttleMs, partitions: partitions.flat() };
};

const encodeTxnOffsetCommit = ({ transactionalId, group, identity, member, positions }: TxnOffsetCommitInput): Buffer => {
  const writer = new ByteWriter(512).noTags().compactString(transactionalId).compactString(group);
  writer.int64(identity.producerId).int16(identity.epoch);
  writer
    .int32(member?.epoch ?? -1)
    .compactString(member?.id ?? '')
    .nullableCompactString(null);
  writer.compactArray([...Map.groupBy(positions, ({ topic }) => topic)], ([topic, entries]) => {
    writer.compactString(topic);
    writer.compactArray(entries, ({ partition, offset }) => {
      writer.int32(partition).int64(offset).int32(-1).nullableCompactString(null).noTags();
    });
    writer.noTags();
  });
  return writer.noTags().bytes();
};

/** Adds input positions to the transaction, at the coordinator of the group. */
export const txnOffsetCommitRequest = (input: TxnOffsetCommitInput): WireRequest<PartitionErrors> => ({
  apiKey: 28,
  apiVersion: 5,
  name: 'TxnOffsetCommit',
  encode: () => encodeTxnOffsetCommit(input),
  decode: decodeTxnOffsetCommit,
});

export interface ListedTransactions {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly transactionalIds: readonly string[];
}

export const decodeListTransactions = (bytes: Buffer): ListedTransactions => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const throttleMs = reader.int32();
  const errorCode = reader.int16();
  reader.compactArray(1, () => reader.compactString()); // filters that the broker does not know
  const transactionalIds = reader.compactArray(11, () => {
    const id = reader.compactString() ?? '';
    reader.skip(8); // producer id
    reader.compactString();
    reader.skipTags();
    return id;
  });
  return { throttleMs, errorCode, transactionalIds };
};

/** Open transactions of one broker's coordinators whose transactional id matches the whole `pattern` (RE2). */
export const listTransactionsRequest = (pattern: string): WireRequest<ListedTransactions> => ({
  apiKey: 66,
  apiVersion: 2,
  name: 'ListTransactions',
  encode: () => {
    const writer = new ByteWriter().noTags();
    writer.compactArray(['Ongoing'], (state) => writer.compactString(state));
    return writer.unsignedVarint(1).int64(-1n).compactString(pattern).noTags().bytes();
  },
  decode: decodeListTransactions,
});
