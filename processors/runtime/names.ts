// Names that a processor has on the broker. They are for ever: another name is another processor that starts from the beginning.

/** Consumer group that carries the committed input positions. */
export const groupOf = (topicPrefix: string, processor: string): string => `${topicPrefix}${processor}`;

/** One transactional id per (processor, partition), so that a later owner fences the earlier one (design.md 2.3). */
export const transactionalIdOf = (topicPrefix: string, processor: string, partition: number): string =>
  `${topicPrefix}${processor}-${partition}`;
