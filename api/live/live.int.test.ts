// Live changes over real HTTP from real commits, and what happens when the line to Postgres breaks.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Isolation } from '#tests/support/stack.ts';
import { createIsolation } from '#tests/support/stack.ts';
import { openApi, openStore, setPositions } from '../api.fixture.ts';
import type { Api } from '../deps.ts';

let isolation: Isolation;
let pool: Pool;
let api: Api;
let origin: string;

beforeAll(async () => {
  isolation = await createIsolation({ stores: ['postgres'] });
  pool = await openStore(isolation.addresses.databaseUrl);
  await setPositions(pool, { events: [1n, 1n], facts: [1n, 1n] });
  api = await openApi(pool, isolation.addresses.databaseUrl, { heartbeatMs: 80 });
  origin = await api.listen({ port: 0, host: '127.0.0.1' });
  await until(async () => ((await (await fetch(`${origin}/readyz`)).json()) as { status: string }).status === 'ready');
});
afterAll(async () => {
  await api?.close();
  await pool?.end();
  await isolation?.drop();
});

const until = async (holds: () => boolean | Promise<boolean>, withinMs = 8_000): Promise<number> => {
  const started = performance.now();
  while (!(await holds())) {
    if (performance.now() - started > withinMs) throw new Error(`not within ${withinMs} ms`);
    await sleep(10);
  }
  return performance.now() - started;
};

interface Heard {
  readonly event: string;
  readonly id: string | null;
  readonly data: { readonly all?: boolean; readonly funds?: readonly string[]; readonly position: string | null };
}

const listen = async (lastEventId?: string) => {
  const stop = new AbortController();
  const response = await fetch(`${origin}/v1/live`, {
    signal: stop.signal,
    ...(lastEventId === undefined ? {} : { headers: { 'last-event-id': lastEventId } }),
  });
  const heard: Heard[] = [];
  let comments = 0;
  const ended = (async () => {
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) comments += 1;
        const fields = new Map(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        const event = fields.get('event');
        if (event !== undefined)
          heard.push({ event, id: fields.get('id') ?? null, data: JSON.parse(fields.get('data') ?? '{}') });
      }
    }
  })().catch(() => undefined);
  return {
    response,
    heard,
    comments: () => comments,
    ended,
    stop: () => {
      stop.abort();
    },
  };
};
const commit = async (fund: string): Promise<void> => {
  await pool.query('SELECT pg_notify($1, $2)', [
    'stratcap_changes',
    JSON.stringify({ funds: [fund], investors: [], source: 'events', partition: 0, next_offset: '2' }),
  ]);
};

test('an open page hears of a commit within a tenth of a second, with the position that contains it', async () => {
  const page = await listen();
  await until(() => page.heard.some((one) => one.event === 'hello'));
  expect(page.response.headers.get('content-type')).toContain('text/event-stream');
  expect(page.response.headers.get('content-security-policy')).toContain("default-src 'none'");
  await setPositions(pool, { events: [2n, 1n], facts: [2n, 1n] });
  await commit('fund-1');
  const tookMs = await until(() => page.heard.some((one) => one.data.funds?.includes('fund-1') === true));
  expect(tookMs).toBeLessThan(500);
  const change = page.heard.find((one) => one.data.funds?.includes('fund-1') === true);
  const current = (await (await fetch(`${origin}/v1/position`)).json()) as { meta: { position: string } };
  expect(change?.data.position).toBe(current.meta.position);
  await until(() => page.comments() >= 2);
  page.stop();
});

test('a page that was away names the last change that it heard and hears the rest', async () => {
  const page = await listen();
  await until(() => page.heard.length > 0);
  await commit('fund-2');
  await until(() => page.heard.some((one) => one.data.funds?.includes('fund-2') === true));
  const last = page.heard.at(-1)?.id ?? '';
  page.stop();
  await commit('fund-3');
  await sleep(200);
  const again = await listen(last);
  await until(() => again.heard.some((one) => one.data.funds?.includes('fund-3') === true));
  expect(again.heard.some((one) => one.data.funds?.includes('fund-2') === true)).toBe(false);
  again.stop();
});

test('when the line to Postgres breaks, readiness says so, it comes back by itself, and every page fetches anew', async () => {
  const page = await listen();
  await until(() => page.heard.length > 0);
  await pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'stratcap-api-live' AND datname = current_database()",
  );
  await until(() => page.heard.some((one) => one.data.all === true));
  await commit('fund-4');
  await until(() => page.heard.some((one) => one.data.funds?.includes('fund-4') === true));
  expect(((await (await fetch(`${origin}/readyz`)).json()) as { status: string }).status).toBe('ready');
  page.stop();
});

test('closing the API ends open lines, and does not wait for their readers', async () => {
  const other = await openApi(pool, isolation.addresses.databaseUrl);
  const address = await other.listen({ port: 0, host: '127.0.0.1' });
  const response = await fetch(`${address}/v1/live`);
  const reader = response.body!.getReader();
  await reader.read();
  const started = performance.now();
  await other.close();
  expect(performance.now() - started).toBeLessThan(2_000);
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read());
});
