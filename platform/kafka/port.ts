// The one Kafka interface of the system: nothing outside platform/kafka knows which client does the work.
// Positions are bigint offsets; partitions are always explicit; readers deliver committed records only.

/** Header values as bytes; names are unique within a record. */
export type RecordHeaders = Readonly<Record<string, Buffer>>;

/** A record to append. `partition` is never chosen by the client (design.md 2.2). */
export interface OutboundRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  /** null is a tombstone of a compacted topic. */
  readonly value: Buffer | null;
  readonly headers?: RecordHeaders;
  /** Milliseconds since the epoch; the broker's clock is not used when given. */
  readonly timestampMs?: number;
}

/** A record as it stands on the log. Key, value and headers are views on the fetched bytes: copy what is kept for long. */
export interface InboundRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  readonly timestampMs: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionOffset extends TopicPartition {
  readonly offset: bigint;
}

/** What one fetch brought for one partition. Control and aborted records advance `nextOffset` without being delivered. */
export interface FetchedPartition extends TopicPartition {
  readonly records: readonly InboundRecord[];
  /** Where the next fetch continues. */
  readonly nextOffset: bigint;
  /** End of the partition as the broker saw it, undecided transactions included. */
  readonly highWatermark: bigint;
  /** Records below it are decided. */
  readonly lastStableOffset: bigint;
  /** First offset still kept. */
  readonly logStartOffset: bigint;
}

/** Reads a fixed set of partitions from fixed positions, without a consumer group. */
export interface PartitionReader {
  /**
   * One fetch over all partitions, at most `maxWaitMs` when nothing is there. Only partitions that moved are returned.
   * @throws KafkaError `offset-out-of-range` when a position lies outside the kept log: it is never skipped silently.
   */
  poll(maxWaitMs: number): Promise<readonly FetchedPartition[]>;
  /** Sets the position of a partition and adds it if the reader does not have it yet. */
  seek(position: PartitionOffset): void;
  /** Takes a partition out. */
  remove(partition: TopicPartition): void;
  close(): Promise<void>;
}

export interface ReaderOptions {
  readonly positions: readonly PartitionOffset[];
  /** committed (the default) drops aborted records by first offset and control records. */
  readonly isolation?: 'committed' | 'uncommitted';
  readonly maxBytesPerPartition?: number;
  /** Bytes that the broker waits for before it answers; 1 unless given. */
  readonly minBytes?: number;
}

/** One transaction: records first, then offsets, then the commit (pipeline.md 0.5). */
export interface TransactionInput {
  readonly records: readonly OutboundRecord[];
  /** Committed input positions of `group`, the next offset to read. */
  readonly offsets?: { readonly group: string; readonly positions: readonly PartitionOffset[] };
}

/** Exactly-once writer. One transactional id per (processor, partition); a later owner of the id fences the earlier one. */
export interface TransactionalProducer {
  /** Fences the former owner and ends its open transaction. Call it before committed offsets or ends are read. */
  fence(): Promise<void>;
  /**
   * Appends and commits, all or nothing. In doubt (the answer to the commit was lost) it re-initialises and compares the
   * committed position: it resolves when the transaction had committed.
   * @throws KafkaError `fenced` when a later owner exists; `transaction-aborted` when nothing of it was committed;
   *   `record-too-large` likewise; `unavailable` when the outcome could not be learnt in time: nothing passes before the next fence.
   */
  commit(input: TransactionInput): Promise<void>;
  close(): Promise<void>;
}

/**
 * What one transaction of a worker will write: records go straight into the record batches of their partitions, without an
 * object per record. Bytes are copied on `append`, so that views may be given.
 */
export interface TransactionDraft {
  append(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: RecordHeaders,
    timestampMs?: number,
  ): void;
  readonly records: number;
  /** Bytes of the records so far, before compression. */
  readonly bytes: number;
}

/** What a worker is told of its partitions. The calls come one after another, never two at a time. */
export interface WorkerListener {
  /** Partitions that the worker holds from now on: read `committed(p)`, restore, then process. */
  assigned(partitions: readonly number[]): void;
  /** Finish or drop what is under way for them and forget their state; the revocation is acknowledged when it resolves. */
  revoked(partitions: readonly number[]): Promise<void>;
  /**
   * They are gone (fenced, thrown out of the group, a commit in doubt that failed): drop everything, commit nothing. Those still held
   * come again by `assigned`.
   */
  lost(partitions: readonly number[], cause: Error): void;
}

