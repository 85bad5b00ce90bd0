// The parts of kafkajs 2.2.4 that we stand on, most of them internal: pinned by version, repaired here, and typed as far as used.
// Everything else in platform/kafka takes kafkajs from this file, so that the repairs are in place before any of it runs.
import { createRequire } from 'node:module';
import { constants, zstdCompressSync } from 'node:zlib';
import { metadataRequest } from '../wire/metadata.ts';
import type { WireRequest } from '../wire/request.ts';

const load = createRequire(import.meta.url);
const PINNED = '2.2.4';
const installed = (load('kafkajs/package.json') as { version: string }).version;
if (installed !== PINNED) {
  throw new Error(
    `kafkajs ${installed} is installed, but platform/kafka uses internals of ${PINNED}; install ${PINNED} or check kafkajs/internals.ts against the new version`,
  );
}

export interface KafkajsMessage {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer>>;
  readonly timestamp?: string;
}

export interface KafkajsSendBatch {
  readonly acks: -1;
  readonly timeout: number;
  readonly compression: number;
  readonly topicMessages: readonly { readonly topic: string; readonly messages: readonly KafkajsMessage[] }[];
}

export interface KafkajsAppended {
  readonly topicName: string;
  readonly partition: number;
  readonly baseOffset: string;
}

interface KafkajsGroupOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

export interface KafkajsTransaction {
  sendBatch(batch: KafkajsSendBatch): Promise<readonly KafkajsAppended[]>;
  sendOffsets(input: { consumerGroupId: string; topics: readonly KafkajsGroupOffsets[] }): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface KafkajsProducer {
  connect(): Promise<void>;
  transaction(): Promise<KafkajsTransaction>;
  sendBatch(batch: KafkajsSendBatch): Promise<readonly KafkajsAppended[]>;
}

interface KafkajsConnectionPool {
  send(input: object): Promise<unknown>;
}

export interface KafkajsBroker {
  readonly connectionPool: KafkajsConnectionPool;
  listOffsets(input: object): Promise<{
    responses: readonly { topic: string; partitions: readonly { partition: number; offset: string; errorCode: number }[] }[];
  }>;
  addPartitionsToTxn(input: object): Promise<object>;
  addOffsetsToTxn(input: object): Promise<object>;
  offsetCommit(input: object): Promise<object>;
  createTopics(input: object): Promise<object>;
  deleteTopics(input: object): Promise<object>;
  deleteRecords(input: object): Promise<object>;
}

export interface KafkajsCluster {
  retry?: KafkajsRetry;
  readonly brokerPool: { createSeedBroker(): Promise<void> };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findBroker(node: { nodeId: number | string }): Promise<KafkajsBroker>;
  findControllerBroker(): Promise<KafkajsBroker>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  findGroupCoordinator(input: { groupId: string; coordinatorType?: number }): Promise<KafkajsBroker>;
}

export interface KafkajsRetry {
  readonly initialRetryTime: number;
  readonly multiplier: number;
  readonly factor: number;
  readonly maxRetryTime: number;
  readonly retries: number;
}

export interface KafkajsLogEntry {
  readonly label: string;
  readonly namespace: string;
  readonly log: { readonly message: string } & Readonly<Record<string, unknown>>;
}

/** Repair of a defect: kafkajs copies the list of a partition once per message, which is quadratic in the size of a batch. */
const groupMessagesPerPartition = ({ messages }: { messages: readonly KafkajsMessage[] }): Record<number, KafkajsMessage[]> => {
  const grouped: Record<number, KafkajsMessage[]> = {};
  for (const message of messages) (grouped[message.partition] ??= []).push(message);
  return grouped;
};
const groupingPath = load.resolve('kafkajs/src/producer/groupMessagesPerPartition');
load(groupingPath);
const groupingModule = load.cache[groupingPath];
if (groupingModule !== undefined) groupingModule.exports = groupMessagesPerPartition;
// Whoever imported kafkajs before us has loaded its producer with the old function in it: ours is loaded anew.
for (const part of ['sendMessages', 'messageProducer', 'index']) delete load.cache[load.resolve(`kafkajs/src/producer/${part}`)];

/** Repair of a defect (kafkajs #1751): an idle connection re-armed a timer with a negative delay every millisecond, for ever. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
}
const PENDING_CHECK_MS = 10;
const { prototype: requestQueue } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
requestQueue.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    Math.max(PENDING_CHECK_MS, this.throttledUntil - Date.now()),
  );
};

/** kafkajs writes gzip only; our batches are written with zstd. Reading does not pass through here (wire/compression.ts). */
const ZSTD = 4;
const codecs = (load('kafkajs/src/protocol/message/compression') as { Codecs: Record<number, () => object> }).Codecs;
codecs[ZSTD] = () => ({
  compress: (encoder: { buffer: Buffer }) =>
    Promise.resolve(zstdCompressSync(encoder.buffer, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })),
});
export const COMPRESSION = { none: 0, zstd: ZSTD } as const;

