// Appends the batches of many partitions: each leader gets its requests one behind the other without waiting, and what was refused
// for a passing reason is sent again with the same bytes and sequences, so that the broker keeps one copy.
import { KafkaError } from '../port.ts';
import { produceRequest } from '../wire/produce.ts';
import type { ProduceBatch, ProduceResult } from '../wire/produce.ts';
import type { BatchBuilder } from '../wire/batch-builder.ts';
import type { ProducerIdentity } from '../wire/transactions.ts';
import type { Cluster } from './cluster.ts';
import { CODE, codeOf, ConnectionLost, isPassing, ProtocolError } from './errors.ts';
import type { PartitionBatches } from './draft.ts';
import { persist } from './persist.ts';
import { splitBatch } from './split-batch.ts';

export interface AppendInput {
  readonly what: string;
  readonly cluster: Cluster;
  readonly transactionalId: string | null;
  readonly identity: ProducerIdentity;
  readonly partitions: readonly PartitionBatches[];
  /** Sequence of the first record of a partition; 0 in each transaction. */
  readonly sequenceOf: (topic: string, partition: number) => number;
  readonly signal?: AbortSignal;
  /** Called when a topic refused a batch of this size and it was cut in two. */
  readonly onSplit?: (topic: string, bytes: number) => void;
}

/** Where the batches of a partition went, in order; -1 where a repeated batch was known, but not where. */
export interface Appended {
  readonly topic: string;
  readonly partition: number;
  readonly batches: readonly { readonly baseOffset: bigint; readonly count: number }[];
  readonly nextSequence: number;
}

/** Kafka remembers as many batches of a partition to know a repeated one. */
const BATCHES_IN_FLIGHT_MAX = 5;
const REQUEST_BYTES_MAX = 16 * 1024 * 1024;

/** What is left of one partition. `failure` is of the present attempt: batches behind it are refused for it and are not judged. */
interface Load {
  readonly topic: string;
  readonly partition: number;
  readonly batches: BatchBuilder[];
  readonly appended: { readonly baseOffset: bigint; readonly count: number }[];
  acknowledged: number;
  sequence: number;
  failure: Error | null;
}

/** Requests of one leader: the k-th batch of each partition goes before the (k+1)-th of any. */
const requestsOf = (loads: readonly Load[], input: AppendInput): readonly (readonly ProduceBatch[])[] => {
  const requests: ProduceBatch[][] = [];
  const sequences = new Map(loads.map((load) => [load, load.sequence]));
  for (let round = 0; round < BATCHES_IN_FLIGHT_MAX; round += 1) {
    let request: ProduceBatch[] = [];
    let total = 0;
    for (const load of loads) {
      const batch = load.batches[load.acknowledged + round];
      if (batch === undefined) continue;
      const baseSequence = sequences.get(load) ?? 0;
      sequences.set(load, nextSequence(baseSequence, batch.count));
      const parts = batch.stamp({ ...input.identity, baseSequence, isTransactional: input.transactionalId !== null });
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      if (request.length > 0 && total + bytes > REQUEST_BYTES_MAX) {
        requests.push(request);
        request = [];
        total = 0;
      }
      request.push({ topic: load.topic, partition: load.partition, parts, bytes });
      total += bytes;
    }
    if (request.length > 0) requests.push(request);
  }
  return requests;
};

/** Sequences go round below 2^31. */
const nextSequence = (sequence: number, count: number): number => {
  const next = sequence + count;
  return next > 0x7fffffff ? next - 0x80000000 : next;
};

const take = (load: Load, errorCode: number, errorMessage: string | null, baseOffset: bigint): void => {
  if (load.failure !== null) return;
  if (errorCode !== 0 && errorCode !== CODE.DUPLICATE_SEQUENCE_NUMBER) {
    load.failure = new ProtocolError(errorCode, errorMessage);
    return;
  }
  const count = load.batches[load.acknowledged]?.count ?? 0;
  load.sequence = nextSequence(load.sequence, count);
  load.acknowledged += 1;
  load.appended.push({ baseOffset, count });
};

