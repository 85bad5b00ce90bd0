// Why a partition stops for good: a closed list. Everything else is a failure of the world, and it starts anew from its committed position.
import { KafkaError } from '#platform/kafka/port.ts';

export type RuntimeErrorCode =
  /** The processor's definition contradicts itself or the topics of the deployment. */
  | 'topology-invalid'
  /** Records between the committed position and the first kept offset are gone: going on would skip them. */
  | 'offset-expired'
  /** The outputs are not empty but the group has no committed position: going on would write everything twice. */
  | 'offset-missing'
  /** The committed position lies beyond the end: the topic was deleted and made again. */
  | 'position-beyond-end'
  /** Another process runs under the same worker id. It ends the whole worker. */
  | 'fenced'
  /** An event cannot be decoded or applied. It is never skipped (design.md 2.8). */
  | 'event-not-applicable'
  /** Our code threw on an input, or emitted what the topology does not name. */
  | 'step-defect'
  /** The log refuses in a way that waiting does not mend. */
  | 'log-refused';

/** A partition that stopped for good, with the way out. */
export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode;
  readonly partition: number | null;
  constructor(code: RuntimeErrorCode, message: string, options: ErrorOptions & { readonly partition?: number } = {}) {
    super(message, options);
    this.name = 'RuntimeError';
    this.code = code;
    this.partition = options.partition ?? null;
  }
}

/** A failure is waited out: the state is dropped and restored from the committed position. A stop needs a person. */
export type Verdict =
  | { readonly kind: 'failure'; readonly error: unknown }
  | { readonly kind: 'stop'; readonly error: RuntimeError };

/** Tells failures from stops; `place` begins the sentence, for example 'ledger partition 3'. */
export const judge = (error: unknown, place: string, partition: number): Verdict => {
  if (error instanceof RuntimeError) return { kind: 'stop', error };
  if (!(error instanceof KafkaError)) return { kind: 'failure', error };
  const stop = (code: RuntimeErrorCode, message: string): Verdict => ({
    kind: 'stop',
    error: new RuntimeError(code, `${place}: ${message}`, { cause: error, partition }),
  });
  switch (error.code) {
    case 'unavailable':
    case 'transaction-aborted':
      return { kind: 'failure', error };
    case 'fenced':
      return stop('fenced', `another process owns its transactional id now; stop one of the two (${error.message})`);
    case 'offset-out-of-range':
      return stop(
        'offset-expired',
        `its position is no longer on the log; restore the topic, or set the group's offset to accept the loss (${error.message})`,
      );
    default:
      return stop('log-refused', `Kafka refuses with ${error.code}: ${error.message}`);
  }
};
