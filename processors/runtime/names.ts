// Names that a processor has on the broker. They are for ever: another name is another processor that starts from the beginning.

/** Group that shares out the partitions and carries the committed input positions; its workers' transactional ids begin with it. */
export const groupOf = (topicPrefix: string, processor: string): string => `${topicPrefix}${processor}`;
