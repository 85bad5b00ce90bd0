// What an error of kafkajs means for us: worth another try, and on which connection; or which code of the port it is.
import { KafkaError } from '../port.ts';
import type { KafkaErrorCode } from '../port.ts';

interface KafkajsErrorShape {
  readonly name: string;
  readonly message: string;
  readonly type?: string;
  readonly retriable?: boolean;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/** kafkajs wraps errors by `cause` and several of them in `errors`; the innermost says what happened. */
const chainOf = (error: unknown): KafkajsErrorShape[] => {
  const chain: KafkajsErrorShape[] = [];
  let current: unknown = error;
  while (current instanceof Error && !chain.includes(current as KafkajsErrorShape) && chain.length < 10) {
    const shape = current as KafkajsErrorShape;
    chain.push(shape);
    current = shape.errors?.[0] ?? shape.cause;
  }
  return chain;
};

/** Protocol error name, such as `INVALID_PRODUCER_EPOCH`; null when the broker did not answer with an error. */
export const protocolErrorType = (error: unknown): string | null =>
  chainOf(error).find((entry) => entry.type !== undefined)?.type ?? null;

/** Name of the error that a session gives once it was thrown away (session.ts). */
export const SESSION_ABANDONED = 'SessionAbandoned';

const CONNECTION_ERRORS = new Set([
  SESSION_ABANDONED,
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
]);

const PASSING_TYPES = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'REPLICA_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_CONTROLLER',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'KAFKA_STORAGE_ERROR',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'UNSTABLE_OFFSET_COMMIT',
  'CONCURRENT_TRANSACTIONS',
]);

/** True when the same request may well succeed in a moment, on a connection with fresh metadata. */
export const isPassing = (error: unknown): boolean => {
  if (error instanceof KafkaError) return error.code === 'unavailable';
  return chainOf(error).some(
    (entry) => CONNECTION_ERRORS.has(entry.name) || (entry.type !== undefined && PASSING_TYPES.has(entry.type)),
  );
};

const CODES: Readonly<Record<string, KafkaErrorCode>> = {
  OFFSET_OUT_OF_RANGE: 'offset-out-of-range',
  INVALID_PRODUCER_EPOCH: 'fenced',
  PRODUCER_FENCED: 'fenced',
  TRANSACTION_COORDINATOR_FENCED: 'fenced',
  MESSAGE_TOO_LARGE: 'record-too-large',
  RECORD_LIST_TOO_LARGE: 'record-too-large',
  CORRUPT_MESSAGE: 'corrupt-batch',
  UNSUPPORTED_VERSION: 'unsupported',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'unsupported',
  UNSUPPORTED_COMPRESSION_TYPE: 'unsupported',
  // Refusals that no waiting mends: the request itself is not possible on this cluster.
  INVALID_TOPIC_EXCEPTION: 'unsupported',
  INVALID_PARTITIONS: 'unsupported',
  INVALID_REPLICATION_FACTOR: 'unsupported',
  INVALID_CONFIG: 'unsupported',
  INVALID_REQUEST: 'unsupported',
  INVALID_TRANSACTION_TIMEOUT: 'unsupported',
  INVALID_GROUP_ID: 'unsupported',
  POLICY_VIOLATION: 'unsupported',
  TOPIC_DELETION_DISABLED: 'unsupported',
  TOPIC_AUTHORIZATION_FAILED: 'unsupported',
  GROUP_AUTHORIZATION_FAILED: 'unsupported',
  CLUSTER_AUTHORIZATION_FAILED: 'unsupported',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'unsupported',
};

const innermostMessage = (error: unknown): string => chainOf(error).at(-1)?.message ?? String(error);

const DEFECTS = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError']);

/**
 * A KafkaError that says what was tried; a KafkaError stays as it is. An error that we do not know is `unavailable`.
 * @throws the error itself when it is a defect of a program, such as a record with a number for its key: waiting does not mend it.
 */
export const toKafkaError = (error: unknown, what: string): KafkaError => {
  if (error instanceof KafkaError) return error;
  if (chainOf(error).some(({ name }) => DEFECTS.has(name))) throw error;
  const type = protocolErrorType(error);
  const code = (type === null ? undefined : CODES[type]) ?? 'unavailable';
  return new KafkaError(code, `${what}: ${innermostMessage(error)}${type === null ? '' : ` (${type})`}`, { cause: error });
};
