// The intake over HTTP against the real broker and the real ledger.
import { mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreateInvestor, EventEnvelope } from '#domain/messages.ts';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { InboundRecord, KafkaPort } from '#platform/kafka/port.ts';
import { openKeyStore, type KeyStore } from '#platform/keys/key-store.ts';
import { openSealed } from '#platform/keys/seal.ts';
import { ledgerProcessor } from '#processors/ledger/processor.ts';
import { startProcessor, type RunningProcessor } from '#processors/runtime/runtime.ts';
import { decodePosition } from '#schemas/position.ts';
import { loadCodec } from '#schemas/released.ts';
import { topicName, topicSpecs } from '#schemas/topics.ts';
import { uniquePrefix, useStack } from '#tests/support/stack.ts';
import { bookingGuard, defaultTokenActor, signCookie } from './booking-guard.ts';
import { createIntake, type Intake } from './intake.ts';
import { commandRoutes } from './routes.ts';

const partitions = 4;
const token = 'booking-token-of-the-test';
const cookieSecret = 'cookie-secret-of-the-test';
const tenantId = '00000000-0000-4000-8000-000000000001';
const topicPrefix = uniquePrefix();
const codec = loadCodec();
const logger = pino({ level: 'silent' });
let kafka: KafkaPort;
let ledger: RunningProcessor | null;
let intake: Intake;
let keyStore: KeyStore;
let folder: string;
let app: FastifyInstance;

const startLedger = (): Promise<RunningProcessor> => startProcessor(ledgerProcessor({ codec, partitions }), { kafka, topicPrefix, partitions, logger });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'intake-'));
  kafka = await connectKafka({ brokers: useStack().kafkaBrokers, clientId: 'intake-test' });
  await kafka.admin.ensureTopics(topicSpecs(topicPrefix, partitions));
  ledger = await startLedger();
  keyStore = await openKeyStore({ folder: join(folder, 'keys'), masterKey: '00'.repeat(32) });
  intake = await createIntake({ kafka, codec, topicPrefix, partitions, epoch: 1, logger });
  app = Fastify();
  await app.register(bookingGuard, { token, cookieSecret, pagePaths: ['/'] });
  await app.register(commandRoutes, { intake, keyStore, clock: () => Date.now() * 1000, ids: randomUUID, tenantId, timeoutMs: 10_000 });
  app.get('/', async () => 'page');
  await app.ready();
});

afterAll(async () => {
  await app.close();
  await intake.close();
  await ledger?.stop();
  await kafka.admin.deleteTopics(topicSpecs(topicPrefix, partitions).map(({ name }) => name));
  await kafka.close();
  await rm(folder, { recursive: true });
});

