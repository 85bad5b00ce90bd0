// The writer for ingress topics: idempotent, acks=all. Calls for one topic that arrive
// while a request is under way travel together in the next one.
import { KafkaError } from '../port.ts';
import type { OutboundRecord, PartitionOffset, RecordProducer } from '../port.ts';
import { fieldBytes, RECORD_OVERHEAD_BYTES_MAX } from '../wire/batch-builder.ts';
import { keyOf } from '../wire/fetch-plan.ts';
import { initProducerIdRequest } from '../wire/transactions.ts';
import type { ProducerIdentity } from '../wire/transactions.ts';
import { appendBatches } from './append.ts';
import type { Appended } from './append.ts';
import { Cluster } from './cluster.ts';
import { Draft } from './draft.ts';
import { ProtocolError, toKafkaError } from './errors.ts';
import { batchLimits } from './limits.ts';
import type { BatchLimits } from './limits.ts';
import { persist } from './persist.ts';
import type { ClientSettings } from './settings.ts';

const CALLS_PER_REQUEST_MAX = 1_000;

interface Call {
  readonly records: readonly OutboundRecord[];
  /** Calls of one company travel together; null travels alone, so that a refusal of it touches no other call. */
  readonly company: string | null;
  readonly resolve: (offsets: readonly PartitionOffset[]) => void;
  readonly reject: (error: Error) => void;
}

/** What the caller is told: a plain writer has no transaction, so whatever its identity met, records may be on the log. */
const errorOf = (error: unknown): Error => {
  try {
    const told = toKafkaError(error, 'Append of records');
    return told.code === 'fenced' || told.code === 'transaction-aborted'
      ? new KafkaError('unavailable', told.message, { cause: error })
      : told;
  } catch (defect) {
    return defect as Error;
  }
};

/** A writer that connects at its first send. */
export const createRecordProducer = (settings: ClientSettings): RecordProducer => new WireRecordProducer(settings);

class WireRecordProducer implements RecordProducer {
  private readonly settings: ClientSettings;
  private readonly cluster: Cluster;
  private readonly limits: BatchLimits;
  private identity: ProducerIdentity | null = null;
  private readonly sequences = new Map<string, number>();
  private readonly queue: Call[] = [];
  private draining: Promise<void> | null = null;
  private closed = false;

  constructor(settings: ClientSettings) {
    this.settings = settings;
    this.cluster = new Cluster(settings);
    this.limits = batchLimits(settings);
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
    this.cluster.close();
  }

  private companyOf(records: readonly OutboundRecord[]): string | null {
    const topic = records[0]?.topic ?? null;
    const fits = ({ key, value, headers }: OutboundRecord): boolean =>
      fieldBytes(key, value, headers) + RECORD_OVERHEAD_BYTES_MAX <= this.limits.batchBytesMax(topic ?? '');
    return records.every((record) => record.topic === topic && fits(record)) ? topic : null;
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
      const offsets = await this.append(calls.flatMap(({ records }) => records));
      let at = 0;
      for (const call of calls) {
        call.resolve(offsets.slice(at, at + call.records.length));
        at += call.records.length;
      }
    } catch (error) {
      this.identity = null; // some of its sequences may be used: a reused one would be dropped as a duplicate
      for (const call of calls) call.reject(errorOf(error));
    }
  }

  private async append(records: readonly OutboundRecord[]): Promise<readonly PartitionOffset[]> {
    const draft = new Draft(this.limits);
    for (const { topic, partition, key, value, headers, timestampMs } of records)
      draft.append(topic, partition, key, value, headers, timestampMs);
    const identity = await this.identified();
    const appended = await appendBatches({
      what: 'Append of records',
      cluster: this.cluster,
      transactionalId: null,
      identity,
      partitions: await draft.pack(),
      sequenceOf: (topic, partition) => this.sequences.get(keyOf({ topic, partition })) ?? 0,
      onSplit: this.limits.refused,
    });
    for (const entry of appended) this.sequences.set(keyOf(entry), entry.nextSequence);
    return offsetsOf(records, appended);
  }

  private async identified(): Promise<ProducerIdentity> {
    if (this.identity !== null) return this.identity;
    this.sequences.clear();
    const { patienceMs } = this.settings;
    this.identity = await persist({ what: 'Identity of a record producer', patienceMs }, async () => {
      const { errorCode, producerId, epoch } = await this.cluster.askAny(initProducerIdRequest(null, 60_000));
      if (errorCode !== 0) throw new ProtocolError(errorCode);
      return { producerId, epoch };
    });
    return this.identity;
  }
}

/** Where each record went: the records of a partition follow one another through its batches. */
const offsetsOf = (records: readonly OutboundRecord[], appended: readonly Appended[]): readonly PartitionOffset[] => {
  const walks = new Map(appended.map((entry) => [keyOf(entry), walk(entry)]));
  return records.map(({ topic, partition }) => {
    const offset: bigint = walks.get(keyOf({ topic, partition }))?.next().value ?? -1n;
    return { topic, partition, offset };
  });
};

function* walk({ batches }: Appended): Generator<bigint, undefined> {
  for (const { baseOffset, count } of batches) {
    for (let index = 0; index < count; index += 1) yield baseOffset < 0n ? -1n : baseOffset + BigInt(index);
  }
  return undefined;
}
