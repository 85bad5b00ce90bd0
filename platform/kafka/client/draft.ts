// The records that one transaction will write, as batches of their partitions: split where a batch would pass the limit of its
// topic, packed when nothing more is added, stamped with the writer's identity when their turn comes.
import { KafkaError } from '../port.ts';
import type { RecordHeaders, TransactionDraft } from '../port.ts';
import { BatchBuilder, fieldBytes, RECORD_OVERHEAD_BYTES_MAX } from '../wire/batch-builder.ts';
import type { Codec } from '../wire/compress.ts';

/** Beyond any sane limit of a topic; the broker judges below it. */
const RECORD_BYTES_MAX = 32 * 1024 * 1024;
/** A buffer that one giant record made is not kept. */
const POOLED_BUFFER_BYTES_MAX = 2 * 1024 * 1024;

/** Batches of one partition in order. */
export interface PartitionBatches {
  readonly topic: string;
  readonly partition: number;
  readonly batches: BatchBuilder[];
}

export interface DraftLimits {
  /** Bytes of a batch of this topic, before compression; a record above it travels alone. */
  readonly batchBytesMax: (topic: string) => number;
  readonly codecOf: (topic: string, bytes: number) => Codec;
}

export class Draft implements TransactionDraft {
  records = 0;
  bytes = 0;
  private readonly limits: DraftLimits;
  private readonly pool: Buffer[];
  private readonly byTopic = new Map<string, (PartitionBatches | undefined)[]>();
  private readonly all: PartitionBatches[] = [];
  private lastTopic: string | null = null;
  private lastPartitions: (PartitionBatches | undefined)[] = [];
  private lastLimit = 0;

  /** `pool` gives the buffers of batches that are on the log already. */
  constructor(limits: DraftLimits, pool: Buffer[] = []) {
    this.limits = limits;
    this.pool = pool;
  }

  append(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: RecordHeaders,
    timestampMs: number = Date.now(),
  ): void {
    const fields = fieldBytes(key, value, headers);
    const bound = fields + RECORD_OVERHEAD_BYTES_MAX;
    if (bound > RECORD_BYTES_MAX) {
      throw new KafkaError(
        'record-too-large',
        `Record for ${topic}/${partition} has ${bound} bytes, above the limit of ${RECORD_BYTES_MAX}; split it into several records`,
      );
    }
    if (topic !== this.lastTopic) this.turnTo(topic);
    const { batches } = this.lastPartitions[partition] ?? this.open(topic, partition);
    let batch = batches[batches.length - 1] as BatchBuilder;
    if (batch.count > 0 && batch.size + bound > this.lastLimit) {
      batch = new BatchBuilder(this.pool.pop());
      batches.push(batch);
    }
    const before = batch.size;
    batch.append(key, value, headers, timestampMs, fields);
    this.records += 1;
    this.bytes += batch.size - before;
  }

  /** What is to be sent, compressed where that is asked for. Nothing is appended after it. */
  async pack(): Promise<readonly PartitionBatches[]> {
    const packing = this.all.flatMap(({ topic, batches }) =>
      batches.map((batch) => batch.pack(this.limits.codecOf(topic, batch.size))),
    );
    await Promise.all(packing);
    return this.all;
  }

  /** Gives the buffers back, up to a sum of bytes; only when everything of the draft is on the log. */
  release(poolBytesMax: number): void {
    let pooled = this.pool.reduce((sum, { length }) => sum + length, 0);
    for (const { batches } of this.all) {
      for (const batch of batches) {
        const buffer = batch.recycle();
        if (pooled + buffer.length > poolBytesMax || buffer.length > POOLED_BUFFER_BYTES_MAX) continue;
        this.pool.push(buffer);
        pooled += buffer.length;
      }
    }
  }

  private turnTo(topic: string): void {
    let partitions = this.byTopic.get(topic);
    if (partitions === undefined) {
      partitions = [];
      this.byTopic.set(topic, partitions);
    }
    this.lastTopic = topic;
    this.lastPartitions = partitions;
    this.lastLimit = this.limits.batchBytesMax(topic);
  }

  private open(topic: string, partition: number): PartitionBatches {
    const opened = { topic, partition, batches: [new BatchBuilder(this.pool.pop())] };
    this.lastPartitions[partition] = opened;
    this.all.push(opened);
    return opened;
  }
}