const sendToLeader = async (leader: number, loads: readonly Load[], input: AppendInput): Promise<void> => {
  const byName = new Map(loads.map((load) => [`${load.topic} ${load.partition}`, load]));
  const fail = (batches: readonly ProduceBatch[], error: Error): void => {
    for (const { topic, partition } of batches) {
      const load = byName.get(`${topic} ${partition}`);
      if (load !== undefined) load.failure ??= error;
    }
  };
  const answered = (batches: readonly ProduceBatch[], result: ProduceResult): void => {
    for (const { topic, partition, errorCode, errorMessage, baseOffset } of result.partitions) {
      const load = byName.get(`${topic} ${partition}`);
      if (load !== undefined) take(load, errorCode, errorMessage, baseOffset);
    }
    if (result.partitions.length < batches.length) fail(batches, new ConnectionLost('an answer left out a partition'));
  };
  const { transactionalId } = input;
  const timeoutMs = Math.ceil(input.cluster.settings.requestTimeoutMs * 0.8);
  const requests = requestsOf(loads, input);
  try {
    const lane = await input.cluster.lane(leader, 'data');
    await Promise.all(
      requests.map((batches) =>
        lane.send(produceRequest({ transactionalId, timeoutMs, batches })).then(
          (result) => answered(batches, result),
          (error: unknown) => fail(batches, error as Error),
        ),
      ),
    );
  } catch (error) {
    for (const batches of requests) fail(batches, error as Error);
  }
};

/** A batch that its topic refused as too large is cut in two, to be sent again. */
const judge = async (load: Load, input: AppendInput): Promise<void> => {
  const code = codeOf(load.failure);
  const batch = load.batches[load.acknowledged];
  if ((code !== CODE.MESSAGE_TOO_LARGE && code !== CODE.RECORD_LIST_TOO_LARGE) || batch === undefined) return;
  if (batch.count === 1) {
    throw new KafkaError(
      'record-too-large',
      `${input.what}: a record of ${batch.size} bytes for ${load.topic}/${load.partition} is too large for the topic (max.message.bytes); split the record or raise the limit of the topic`,
    );
  }
  input.onSplit?.(load.topic, batch.size);
  load.batches.splice(load.acknowledged, 1, ...(await splitBatch(batch)));
  load.failure = null;
};

/**
 * Appends everything with acks=all and tells where it went.
 * @throws KafkaError `record-too-large`, `unavailable` after patience, `fenced` or `transaction-aborted` when the identity is refused.
 *   Some of it may be on the log then.
 */
export const appendBatches = async (input: AppendInput): Promise<readonly Appended[]> => {
  const { cluster, what } = input;
  const loads: readonly Load[] = input.partitions.map(({ topic, partition, batches }) => ({
    topic,
    partition,
    batches,
    appended: [],
    acknowledged: 0,
    sequence: input.sequenceOf(topic, partition),
    failure: null,
  }));
  const attempt = async (): Promise<void> => {
    for (;;) {
      const left = loads.filter((load) => load.acknowledged < load.batches.length);
      if (left.length === 0) return;
      for (const load of left) load.failure = null;
      const byLeader = await cluster.leadersOf(left);
      await Promise.all(
        [...byLeader].map(([leader, members]) => {
          if (leader >= 0) return sendToLeader(leader, members, input);
          for (const load of members)
            load.failure = new ProtocolError(CODE.LEADER_NOT_AVAILABLE, `${load.topic}/${load.partition}`);
          return Promise.resolve();
        }),
      );
      for (const load of left) await judge(load, input);
      const failures = left.flatMap(({ failure }) => (failure === null ? [] : [failure]));
      const worst = failures.find((failure) => !isPassing(failure)) ?? failures[0];
      if (worst !== undefined) throw worst;
    }
  };
  await persist(
    {
      what,
      patienceMs: cluster.settings.patienceMs,
      ...(input.signal === undefined ? {} : { signal: input.signal }),
      mend: (error) => (codeOf(error) === CODE.CONCURRENT_TRANSACTIONS ? undefined : cluster.refresh()),
    },
    attempt,
  );
  return loads.map(({ topic, partition, appended, sequence }) => ({
    topic,
    partition,
    batches: appended,
    nextSequence: sequence,
  }));
};
