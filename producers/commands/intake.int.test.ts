// The intake over HTTP against the real broker and the real ledger.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodePosition } from '#schemas/position.ts';
import { loadCodec } from '#schemas/released.ts';
import { topicName } from '#schemas/topics.ts';
import {
  bookingToken,
  commitmentBody,
  fundBody,
  host,
  idOf,
  investorBody,
  partitions,
  startIntakeSystem,
  type IntakeSystem,
} from '#tests/support/intake-system.ts';
import { createIntake } from './intake.ts';

let system: IntakeSystem;
beforeAll(async () => {
  system = await startIntakeSystem();
});
afterAll(() => system.stop());

test('a commitment is answered by 201 with ids, versions and a position that contains it', async () => {
  const reply = await system.post('make-commitment', await commitmentBody(system, '1000000.00'));
  expect(reply.statusCode).toBe(201);
  const body = reply.json<{ command_id: string; position: string; events: object[] }>();
  expect(body).toMatchObject({
    command_type: 'MakeCommitment',
    status: 'ACCEPTED',
    replayed: false,
    rule_results: [],
    events: [{ event_type: 'CommitmentMade', aggregate_type: 'COMMITMENT', event_version: 1 }],
  });
  expect(reply.headers['location']).toBe(`/v1/commands/${body.command_id}`);
  const position = decodePosition(body.position);
  expect(position).toMatchObject({
    topicId: await system.kafka.admin.topicId(topicName(system.topicPrefix, 'events')),
    epoch: 1,
  });
  const booked = (await system.eventsOnLog()).find(({ value }) => value.envelope.causation_id === body.command_id)?.record;
  expect(booked?.offset).toBeLessThan(position?.offsets[booked?.partition ?? -1] ?? 0n);
});

test('the same idempotency key again gives the same outcome and books nothing twice', async () => {
  const key = randomUUID();
  const first = await system.post('create-fund', fundBody(), { 'idempotency-key': key });
  const second = await system.post('create-fund', fundBody(), { 'idempotency-key': key });
  expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
  expect(second.json()).toMatchObject({ command_id: key, replayed: true, events: first.json<{ events: object[] }>().events });
  expect(await system.bookedFor(key)).toEqual(['FundCreated']);
});

test('a hundred requests with one idempotency key at the same time book once', async () => {
  const key = randomUUID();
  const replies = await Promise.all(
    Array.from({ length: 100 }, () => system.post('create-fund', fundBody(), { 'idempotency-key': key })),
  );
  expect(new Set(replies.map(idOf)).size).toBe(1);
  expect(await system.bookedFor(key)).toEqual(['FundCreated']);
});

test('an idempotency key that belongs to another command is told, and nothing is booked', async () => {
  const key = randomUUID();
  await system.post('create-fund', fundBody(), { 'idempotency-key': key });
  const reply = await system.post('create-fund?preview=false', fundBody(), { 'idempotency-key': key });
  expect(reply.statusCode).toBe(200);
  const fund_id = idOf(reply);
  // In the same partition the ledger knows the id.
  const reused = await system.post('update-fund', { fund_id, set: { geography: 'Europe' } }, { 'idempotency-key': key });
  expect([reused.statusCode, reused.json<{ type: string }>().type]).toEqual([422, 'urn:stratcap:problem:idempotency-key-reused']);
  expect(await system.bookedFor(key)).toEqual(['FundCreated']);
});

test.each([
  ['an amount', { commitment_amount: '2000000.00' }],
  ['a reason', { reason: 'another' }],
])('an idempotency key that comes again with another content, %s, is refused and books nothing', async (_, change) => {
  const key = randomUUID();
  const body = await commitmentBody(system, '1000000.00');
  const first = await system.post('make-commitment', body, { 'idempotency-key': key });
  const reused = await system.post('make-commitment', { ...body, ...change }, { 'idempotency-key': key });
  const again = await system.post('make-commitment', body, { 'idempotency-key': key });
  expect([first.statusCode, reused.statusCode, again.statusCode]).toEqual([201, 422, 200]);
  expect(reused.json()).toMatchObject({ type: 'urn:stratcap:problem:idempotency-key-reused', command_id: key });
  expect(await system.bookedFor(key)).toEqual(['CommitmentMade']);
});

test('of two contents that come under one key at the same time, one is booked and the other is refused', async () => {
  const key = randomUUID();
  const fund_id = randomUUID();
  const send = (fund_name: string) => system.post('create-fund', fundBody({ fund_id, fund_name }), { 'idempotency-key': key });
  const replies = await Promise.all([send('One'), send('Two')]);
  expect(replies.map(({ statusCode }) => statusCode).sort((left, right) => left - right)).toEqual([201, 422]);
  expect(await system.bookedFor(key)).toEqual(['FundCreated']);
});

