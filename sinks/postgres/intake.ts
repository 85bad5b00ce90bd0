// Fetches the log into queues. A queue that grows too long is taken out of the fetch until it is short again: a partition that waits for
// another one must not fill the memory.
import type { KafkaPort, PartitionOffset, PartitionReader } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { topicName } from '#schemas/topics.ts';
import type { LogState } from './log.ts';
import { readItem } from './log-item.ts';
import type { Positions, Source } from './positions.ts';
import { emptyQueue, enqueue, itemAt, waitingOf, type Queue } from './queues.ts';

const pauseAt = 20_000;
const resumeAt = 2_000;

export interface IntakeOptions {
  readonly kafka: KafkaPort;
  readonly codec: Codec;
  readonly topicPrefix: string;
}

/** The log between the broker and the transactions. */
export interface Intake {
  readonly queues: readonly Queue[];
  /** Begins anew at positions; whatever was fetched is forgotten. */
  open(positions: Positions): Promise<void>;
  /** One fetch of at most `maxWaitMs`. */
  fetch(maxWaitMs: number): Promise<void>;
  /** Takes up queues again that have become short. */
  resumeShort(): void;
  /** Notes where partitions end, so that the lag is known without a fetch. */
  noteEnds(log: LogState): void;
  /** Items that wait in all queues. */
  waiting(): number;
  /** @throws SinkError `undecodable` when nothing stands before an item that cannot be read. */
  stopAtUnreadable(): void;
  close(): Promise<void>;
}

/** An intake that has fetched nothing. */
export const createIntake = (options: IntakeOptions): Intake => new QueueIntake(options);

class QueueIntake implements Intake {
  queues: readonly Queue[] = [];
  private readonly options: IntakeOptions;
  private reader: PartitionReader | null = null;

  constructor(options: IntakeOptions) {
    this.options = options;
  }

  async open(positions: Positions): Promise<void> {
    await this.reader?.close();
    this.queues = [...positions.values()].map(({ source, partition, sourceNextOffset }) =>
      emptyQueue(source, partition, sourceNextOffset),
    );
    this.reader = this.options.kafka.reader({ positions: this.queues.map((queue) => this.placeOf(queue)), minBytes: 1 });
  }

  async fetch(maxWaitMs: number): Promise<void> {
    const { codec, topicPrefix } = this.options;
    for (const fetched of (await this.reader?.poll(maxWaitMs)) ?? []) {
      const queue = this.queueOf(fetched.topic.slice(topicPrefix.length) as Source, fetched.partition);
      if (queue.paused) continue;
      enqueue(queue, fetched, (record) => readItem(codec, queue.source, record));
      if (waitingOf(queue) < pauseAt) continue;
      queue.paused = true;
      this.reader?.remove(this.placeOf(queue));
    }
  }

  resumeShort(): void {
    for (const queue of this.queues) {
      if (!queue.paused || waitingOf(queue) > resumeAt) continue;
      queue.paused = false;
      this.reader?.seek(this.placeOf(queue));
    }
  }

  noteEnds(log: LogState): void {
    for (const queue of this.queues) {
      const end = log.watermarks[queue.source].find(({ partition }) => partition === queue.partition)?.high;
      if (end !== undefined) queue.end = end;
    }
  }

  waiting(): number {
    return this.queues.reduce((sum, queue) => sum + waitingOf(queue), 0);
  }

  stopAtUnreadable(): void {
    for (const queue of this.queues) {
      const item = itemAt(queue, 0);
      if (item?.kind === 'unreadable') throw item.error;
    }
  }

  async close(): Promise<void> {
    await this.reader?.close();
  }

  private placeOf({ source, partition, fetchedTo }: Queue): PartitionOffset {
    return { topic: topicName(this.options.topicPrefix, source), partition, offset: fetchedTo };
  }

  private queueOf(source: Source, partition: number): Queue {
    const queue = this.queues.find((candidate) => candidate.source === source && candidate.partition === partition);
    if (queue === undefined) throw new Error(`no queue for ${source} partition ${partition}`);
    return queue;
  }
}
