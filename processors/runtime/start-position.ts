// Where a partition continues, from its committed position, and whether going on from there is safe.
import type { KafkaPort, Watermarks } from '#platform/kafka/port.ts';
import type { LogEnds } from './log-ends.ts';
import { topicName, type TopicName } from '#schemas/topics.ts';
import { RuntimeError } from './errors.ts';
import { groupOf } from './names.ts';
import { readTo } from './read-to.ts';

export interface PlaceDeps {
  readonly kafka: KafkaPort;
  readonly ends: LogEnds;
  readonly topicPrefix: string;
  readonly processor: { readonly name: string; readonly input: 'commands' | 'events'; readonly outputs: readonly TopicName[] };
  readonly partition: number;
  readonly signal: AbortSignal;
}

/** Topics with many writers by nature say nothing about what this processor has written. */
const sharedOutputs: readonly TopicName[] = ['commands'];

export const watermarksOf = async ({ ends, topicPrefix, partition }: PlaceDeps, topic: TopicName): Promise<Watermarks> => {
  const name = topicName(topicPrefix, topic);
  const found = (await ends(name)).find((entry) => entry.partition === partition);
  if (found === undefined)
    throw new RuntimeError('topology-invalid', `topic ${name} has no partition ${partition}`, { partition });
  return found;
};

/** An output that was only ever written by aborted transactions is empty, although its high watermark is not 0. */
const isEmpty = async (deps: PlaceDeps, topic: TopicName): Promise<boolean> => {
  const { low, high } = await watermarksOf(deps, topic);
  if (high === 0n) return true;
  if (low > 0n) return false;
  let records = 0;
  const stopAtFirst = new AbortController();
  const signal = AbortSignal.any([deps.signal, stopAtFirst.signal]);
  const onRecord = (): void => {
    records += 1;
    stopAtFirst.abort();
  };
  await readTo(deps.kafka, {
    topic: topicName(deps.topicPrefix, topic),
    partition: deps.partition,
    from: low,
    to: high,
    onRecord,
    signal,
  });
  return records === 0;
};

export interface StartPosition {
  readonly position: bigint;
  /** The end of the input when it was asked for. */
  readonly end: bigint;
}

/**
 * From the stable committed position of the partition; the beginning for a processor that never ran (null).
 * @throws RuntimeError `offset-expired`, `position-beyond-end`, `offset-missing` (design.md 2.6).
 */
export const startPosition = async (deps: PlaceDeps, committed: bigint | null): Promise<StartPosition> => {
  const { topicPrefix, processor, partition } = deps;
  const group = groupOf(topicPrefix, processor.name);
  const input = topicName(topicPrefix, processor.input);
  const { low, high } = await watermarksOf(deps, processor.input);
  const place = `${processor.name} partition ${partition}`;
  const stop = (code: 'offset-expired' | 'position-beyond-end' | 'offset-missing', message: string): never => {
    throw new RuntimeError(code, `${place}: ${message}`, { partition });
  };
  if (committed === null) {
    for (const topic of processor.outputs.filter((name) => !sharedOutputs.includes(name))) {
      if (!(await isEmpty(deps, topic)) && !deps.signal.aborted) {
        stop(
          'offset-missing',
          `group ${group} has no committed offset of ${input} although ${topicName(topicPrefix, topic)} is not empty; set the group's offset to where the outputs end`,
        );
      }
    }
    if (low > 0n)
      stop(
        'offset-expired',
        `the first ${low} records of ${input} were deleted before they were read; restore them, or set the offset of group ${group} to ${low} to accept the loss`,
      );
    return { position: low, end: high };
  }
  if (committed < low)
    stop(
      'offset-expired',
      `committed offset ${committed} of ${input} lies before the first kept offset ${low}; restore the records, or set the offset of group ${group} to ${low} to accept the loss`,
    );
  if (committed > high)
    stop(
      'position-beyond-end',
      `committed offset ${committed} of ${input} lies beyond its end ${high}; the topic was made again: rebuild the processor under a new group`,
    );
  return { position: committed, end: high };
};
