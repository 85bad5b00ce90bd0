// The writer for ingress topics: idempotent, acks=all. Calls for one topic that arrive
// while a request is under way travel together in the next one.
import { KafkaError } from '../port.ts';
import type { OutboundRecord, PartitionOffset, RecordProducer } from '../port.ts';
import { keyOf } from '../wire/fetch-plan.ts';
import { withDeadline } from './deadline.ts';
import { toKafkaError } from './errors.ts';
import { createKafkajsProducer } from './internals.ts';
import type { KafkajsProducer } from './internals.ts';
import { chunkRecords, recordBytes, sendWhole } from './record-chunks.ts';
import type { RecordChunk } from './record-chunks.ts';
import { openSession, SHORT_RETRY } from './session.ts';
import type { Session } from './session.ts';
import type { ProducerSettings } from './transactional-producer.ts';

const CALLS_PER_REQUEST_MAX = 1_000;

interface Call {
  readonly records: readonly OutboundRecord[];
  /** Calls of one company travel together; null travels alone, so that a refusal of it touches no other call. */
  readonly company: string | null;
  readonly resolve: (offsets: readonly PartitionOffset[]) => void;
  readonly reject: (error: Error) => void;
}

/** As `toKafkaError`, but a defect is given back too: here it goes to those who called, not up. */
const errorOf = (error: unknown): Error => {
  try {
    return toKafkaError(error, 'Append of records');
  } catch (defect) {
    return defect as Error;
  }
};

/** A writer that connects at its first send. */
export const createRecordProducer = (settings: ProducerSettings): RecordProducer => new KafkajsRecordProducer(settings);

class KafkajsRecordProducer implements RecordProducer {
  private readonly settings: ProducerSettings;
  private live: { readonly session: Session; readonly producer: KafkajsProducer } | null = null;
  private readonly queue: Call[] = [];
  private draining: Promise<void> | null = null;
  private closed = false;

  constructor(settings: ProducerSettings) {
    this.settings = settings;
  }

  send(records: readonly OutboundRecord[]): Promise<readonly PartitionOffset[]> {
    if (this.closed) return Promise.reject(new KafkaError('unavailable', 'The record producer was closed by this process'));
    if (records.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.queue.push({ records, company: this.companyOf(records), resolve, reject });
      this.draining ??= this.drain();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.draining;
    await this.live?.session.close();
    this.live = null;
  }

  private companyOf(records: readonly OutboundRecord[]): string | null {
    const topic = records[0]?.topic ?? null;
    return records.every((record) => record.topic === topic && recordBytes(record) <= this.settings.batchBytesMax) ? topic : null;
  }

  private takeCalls(): readonly Call[] {
    const company = this.queue[0]?.company ?? null;
    const stranger = this.queue.findIndex((call) => call.company !== company);
    const together = company === null ? 1 : stranger < 0 ? this.queue.length : stranger;
    return this.queue.splice(0, Math.min(together, CALLS_PER_REQUEST_MAX));
  }

  private async drain(): Promise<void> {
    await Promise.resolve(); // calls of the same turn travel together
    while (this.queue.length > 0) await this.sendTogether(this.takeCalls());
    this.draining = null; // in the same turn as the look at the queue, or a call would wait for ever
  }

  private async sendTogether(calls: readonly Call[]): Promise<void> {
    try {
      const trouble = (): string | null => this.live?.session.lastTrouble() ?? null;
      const offsets = await withDeadline(
        this.append(calls.flatMap(({ records }) => records)),
        this.settings.patienceMs,
        'Append of records',
        trouble,
      );
      let at = 0;
      for (const call of calls) {
        call.resolve(offsets.slice(at, at + call.records.length));
        at += call.records.length;
      }
    } catch (error) {
      // A new producer id: sequences of kafkajs are not to be trusted after an error, and a reused one would be dropped as a duplicate.
      this.live?.session.abandon();
      this.live = null;
      for (const call of calls) call.reject(errorOf(error));
    }
  }

  private async append(records: readonly OutboundRecord[]): Promise<readonly PartitionOffset[]> {
    const offsets: PartitionOffset[] = [];
    for (const chunk of chunkRecords(records, this.settings.batchBytesMax)) offsets.push(...(await this.appendChunk(chunk)));
    return offsets;
  }

  private async appendChunk(chunk: RecordChunk): Promise<readonly PartitionOffset[]> {
    const producer = await this.connected();
    const next = new Map(await sendWhole((batch) => producer.sendBatch(batch), chunk));
    return chunk.records.map(({ topic, partition }) => {
      const key = keyOf({ topic, partition });
      const offset = next.get(key) ?? -1n;
      next.set(key, offset + 1n);
      return { topic, partition, offset };
    });
  }

  private async connected(): Promise<KafkajsProducer> {
    if (this.live !== null) return this.live.producer;
    const session = openSession(this.settings, SHORT_RETRY);
    const producer = createKafkajsProducer({
      cluster: session.cluster,
      logger: session.logger,
      retry: SHORT_RETRY,
      idempotent: true,
      createPartitioner:
        () =>
        ({ message }: { message: { partition: number } }) =>
          message.partition,
    });
    this.live = { session, producer };
    await producer.connect();
    return producer;
  }
}
