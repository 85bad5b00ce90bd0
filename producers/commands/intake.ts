// Puts commands on the log and waits for their outcomes. HTTP, CLI and file import all come through here.
import type { AnyCommand, CommandOutcome } from '#domain/messages.ts';
import { KafkaError, type KafkaPort } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { toCommandRecord } from './command-record.ts';
import { startOutcomeReader } from './outcome-reader.ts';

export interface IntakeDeps {
  readonly kafka: KafkaPort;
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly partitions: number;
  /** Epoch of the log: part of every position. */
  readonly epoch: number;
  readonly logger: { warn(context: object, message: string): void };
}

/** What became of a command while the sender waited. */
export type Submission =
  | { readonly kind: 'decided'; readonly outcome: CommandOutcome; readonly position: string | null }
  /** On the log, not yet decided. */
  | { readonly kind: 'pending'; readonly commandId: string };

/** The log did not take the command in time. It may still arrive: send it again under the same command id. */
export class IntakeError extends Error {
  readonly code = 'log-unavailable';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IntakeError';
  }
}

export interface SubmitOptions {
  /** How long to wait for the outcome; 10 s unless given. */
  readonly timeoutMs?: number;
  /** Whether the position that contains the outcome is needed, which costs a request; true unless given. */
  readonly withPosition?: boolean;
  /** Tells this content from another one under the same command id; a sender whose ids follow from the content needs none. */
  readonly contentDigest?: string;
}

export interface Intake {
  /**
   * Appends a command and waits for its outcome. Commands of one consistency key keep the order of the calls. The same command
   * id again has no second effect and gives the first outcome again, `replayed`.
   * @throws IntakeError when the log does not take it; TypeError or RangeError when it does not fit its schema.
   */
  submit(command: AnyCommand, options?: SubmitOptions): Promise<Submission>;
  health(): { readonly ready: boolean; readonly waiting: number; readonly outcomesSilentMs: number };
  /** Whether somebody else has booked within the last ten seconds. */
  othersBook(): boolean;
  /** Waits for nothing: commands under way are on the log, and their outcomes can be asked for. */
  close(): Promise<void>;
}

/** After so long without another's booking an import goes as fast as it can. */
const othersMsMax = 10_000;
const defaultTimeoutMs = 10_000;
/** The reader of outcomes polls twice a second; silence for longer means that the log does not answer. */
const silenceMsMax = 15_000;

/** An intake that is ready: outcomes of everything submitted from now on are seen. */
export const createIntake = async (deps: IntakeDeps): Promise<Intake> => {
  const reader = await startOutcomeReader(deps);
  const producer = deps.kafka.producer();

  const append = async (command: AnyCommand, contentDigest: string | undefined): Promise<void> => {
    const record = toCommandRecord(deps, command, contentDigest);
    try {
      await producer.send([record]);
    } catch (cause) {
      if (!(cause instanceof KafkaError)) throw cause;
      throw new IntakeError(
        `the log did not take command ${command.value.header.command_id}: ${cause.message}; send it again under the same id`,
        { cause },
      );
    }
  };

  return {
    submit: (command, { timeoutMs = defaultTimeoutMs, withPosition = true, contentDigest } = {}) =>
      new Promise<Submission>((resolve, reject) => {
        const commandId = command.value.header.command_id;
        let onLog = false;
        const end = (finish: () => void): void => {
          clearTimeout(timer);
          forget();
          finish();
        };
        // The waiter stands before the command is on the log: no outcome is too fast for it.
        const forget = reader.wait(commandId, {
          wantsPosition: withPosition,
          resolve: (decided) => end(() => resolve({ kind: 'decided', ...decided })),
        });
        const timer = setTimeout(() => {
          end(() => {
            if (onLog) resolve({ kind: 'pending', commandId });
            else
              reject(
                new IntakeError(
                  `the log did not take command ${commandId} within ${timeoutMs} ms; is the broker up? Send it again under the same id`,
                ),
              );
          });
        }, timeoutMs);
        append(command, contentDigest).then(
          () => {
            onLog = true;
          },
          (error: unknown) => end(() => reject(error instanceof Error ? error : new Error(String(error)))),
        );
      }),
    health: () => ({ ready: reader.silentMs() < silenceMsMax, waiting: reader.waiting, outcomesSilentMs: reader.silentMs() }),
    othersBook: () => reader.othersMs() < othersMsMax,
    close: async () => {
      await producer.close();
      await reader.close();
    },
  };
};
