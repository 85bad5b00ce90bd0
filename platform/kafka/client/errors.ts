// What went wrong between us and the brokers: an error code of the protocol or a lost connection; whether it passes by itself, and
// which code of the port it is otherwise.
import { KafkaError } from '../port.ts';
import type { KafkaErrorCode } from '../port.ts';

/** Error codes of the protocol that we act upon or name: https://kafka.apache.org/protocol#protocol_error_codes */
export const CODE = {
  UNKNOWN_SERVER_ERROR: -1,
  OFFSET_OUT_OF_RANGE: 1,
  CORRUPT_MESSAGE: 2,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  LEADER_NOT_AVAILABLE: 5,
  NOT_LEADER_OR_FOLLOWER: 6,
  REQUEST_TIMED_OUT: 7,
  BROKER_NOT_AVAILABLE: 8,
  REPLICA_NOT_AVAILABLE: 9,
  MESSAGE_TOO_LARGE: 10,
  NETWORK_EXCEPTION: 13,
  COORDINATOR_LOAD_IN_PROGRESS: 14,
  COORDINATOR_NOT_AVAILABLE: 15,
  NOT_COORDINATOR: 16,
  INVALID_TOPIC_EXCEPTION: 17,
  RECORD_LIST_TOO_LARGE: 18,
  NOT_ENOUGH_REPLICAS: 19,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 20,
  ILLEGAL_GENERATION: 22,
  INVALID_GROUP_ID: 24,
  UNKNOWN_MEMBER_ID: 25,
  TOPIC_AUTHORIZATION_FAILED: 29,
  GROUP_AUTHORIZATION_FAILED: 30,
  CLUSTER_AUTHORIZATION_FAILED: 31,
  UNSUPPORTED_SASL_MECHANISM: 33,
  UNSUPPORTED_VERSION: 35,
  TOPIC_ALREADY_EXISTS: 36,
  INVALID_PARTITIONS: 37,
  INVALID_REPLICATION_FACTOR: 38,
  INVALID_CONFIG: 40,
  NOT_CONTROLLER: 41,
  INVALID_REQUEST: 42,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 43,
  POLICY_VIOLATION: 44,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  DUPLICATE_SEQUENCE_NUMBER: 46,
  INVALID_PRODUCER_EPOCH: 47,
  INVALID_TXN_STATE: 48,
  INVALID_PRODUCER_ID_MAPPING: 49,
  INVALID_TRANSACTION_TIMEOUT: 50,
  CONCURRENT_TRANSACTIONS: 51,
  TRANSACTION_COORDINATOR_FENCED: 52,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 53,
  KAFKA_STORAGE_ERROR: 56,
  SASL_AUTHENTICATION_FAILED: 58,
  UNKNOWN_PRODUCER_ID: 59,
  NON_EMPTY_GROUP: 68,
  GROUP_ID_NOT_FOUND: 69,
  TOPIC_DELETION_DISABLED: 73,
  FENCED_LEADER_EPOCH: 74,
  UNKNOWN_LEADER_EPOCH: 75,
  UNSUPPORTED_COMPRESSION_TYPE: 76,
  OFFSET_NOT_AVAILABLE: 78,
  INVALID_RECORD: 87,
  UNSTABLE_OFFSET_COMMIT: 88,
  THROTTLING_QUOTA_EXCEEDED: 89,
  PRODUCER_FENCED: 90,
  UNKNOWN_TOPIC_ID: 100,
  FENCED_MEMBER_EPOCH: 110,
  STALE_MEMBER_EPOCH: 113,
  TRANSACTION_ABORTABLE: 120,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(CODE).map(([name, code]) => [code, name]));

/** A broker answered with an error code. */
export class ProtocolError extends Error {
  readonly code: number;
  constructor(code: number, detail?: string | null) {
    super(`${NAMES.get(code) ?? 'protocol error'} (${code})${detail ? `: ${detail}` : ''}`);
    this.name = 'ProtocolError';
    this.code = code;
  }
}

/** No answer: the connection could not be made, broke, or took too long. The request may have been carried out. */
export class ConnectionLost extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectionLost';
  }
}

