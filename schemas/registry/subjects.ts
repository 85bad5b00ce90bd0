// Which subjects a released schema stands under: one for each topic that may carry it (TopicRecordNameStrategy).
import type { ReleasedSchema } from '../codec.ts';
import { topicName, topics, type TopicDefinition } from '../topics.ts';

/** A released schema under one subject. */
export interface Subject {
  /** `<topic>-<fullName>`, for example stratcap.events-stratcap.event.FundCreated. */
  readonly name: string;
  readonly compatibility: TopicDefinition['compatibility'];
  readonly released: ReleasedSchema;
}

/** Namespace of a full name: stratcap.event of stratcap.event.FundCreated. */
const namespaceOf = (fullName: string): string => fullName.slice(0, fullName.lastIndexOf('.'));

/** Whether the records of a full name stand on a topic. */
export const carries = (topic: TopicDefinition, fullName: string): boolean => {
  if (topic.namespace !== namespaceOf(fullName)) return false;
  const named = (candidate: TopicDefinition): boolean =>
    candidate.namespace === topic.namespace &&
    candidate.records?.includes(fullName.slice(fullName.lastIndexOf('.') + 1)) === true;
  return topic.records === undefined ? !Object.values(topics).some(named) : named(topic);
};

/** The subjects of all released schemas under a topic prefix, in the order of their ids. */
export const subjectsOf = (released: readonly ReleasedSchema[], topicPrefix: string): readonly Subject[] =>
  [...released]
    .sort((left, right) => left.id - right.id)
    .flatMap((entry) =>
      Object.values(topics)
        .filter((topic) => carries(topic, entry.fullName))
        .map((topic) => ({
          name: `${topicName(topicPrefix, topic.name)}-${entry.fullName}`,
          compatibility: topic.compatibility,
          released: entry,
        })),
    );
