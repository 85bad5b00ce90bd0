// Why the Postgres sink stops. It stops rather than skips: what it cannot apply is a defect of the log, of the schema or of its set-up.

export type SinkErrorCode =
  /** The rows belong to another log, another epoch or lie beyond its end: drop and rebuild them. */
  | 'rebuild-needed'
  /** Another writer has moved the position: this one is a zombie. */
  | 'fenced'
  /** An event or fact cannot be decoded or is of a kind that this version does not know. */
  | 'undecodable'
  /** Another event already stands under this aggregate and version, or versions have a gap. */
  | 'event-conflict'
  /** Postgres refuses the rows of an event: a constraint that a ledger rule should imply. */
  | 'refused'
  /** The set-up does not fit the broker, for example the partition count. */
  | 'misconfigured'
  /** Events that the sink still needs are no longer kept. */
  | 'log-truncated';

/** A stop of the sink with its code; the message names what happened, to what, and what to do. */
export class SinkError extends Error {
  readonly code: SinkErrorCode;
  constructor(code: SinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SinkError';
    this.code = code;
  }
}
