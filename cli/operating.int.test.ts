// What an operator asks of a real pipeline: who is behind, where everybody stands, and what became of records that nobody could read.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consistencyKeyOf } from '#domain/ledger/target.ts';
import type { AnyCommand } from '#domain/messages.ts';
import { partitionOf } from '#platform/kafka/partition.ts';
import type { InboundRecord, OutboundRecord } from '#platform/kafka/port.ts';
import { topicName, topicSpecs } from '#schemas/topics.ts';
import { testCommand, testFund } from '#tests/support/commands.ts';
import { startPipeline, type Pipeline } from '#tests/support/pipeline.ts';
import { createIsolation } from '#tests/support/stack.ts';
import { deadLetter } from '../processors/runtime/dead-letter.ts';
import { groupOf } from '../processors/runtime/names.ts';
import { decide, decidedText, lettersText, listLetters, showLetter, shownText, type DecideOptions } from './commands/dlq.ts';
import { lagExitCode, lagText, offsetsText, readOffsets } from './commands/lag.ts';
import { contextOf } from './context.fixture.ts';
import type { Context } from './context.ts';
import { fetchesOf, followLetters } from './dead-letters/box.ts';
import { readLag } from './lag.ts';

let pipeline: Pipeline;
let context: Context;
let folder: string;
let deadLetters: string;
let commands: string;
beforeAll(async () => {
  pipeline = await startPipeline();
  folder = mkdtempSync(join(tmpdir(), 'operating-'));
  context = contextOf(pipeline.isolation, pipeline.partitions, { STRATCAP_DATA: folder });
  deadLetters = topicName(pipeline.isolation.topicPrefix, 'dead-letters');
  commands = topicName(pipeline.isolation.topicPrefix, 'commands');
});
afterAll(async () => {
  await context?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  await pipeline?.stop();
  await pipeline?.isolation.drop();
});

const usual: DecideOptions = { ids: [], filter: [], all: false, again: false, dryRun: false, action: 'replayed', reason: '' };
const listed = async (filter: readonly string[] = [], all = false) =>
  (await listLetters(context, { filter, all, limit: 10_000 })).letters;
const level = { records: 0, seconds: null };
const send = async (...records: readonly OutboundRecord[]): Promise<void> => {
  const producer = pipeline.kafka.producer();
  await producer.send(records);
  await producer.close();
};
const fundCommand = (name: string): AnyCommand => testCommand('CreateFund', { fund: testFund(name) });
/** A command as a dead letter of an earlier, broken version of the ledger. */
const asLetter = (command: AnyCommand, reason: string): OutboundRecord => {
  const key = consistencyKeyOf(command);
  const partition = partitionOf(key, pipeline.partitions);
  const input: InboundRecord = {
    topic: commands,
    partition,
    offset: 4_711n,
    key: Buffer.from(key),
    value: pipeline.codec.encode(`stratcap.command.${command.type}`, command.value),
    headers: { trace: Buffer.from('abc') },
    timestampMs: 0,
  };
  const { topic: _topic, ...letter } = deadLetter(
    input,
    { kind: 'DeadLetter', reason, detail: 'as told', cause: new TypeError('broken') },
    { processor: 'ledger', codeVersion: '0.0.1' },
  );
  return { topic: deadLetters, partition, ...letter };
};
const recordsOn = async (topic: string): Promise<readonly InboundRecord[]> => {
  const found: InboundRecord[] = [];
  for await (const records of fetchesOf(pipeline.kafka, topic))
    found.push(
      ...records.map(({ topic: from, partition, offset, key, value, headers, timestampMs }) => ({
        topic: from,
        partition,
        offset,
        key: key && Buffer.from(key),
        value: value && Buffer.from(value),
        headers,
        timestampMs,
      })),
    );
  return found;
};
const bookedBy = async (command: AnyCommand): Promise<number> =>
  (await recordsOn(topicName(pipeline.isolation.topicPrefix, 'events'))).filter(
    ({ value }) =>
      (pipeline.codec.decode(value).value as { envelope: { causation_id: string } }).envelope.causation_id ===
      command.value.header.command_id,
  ).length;

test('every role is level with the log a moment after a booking, also where only transaction markers follow', async () => {
  await pipeline.book(fundCommand('Harbor'));
  await expect.poll(async () => lagExitCode(await readLag(context), level), { timeout: 20_000 }).toBe(0);
  const { roles, lines } = await readLag(context);
  expect(roles.map(({ role, lag, unknown }) => [role, lag, unknown])).toEqual([
    ['ledger', 0, null],
    ['capital-accounts', 0, null],
    ['accounting', 0, null],
    ['sink-postgres', 0, null],
    ['sink-clickhouse', 0, null],
  ]);
  // Ledger, capital accounts, four processors of figures, and six topics of each sink.
  expect(lines).toHaveLength(18 * pipeline.partitions);
  expect(lagText({ roles, lines })).toContain('sink-clickhouse    is level with the log');
});

