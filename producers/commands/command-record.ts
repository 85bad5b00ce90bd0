// A command as the record that enters the log: where it goes and under which key.
import { consistencyKeyOf } from '#domain/ledger/target.ts';
import type { AnyCommand } from '#domain/messages.ts';
import { partitionOf } from '#platform/kafka/partition.ts';
import type { OutboundRecord } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { contentDigestHeader } from '#schemas/event-id.ts';
import { topicName } from '#schemas/topics.ts';

export interface LogTarget {
  readonly codec: Codec;
  /** Prefix of the deployment's topics, for example `stratcap.`. */
  readonly topicPrefix: string;
  /** Partitions of the epoch. */
  readonly partitions: number;
}

/**
 * The record of a command: keyed by its consistency key, in the partition of that key (design.md 2.2). The digest of its content, where
 * there is one, goes into a header.
 * @throws TypeError or RangeError naming the field when the command does not fit its schema.
 */
export const toCommandRecord = (
  { codec, topicPrefix, partitions }: LogTarget,
  command: AnyCommand,
  contentDigest?: string,
): OutboundRecord => {
  const key = consistencyKeyOf(command);
  // The clock goes to every partition, and says to which.
  const partition = command.type === 'AdvanceBusinessDate' ? command.value.partition : partitionOf(key, partitions);
  return {
    topic: topicName(topicPrefix, 'commands'),
    partition,
    key: Buffer.from(key, 'utf8'),
    value: codec.encode(`stratcap.command.${command.type}`, command.value),
    ...(contentDigest === undefined ? {} : { headers: { [contentDigestHeader]: Buffer.from(contentDigest, 'latin1') } }),
  };
};