const host = '127.0.0.1:8080';
const post = (name: string, body: unknown, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  app.inject({ method: 'POST', url: `/v1/commands/${name}`, headers: { host, authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }, payload: JSON.stringify(body) });

const fundBody = (fund: object = {}) => ({ fund: { fund_name: 'Harbor Growth I', fund_type: 'PE', base_currency: 'USD', inception_date: '2020-01-01', ...fund } });
const investorBody = (investor: object = {}) => ({ investor: { investor_name: 'Endowment of the Test', investor_type: 'ENDOWMENT', kyc_status: 'APPROVED', kyc_source: 'test', ...investor } });
const idOf = (reply: LightMyRequestResponse): string => reply.json<{ events: { aggregate_id: string }[] }>().events[0]?.aggregate_id ?? '';
const commitmentBody = async (amount: string) => ({
  fund_id: idOf(await post('create-fund', fundBody())), investor_id: idOf(await post('create-investor', investorBody())),
  commitment_amount: amount, currency: 'USD', commitment_date: '2020-03-31',
});

const readTopic = async (name: 'events' | 'commands'): Promise<readonly InboundRecord[]> => {
  const ends = await kafka.admin.watermarks(topicName(topicPrefix, name));
  const reader = kafka.reader({ positions: ends.map(({ topic, partition, low }) => ({ topic, partition, offset: low })) });
  const open = new Map(ends.filter(({ low, high }) => high > low).map(({ partition, high }) => [partition, high]));
  const records: InboundRecord[] = [];
  while (open.size > 0) {
    for (const moved of await reader.poll(500)) {
      records.push(...moved.records);
      if (moved.nextOffset >= (open.get(moved.partition) ?? 0n)) open.delete(moved.partition);
    }
  }
  await reader.close();
  return records;
};
const bookedFor = async (commandId: string): Promise<readonly string[]> =>
  (await readTopic('events'))
    .map(({ value }) => codec.decode(value))
    .filter(({ value }) => (value as { envelope: EventEnvelope }).envelope.causation_id === commandId)
    .map(({ type }) => type);

test('a commitment is answered by 201 with ids, versions and a position that contains it', async () => {
  const reply = await post('make-commitment', await commitmentBody('1000000.00'));
  expect(reply.statusCode).toBe(201);
  const body = reply.json<{ command_id: string; position: string; events: object[] }>();
  expect(body).toMatchObject({ command_type: 'MakeCommitment', status: 'ACCEPTED', replayed: false, rule_results: [], events: [{ event_type: 'CommitmentMade', aggregate_type: 'COMMITMENT', event_version: 1 }] });
  expect(reply.headers['location']).toBe(`/v1/commands/${body.command_id}`);
  const position = decodePosition(body.position);
  expect(position).toMatchObject({ topicId: await kafka.admin.topicId(topicName(topicPrefix, 'events')), epoch: 1 });
  const booked = (await readTopic('events')).find(({ value }) => (codec.decode(value).value as { envelope: EventEnvelope }).envelope.causation_id === body.command_id);
  expect(booked?.offset).toBeLessThan(position?.offsets[booked?.partition ?? -1] ?? 0n);
});

test('the same idempotency key again gives the same outcome and books nothing twice', async () => {
  const key = randomUUID();
  const first = await post('create-fund', fundBody(), { 'idempotency-key': key });
  const second = await post('create-fund', fundBody(), { 'idempotency-key': key });
  expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
  expect(second.json()).toMatchObject({ command_id: key, replayed: true, events: first.json<{ events: object[] }>().events });
  expect(await bookedFor(key)).toEqual(['FundCreated']);
});

test('a hundred requests with one idempotency key at the same time book once', async () => {
  const key = randomUUID();
  const replies = await Promise.all(Array.from({ length: 100 }, () => post('create-fund', fundBody(), { 'idempotency-key': key })));
  expect(new Set(replies.map(idOf)).size).toBe(1);
  expect(await bookedFor(key)).toEqual(['FundCreated']);
});

test('a broken rule is answered by 422 with the rule, the field and the message', async () => {
  const reply = await post('make-commitment', { ...(await commitmentBody('5.00')), currency: 'EUR' });
  expect(reply.statusCode).toBe(422);
  expect(reply.headers['content-type']).toContain('application/problem+json');
  expect(reply.json()).toMatchObject({ type: 'urn:stratcap:problem:command-rejected', status: 422, rule_results: [{ rule: 'currency-differs', severity: 'ERROR', field: 'currency' }] });
  expect(reply.json<{ detail: string }>().detail).toContain('currency EUR differs from the base currency USD');
});

test('a version that has changed is answered by 409, and the right one is taken', async () => {
  const fund_id = idOf(await post('create-fund', fundBody()));
  const stale = await post('update-fund', { fund_id, set: { geography: 'Europe' } }, { 'if-match': '"7"' });
  expect(stale.statusCode).toBe(409);
  expect(stale.json()).toMatchObject({ type: 'urn:stratcap:problem:version-conflict', rule_results: [{ rule: 'version-conflict' }] });
  const fresh = await post('update-fund', { fund_id, set: { geography: 'Europe' }, expected_version: 1 });
  expect(fresh.json()).toMatchObject({ status: 'ACCEPTED', events: [{ event_type: 'FundUpdated', event_version: 2 }] });
  expect(fresh.statusCode).toBe(200);
});

test('a preview tells what would be booked and books nothing', async () => {
  const key = randomUUID();
  const reply = await post('create-fund?preview=true', fundBody({ fund_size: '2500000.50' }), { 'idempotency-key': key });
  expect(reply.statusCode).toBe(200);
  expect(reply.json()).toMatchObject({ status: 'PREVIEWED', preview_events: [{ event_type: 'FundCreated', fund: { fund_size: '2500000.50' } }] });
  expect(await bookedFor(key)).toEqual([]);
  const unclear = await post('create-fund?preview=1', fundBody());
  expect([unclear.statusCode, unclear.json<{ detail: string }>().detail]).toEqual([400, 'preview "1" is neither true nor false; nothing was booked.']);
});

test('a body that is wrong is answered by 400, each error with field, value and fix, and nothing is sent', async () => {
  const before = (await readTopic('commands')).length;
  const reply = await post('make-commitment', { ...(await commitmentBody('1.005')), fund_id: 'x', commitment_date: '2023-02-30', currency: 'KWD', colour: 'red', actor: { user_id: randomUUID() } });
  expect(reply.statusCode).toBe(400);
  expect(reply.json<{ errors: { field: string; value: string | null }[] }>().errors.map(({ field, value }) => [field, value])).toEqual([
    ['fund_id', '"x"'], ['commitment_amount', '"1.005"'], ['currency', '"KWD"'], ['commitment_date', '"2023-02-30"'], ['colour', null], ['actor', null],
  ]);
  expect(reply.json<{ detail: string }>().detail).toContain('commitment_amount "1.005" has more than two decimals');
  expect((await readTopic('commands')).length).toBe(before + 2);
});

test.each([
  ['money as a number', fundBody({ fund_size: 100 }), 'fund.fund_size 100 is not a text; write money as a decimal text'],
  ['a character that no store holds', fundBody({ fund_name: 'a\u0000b' }), 'has a control character'],
  ['such a character inside JSON text', fundBody({ terms: [{ term_type: 'WATERFALL', term_name: 'w', term_value: '{"a":"\\u0000"}', effective_date: '2020-01-01' }] }), 'has a control character'],
  ['a number beyond its type', fundBody({ vintage_year: 2 ** 40 }), 'fund.vintage_year 1099511627776'],
  ['no object', [], 'the body'],
])('%s is refused by name', async (_, body, message) => {
  const reply = await post('create-fund', body);
  expect(reply.statusCode).toBe(400);
  expect(reply.json<{ detail: string }>().detail).toContain(message);
});

test('headers, JSON, size and command name are checked with a clear answer', async () => {
  expect((await post('create-fund', fundBody(), { 'idempotency-key': 'abc' })).json<{ detail: string }>().detail).toContain('Idempotency-Key "abc" is not a uuid');
  expect((await post('update-fund', fundBody(), { 'if-match': 'abc' })).statusCode).toBe(400);
  const raw = (payload: string, type = 'application/json') => app.inject({ method: 'POST', url: '/v1/commands/create-fund', headers: { host, authorization: `Bearer ${token}`, 'content-type': type }, payload });
  expect((await raw('{')).statusCode).toBe(400);
  expect((await raw(`{"a":"${'x'.repeat(1_100_000)}"}`)).statusCode).toBe(413);
  expect((await raw('a=1', 'application/x-www-form-urlencoded')).statusCode).toBe(415);
  const unknown = await post('make-money', {});
  expect([unknown.statusCode, unknown.json<{ detail: string }>().detail]).toEqual([404, expect.stringContaining('the commands are add-bank-account')]);
});

test('booking needs the token or the cookie of our own page; the actor comes from there', async () => {
  const bare = { method: 'POST' as const, url: '/v1/commands/create-fund', payload: JSON.stringify(fundBody()) };
  const json = { host, 'content-type': 'application/json' };
  expect((await app.inject({ ...bare, headers: json })).statusCode).toBe(401);
  expect((await app.inject({ ...bare, headers: { ...json, authorization: 'Bearer wrong' } })).headers['www-authenticate']).toContain('Bearer');
  const page = await app.inject({ url: '/', headers: { host } });
  const cookie = String(page.headers['set-cookie']);
  expect(cookie).toMatch(/^stratcap_booking_8080=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  const value = cookie.split(';')[0] ?? '';
  const origin = `http://${host}`;
  expect((await app.inject({ ...bare, headers: { ...json, cookie: value, origin } })).statusCode).toBe(201);
  expect((await app.inject({ ...bare, headers: { ...json, cookie: value } })).statusCode).toBe(401);
  expect((await app.inject({ ...bare, headers: { ...json, cookie: value, origin: 'http://evil.example' } })).statusCode).toBe(403);
  expect((await app.inject({ ...bare, headers: { ...json, host: 'evil.example:8080', authorization: `Bearer ${token}` } })).statusCode).toBe(421);
  const forged = `stratcap_booking_8080=${signCookie('s', Date.now() + 1000, 'another secret')}`;
  const old = `stratcap_booking_8080=${signCookie('s', Date.now() - 1000, cookieSecret)}`;
  for (const bad of [forged, old, 'stratcap_booking_8080=x', 'stratcap_booking_8080=']) expect((await app.inject({ ...bare, headers: { ...json, cookie: bad, origin } })).statusCode).toBe(401);
  const events = (await readTopic('events')).map(({ value: bytes }) => (codec.decode(bytes).value as { envelope: EventEnvelope }).envelope);
  expect(new Set(events.filter(({ origin: from }) => from.channel === 'API').map(({ actor }) => actor.user_id))).toEqual(new Set([defaultTokenActor.user_id]));
  expect(events.filter(({ origin: from }) => from.channel === 'PAGE').map(({ origin: from }) => from.session_id)).toEqual([expect.any(String)]);
});

test('personal data is on the log only sealed, opens with the key of its investor, and is gone with that key', async () => {
  const personal = { tax_id: '12-3456789', email: 'jane@doe.example', contact_person: 'Jane Doe', phone: '+49 30 1234567', address: { city: 'Bremen' } };
  const reply = await post('create-investor', investorBody(personal));
  const investorId = idOf(reply);
  const records = [...(await readTopic('commands')), ...(await readTopic('events'))];
  for (const secret of ['3456789', 'jane@doe', 'Jane Doe', '1234567', 'Bremen']) expect(records.filter(({ value }) => value?.includes(secret))).toEqual([]);
  const command = records.map(({ value }) => codec.decode(value)).find(({ type, value }) => type === 'CreateInvestor' && (value as CreateInvestor).investor.investor_id === investorId);
  const { tax_id, email, contact_person } = (command?.value as CreateInvestor).investor;
  expect([tax_id?.masked, email?.masked, contact_person?.masked]).toEqual(['***6789', 'j***@***.example', 'J. D.']);
  const key = await keyStore.get(investorId);
  if (key === null || tax_id === null) throw new Error('no key or no sealed field');
  expect(openSealed(key, 'tax_id', tax_id)).toBe('12-3456789');
  await keyStore.destroy(investorId);
  const erased = await post('update-investor', { investor_id: investorId, set: { email: 'new@doe.example' } });
  expect([erased.statusCode, erased.json<{ detail: string }>().detail]).toEqual([422, `investor ${investorId} was erased; no personal data is taken for it`]);
});

test('a wrong personal value never stands in the answer', async () => {
  const reply = await post('create-investor', investorBody({ tax_id: 123456789 }));
  expect(reply.statusCode).toBe(400);
  expect(reply.body).not.toContain('123456789');
  expect(reply.json<{ detail: string }>().detail).toContain('investor.tax_id');
});

test('a command that is not decided in time is answered by 202, and its outcome comes when the ledger is back', async () => {
  await ledger?.stop();
  ledger = null;
  const slow = Fastify();
  await slow.register(bookingGuard, { token, cookieSecret });
  await slow.register(commandRoutes, { intake, keyStore, clock: () => Date.now() * 1000, ids: randomUUID, tenantId, timeoutMs: 700 });
  const key = randomUUID();
  const send = () => slow.inject({ method: 'POST', url: '/v1/commands/create-fund', headers: { host, authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }, payload: JSON.stringify(fundBody()) });
  const reply = await send();
  expect([reply.statusCode, reply.headers['location'], reply.json()]).toEqual([202, `/v1/commands/${key}`, { command_id: key, status: 'PENDING', location: `/v1/commands/${key}` }]);
  ledger = await startLedger();
  await expect.poll(async () => (await send()).statusCode, { timeout: 20_000 }).toBe(200);
  expect(await bookedFor(key)).toEqual(['FundCreated']);
  await slow.close();
});

test('a log that does not answer is 503 with what to do', async () => {
  const broken: Intake = await createIntake({ kafka: { ...kafka, producer: () => ({ send: () => new Promise(() => undefined), close: async () => undefined }) }, codec, topicPrefix, partitions, epoch: 1, logger });
  const away = Fastify();
  await away.register(bookingGuard, { token, cookieSecret });
  await away.register(commandRoutes, { intake: broken, keyStore, clock: () => Date.now() * 1000, ids: randomUUID, tenantId, timeoutMs: 300 });
  const reply = await away.inject({ method: 'POST', url: '/v1/commands/create-fund', headers: { host, authorization: `Bearer ${token}`, 'content-type': 'application/json' }, payload: JSON.stringify(fundBody()) });
  expect([reply.statusCode, reply.headers['retry-after']]).toEqual([503, '2']);
  expect(reply.json<{ detail: string }>().detail).toContain('Send it again under the same id');
  await away.close();
  await broken.close();
});

test('a thousand commands at once are decided within seconds', async () => {
  const investor_id = idOf(await post('create-investor', investorBody()));
  const fund_id = idOf(await post('create-fund', fundBody()));
  const started = performance.now();
  const replies = await Promise.all(Array.from({ length: 1_000 }, () => post('make-commitment', { fund_id, investor_id, commitment_amount: '10.00', currency: 'USD', commitment_date: '2020-03-31' })));
  expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([201]));
  expect(performance.now() - started).toBeLessThan(15_000);
});