test('the positions are those of the groups and of the stores, and lie inside the topics', async () => {
  const report = await readOffsets(context);
  expect(report.unknown).toEqual([]);
  expect([...new Set(report.lines.map(({ role, kept_in }) => `${role} in ${kept_in}`))]).toEqual([
    `ledger in ${groupOf(pipeline.isolation.topicPrefix, 'ledger')}`,
    `capital-accounts in ${groupOf(pipeline.isolation.topicPrefix, 'capital-accounts')}`,
    ...['cash-flows', 'performance', 'waterfalls', 'quality'].map(
      (name) => `accounting in ${groupOf(pipeline.isolation.topicPrefix, name)}`,
    ),
    'sink-postgres in Postgres',
    'sink-clickhouse in ClickHouse',
  ]);
  for (const { position, end } of report.lines) expect(BigInt(position ?? 0)).toBeLessThanOrEqual(BigInt(end));
  expect(offsetsText(report)).toContain('first kept');
});

test('a message that no schema decodes is listed, shown with its bytes and a try at decoding it, and dropped with a reason', async () => {
  const before = new Date().toISOString();
  const follower = followLetters(pipeline.kafka, deadLetters);
  expect(await follower.count()).toEqual({ open: 0, since: null });
  await send({ topic: commands, partition: 2, key: Buffer.from('whose'), value: Buffer.from('not avro at all') });
  await expect.poll(async () => (await listed()).length, { timeout: 20_000 }).toBe(1);
  const [letter] = await listed();
  expect(letter).toMatchObject({ state: 'open', topic: commands, partition: 2, processor: 'ledger', bytes: 15, replay_of: null });
  const id = letter?.id ?? '';
  const shown = await showLetter(context, id);
  expect(shown).toMatchObject({
    id,
    key: 'whose',
    decoded: null,
    value_base64: Buffer.from('not avro at all').toString('base64'),
  });
  expect(shownText(shown)).toContain('|not avro at all'.slice(1));
  expect(shownText(shown)).toContain('decoding   fails today, too: ');
  const counted = await follower.count();
  expect(counted.open).toBe(1);
  expect(counted.since && counted.since >= before).toBe(true);

  const dropped = await decide(context, { ...usual, ids: [id], action: 'dropped', reason: 'a stray test of the bank' });
  expect(decidedText(dropped)).toContain('1 letter was dropped.');
  expect(await listed()).toEqual([]);
  expect(await listed([], true)).toMatchObject([{ id, state: 'dropped', decisions: [{ reason: 'a stray test of the bank' }] }]);
  expect((await showLetter(context, id)).value_base64).toBe(shown.value_base64);
  expect(await follower.count()).toEqual({ open: 0, since: null });
  await expect(decide(context, { ...usual, ids: [id] })).rejects.toThrow(/was dropped at .* by .*; --again does it once more/);
  await follower.close();
});

test('a letter goes back byte by byte with its key, partition and headers, is decided, and does not go back twice unasked', async () => {
  const command = fundCommand('Meadow');
  const letter = asLetter(command, 'unknown-schema');
  await send(letter);
  const [open] = await listed(['reason=unknown-schema']);
  expect(open).toMatchObject({ error_class: 'TypeError', code_version: '0.0.1', schema_id: expect.stringMatching(/^\d+$/) });
  expect((await showLetter(context, open?.id ?? '')).decoded).toMatchObject({
    type: 'CreateFund',
    value: { fund: { fund_name: 'Meadow' } },
  });

  const dry = await decide(context, { ...usual, filter: ['reason=unknown-schema'], dryRun: true });
  expect(decidedText(dry)).toContain('1 letter would be replayed.');
  expect(await bookedBy(command)).toBe(0);

  await decide(context, { ...usual, filter: ['reason=unknown-schema'] });
  await expect.poll(() => bookedBy(command), { timeout: 20_000 }).toBe(1);
  const [back] = (await recordsOn(commands)).filter(({ headers }) => headers['dead_letter_replay_of'] !== undefined);
  expect(back).toMatchObject({ partition: letter.partition, key: letter.key, value: letter.value });
  expect(Object.keys(back?.headers ?? {}).sort()).toEqual(['dead_letter_replay_of', 'trace']);
  expect(await listed(['reason=unknown-schema'])).toEqual([]);

  expect(await decide(context, { ...usual, filter: ['reason=unknown-schema'] })).toMatchObject({ letters: [], left: 1 });
  await expect(decide(context, { ...usual, ids: [open?.id ?? ''] })).rejects.toThrow(/was replayed/);
  expect((await decide(context, { ...usual, ids: [open?.id ?? ''], again: true })).letters).toHaveLength(1);
  // The same command id has one effect, however often it comes.
  await expect.poll(async () => lagExitCode(await readLag(context), level), { timeout: 20_000 }).toBe(0);
  expect(await bookedBy(command)).toBe(1);
});

