// The only place that names topics, their record types, keys and retention (design.md 3).

/** Short names of the topics; the full name is the prefix of the deployment and this. */
export type TopicName =
  | 'commands'
  | 'outcomes'
  | 'events'
  | 'snapshots'
  | 'investors'
  | 'aggregates'
  | 'reference'
  | 'capital-accounts'
  | 'cash-flows'
  | 'waterfalls'
  | 'performance'
  | 'quality'
  | 'holdings'
  | 'dead-letters';

export interface TopicDefinition {
  readonly name: TopicName;
  /** What the record key is, in words for the documentation. */
  readonly key: string;
  readonly value: string;
  readonly doc: string;
  /** Namespace of the Avro records that may stand here; null where the value is not Avro. */
  readonly namespace: string | null;
  /** The records of the namespace that stand here; unless given, all of it that no other topic names. */
  readonly records?: readonly string[];
  readonly compatibility: 'FULL_TRANSITIVE' | 'BACKWARD' | 'NONE';
  readonly config: Readonly<Record<string, string>>;
}

const days = (count: number): string => String(count * 86_400_000);
const forEver = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' } as const;
const compacted = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.1', 'segment.ms': '3600000' } as const;
const large = { 'max.message.bytes': '8388608' } as const;

export const topics: Readonly<Record<TopicName, TopicDefinition>> = {
  commands: {
    name: 'commands',
    key: 'consistency key',
    value: 'one Avro record per command type',
    namespace: 'stratcap.command',
    compatibility: 'BACKWARD',
    doc: 'What users and systems ask for.',
    config: { 'cleanup.policy': 'delete', 'retention.ms': days(30), ...large },
  },
  outcomes: {
    name: 'outcomes',
    key: 'command id',
    value: 'CommandOutcome',
    namespace: 'stratcap.outcome',
    compatibility: 'BACKWARD',
    doc: 'How each command ended, for the intake that waits for it.',
    config: { 'cleanup.policy': 'delete', 'retention.ms': days(1), ...large },
  },
  events: {
    name: 'events',
    key: 'consistency key',
    value: 'one Avro record per event type, rejections included',
    namespace: 'stratcap.event',
    compatibility: 'FULL_TRANSITIVE',
    doc: 'The system of record: everything that happened, in one order per partition, proven by a hash chain.',
    config: { ...forEver, ...large },
  },
  snapshots: {
    name: 'snapshots',
    key: 'processor, partition, slot, chunk',
    value: 'state of a processor, then a manifest',
    namespace: null,
    compatibility: 'NONE',
    doc: 'State of the processors at a transaction border, so that a restart reads only the tail of the events.',
    config: { ...compacted, ...large },
  },
  investors: {
    name: 'investors',
    key: 'investor id',
    value: 'InvestorEntry',
    namespace: 'stratcap.table',
    compatibility: 'FULL_TRANSITIVE',
    doc: 'The current card of every investor, for decisions in other partitions.',
    config: { ...compacted },
  },
  aggregates: {
    name: 'aggregates',
    key: 'id of a fund, investor, commitment or bank account',
    value: 'AggregateEntry',
    namespace: 'stratcap.aggregate',
    compatibility: 'FULL_TRANSITIVE',
    doc: 'Which ids are taken, so that no partition gives one a second meaning.',
    config: { ...compacted },
  },
  reference: {
    name: 'reference',
    key: 'kind and id of the reference data',
    value: 'ReferenceEntry',
    namespace: 'stratcap.reference',
    compatibility: 'FULL_TRANSITIVE',
    doc: 'Current exchange rates, chart of accounts and configuration, for decisions in all partitions.',
    config: { ...compacted },
  },
  'capital-accounts': {
    name: 'capital-accounts',
    key: 'consistency key and business key',
    value: 'CapitalAccount',
    namespace: 'stratcap.fact',
    records: ['CapitalAccount', 'ProcessorProgress'],
    compatibility: 'FULL_TRANSITIVE',
    doc: 'The capital account of each investor in a fund and of each fund, after every event that touched it. Kept whole, not compacted: the history tables are rebuilt from it with the same content.',
    config: { ...forEver },
  },
  'cash-flows': {
    name: 'cash-flows',
    key: 'consistency key and business key',
    value: 'CashFlow, JournalEntry',
    namespace: 'stratcap.fact',
    records: ['CashFlow', 'JournalEntry', 'ProcessorProgress'],
    compatibility: 'FULL_TRANSITIVE',
    doc: 'Every dated flow and every balanced journal entry that follows from the events. Kept whole.',
    config: { ...forEver, ...large },
  },
  waterfalls: {
    name: 'waterfalls',
    key: 'consistency key and business key',
    value: 'HypotheticalLiquidation',
    namespace: 'stratcap.fact',
    records: ['HypotheticalLiquidation', 'ProcessorProgress'],
    compatibility: 'FULL_TRANSITIVE',
    doc: 'What each fund would pay to whom if it sold everything at its value. Kept whole.',
    config: { ...forEver, ...large },
  },
  performance: {
    name: 'performance',
    key: 'consistency key and business key',
    value: 'Performance, NavRoll',
    namespace: 'stratcap.fact',
    records: ['Performance', 'NavRoll', 'ProcessorProgress'],
    compatibility: 'FULL_TRANSITIVE',
    doc: 'Performance and net asset value of investors, funds and investments by fact date. Kept whole.',
    config: { ...forEver, ...large },
  },
  quality: {
    name: 'quality',
    key: 'check and subject',
    value: 'QualityFinding',
    namespace: 'stratcap.fact',
    records: ['QualityFinding', 'ProcessorProgress'],
    compatibility: 'FULL_TRANSITIVE',
    doc: 'Findings of the continuous checks, open and resolved. Kept whole, so that a rebuild has them all.',
    config: { ...forEver },
  },
  holdings: {
    name: 'holdings',
    key: 'fund and investor',
    value: 'Holding',
    namespace: 'stratcap.fact',
    records: ['Holding'],
    compatibility: 'FULL_TRANSITIVE',
    doc: 'The balances of each investor in a fund after every event that touched them; written while the role `holdings` runs.',
    config: { ...forEver },
  },
  'dead-letters': {
    name: 'dead-letters',
    key: 'as the source',
    value: 'the bytes that could not be processed, the reason in the headers',
    namespace: null,
    compatibility: 'NONE',
    doc: 'What could not be decoded, with its bytes, its place and the reason.',
    config: { 'cleanup.policy': 'delete', 'retention.ms': days(90), ...large },
  },
};

/** Full name of a topic under the prefix of a deployment, for example `stratcap.events`. */
export const topicName = (prefix: string, name: TopicName): string => `${prefix}${name}`;

/** Every topic of a deployment with the settings to create it. */
export const topicSpecs = (
  prefix: string,
  partitions: number,
): readonly { readonly name: string; readonly partitions: number; readonly config: Readonly<Record<string, string>> }[] =>
  Object.values(topics).map((topic) => ({ name: topicName(prefix, topic.name), partitions, config: topic.config }));
