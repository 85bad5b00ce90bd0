// How the API answers, on a real Postgres: positions, waiting, validators, errors, guard, document, page, plugins.
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePosition } from '#schemas/position.ts';
import type { Isolation } from '#tests/support/stack.ts';
import { createIsolation } from '#tests/support/stack.ts';
import {
  clientOf,
  idOf,
  loadHoldings,
  openApi,
  openStore,
  recordedAt,
  setPositions,
  shippedHoldings,
  topicId,
} from './api.fixture.ts';
import type { Api } from './deps.ts';
import { pageAddresses } from './page/serve.ts';
import type { ProblemBody } from './problems.ts';
import type { Meta } from './shapes.ts';

let isolation: Isolation;
let pool: Pool;
let api: Api;
let get: ReturnType<typeof clientOf>;
const holdings = shippedHoldings();

beforeAll(async () => {
  isolation = await createIsolation({ stores: ['postgres'] });
  pool = await openStore(isolation.addresses.databaseUrl);
  await loadHoldings(pool, holdings);
  await setPositions(pool, { events: [20n, 30n], facts: [18n, 40n] });
  api = await openApi(pool, isolation.addresses.databaseUrl);
  get = clientOf(api);
});
afterAll(async () => {
  await api?.close();
  await pool?.end();
  await isolation?.drop();
});

const position = (...offsets: bigint[]): string => encodePosition({ topicId, epoch: 1, offsets });

test('every answer says the position that it is true for: the lower one of its sources', async () => {
  expect((await get<{ readonly meta: Meta }>('/v1/funds?limit=1')).body.meta).toMatchObject({
    position: position(18n, 30n),
    offsets: ['18', '30'],
    known_at: recordedAt,
  });
  expect((await get<{ readonly meta: Meta }>('/v1/commitments?limit=1')).body.meta.position).toBe(position(20n, 30n));
  expect((await get('/v1/position')).body).toMatchObject({
    topic_id: topicId,
    epoch: 1,
    parts: [
      { source: 'capital-accounts', partition: 0, next_offset: '18' },
      { partition: 1, next_offset: '40' },
      { source: 'events', partition: 0, next_offset: '20' },
      { next_offset: '30' },
    ],
  });
});

test('an unchanged answer costs a 304 that asks no table, until the position moves', async () => {
  const first = await get<{ readonly meta: Meta }>('/v1/funds?limit=1');
  const etag = String(first.headers['etag']);
  expect(etag).toMatch(/^"[\w-]+"$/);
  await pool.query('ALTER TABLE funds RENAME TO funds_away');
  try {
    expect((await get<{ readonly meta: Meta }>('/v1/funds?limit=1', { 'if-none-match': etag })).status).toBe(304);
    expect((await get('/v1/funds?limit=2', { 'if-none-match': etag })).status).toBe(500);
  } finally {
    await pool.query('ALTER TABLE funds_away RENAME TO funds');
  }
  await setPositions(pool, { events: [21n, 30n], facts: [21n, 40n] });
  const moved = await get<{ readonly meta: Meta }>('/v1/funds?limit=1', { 'if-none-match': etag });
  expect(moved.status).toBe(200);
  expect(moved.headers['etag']).not.toBe(etag);
});