test('a letter that fails again says which letter it was', async () => {
  await send({ topic: commands, partition: 1, key: null, value: Buffer.from('broken') });
  await expect.poll(async () => (await listed()).length, { timeout: 20_000 }).toBe(1);
  const [first] = await listed();
  await decide(context, { ...usual, all: true });
  await expect.poll(async () => (await listed())[0]?.replay_of, { timeout: 20_000 }).toBe(first?.id);
  await decide(context, { ...usual, all: true, action: 'dropped', reason: 'twice is enough' });
});

test('two commands at the same time put each letter back once, and thousands go in several transactions', async () => {
  const sent = Array.from({ length: 1_500 }, (_, at) => asLetter(fundCommand(`Many ${at}`), 'many'));
  await send(...sent);
  const results = await Promise.allSettled([
    decide(context, { ...usual, filter: ['reason=many'] }),
    decide(context, { ...usual, filter: ['reason=many'] }),
  ]);
  // Who was fenced half-way leaves the rest open: the command again goes on with it.
  if (results.some(({ status }) => status === 'rejected')) await decide(context, { ...usual, filter: ['reason=many'] });
  const ids = (await listed(['reason=many'], true)).map(({ id }) => id);
  expect(ids).toHaveLength(sent.length);
  const back = (await recordsOn(commands))
    .map(({ headers }) => headers['dead_letter_replay_of']?.toString())
    .filter((id) => ids.includes(id ?? ''));
  expect([...back].sort((left, right) => ((left ?? '') < (right ?? '') ? -1 : 1))).toEqual(
    [...ids].sort((left, right) => (left < right ? -1 : 1)),
  );
  expect(await listed(['reason=many'])).toEqual([]);
});

test('a filter, an id and an order that are wrong are refused by name', async () => {
  const refusal = async (over: Partial<DecideOptions>): Promise<string> =>
    await decide(context, { ...usual, ...over }).then(
      () => 'accepted',
      (error: unknown) => (error as Error).message,
    );
  expect(await refusal({})).toBe('Say which: ids, --filter NAME=VALUE, or --all for every open letter.');
  expect(await refusal({ ids: ['0/99999'] })).toContain('There is no dead letter "0/99999"');
  expect(await refusal({ ids: ['x'], all: true })).toContain('both at once');
  expect(await refusal({ filter: ['colour=red'] })).toContain('is not NAME=VALUE with a NAME of topic, partition');
  expect(await refusal({ filter: ['since=soon'] })).toContain('"soon" is no time');
  await expect(showLetter(context, '9/1')).rejects.toThrow('There is no dead letter "9/1"');
  expect(lettersText(await listLetters(context, { filter: ['topic=nowhere'], all: false, limit: 5 }))).toContain(
    'No dead letter matches',
  );
});

test('a role that is behind is told with its age, a store that is away as unknown, each with its exit code', async () => {
  const isolation = await createIsolation({ stores: ['postgres'] });
  const { topicPrefix } = isolation;
  const behind = contextOf(isolation, 2, {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
    CLICKHOUSE_URL: 'http://127.0.0.1:9',
  });
  try {
    await pipeline.kafka.admin.ensureTopics(topicSpecs(topicPrefix, 2));
    const topic = topicName(topicPrefix, 'commands');
    const timestampMs = Date.now() - 60_000;
    await send(
      ...[0, 1, 2].map((at) => ({
        topic,
        partition: 1,
        key: null,
        value: Buffer.from(randomUUID()),
        timestampMs: timestampMs + at,
      })),
    );
    await pipeline.kafka.admin.setOffsets(groupOf(topicPrefix, 'ledger'), [{ topic, partition: 1, offset: 1n }]);
    const report = await readLag(behind);
    expect(report.roles).toMatchObject([
      { role: 'ledger', lag: 2 },
      { role: 'capital-accounts', lag: 0 },
      { role: 'accounting', lag: 0 },
      { role: 'sink-postgres', lag: null, unknown: 'Postgres does not answer' },
      { role: 'sink-clickhouse', lag: null, unknown: 'ClickHouse does not answer' },
    ]);
    expect(report.roles[0]?.seconds_behind).toBeGreaterThan(59);
    expect(report.roles[0]?.seconds_behind).toBeLessThan(90);
    expect(report.lines.find(({ role, partition }) => role === 'ledger' && partition === 1)).toMatchObject({
      position: '1',
      end: '3',
      lag: 2,
    });
    expect(lagText(report)).toContain('sink-postgres      unknown: Postgres does not answer');
    expect(lagExitCode(report, level)).toBe(3);
    const known = { ...report, roles: report.roles.filter(({ unknown }) => unknown === null) };
    expect(lagExitCode(known, level)).toBe(1);
    expect(lagExitCode(known, { records: 2, seconds: null })).toBe(0);
    expect(lagExitCode(known, { records: 0, seconds: 300 })).toBe(0);
    expect(lagExitCode(known, { records: 0, seconds: 10 })).toBe(1);
  } finally {
    await behind.close();
    await isolation.drop();
  }
});
