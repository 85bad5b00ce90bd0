// `stratcap topics`: the topics with what they hold, from the one table that names them and from the broker.
import { topicName, topics } from '#schemas/topics.ts';
import type { Context } from '../context.ts';

export interface TopicLine {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly partitions: number;
  readonly records: string;
  readonly kept: string;
  readonly doc: string;
}

const keptText = (config: Readonly<Record<string, string>>): string => {
  if (config['cleanup.policy'] === 'compact') return 'latest by key';
  const ms = Number(config['retention.ms'] ?? '-1');
  return ms < 0 ? 'for ever' : `${ms / 86_400_000} days`;
};

/** Every topic of the deployment. Offsets between the watermarks are counted, transaction markers included. */
export const listTopics = async (context: Context): Promise<readonly TopicLine[]> => {
  const kafka = await context.kafka();
  return await Promise.all(
    Object.values(topics).map(async ({ name, key, value, doc, config }) => {
      const topic = topicName(context.config.topicPrefix, name);
      const marks = await kafka.admin.watermarks(topic);
      return {
        topic,
        key,
        value,
        partitions: marks.length,
        records: marks.reduce((sum, { low, high }) => sum + high - low, 0n).toString(),
        kept: keptText(config),
        doc,
      };
    }),
  );
};

/** The topics as a table. */
export const topicsText = (lines: readonly TopicLine[]): string => {
  const width = Math.max(...lines.map(({ topic }) => topic.length));
  return lines
    .map(
      ({ topic, partitions, records, kept, doc }) =>
        `${topic.padEnd(width)}  ${String(partitions).padStart(2)} partitions  ${records.padStart(9)} offsets  ${kept.padEnd(13)}  ${doc}`,
    )
    .join('\n');
};
