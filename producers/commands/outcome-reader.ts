// Follows the outcomes topic from its end and hands each outcome to whoever waits for its command. One per process.
import type { CommandOutcome } from '#domain/messages.ts';
import { KafkaError, type KafkaPort, type PartitionReader } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { encodePosition } from '#schemas/position.ts';
import { topicName } from '#schemas/topics.ts';

/** An outcome with the position that contains it. */
export interface DecidedCommand {
  readonly outcome: CommandOutcome;
  /** Token of a position of the log that contains the command's events; null when the waiter did not ask for one. */
  readonly position: string | null;
}

export interface OutcomeReaderDeps {
  readonly kafka: KafkaPort;
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly epoch: number;
  readonly logger: { warn(context: object, message: string): void };
}

interface Waiter {
  readonly wantsPosition: boolean;
  readonly resolve: (decided: DecidedCommand) => void;
}

export interface OutcomeReader {
  /** Calls `resolve` once, with the outcome of a command that is read from now on; the function returned takes the waiter out. */
  wait(commandId: string, waiter: Waiter): () => void;
  readonly waiting: number;
  /** Milliseconds since the last successful poll. */
  readonly silentMs: () => number;
  /** Milliseconds since an outcome was seen that nobody here waits for: somebody else books. */
  readonly othersMs: () => number;
  close(): Promise<void>;
}

const pollMs = 500;
const pauseMs = 250;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts reading at the present end of all partitions: outcomes of commands sent after this call are seen. */
export const startOutcomeReader = async ({
  kafka,
  codec,
  topicPrefix,
  epoch,
  logger,
}: OutcomeReaderDeps): Promise<OutcomeReader> => {
  const outcomes = topicName(topicPrefix, 'outcomes');
  const events = topicName(topicPrefix, 'events');
  const waiters = new Map<string, Set<Waiter>>();
  const atEnd = async (): Promise<PartitionReader> =>
    kafka.reader({
      positions: (await kafka.admin.watermarks(outcomes)).map(({ topic, partition, high }) => ({
        topic,
        partition,
        offset: high,
      })),
    });
  const topicId = await kafka.admin.topicId(events);
  let reader = await atEnd();
  let lastPoll = Date.now();
  let lastOther = Number.NEGATIVE_INFINITY;
  let closing = false;

  const settle = (
    entries: readonly { readonly outcome: CommandOutcome; readonly waiter: Waiter }[],
    position: string | null,
  ): void => {
    for (const { outcome, waiter } of entries) waiter.resolve({ outcome, position });
  };

  // Ends of the events topic are read after the outcome was seen, so that they contain its events: one request for all
  // outcomes that came in while the former one was under way.
  let owed: { readonly outcome: CommandOutcome; readonly waiter: Waiter }[] = [];
  let positioning: Promise<void> | null = null;
  const currentPosition = async (): Promise<string> => {
    const ends = await kafka.admin.watermarks(events);
    return encodePosition({
      topicId,
      epoch,
      offsets: [...ends].sort((left, right) => left.partition - right.partition).map(({ high }) => high),
    });
  };
  const position = async (): Promise<void> => {
    while (owed.length > 0) {
      const entries = owed;
      owed = [];
      try {
        settle(entries, await currentPosition());
      } catch (error) {
        // The command is decided, and that is the news: a reply without position is better than none.
        logger.warn(
          { err: error, commands: entries.length },
          'the end of the events topic could not be read; outcomes are given without a position',
        );
        settle(entries, null);
      }
    }
  };

  const deliver = (key: Buffer | null, value: Buffer | null): void => {
    const commandId = key?.toString('utf8') ?? '';
    const set = waiters.get(commandId);
    if (set === undefined) {
      lastOther = Date.now();
      return;
    }
    let outcome: CommandOutcome;
    try {
      outcome = codec.decode(value).value as CommandOutcome;
    } catch (error) {
      // The booking stands on the events topic; only this reply is lost, and its sender is told that it is pending.
      logger.warn({ err: error, command_id: commandId }, 'an outcome cannot be decoded');
      return;
    }
    waiters.delete(commandId);
    const entries = [...set].map((waiter) => ({ outcome, waiter }));
    settle(
      entries.filter(({ waiter }) => !waiter.wantsPosition),
      null,
    );
    owed.push(...entries.filter(({ waiter }) => waiter.wantsPosition));
  };

  const run = async (): Promise<void> => {
    while (!closing) {
      try {
        for (const { records } of await reader.poll(pollMs)) for (const { key, value } of records) deliver(key, value);
        lastPoll = Date.now();
        if (owed.length > 0) {
          positioning ??= position().finally(() => {
            positioning = null;
          });
        }
      } catch (error) {
        if (closing) return;
        logger.warn({ err: error }, 'the outcomes topic cannot be read; trying again');
        await pause(pauseMs);
        // Outcomes are kept for a day: after a longer absence the reader goes on at the end, and waiters have timed out.
        if (error instanceof KafkaError && error.code === 'offset-out-of-range') {
          await reader.close();
          reader = await atEnd().catch(() => reader);
        }
      }
    }
  };
  const running = run();

  return {
    wait: (commandId, waiter) => {
      const set = waiters.get(commandId) ?? new Set();
      set.add(waiter);
      waiters.set(commandId, set);
      return () => {
        set.delete(waiter);
        if (set.size === 0 && waiters.get(commandId) === set) waiters.delete(commandId);
      };
    },
    get waiting() {
      return waiters.size;
    },
    silentMs: () => Date.now() - lastPoll,
    othersMs: () => Date.now() - lastOther,
    close: async () => {
      closing = true;
      await reader.close();
      await running;
      await positioning;
    },
  };
};
