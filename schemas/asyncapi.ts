// docs/asyncapi.yaml: the catalogue of topics and messages for whoever subscribes, written from the topics table and the schemas.
import { readReleased } from './released.ts';
import { carries } from './registry/subjects.ts';
import { loadMessageSchemas } from './load.ts';
import { topicName, topics, type TopicDefinition } from './topics.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface AsyncApiOptions {
  readonly version: string;
  /** Defaults of a deployment; both can be configured. */
  readonly topicPrefix: string;
  readonly partitions: number;
}

const avroFormat = 'application/vnd.apache.avro+json;version=1.9.0';
const cloudEventHeaders = {
  type: 'object',
  description: 'CloudEvents headers, on events only; written from the envelope and never read by StratCap.',
  properties: {
    ce_specversion: { type: 'string' },
    ce_id: { type: 'string' },
    ce_type: { type: 'string' },
    ce_source: { type: 'string' },
  },
};

/** Topic settings that the Kafka bindings of AsyncAPI know, as they want them. */
const topicConfiguration = ({ config }: TopicDefinition): Json => ({
  ...(config['cleanup.policy'] === undefined ? {} : { 'cleanup.policy': config['cleanup.policy'].split(',') }),
  ...Object.fromEntries(
    ['retention.ms', 'retention.bytes', 'max.message.bytes'].flatMap((name) =>
      config[name] === undefined ? [] : [[name, Number(config[name])]],
    ),
  ),
});

/** The AsyncAPI 3.1 document as a plain value. */
export const asyncApiDocument = ({ version, topicPrefix, partitions }: AsyncApiOptions): Json => {
  const released = readReleased();
  const messages = [...loadMessageSchemas().values()].map((entry) => ({
    ...entry,
    id: released.findLast(({ fullName }) => fullName === entry.fullName)?.id ?? 0,
  }));
  const ofTopic = (topic: TopicDefinition): typeof messages => messages.filter(({ fullName }) => carries(topic, fullName));
  const shortName = (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1);
  const channels = Object.values(topics).map((topic): [string, Json] => [
    topic.name,
    {
      address: topicName(topicPrefix, topic.name),
      description: `${topic.doc} Key: ${topic.key}. Value: ${topic.value}. Compatibility of its schemas: ${topic.compatibility}.`,
      messages: Object.fromEntries(
        ofTopic(topic).map(({ fullName }) => [shortName(fullName), { $ref: `#/components/messages/${shortName(fullName)}` }]),
      ),
      bindings: { kafka: { partitions, replicas: 1, topicConfiguration: topicConfiguration(topic), bindingVersion: '0.5.0' } },
    },
  ]);
  const operations = Object.values(topics)
    .filter(({ namespace }) => namespace !== null)
    .map((topic): [string, Json] => [
      topic.name === 'commands' ? 'receiveCommand' : `send-${topic.name}`,
      {
        action: topic.name === 'commands' ? 'receive' : 'send',
        channel: { $ref: `#/channels/${topic.name}` },
        summary: topic.doc,
      },
    ]);
  const components = messages.map(({ fullName, folder, schema, id }): [string, Json] => [
    shortName(fullName),
    {
      name: fullName,
      title: shortName(fullName),
      summary: String(schema['doc']),
      contentType: 'application/vnd.apache.avro',
      ...(folder === 'events' ? { headers: cloudEventHeaders } : {}),
      payload: { schemaFormat: avroFormat, schema: schema as Json },
      bindings: {
        kafka: {
          key: { type: 'string' },
          schemaIdLocation: 'payload',
          schemaIdPayloadEncoding: 'confluent',
          schemaLookupStrategy: 'TopicRecordNameStrategy',
          bindingVersion: '0.5.0',
        },
      },
      'x-schema-id': id,
    },
  ]);
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'StratCap',
      version,
      description:
        'Topics and messages of StratCap. Values are Avro behind the Confluent framing: byte 0, schema id (4 bytes, big-endian), body. ' +
        'The ids are pinned and the same in every deployment. Money is decimal(20,2), days are Avro dates, times are microseconds, ids are uuids.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/vnd.apache.avro',
    servers: {
      local: {
        host: '127.0.0.1:9092',
        protocol: 'kafka',
        description: 'The embedded broker. Schema registry: http://127.0.0.1:8081/apis/ccompat/v7',
        bindings: {
          kafka: {
            schemaRegistryUrl: 'http://127.0.0.1:8081/apis/ccompat/v7',
            schemaRegistryVendor: 'apicurio',
            bindingVersion: '0.5.0',
          },
        },
      },
    },
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(operations),
    components: { messages: Object.fromEntries(components) },
  };
};

const plainKey = /^[A-Za-z_$][A-Za-z0-9_$.-]*$/;
const isEmpty = (value: Json): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** YAML 1.2 of a plain value: block style, every text in double quotes as JSON writes it, so that nothing is read as another type. */
export const toYaml = (value: Json, indent = ''): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isEmpty(value)) return Array.isArray(value) ? '[]' : '{}';
  const inner = `${indent}  `;
  const child = (item: Json): string =>
    typeof item === 'object' && item !== null && !isEmpty(item) ? `\n${inner}${toYaml(item, inner)}` : ` ${toYaml(item)}`;
  const lines = Array.isArray(value)
    ? (value as readonly Json[]).map((item) =>
        typeof item === 'object' && item !== null && !isEmpty(item) ? `- ${toYaml(item, inner)}` : `- ${toYaml(item)}`,
      )
    : Object.entries(value).map(([key, item]) => `${plainKey.test(key) ? key : JSON.stringify(key)}:${child(item as Json)}`);
  return lines.join(`\n${indent}`);
};

/** The text of docs/asyncapi.yaml. */
export const generateAsyncApi = (options: AsyncApiOptions): string =>
  `# Generated by \`npm run generate\` from schemas/topics.ts and schemas/*.avsc. Do not edit.\n${toYaml(asyncApiDocument(options))}\n`;