test('a reader that names the position of its booking waits for it and then reads it', async () => {
  await setPositions(pool, { events: [21n, 30n], facts: [21n, 40n] });
  const started = performance.now();
  const waiting = get<{ readonly meta: Meta }>(`/v1/funds?limit=1&wait_for=${position(25n, 30n)}`);
  setTimeout(() => {
    void setPositions(pool, { events: [25n, 30n], facts: [25n, 40n] }).then(() =>
      pool.query("SELECT pg_notify('stratcap_changes', '{}')"),
    );
  }, 120);
  const reply = await waiting;
  expect(reply.status).toBe(200);
  expect(reply.body.meta.position).toBe(position(25n, 30n));
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('a reader whose position does not come hears how far it is, and one of another log hears that', async () => {
  const late = await get(`/v1/funds?wait_for=${position(90n, 30n)}&wait_timeout_ms=150`);
  expect(late).toMatchObject({
    status: 504,
    body: { type: 'urn:stratcap:problem:position-not-reached', behind: [{ partition: 0, wanted: '90', reached: '25' }] },
  });
  expect(late.headers['content-type']).toContain('application/problem+json');
  const other = await get(`/v1/funds?wait_for=${encodePosition({ topicId: 'another', epoch: 1, offsets: [0n, 0n] })}`);
  expect(other).toMatchObject({ status: 409, body: { type: 'urn:stratcap:problem:position-of-another-log' } });
  expect(await get('/v1/funds?wait_for=nonsense')).toMatchObject({
    status: 400,
    body: { type: 'urn:stratcap:problem:invalid-position' },
  });
});

test('bad requests are told by field and value, and never by SQL', async () => {
  expect(await get('/v1/funds?limit=0&sort=shoe')).toMatchObject({
    status: 400,
    body: {
      title: 'The request is not valid',
      errors: [{ pointer: expect.stringContaining('sort') }, { pointer: expect.stringContaining('limit') }],
    },
  });
  expect(await get('/v1/funds/not-a-uuid')).toMatchObject({ status: 400, body: { detail: expect.stringContaining('uuid') } });
  expect(await get(`/v1/funds/${idOf('none')}`)).toMatchObject({
    status: 404,
    body: { type: 'urn:stratcap:problem:not-found', instance: `/v1/funds/${idOf('none')}` },
  });
  expect(await get('/v1/funds?cursor=abc.def')).toMatchObject({
    status: 400,
    body: { type: 'urn:stratcap:problem:invalid-cursor' },
  });
  expect(await get('/v1/audit?from=2026-13-01')).toMatchObject({ status: 400 });
  expect(await get('/v1/nothing')).toMatchObject({ status: 404, body: { detail: expect.stringContaining('/openapi.json') } });
  const wrong = await get("/v1/funds?q=';DROP TABLE funds;--");
  expect(wrong.status).toBe(200);
});

test('a store that breaks gives a problem without its words, and the log has them under the request id', async () => {
  await pool.query('ALTER TABLE findings RENAME TO findings_away');
  try {
    const { status, body, headers } = await get<ProblemBody>('/v1/findings');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/findings_away|relation|SELECT|does not exist/);
    expect(body.request_id).toBe(headers['x-request-id']);
  } finally {
    await pool.query('ALTER TABLE findings_away RENAME TO findings');
  }
});

test('foreign hosts and foreign pages are turned away before anything is read', async () => {
  expect(await get('/v1/funds', { host: 'evil.example' })).toMatchObject({
    status: 421,
    body: { type: 'urn:stratcap:problem:unknown-host' },
  });
  expect(await get('/v1/funds', { origin: 'http://evil.example' })).toMatchObject({
    status: 403,
    body: { type: 'urn:stratcap:problem:foreign-origin' },
  });
  expect((await get('/v1/funds', { origin: 'http://127.0.0.1:8080' })).status).toBe(200);
});

test('the document lists every address, and its schemas are those of OpenAPI 3.1', async () => {
  const { body } = await get<{
    readonly openapi: string;
    readonly paths: object;
    readonly components: { readonly schemas: object };
  }>('/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  expect(Object.keys(body.paths).sort()).toEqual([
    '/healthz',
    '/metrics',
    '/readyz',
    '/v1/accounts',
    '/v1/aggregates/{aggregate_id}/events',
    '/v1/audit',
    '/v1/business-dates',
    '/v1/calculations/{calculation_id}',
    '/v1/capital-accounts',
    '/v1/capital-calls/{call_id}',
    '/v1/capital-calls/{call_id}/notices',
    '/v1/capital-calls/{call_id}/payments',
    '/v1/commands/{command_id}',
    '/v1/commitments',
    '/v1/commitments/{commitment_id}',
    '/v1/configurations',
    '/v1/distributions/{distribution_id}',
    '/v1/distributions/{distribution_id}/notices',
    '/v1/exchange-rates',
    '/v1/findings',
    '/v1/funds',
    '/v1/funds/totals',
    '/v1/funds/{fund_id}',
    '/v1/funds/{fund_id}/capital-calls',
    '/v1/funds/{fund_id}/carry-clawbacks',
    '/v1/funds/{fund_id}/cash-flows',
    '/v1/funds/{fund_id}/distributions',
    '/v1/funds/{fund_id}/investments',
    '/v1/funds/{fund_id}/j-curve',
    '/v1/funds/{fund_id}/journal-entries',
    '/v1/funds/{fund_id}/nav-roll',
    '/v1/funds/{fund_id}/performance',
    '/v1/funds/{fund_id}/transactions',
    '/v1/funds/{fund_id}/trial-balance',
    '/v1/funds/{fund_id}/valuation-preview',
    '/v1/funds/{fund_id}/waterfall-configs',
    '/v1/investments/{investment_id}',
    '/v1/investments/{investment_id}/valuations',
    '/v1/investors',
    '/v1/investors/{investor_id}',
    '/v1/live',
    '/v1/position',
    '/v1/quality-findings',
    '/v1/status',
  ]);
  expect(body.components.schemas).toHaveProperty('Meta');
  expect(body.components.schemas).toHaveProperty('Problem');
  const docs = await get('/docs/');
  expect(docs.status).toBe(200);
  expect(docs.headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
});

test('operators hear whether it is alive, ready, how far the store is, and how long answers take', async () => {
  expect((await get('/healthz')).body).toEqual({ status: 'alive' });
  expect(await get('/readyz')).toMatchObject({
    status: 200,
    body: { status: 'ready', parts: { postgres: { state: 'ready' }, 'live updates': { state: 'ready' } } },
  });
  const status = await get('/v1/status');
  expect(status.body).toMatchObject({
    engines: { postgres: { state: 'ready' } },
    counts: { funds: 1113, commitments: 1300 },
    position: position(25n, 30n),
    offsets: ['25', '30'],
    lag: null,
  });
  expect((await get('/metrics')).body).toContain('stratcap_http_request_seconds_bucket');
});

test('the page comes without inline code, with its files, an icon and a policy that forbids anything else', async () => {
  for (const address of pageAddresses) {
    const { status, body, headers } = await get(address.replace(/:\w+/, idOf('x')));
    expect(status, address).toBe(200);
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(String(body)).not.toMatch(/<script(?![^>]*src=)|style=|onclick=/);
  }
  expect((await get('/assets/main.js')).headers['content-type']).toContain('javascript');
  expect((await get('/favicon.ico')).headers['content-type']).toContain('image/svg');
  for (const hidden of ['/assets/format.test.ts', '/assets/tsconfig.json', '/assets/../serve.ts', '/assets/%2e%2e/serve.ts'])
    expect((await get(hidden)).status, hidden).toBe(404);
});

test('a plugin of another layer gets its routes in, under the same guard and the same errors', async () => {
  const other = await openApi(
    pool,
    isolation.addresses.databaseUrl,
    {},
    {
      plugins: [
        (app, _options, done) => {
          app.post('/v1/commands/test', async () => ({ taken: true }));
          done();
        },
      ],
    },
  );
  try {
    const taken = await other.inject({ method: 'POST', url: '/v1/commands/test', headers: { host: 'localhost' } });
    expect(taken.json()).toEqual({ taken: true });
    expect(
      (
        await other.inject({
          method: 'POST',
          url: '/v1/commands/test',
          headers: { host: 'localhost', origin: 'http://evil.example' },
        })
      ).statusCode,
    ).toBe(403);
  } finally {
    await other.close();
  }
});