test('another tax id under the same key is refused, although the log shows none', async () => {
  const key = randomUUID();
  const send = (tax_id: string) => system.post('create-investor', investorBody({ tax_id }), { 'idempotency-key': key });
  expect((await send('12-3456789')).statusCode).toBe(201);
  expect((await send('12-3456789')).statusCode).toBe(200);
  expect((await send('98-3456789')).statusCode).toBe(422);
});

test('a rejected command may be repeated, but not with another content under its key', async () => {
  const key = randomUUID();
  const body = { ...(await commitmentBody(system, '5.00')), currency: 'EUR' };
  const type = async (sent: object) =>
    (await system.post('make-commitment', sent, { 'idempotency-key': key })).json<{ type: string }>().type;
  expect([await type(body), await type(body), await type({ ...body, currency: 'USD' })]).toEqual([
    'urn:stratcap:problem:command-rejected',
    'urn:stratcap:problem:command-rejected',
    'urn:stratcap:problem:idempotency-key-reused',
  ]);
});

test('an unknown parameter of a booking is refused by name', async () => {
  const reply = await system.post('create-fund?previw=true', fundBody());
  expect([reply.statusCode, reply.json<{ detail: string }>().detail]).toEqual([
    400,
    'The address has the parameter "previw", which a booking does not know; only preview=true or preview=false may stand there. Nothing was booked.',
  ]);
});

test('a broken rule is answered by 422 with the rule, the field and the message', async () => {
  const reply = await system.post('make-commitment', { ...(await commitmentBody(system, '5.00')), currency: 'EUR' });
  expect(reply.statusCode).toBe(422);
  expect(reply.headers['content-type']).toContain('application/problem+json');
  expect(reply.json()).toMatchObject({
    type: 'urn:stratcap:problem:command-rejected',
    status: 422,
    rule_results: [{ rule: 'currency-differs', severity: 'ERROR', field: 'currency' }],
  });
  expect(reply.json<{ detail: string }>().detail).toContain('currency EUR differs from the base currency USD');
});

test('a version that has changed is answered by 409, and the right one is taken', async () => {
  const fund_id = idOf(await system.post('create-fund', fundBody()));
  const stale = await system.post('update-fund', { fund_id, set: { geography: 'Europe' } }, { 'if-match': '"7"' });
  expect(stale.statusCode).toBe(409);
  expect(stale.json()).toMatchObject({
    type: 'urn:stratcap:problem:version-conflict',
    rule_results: [{ rule: 'version-conflict' }],
  });
  const fresh = await system.post('update-fund', { fund_id, set: { geography: 'Europe' }, expected_version: 1 });
  expect(fresh.json()).toMatchObject({ status: 'ACCEPTED', events: [{ event_type: 'FundUpdated', event_version: 2 }] });
  expect(fresh.statusCode).toBe(200);
});

test('a preview tells what would be booked and books nothing', async () => {
  const key = randomUUID();
  const reply = await system.post('create-fund?preview=true', fundBody({ fund_size: '2500000.50' }), { 'idempotency-key': key });
  expect(reply.statusCode).toBe(200);
  expect(reply.json()).toMatchObject({
    status: 'PREVIEWED',
    preview_events: [{ event_type: 'FundCreated', fund: { fund_size: '2500000.50' } }],
  });
  expect(await system.bookedFor(key)).toEqual([]);
  const unclear = await system.post('create-fund?preview=1', fundBody());
  expect([unclear.statusCode, unclear.json<{ detail: string }>().detail]).toEqual([
    400,
    'preview "1" is neither true nor false; nothing was booked.',
  ]);
});

test('a body that is wrong is answered by 400, each error with field, value and fix, and nothing is sent', async () => {
  const before = (await system.commandsOnLog()).length;
  const reply = await system.post('make-commitment', {
    ...(await commitmentBody(system, '1.005')),
    fund_id: 'x',
    commitment_date: '2023-02-30',
    currency: 'KWD',
    colour: 'red',
    actor: { user_id: randomUUID() },
  });
  expect(reply.statusCode).toBe(400);
  expect(
    reply.json<{ errors: { field: string; value: string | null }[] }>().errors.map(({ field, value }) => [field, value]),
  ).toEqual([
    ['fund_id', '"x"'],
    ['commitment_amount', '"1.005"'],
    ['currency', '"KWD"'],
    ['commitment_date', '"2023-02-30"'],
    ['colour', null],
    ['actor', null],
  ]);
  expect(reply.json<{ detail: string }>().detail).toContain('commitment_amount "1.005" has more than two decimals');
  expect((await system.commandsOnLog()).length).toBe(before + 2);
});

