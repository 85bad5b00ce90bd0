// What can be known to be wrong before the first record is read.
import type { KafkaAdmin } from '#platform/kafka/port.ts';
import { topicName, type TopicName } from '#schemas/topics.ts';
import { RuntimeError } from './errors.ts';
import type { Processor } from './topology.ts';

type Definition = Pick<Processor<unknown>, 'name' | 'stateVersion' | 'input' | 'outputs' | 'tables'>;

/** Problems of a definition, as sentences; none when it can run. */
export const topologyProblems = ({ name, stateVersion, input, outputs, tables }: Definition): readonly string[] => {
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    problems.push(`name '${name}' is not kebab case; it becomes a group, transactional ids and record keys`);
  if (!Number.isInteger(stateVersion) || stateVersion < 1)
    problems.push(`stateVersion ${stateVersion} is not a whole number from 1`);
  for (const topic of outputs) {
    if (topic === input) problems.push(`output ${topic} is its own input: it would never come to an end`);
    if (topic === 'snapshots' || topic === 'dead-letters') problems.push(`output ${topic} is written by the runtime alone`);
  }
  if (new Set(outputs).size !== outputs.length) problems.push('an output is named twice');
  if (input === 'commands' && !outputs.includes('events'))
    problems.push('a processor of commands emits events: its state is a fold of them');
  if (input === 'events' && outputs.includes('commands'))
    problems.push('commands are written by producers and reactors, not by a fold of events');
  if (input === 'events' && tables.length > 0)
    problems.push('a processor of events looks nothing up: replay must give the same bytes (design.md 2.5)');
  return problems;
};

/** Every topic that a processor touches, the runtime's own included. */
export const topicsOf = ({ input, outputs, tables }: Definition): readonly TopicName[] => [
  ...new Set<TopicName>([input, 'events', ...outputs, ...tables, 'snapshots', 'dead-letters']),
];

/** @throws RuntimeError `topology-invalid` naming every problem of the definition and of the deployment's topics. */
export const checkTopology = async (
  definition: Definition,
  {
    admin,
    topicPrefix,
    partitions,
    assigned,
  }: {
    readonly admin: KafkaAdmin;
    readonly topicPrefix: string;
    readonly partitions: number;
    readonly assigned: readonly number[];
  },
): Promise<void> => {
  const problems = [...topologyProblems(definition)];
  for (const partition of assigned) {
    if (!Number.isInteger(partition) || partition < 0 || partition >= partitions)
      problems.push(`assigned partition ${partition} is not one of 0 to ${partitions - 1}`);
  }
  const counts = await Promise.all(
    topicsOf(definition).map(async (name) => ({
      topic: topicName(topicPrefix, name),
      count: await admin.partitionCount(topicName(topicPrefix, name)),
    })),
  );
  for (const { topic, count } of counts) {
    if (count !== partitions)
      problems.push(
        `topic ${topic} has ${count} partitions where ${partitions} are configured; the number is fixed for an epoch of the log`,
      );
  }
  if (problems.length > 0)
    throw new RuntimeError('topology-invalid', `Processor ${definition.name} cannot run: ${problems.join('; ')}.`);
};
