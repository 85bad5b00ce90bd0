// The registry against the real Apicurio: pinned ids, differences, a loss, and a registry that others use too.
import { randomBytes } from 'node:crypto';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { beforeAll, expect, test } from 'vitest';
import { uniquePrefix, useStack } from '#tests/support/stack.ts';
import type { ReleasedSchema } from '../codec.ts';
import { loadCodec, readReleased } from '../released.ts';
import { createRegistryClient, type RegistryClient } from './client.ts';
import { ensureReleased, reservedIdsEnd, restoreRegistry } from './ensure.ts';
import { subjectsOf } from './subjects.ts';

let url: string;
let client: RegistryClient;
beforeAll(() => {
  url = useStack().schemaRegistryUrl;
  client = createRegistryClient(url);
});

/** Schemas that no other test has, pinned under ids that no other test takes. */
const ownReleased = (): readonly ReleasedSchema[] => {
  const first = 100_000 + (randomBytes(4).readUInt32BE() % 800_000);
  const unique = randomBytes(4).toString('hex');
  return ['event', 'command', 'outcome'].map((kind, at) => {
    const name = `Trial${unique}${at}`;
    return {
      id: first + at,
      fullName: `stratcap.${kind}.${name}`,
      schema: {
        type: 'record',
        namespace: `stratcap.${kind}`,
        name,
        doc: 'A trial.',
        fields: [{ name: 'a', type: 'string', doc: 'A.' }],
      },
    };
  });
};

test('the released schemas stand in the registry under their pinned ids, for each topic prefix, and a second start changes nothing', async () => {
  const [one, two] = [uniquePrefix(), uniquePrefix()];
  const reports = await Promise.all([ensureReleased({ url, topicPrefix: one }), ensureReleased({ url, topicPrefix: two })]);
  const subjects = subjectsOf(readReleased(), one);
  expect(reports.map((report) => report.registered.length)).toEqual([subjects.length, subjects.length]);
  for (const { name, released, compatibility } of [...subjects, ...subjectsOf(readReleased(), two)]) {
    expect({ name, id: (await client.lookup(name, released.schema))?.id }).toEqual({ name, id: released.id });
    expect(await client.compatibilityOf(name)).toBe(compatibility);
  }
  expect((await ensureReleased({ url, topicPrefix: one })).registered).toEqual([]);
});

test('a client that knows only the registry decodes what our codec wrote', async () => {
  await ensureReleased({ url, topicPrefix: uniquePrefix() });
  const codec = loadCodec();
  const value = { processor: 'ledger', partition: 3, next_offset: 42, recorded_at: null };
  const foreign = new SchemaRegistry({ host: url });
  expect(await foreign.decode(codec.encode('stratcap.fact.ProcessorProgress', value))).toEqual(value);
});

test('a schema of somebody else takes no id below the reserved end', async () => {
  await ensureReleased({ url, topicPrefix: uniquePrefix() });
  const id = await client.register(
    `foreign-${randomBytes(4).toString('hex')}`,
    JSON.stringify({ type: 'record', name: `Foreign${randomBytes(4).toString('hex')}`, fields: [] }),
  );
  expect(id).toBeGreaterThan(reservedIdsEnd);
});

test('a lost subject is made again with the same id', async () => {
  const [topicPrefix, released] = [uniquePrefix(), ownReleased()];
  await ensureReleased({ url, topicPrefix, released });
  for (const { name } of subjectsOf(released, topicPrefix)) await client.deleteVersion(name, 1);
  for (const { name, released: entry } of subjectsOf(released, topicPrefix))
    expect(await client.lookup(name, entry.schema)).toBeNull();
  const report = await restoreRegistry({ url, topicPrefix, released });
  expect(report.registered).toHaveLength(3);
  for (const { name, released: entry } of subjectsOf(released, topicPrefix))
    expect((await client.lookup(name, entry.schema))?.id).toBe(entry.id);
});

test('a schema that was registered anew under another id stops the start, and the restore gives it its id back', async () => {
  const [topicPrefix, released] = [uniquePrefix(), ownReleased()];
  const [subject] = subjectsOf(released, topicPrefix);
  const wrong = await client.register(subject?.name ?? '', JSON.stringify(subject?.released.schema));
  expect(wrong).not.toBe(subject?.released.id);
  await expect(ensureReleased({ url, topicPrefix, released })).rejects.toThrow(
    `${subject?.name} has the id ${wrong} in the registry, pinned is ${subject?.released.id}`,
  );
  const report = await restoreRegistry({ url, topicPrefix, released });
  expect(report.mended).toEqual([subject?.name]);
  expect((await client.lookup(subject?.name ?? '', subject?.released.schema ?? ''))?.id).toBe(subject?.released.id);
  expect((await ensureReleased({ url, topicPrefix, released })).registered).toEqual([]);
  const other = uniquePrefix();
  await ensureReleased({ url, topicPrefix: other, released });
  expect((await client.lookup(subjectsOf(released, other)[0]?.name ?? '', subject?.released.schema ?? ''))?.id).toBe(
    subject?.released.id,
  );
});

test('a pinned id that belongs to another schema stops the start and names who uses it', async () => {
  const [topicPrefix, released] = [uniquePrefix(), ownReleased()];
  await ensureReleased({ url, topicPrefix, released });
  const taken = ownReleased().map((entry, at) => ({ ...entry, id: released[at]?.id ?? 0 }));
  const other = uniquePrefix();
  const attempt = ensureReleased({ url, topicPrefix: other, released: taken });
  await expect(attempt).rejects.toMatchObject({ code: 'registry-differs' });
  await expect(attempt).rejects.toThrow(new RegExp(`another schema under it \\(${topicPrefix.replace('.', '\\.')}`));
  expect(await client.lookup(subjectsOf(taken, other)[0]?.name ?? '', taken[0]?.schema ?? '')).toBeNull();
});

test('the registry itself refuses an incompatible schema on our subjects', async () => {
  const [topicPrefix, released] = [uniquePrefix(), ownReleased()];
  await ensureReleased({ url, topicPrefix, released });
  const [subject] = subjectsOf(released, topicPrefix);
  const schema = subject?.released.schema as { readonly fields: readonly unknown[] };
  const withoutDefault = { ...schema, fields: [...schema.fields, { name: 'b', type: 'int', doc: 'B.' }] };
  const withDefault = { ...schema, fields: [...schema.fields, { name: 'b', type: 'int', default: 0, doc: 'B.' }] };
  expect(await client.isCompatible(subject?.name ?? '', withDefault)).toBe(true);
  expect(await client.isCompatible(subject?.name ?? '', withoutDefault)).toBe(false);
  await expect(client.register(subject?.name ?? '', JSON.stringify(withoutDefault))).rejects.toMatchObject({
    code: 'registry-refused',
  });
});

test('a registry that does not answer is named with its address and the setting', async () => {
  await expect(ensureReleased({ url: 'http://127.0.0.1:1/apis/ccompat/v7', topicPrefix: 'x.' })).rejects.toThrow(
    /127\.0\.0\.1:1.*SCHEMA_REGISTRY_URL/,
  );
});