test.each([
  ['money as a number', fundBody({ fund_size: 100 }), 'fund.fund_size 100 is not a text; write money as a decimal text'],
  ['a character that no store holds', fundBody({ fund_name: 'a\u0000b' }), 'has a control character'],
  [
    'such a character inside JSON text',
    fundBody({
      terms: [{ term_type: 'WATERFALL', term_name: 'w', term_value: '{"a":"\\u0000"}', effective_date: '2020-01-01' }],
    }),
    'has a control character',
  ],
  ['a number beyond its type', fundBody({ vintage_year: 2 ** 40 }), 'fund.vintage_year 1099511627776'],
  ['no object', [], 'the body'],
])('%s is refused by name', async (_, body, message) => {
  const reply = await system.post('create-fund', body);
  expect(reply.statusCode).toBe(400);
  expect(reply.json<{ detail: string }>().detail).toContain(message);
});

test('headers, JSON, size and command name are checked with a clear answer', async () => {
  expect(
    (await system.post('create-fund', fundBody(), { 'idempotency-key': 'abc' })).json<{ detail: string }>().detail,
  ).toContain('Idempotency-Key "abc" is not a uuid');
  expect((await system.post('update-fund', fundBody(), { 'if-match': 'abc' })).statusCode).toBe(400);
  const raw = (payload: string, type = 'application/json') =>
    system.app.inject({
      method: 'POST',
      url: '/v1/commands/create-fund',
      headers: { host, authorization: `Bearer ${bookingToken}`, 'content-type': type },
      payload,
    });
  expect((await raw('{')).statusCode).toBe(400);
  expect((await raw(`{"a":"${'x'.repeat(1_100_000)}"}`)).statusCode).toBe(413);
  expect((await raw('a=1', 'application/x-www-form-urlencoded')).statusCode).toBe(415);
  const unknown = await system.post('make-money', {});
  expect([unknown.statusCode, unknown.json<{ detail: string }>().detail]).toEqual([
    404,
    expect.stringContaining('the commands are add-bank-account'),
  ]);
});

test('a command that is not decided in time is answered by 202, and its outcome comes when the ledger is back', async () => {
  await system.stopLedger();
  const slow = await system.server({ timeoutMs: 700 });
  const key = randomUUID();
  const send = () => system.post('create-fund', fundBody(), { 'idempotency-key': key }, slow);
  const reply = await send();
  const location = `/v1/commands/${key}`;
  expect([reply.statusCode, reply.headers['location'], reply.json()]).toEqual([
    202,
    location,
    { command_id: key, status: 'PENDING', location },
  ]);
  await system.startLedger();
  await expect.poll(async () => (await send()).statusCode, { timeout: 20_000 }).toBe(200);
  expect(await system.bookedFor(key)).toEqual(['FundCreated']);
  await slow.close();
});

test('a log that does not answer is 503 with what to do', async () => {
  const silent = { send: () => new Promise<never>(() => undefined), close: async () => undefined };
  const { kafka, topicPrefix } = system;
  const intake = await createIntake({
    kafka: { ...kafka, producer: () => silent },
    codec: loadCodec(),
    topicPrefix,
    partitions,
    epoch: 1,
    logger: { warn: () => undefined },
  });
  const away = await system.server({ intake, timeoutMs: 300 });
  const reply = await system.post('create-fund', fundBody(), {}, away);
  expect([reply.statusCode, reply.headers['retry-after']]).toEqual([503, '2']);
  expect(reply.json<{ detail: string }>().detail).toContain('Send it again under the same id');
  await away.close();
  await intake.close();
});

test('a thousand commands at once are decided within seconds', async () => {
  const investor_id = idOf(await system.post('create-investor', investorBody()));
  const fund_id = idOf(await system.post('create-fund', fundBody()));
  const started = performance.now();
  const replies = await Promise.all(
    Array.from({ length: 1_000 }, () =>
      system.post('make-commitment', {
        fund_id,
        investor_id,
        commitment_amount: '10.00',
        currency: 'USD',
        commitment_date: '2020-03-31',
      }),
    ),
  );
  expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([201]));
  expect(performance.now() - started).toBeLessThan(15_000);
});