export interface WorkerOptions {
  readonly group: string;
  /** Input topic whose partitions are shared out. */
  readonly topic: string;
  /** Stable per slot, for example `0`: member id and transactional id are `<group>~<workerId>`. Never two processes with one id. */
  readonly workerId: string;
  /** group: shared out by the broker among the workers of the group (KIP-848). A list: exactly these, without membership. */
  readonly partitions: 'group' | readonly number[];
  readonly transactionTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
  /** After this long without a heartbeat the group gives its partitions to others; a setting of the group, at least the broker's minimum. */
  readonly sessionTimeoutMs?: number;
  /** After this long without an acknowledged revocation the broker throws the worker out. */
  readonly rebalanceTimeoutMs?: number;
}

/**
 * One transactional id for all partitions of a worker, fenced by its membership (README.md, A worker). The caller computes the next draft
 * while `commit` of the former is under way; `commit` calls are queued, and after one failed every later one fails too until `lost` was told.
 */
export interface Worker {
  /** Fences the former process of the same id, then joins. Resolves when the group has accepted it; `assigned` follows. */
  start(listener: WorkerListener): Promise<void>;
  /** Stable committed position of a held partition; waits for undecided transactions and fences orphans. null: never committed. */
  committed(partition: number): Promise<bigint | null>;
  draft(): TransactionDraft;
  /**
   * Offsets first, then records, then the end of the transaction; resolves when all of it is committed, in doubt resolved.
   * @throws KafkaError `transaction-aborted` | `fenced` | `unavailable` | `record-too-large`: nothing of it was committed or the worker
   *   starts anew from its fence; `lost` tells.
   */
  commit(draft: TransactionDraft, positions: ReadonlyMap<number, bigint>): Promise<void>;
  /** Leaves the group after the last commit, so that the others take over at once. */
  leave(): Promise<void>;
}

/** Idempotent writer for ingress topics (commands, feeds, dead letters). */
export interface RecordProducer {
  /**
   * Appends with acks=all; resolves with the offset of each record, in the order given.
   * @throws KafkaError `unavailable` when it took too long: records may be on the log; `record-too-large` when a topic refused one.
   */
  send(records: readonly OutboundRecord[]): Promise<readonly PartitionOffset[]>;
  close(): Promise<void>;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor?: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface Watermarks extends TopicPartition {
  readonly low: bigint;
  readonly high: bigint;
}

export interface KafkaAdmin {
  /** Creates what is missing; @throws KafkaError `topic-mismatch` when an existing topic has another partition count. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  topicNames(): Promise<readonly string[]>;
  /** The broker's id of the topic: it changes when a topic is deleted and made again (design.md 2.6). */
  topicId(topic: string): Promise<string>;
  partitionCount(topic: string): Promise<number>;
  /** Read uncommitted: low = first kept offset, high = end including undecided transactions. */
  watermarks(topic: string): Promise<readonly Watermarks[]>;
  /**
   * null where the group has no committed offset. Only safe after a fence of the writer of these offsets. It waits for undecided
   * transactions over the partitions asked for (all unless given), so ask only for those that were fenced.
   */
  committedOffsets(group: string, topic: string, partitions?: readonly number[]): Promise<ReadonlyMap<number, bigint | null>>;
  setOffsets(group: string, positions: readonly PartitionOffset[]): Promise<void>;
  /**
   * Takes a worker out of its group at once, so that the others need not wait for its session to end. Only for whoever knows that its
   * process is dead: a living one loses its partitions and joins again.
   */
  evict(group: string, workerId: string): Promise<void>;
  deleteTopics(names: readonly string[]): Promise<void>;
  deleteRecordsBefore(positions: readonly PartitionOffset[]): Promise<void>;
  /** Broker version, cluster id and node count; also the cheapest liveness check. */
  describeCluster(): Promise<{ readonly clusterId: string; readonly brokers: number }>;
  close(): Promise<void>;
}

/** How the rest of the system reaches Kafka. One instance per process. */
export interface KafkaPort {
  readonly admin: KafkaAdmin;
  reader(options: ReaderOptions): PartitionReader;
  transactionalProducer(options: {
    readonly transactionalId: string;
    readonly transactionTimeoutMs?: number;
  }): TransactionalProducer;
  worker(options: WorkerOptions): Worker;
  producer(): RecordProducer;
  close(): Promise<void>;
}

export type KafkaErrorCode =
  | 'offset-out-of-range'
  | 'fenced'
  | 'transaction-aborted'
  | 'topic-mismatch'
  | 'record-too-large'
  | 'unavailable'
  | 'corrupt-batch'
  | 'unsupported';

/** A failure of the log, with what it happened to. `unavailable` is worth waiting for; the others are not. */
export class KafkaError extends Error {
  readonly code: KafkaErrorCode;
  constructor(code: KafkaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KafkaError';
    this.code = code;
  }
}