const PASSING = new Set<number>([
  CODE.UNKNOWN_TOPIC_OR_PARTITION,
  CODE.LEADER_NOT_AVAILABLE,
  CODE.NOT_LEADER_OR_FOLLOWER,
  CODE.REQUEST_TIMED_OUT,
  CODE.BROKER_NOT_AVAILABLE,
  CODE.REPLICA_NOT_AVAILABLE,
  CODE.NETWORK_EXCEPTION,
  CODE.COORDINATOR_LOAD_IN_PROGRESS,
  CODE.COORDINATOR_NOT_AVAILABLE,
  CODE.NOT_COORDINATOR,
  CODE.NOT_CONTROLLER,
  CODE.NOT_ENOUGH_REPLICAS,
  CODE.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  CODE.CONCURRENT_TRANSACTIONS,
  CODE.KAFKA_STORAGE_ERROR,
  CODE.FENCED_LEADER_EPOCH,
  CODE.UNKNOWN_LEADER_EPOCH,
  CODE.OFFSET_NOT_AVAILABLE,
  CODE.UNSTABLE_OFFSET_COMMIT,
  CODE.THROTTLING_QUOTA_EXCEEDED,
  CODE.UNKNOWN_TOPIC_ID,
]);

/** Error code of the protocol; null when the error is another. */
export const codeOf = (error: unknown): number | null => (error instanceof ProtocolError ? error.code : null);

/** True when the same request may well succeed in a moment, perhaps at another broker. */
export const isPassing = (error: unknown): boolean => {
  if (error instanceof KafkaError) return error.code === 'unavailable';
  return error instanceof ConnectionLost || (error instanceof ProtocolError && PASSING.has(error.code));
};

const COORDINATOR_MOVED = new Set<number>([
  CODE.COORDINATOR_LOAD_IN_PROGRESS,
  CODE.COORDINATOR_NOT_AVAILABLE,
  CODE.NOT_COORDINATOR,
]);

/** True when the coordinator has to be found again before the next attempt. */
export const isCoordinatorMove = (error: unknown): boolean =>
  error instanceof ConnectionLost || (error instanceof ProtocolError && COORDINATOR_MOVED.has(error.code));

const FENCED = new Set<number>([CODE.INVALID_PRODUCER_EPOCH, CODE.PRODUCER_FENCED, CODE.TRANSACTION_COORDINATOR_FENCED]);
/** The transaction is over and nothing of it is committed; a new identity may try again. */
const ABORTED = new Set<number>([
  CODE.OUT_OF_ORDER_SEQUENCE_NUMBER,
  CODE.INVALID_TXN_STATE,
  CODE.INVALID_PRODUCER_ID_MAPPING,
  CODE.UNKNOWN_PRODUCER_ID,
  CODE.TRANSACTION_ABORTABLE,
  CODE.UNKNOWN_MEMBER_ID,
  CODE.ILLEGAL_GENERATION,
  CODE.FENCED_MEMBER_EPOCH,
  CODE.STALE_MEMBER_EPOCH,
]);

const kafkaCodeOf = (error: unknown): KafkaErrorCode => {
  const code = codeOf(error);
  if (code === null || PASSING.has(code)) return 'unavailable';
  if (FENCED.has(code)) return 'fenced';
  if (ABORTED.has(code)) return 'transaction-aborted';
  switch (code) {
    case CODE.OFFSET_OUT_OF_RANGE:
      return 'offset-out-of-range';
    case CODE.MESSAGE_TOO_LARGE:
    case CODE.RECORD_LIST_TOO_LARGE:
      return 'record-too-large';
    case CODE.CORRUPT_MESSAGE:
    case CODE.INVALID_RECORD:
      return 'corrupt-batch';
    case CODE.UNKNOWN_SERVER_ERROR:
      return 'unavailable';
    default:
      return 'unsupported'; // refusals that no waiting mends
  }
};

/**
 * A KafkaError that says what was tried; a KafkaError stays as it is.
 * @throws the error itself when it is a defect of a program: waiting does not mend it.
 */
export const toKafkaError = (error: unknown, what: string): KafkaError => {
  if (error instanceof KafkaError) return error;
  if (!(error instanceof ProtocolError || error instanceof ConnectionLost)) throw error;
  return new KafkaError(kafkaCodeOf(error), `${what}: ${error.message}`, { cause: error });
};
