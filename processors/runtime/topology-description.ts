// The topology of a deployment as data, and as what people read: text for a terminal, Mermaid for the documentation.
import { topics, type TopicName } from '#schemas/topics.ts';
import { topologyProblems } from './topology-check.ts';
import type { Processor } from './topology.ts';

type Definition = Pick<Processor<unknown>, 'name' | 'stateVersion' | 'input' | 'outputs' | 'tables'>;

export interface ProcessorDescription {
  readonly name: string;
  /** Read in order, from the committed position. */
  readonly source: TopicName;
  readonly state: {
    readonly version: number;
    /** State is a fold of this topic. */
    readonly foldOf: 'events';
    /** Where its snapshots are. */
    readonly snapshots: 'snapshots';
  };
  /** Compacted topics that it looks things up in, read whole. */
  readonly tables: readonly TopicName[];
  readonly outputs: readonly TopicName[];
  /** Where an input goes that cannot be processed; null where it stops the partition, since an event is never skipped. */
  readonly deadLetters: 'dead-letters' | null;
  /** What contradicts itself in the definition; empty when it can run. */
  readonly problems: readonly string[];
}

export interface TopicDescription {
  readonly name: TopicName;
  readonly doc: string;
  readonly writtenBy: readonly string[];
  readonly readBy: readonly string[];
  /** Read whole by these, as a table. */
  readonly lookedUpBy: readonly string[];
}

export interface TopologyDescription {
  readonly processors: readonly ProcessorDescription[];
  /** Topics that the processors touch, in the order of the flow as far as there is one. */
  readonly topics: readonly TopicDescription[];
  /** Topics that come from outside: no processor writes them. */
  readonly sources: readonly TopicName[];
  /** Topics that leave: no processor reads them. */
  readonly sinks: readonly TopicName[];
}

const describeProcessor = (definition: Definition): ProcessorDescription => ({
  name: definition.name,
  source: definition.input,
  state: { version: definition.stateVersion, foldOf: 'events', snapshots: 'snapshots' },
  tables: [...definition.tables],
  outputs: [...definition.outputs],
  deadLetters: definition.input === 'commands' ? 'dead-letters' : null,
  problems: topologyProblems(definition),
});

/** What the processors read, keep, look up and write. The runtime's own snapshots are part of each state, not of the flow. */
export const describeTopology = (definitions: readonly Definition[]): TopologyDescription => {
  const processors = definitions.map(describeProcessor);
  const namesWhere = (holds: (processor: ProcessorDescription) => boolean): readonly string[] =>
    processors.filter(holds).map(({ name }) => name);
  const touched = new Set<TopicName>(
    processors.flatMap(({ source, tables, outputs, deadLetters }) => [
      source,
      ...tables,
      ...outputs,
      ...(deadLetters === null ? [] : [deadLetters]),
    ]),
  );
  const described = [...touched].map((name): TopicDescription => ({
    name,
    doc: topics[name].doc,
    writtenBy: namesWhere(({ outputs, deadLetters }) => outputs.includes(name) || deadLetters === name),
    readBy: namesWhere(({ source }) => source === name),
    lookedUpBy: namesWhere(({ tables }) => tables.includes(name)),
  }));
  return {
    processors,
    topics: described,
    sources: described.filter(({ writtenBy }) => writtenBy.length === 0).map(({ name }) => name),
    sinks: described.filter(({ readBy, lookedUpBy }) => readBy.length === 0 && lookedUpBy.length === 0).map(({ name }) => name),
  };
};

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** One block per processor, then the ends of the flow. */
export const topologyText = ({ processors, sources, sinks }: TopologyDescription): string => {
  const blocks = processors.map(({ name, source, state, tables, outputs, deadLetters, problems }) =>
    [
      `Processor ${name}`,
      `  source        ${source}`,
      `  state         version ${state.version}, a fold of ${state.foldOf}; snapshots in ${state.snapshots}`,
      `  looks up      ${listed(tables)}`,
      `  outputs       ${listed(outputs)}`,
      `  dead letters  ${deadLetters ?? 'never: an event that cannot be applied stops its partition'}`,
      ...problems.map((problem) => `  problem       ${problem}`),
    ].join('\n'),
  );
  return [...blocks, `From outside: ${listed(sources)}\nTo the sinks: ${listed(sinks)}`].join('\n\n').concat('\n');
};

const idOf = (kind: 'topic' | 'processor', name: string): string => `${kind}_${name.replaceAll('-', '_')}`;

/** A Mermaid flow chart: topics as cylinders, processors as boxes, look-ups as dotted arrows. */
export const topologyMermaid = ({ processors, topics: described }: TopologyDescription): string =>
  [
    'flowchart LR',
    ...described.map(({ name }) => `  ${idOf('topic', name)}[(${name})]`),
    ...processors.map(({ name, state }) => `  ${idOf('processor', name)}["${name}<br/>state v${state.version}"]`),
    ...processors.flatMap(({ name, source, tables, outputs, deadLetters }) => {
      const box = idOf('processor', name);
      return [
        `  ${idOf('topic', source)} --> ${box}`,
        ...tables.map((table) => `  ${idOf('topic', table)} -. looks up .-> ${box}`),
        ...outputs.map((output) => `  ${box} --> ${idOf('topic', output)}`),
        ...(deadLetters === null ? [] : [`  ${box} -- cannot be processed --> ${idOf('topic', deadLetters)}`]),
      ];
    }),
  ]
    .join('\n')
    .concat('\n');