/**
 * Repair of a defect: kafkajs asks for all topics where none is needed, and throws when any partition among them has no leader, so
 * that one partition that is down made the whole cluster unreachable. Here a topic that is not there is left out, a missing leader is -1.
 */
const { prototype: brokerPrototype } = load('kafkajs/src/broker') as {
  prototype: { metadata: (this: KafkajsBroker, topics?: readonly string[]) => Promise<object> };
};
brokerPrototype.metadata = async function metadata(topics = []): Promise<object> {
  const found = await sendWire(this, metadataRequest(topics));
  return {
    ...found,
    topicMetadata: found.topics
      .filter(({ errorCode }) => errorCode === 0)
      .map(({ name, partitions }) => ({
        topic: name,
        topicErrorCode: 0,
        partitionMetadata: partitions.map(({ partition, leader }) => ({
          partitionErrorCode: 0,
          partitionId: partition,
          leader,
          replicas: [],
          isr: [],
        })),
      })),
  };
};

export const Cluster = load('kafkajs/src/cluster') as new (options: object) => KafkajsCluster;
export const createKafkajsProducer = load('kafkajs/src/producer') as (options: object) => KafkajsProducer;
export const createKafkajsLogger = (
  load('kafkajs/src/loggers') as {
    createLogger: (options: { level: number; logCreator: () => (entry: KafkajsLogEntry) => void }) => object;
  }
).createLogger;
export const KAFKAJS_LOG_LEVELS = (load('kafkajs/src/loggers') as { LEVELS: { readonly WARN: number; readonly DEBUG: number } })
  .LEVELS;
export const { KafkaJSError } = load('kafkajs/src/errors') as {
  KafkaJSError: new (message: string, options: { retriable: boolean }) => Error;
};
const errorFromCode = (load('kafkajs/src/protocol/error') as { createErrorFromCode: (code: number) => Error })
  .createErrorFromCode;
const Encoder = load('kafkajs/src/protocol/encoder') as new () => { writeBuffer(bytes: Buffer): unknown };

/** The error that kafkajs would throw for a protocol error code, so that there is one way to judge errors (errors.ts). */
export const protocolError = (code: number): Error => errorFromCode(code);

/** Sends a request of our own over a connection of kafkajs; the fetch connection of a broker is apart from the others. */
export const sendWire = async <Result extends object>(
  broker: KafkajsBroker,
  wire: WireRequest<Result>,
  timeoutMs?: number,
): Promise<Result> =>
  (await broker.connectionPool.send({
    request: {
      apiKey: wire.apiKey,
      apiVersion: wire.apiVersion,
      apiName: wire.name,
      encode: () => Promise.resolve(new Encoder().writeBuffer(wire.encode())),
    },
    response: {
      decode: (bytes: Buffer) => Promise.resolve().then(() => wire.decode(bytes)),
      parse: (result: Result) => Promise.resolve(result),
    },
    requestTimeout: timeoutMs ?? null,
    logResponseError: false,
  })) as Result;
