// What the broker says about the log that the sink reads: the ids of its topics, and where each partition begins and ends.
import type { KafkaPort, Watermarks } from '#platform/kafka/port.ts';
import { topicName } from '#schemas/topics.ts';
import { SinkError } from './errors.ts';
import { positionKey, sources, type LogIdentity, type Positions, type Source, type SourcePosition } from './positions.ts';

/** A log as it stands. */
export interface LogState {
  readonly identity: LogIdentity;
  readonly watermarks: Readonly<Record<Source, readonly Watermarks[]>>;
}

export interface LogOptions {
  readonly kafka: KafkaPort;
  /** Prefix of the topics, for example `stratcap.`. */
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly epoch: number;
}

/** Asks the broker. @throws SinkError `misconfigured` when a topic has another number of partitions. */
export const readLog = async ({ kafka, topicPrefix, partitions, epoch }: LogOptions): Promise<LogState> => {
  const ids: Partial<Record<Source, string>> = {};
  const watermarks: Partial<Record<Source, readonly Watermarks[]>> = {};
  for (const source of sources) {
    const topic = topicName(topicPrefix, source);
    const found = await kafka.admin.partitionCount(topic);
    if (found !== partitions) {
      throw new SinkError(
        'misconfigured',
        `topic ${topic} has ${found} partitions, ${partitions} are configured; set the partition count of the log's epoch`,
      );
    }
    ids[source] = await kafka.admin.topicId(topic);
    watermarks[source] = await kafka.admin.watermarks(topic);
  }
  return {
    identity: { topicIds: ids as Record<Source, string>, epoch, partitions },
    watermarks: watermarks as Record<Source, readonly Watermarks[]>,
  };
};

/** Where a sink that has written nothing begins. Facts are compacted, so they begin where they are kept from; events are kept for ever. */
export const startPositions = (log: LogState): Positions => {
  const starts = new Map<string, SourcePosition>();
  for (const source of sources) {
    for (const { partition, low } of log.watermarks[source]) {
      const sourceNextOffset = source === 'events' ? 0n : low;
      starts.set(positionKey(source, partition), { source, partition, nextOffset: 0n, recordedAt: null, sourceNextOffset });
    }
  }
  return starts;
};

/**
 * Whether positions lie inside the log.
 * @throws SinkError `log-truncated` below what is kept, `rebuild-needed` beyond the end.
 */
export const assertInside = (log: LogState, positions: Positions): void => {
  for (const source of sources) {
    for (const { topic, partition, low, high } of log.watermarks[source]) {
      const at = positions.get(positionKey(source, partition))?.sourceNextOffset ?? 0n;
      if (at > high) {
        throw new SinkError(
          'rebuild-needed',
          `Postgres stands at offset ${at} of ${topic} partition ${partition}, which ends at ${high}: its rows are of another log; run stratcap rebuild postgres`,
        );
      }
      if (at < low && source === 'events') {
        throw new SinkError(
          'log-truncated',
          `Postgres stands at offset ${at} of ${topic} partition ${partition}, which is kept from ${low} on: events were deleted; restore the topic from its backup`,
        );
      }
    }
  }
};
