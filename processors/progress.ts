// How far a processor of facts has come, told at the end of each of its transactions.
import type { ProcessorProgress } from '#domain/messages.ts';
import type { Codec } from '#schemas/codec.ts';
import type { TopicName } from '#schemas/topics.ts';
import type { EmittedRecord } from './runtime/topology.ts';

/** Says that the facts of a topic hold every event of a partition before `nextOffset`. */
export const progressRecord = (
  codec: Codec,
  topic: TopicName,
  progress: Omit<ProcessorProgress, 'next_offset'>,
  nextOffset: bigint,
): EmittedRecord => ({
  topic,
  key: Buffer.from(`progress|${progress.processor}|${progress.partition}`, 'utf8'),
  value: codec.encode('stratcap.fact.ProcessorProgress', { ...progress, next_offset: Number(nextOffset) }),
});
