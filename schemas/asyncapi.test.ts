// The catalogue is valid AsyncAPI, is what the schemas say, and a wrong one is found.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { asyncApiDocument, generateAsyncApi, toYaml } from './asyncapi.ts';
import { avroType } from './avsc-type.ts';
import type { AvroSchema } from './load.ts';
import { readReleased } from './released.ts';
import { topics } from './topics.ts';

const options = { version: packageJson.version, topicPrefix: 'stratcap.', partitions: 8 };

const parse = (text: string) => new Parser().parse(text);
const errorsIn = ({ diagnostics }: Awaited<ReturnType<typeof parse>>): readonly string[] =>
  diagnostics.filter(({ severity }) => severity === 0).map(({ message, path }) => `${path.join('.')}: ${message}`);
const { components } = asyncApiDocument(options) as unknown as {
  readonly components: {
    readonly messages: Record<
      string,
      { readonly name: string; readonly payload: { readonly schema: AvroSchema }; readonly 'x-schema-id': number }
    >;
  };
};
const messages = Object.values(components.messages);

test('docs/asyncapi.yaml is what the schemas give, is valid AsyncAPI and names every topic', async () => {
  const text = generateAsyncApi(options);
  expect(readFileSync(new URL('../docs/asyncapi.yaml', import.meta.url), 'utf8')).toBe(text);
  const parsed = await parse(text);
  expect(errorsIn(parsed)).toEqual([]);
  expect(
    parsed.document
      ?.channels()
      .all()
      .map((channel) => channel.address())
      .sort(),
  ).toEqual(
    Object.values(topics)
      .map(({ name }) => `stratcap.${name}`)
      .sort(),
  );
});

test('every released record is in it with its pinned id and an Avro schema that our codec reads', () => {
  expect(new Map(messages.map((message) => [message.name, message['x-schema-id']]))).toEqual(
    new Map(readReleased().map(({ fullName, id }) => [fullName, id])),
  );
  // The parser looks at no Avro payload in AsyncAPI 3 (3.6.3), so the Avro library does.
  expect(messages.map(({ payload }) => avroType(payload.schema).name)).toEqual(messages.map(({ name }) => name));
  expect(() => avroType({ type: 'record', name: 'Wrong', fields: [{ name: 'a', type: 'bool' }] })).toThrow(/bool/);
});

test('a wrong catalogue is found', async () => {
  const text = generateAsyncApi(options);
  expect(errorsIn(await parse(text.replace('action: "send"', 'action: "shout"')))).not.toEqual([]);
  expect(errorsIn(await parse(text.replace('#/components/messages/FundCreated', '#/components/messages/Nothing')))).not.toEqual(
    [],
  );
}, 60_000);

test('texts that look like something else stay texts', () => {
  expect(toYaml({ a: 'yes', 'b c': '1', d: [], e: {}, f: [1, ['x'], { g: null }] })).toBe(
    'a: "yes"\n"b c": "1"\nd: []\ne: {}\nf:\n  - 1\n  - - "x"\n  - g: null',
  );
});
