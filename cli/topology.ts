// What reads and writes which topic, over the whole system: from the definitions that run, so that no drawing of it can be wrong.
import type { Codec } from '#schemas/codec.ts';
import { topicName, topics, type TopicName } from '#schemas/topics.ts';
import { groupOf } from '../processors/runtime/names.ts';
import { describeTopology } from '../processors/runtime/topology-description.ts';
import { sources as clickhouseSources } from '../sinks/clickhouse/sink.ts';
import { sources as postgresSources } from '../sinks/postgres/positions.ts';
import { processorsByRole } from './processors.ts';

/** One part of the system and its topics. */
export interface TopologyPart {
  readonly name: string;
  readonly role: string;
  readonly kind: 'producer' | 'processor' | 'sink';
  /** Topics that it takes record by record, in order. */
  readonly reads: readonly TopicName[];
  /** Compacted topics that it looks things up in. */
  readonly looksUp: readonly TopicName[];
  readonly writes: readonly TopicName[];
  /** Where its position is kept, and what else holds its state. */
  readonly keeps: string;
  /** What contradicts itself in its definition. */
  readonly problems?: readonly string[];
}

export interface Topology {
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly parts: readonly TopologyPart[];
}

export interface TopologyDeps {
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly partitions: number;
}

/** The topology of a deployment. */
export const describeSystem = ({ codec, topicPrefix, partitions }: TopologyDeps): Topology => ({
  topicPrefix,
  partitions,
  parts: [
    {
      name: 'command intake',
      role: 'api',
      kind: 'producer',
      reads: ['outcomes'],
      looksUp: [],
      writes: ['commands'],
      keeps: 'nothing: it follows the outcomes from their end',
    },
    ...Object.entries(processorsByRole({ codec, partitions })).flatMap(([role, processors]) =>
      describeTopology(processors).processors.map(
        ({ name, source, tables, outputs, deadLetters, state, problems }): TopologyPart => ({
          name,
          role,
          kind: 'processor',
          reads: [source],
          looksUp: tables,
          writes: [...outputs, state.snapshots, ...(deadLetters === null ? [] : [deadLetters])],
          keeps: `position in group ${groupOf(topicPrefix, name)}, state in ${state.snapshots} and ${state.foldOf}`,
          problems,
        }),
      ),
    ),
    {
      name: 'Postgres',
      role: 'sink-postgres',
      kind: 'sink',
      reads: postgresSources,
      looksUp: [],
      writes: [],
      keeps: 'position in Postgres, in the transaction of its rows',
    },
    {
      name: 'ClickHouse',
      role: 'sink-clickhouse',
      kind: 'sink',
      reads: clickhouseSources,
      looksUp: [],
      writes: [],
      keeps: 'position in ClickHouse, written after its rows',
    },
    {
      name: 'alerts',
      role: 'alerts',
      kind: 'sink',
      reads: ['quality'],
      looksUp: [],
      writes: [],
      keeps: `position in group ${groupOf(topicPrefix, 'alerts')}`,
    },
  ],
});

/** The topology for a terminal, one block per part. */
export const topologyText = ({ topicPrefix, partitions, parts }: Topology): string => {
  const names = (list: readonly TopicName[]): string => list.map((name) => topicName(topicPrefix, name)).join(', ');
  const unread = Object.keys(topics).filter(
    (name) => !parts.some(({ reads, looksUp, writes }) => [reads, looksUp, writes].flat().includes(name as TopicName)),
  ) as TopicName[];
  return [
    `${Object.keys(topics).length} topics of ${partitions} partitions; task p of a processor reads and writes partition p only.`,
    ...parts.map(({ name, role, kind, reads, looksUp, writes, keeps, problems = [] }) =>
      [
        `${kind} ${name}${role === name ? '' : ` (role ${role})`}`,
        ...(reads.length === 0 ? [] : [`  reads     ${names(reads)}`]),
        ...(looksUp.length === 0 ? [] : [`  looks up  ${names(looksUp)}`]),
        ...(writes.length === 0 ? [] : [`  writes    ${names(writes)}`]),
        `  keeps     ${keeps}`,
        ...problems.map((problem) => `  problem   ${problem}`),
      ].join('\n'),
    ),
    ...(unread.length === 0 ? [] : [`Written and read by nothing here: ${names(unread)}.`]),
  ].join('\n\n');
};

const idOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
const hidden: ReadonlySet<TopicName> = new Set(['snapshots', 'dead-letters']);

/** The topology as a Mermaid flow chart: records as arrows, look-ups dotted; snapshots and dead letters, which all would point at, left out. */
export const topologyMermaid = ({ parts }: Topology): string => {
  const shown = new Set(
    parts.flatMap(({ reads, looksUp, writes }) => [...reads, ...looksUp, ...writes]).filter((name) => !hidden.has(name)),
  );
  const topic = (name: TopicName): string => `t_${idOf(name)}`;
  const part = ({ name }: TopologyPart): string => `p_${idOf(name)}`;
  const edges = parts.flatMap((one) => [
    ...one.reads.map((name) => `  ${topic(name)} --> ${part(one)}`),
    ...one.looksUp.map((name) => `  ${topic(name)} -. looked up .-> ${part(one)}`),
    ...one.writes.filter((name) => !hidden.has(name)).map((name) => `  ${part(one)} --> ${topic(name)}`),
  ]);
  return [
    'flowchart LR',
    ...[...shown].map((name) => `  ${topic(name)}[[${name}]]`),
    ...[...Map.groupBy(parts, ({ role }) => role)].flatMap(([role, members]) => {
      const nodes = members.map((one) => `${part(one)}([${one.name}])`);
      return members.length === 1
        ? [`  ${nodes[0] ?? ''}`]
        : [`  subgraph ${idOf(role)} [${role}]`, ...nodes.map((node) => `    ${node}`), '  end'];
    }),
    ...edges,
  ].join('\n');
};

/** The document as it has to stand in docs/topology.md; a test compares. */
export const topologyDocument = (topology: Topology): string => `# Topology

Written from the definitions that run by \`npm run generate\`; \`npm run -s stratcap -- topology\` prints the same for a deployment.
Every processor also writes \`snapshots\`, and those that read commands \`dead-letters\`.

\`\`\`mermaid
${topologyMermaid(topology)}
\`\`\`

\`\`\`text
${topologyText(topology)}
\`\`\`
`;
