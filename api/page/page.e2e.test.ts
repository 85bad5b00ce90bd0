// The page in a real browser over the shipped positions: figures, live changes, accessibility, narrow screens, and no word from the console.
import AxeBuilder from '@axe-core/playwright';
import type { Pool } from 'pg';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { encodePosition } from '#schemas/position.ts';
import { requireChromium } from '#tests/support/chromium.ts';
import type { Isolation } from '#tests/support/stack.ts';
import { createIsolation } from '#tests/support/stack.ts';
import { idOf, insert, loadHoldings, openApi, openStore, setPositions, shippedHoldings, topicId } from '../api.fixture.ts';
import type { Api } from '../deps.ts';

// What runs in the page, whose policy forbids code from text; the rest of this file knows no DOM.
declare const document: { querySelector(selector: string): { readonly textContent: string | null } | null };

// Chromium looks up hosts of its maker at every start unless told not to.
const browserArguments = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
// What is awaited is a state of the page, not a speed: the machine may be busy.
const patient = { timeout: 8_000 };
const fund = idOf('fund KKR 2006 Fund');
const investor = idOf('investor CalPERS');
let isolation: Isolation;
let pool: Pool;
let api: Api;
let origin: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let offset = 100n;
const booked: { readonly body: unknown; readonly key: unknown; readonly origin: unknown }[] = [];

beforeAll(async () => {
  isolation = await createIsolation({ stores: ['postgres'] });
  pool = await openStore(isolation.addresses.databaseUrl);
  await loadHoldings(pool, shippedHoldings());
  await setPositions(pool, { events: [offset, 50n], facts: [offset, 50n] });
  await insert(pool, 'findings', [
    {
      event_id: idOf('finding'),
      finding_number: 1,
      event_type: 'CommitmentMade',
      aggregate_type: 'COMMITMENT',
      aggregate_id: idOf('some commitment'),
      event_version: 1,
      fund_id: idOf('fund KKR 2006 Fund'),
      investor_id: idOf('investor CalPERS'),
      commitment_id: idOf('some commitment'),
      rule: 'vintage-differs',
      severity: 'WARNING',
      message: `commitment ${idOf('some commitment')} to fund ${idOf('fund KKR 2006 Fund')} was called by ${idOf('somebody')}`,
      field: null,
      recorded_at: '2026-01-01T00:00:00Z',
    },
  ]);
  api = await openApi(
    pool,
    isolation.addresses.databaseUrl,
    {},
    {
      roles: () => Promise.resolve({ ledger: { state: 'ready' }, 'sink-clickhouse': { state: 'waiting', detail: 'away' } }),
      roleLags: () =>
        Promise.resolve([
          { role: 'ledger', lag: 1_234, seconds_behind: 7.2, unknown: null },
          { role: 'sink-clickhouse', lag: null, seconds_behind: null, unknown: 'ClickHouse does not answer' },
        ]),
      deadLetters: () => Promise.resolve({ open: 3, since: '2026-01-31T09:12:33.000Z' }),
      plugins: [
        (app, _options, done) => {
          app.post('/v1/commands/record-valuation', async (request, reply) => {
            booked.push({ body: request.body, key: request.headers['idempotency-key'], origin: request.headers.origin });
            if ((request.body as { readonly remaining_value: string }).remaining_value === '1250000.55')
              return reply.code(201).send({
                status: 'ACCEPTED',
                position: encodePosition({ topicId, epoch: 1, offsets: [offset, 50n] }),
                rule_results: [],
              });
            return reply.code(422).send({
              status: 422,
              detail: 'rejected',
              rule_results: [
                {
                  rule: 'valuation-not-in-future',
                  severity: 'ERROR',
                  message: 'The valuation lies in the future.',
                  field: 'effective_date',
                },
              ],
            });
          });
          done();
        },
      ],
    },
  );
  origin = await api.listen({ port: 0, host: '127.0.0.1' });
  browser = await chromium.launch({ executablePath: requireChromium(), args: browserArguments });
});
afterAll(async () => {
  await browser?.close();
  await api?.close();
  await pool?.end();
  await isolation?.drop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
});
afterEach(async () => {
  await context.close();
});

const open = async (path: string): Promise<void> => {
  await page.goto(origin + path);
  await page.locator('main h1').waitFor();
  await page.locator('#live[data-state=live]').waitFor();
};
/** A commit of the sink: rows, positions and the notice in one transaction. */
const commit = async (
  sql: string,
  ids: { readonly funds: readonly string[]; readonly investors: readonly string[] },
): Promise<void> => {
  offset += 2n;
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('UPDATE positions SET next_offset = $1 WHERE partition = 0', [String(offset)]);
    await client.query('SELECT pg_notify($1, $2)', [
      'stratcap_changes',
      JSON.stringify({ ...ids, source: 'capital-accounts', partition: 0, next_offset: String(offset) }),
    ]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
};
/** Waits, frame by frame, until an element shows a text. */
const shows = async (selector: string, text: string): Promise<void> => {
  await page.waitForFunction(
    ([place = '', words = '']) => document.querySelector(place)?.textContent?.includes(words) === true,
    [selector, text],
    { polling: 'raf', timeout: 5_000 },
  );
};
const violations = async (rules?: readonly string[]): Promise<readonly string[]> =>
  (
    await (rules === undefined ? new AxeBuilder({ page }) : new AxeBuilder({ page }).withRules([...rules])).analyze()
  ).violations.map(
    (violation) =>
      `${violation.id}: ${violation.nodes
        .map((node) => node.target.join(' '))
        .slice(0, 3)
        .join(', ')}`,
  );

test('the list shows the sums of the file with their dates, unit and position, and says what is unknown', async () => {
  await open('/');
  await expect.poll(() => page.locator('dl.cards').innerText()).toContain('272,854,194,811.00');
  expect(await page.locator('main').innerText()).toContain('Totals over different dates.');
  expect(await page.locator('#funds caption').innerText()).toMatch(
    /USD, as of 2025-03-31 – 2025-09-30\. Negative amounts in parentheses\. 100 of 1,113 shown/,
  );
  expect(await page.locator('#position').innerText()).toMatch(/^Position \d+ · /);
  expect(await page.locator('#funds tfoot').innerText()).toContain('272,854,194,811.00');
  const kkr = page.locator('#funds tbody tr', { hasText: 'KKR 2006 Fund' }).first();
  expect(await kkr.innerText()).toContain('2,012,500,000.00');
  expect(await kkr.innerText()).toContain('n.a.');
  expect(await page.locator('svg.chart').getAttribute('aria-label')).toContain('by vintage');
  expect(complaints).toEqual([]);
});

test('a figure changes on the open page within a second of the commit, is marked, and the position moves with it', async () => {
  await open(`/funds/${fund}`);
  const cell = page.locator('#accounts tbody tr').first().locator('td').nth(3);
  const before = await page.locator('#position').innerText();
  const firstInvestor = await page.locator('#accounts tbody tr').first().getAttribute('data-key');
  await page.evaluate(
    "new MutationObserver(() => { if (document.querySelector('#accounts tbody td[data-flash]')) document.body.dataset.flashed = 'yes'; }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-flash'] })",
  );
  const started = performance.now();
  await commit(
    `UPDATE capital_accounts SET remaining_value = 987654321.09 WHERE fund_id = '${fund}' AND investor_id = '${firstInvestor}'`,
    { funds: [fund], investors: [String(firstInvestor)] },
  );
  await shows('#accounts tbody', '987,654,321.09');
  const tookMs = performance.now() - started;
  expect(tookMs).toBeLessThan(1_000);
  expect(await cell.innerText()).toContain('987,654,321.09');
  expect(await page.locator('body').getAttribute('data-flashed')).toBe('yes');
  expect(await page.locator('#position').innerText()).not.toBe(before);
  expect(complaints).toEqual([]);
});

test('the list and the investor follow as well, without losing what the reader typed and opened', async () => {
  await open('/?q=KKR');
  await page.locator('summary').click();
  await page.locator('input[type=search]').focus();
  await commit(`UPDATE capital_accounts SET committed_amount = committed_amount + 0.01 WHERE fund_id = '${fund}'`, {
    funds: [fund],
    investors: [investor],
  });
  await shows('#funds tbody', '2,012,500,000.01');
  expect(await page.locator('input[type=search]').inputValue()).toBe('KKR');
  expect(await page.evaluate('document.activeElement?.getAttribute("name")')).toBe('q');
  expect(await page.locator('details').getAttribute('open')).not.toBeNull();
});

test('the reader searches, filters, sorts, shows more and goes into a fund and an investor and back', async () => {
  await open('/');
  await page.getByRole('searchbox').fill('kkr asia');
  await expect.poll(() => page.locator('#funds caption').innerText(), patient).toMatch(/(\d+) of \1 shown/);
  expect(new URL(page.url()).searchParams.get('q')).toBe('kkr asia');
  await page.getByRole('searchbox').fill('');
  await expect.poll(() => page.locator('#funds caption').innerText(), patient).toContain('100 of 1,113');
  await page.getByRole('button', { name: 'TVPI' }).click();
  await expect.poll(() => page.locator('#funds thead th[aria-sort=descending]').innerText(), patient).toContain('TVPI');
  await page.getByRole('button', { name: 'Show more funds' }).click();
  await expect.poll(() => page.locator('#funds tbody tr').count(), patient).toBe(200);
  await page.locator('select[data-action=scale]').selectOption('millions');
  expect(await page.locator('#funds caption').innerText()).toContain('USD millions');
  await page.getByRole('searchbox').fill('KKR 2006 Fund');
  await page.getByRole('link', { name: 'KKR 2006 Fund' }).click();
  await page.getByRole('heading', { name: 'KKR 2006 Fund' }).waitFor();
  expect(await page.title()).toBe('KKR 2006 Fund · StratCap');
  await page.getByRole('link', { name: 'CalPERS' }).click();
  await page.getByRole('heading', { name: 'CalPERS', level: 1 }).waitFor();
  expect(await page.locator('table').first().locator('tbody tr').count()).toBeGreaterThan(400);
  await page.goBack();
  await page.getByRole('heading', { name: 'KKR 2006 Fund' }).waitFor();
  expect(complaints).toEqual([]);
});

test('a booking goes out with its own id and the answer of the rules is shown as they gave it', async () => {
  await open(`/funds/${fund}`);
  await page.getByRole('button', { name: 'Book', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Book' });
  await expect.poll(() => dialog.getByLabel('Fund').inputValue()).toBe('KKR 2006 Fund');
  await dialog.getByLabel('Net asset value').fill('12.345');
  await dialog.getByRole('button', { name: 'Book valuation' }).click();
  expect(booked).toEqual([]);
  expect(complaints).toEqual([]);
  await dialog.getByLabel('Net asset value').fill('1250000.56');
  await dialog.getByRole('button', { name: 'Book valuation' }).click();
  await dialog.getByText('The valuation lies in the future.').waitFor();
  await dialog.getByLabel('Net asset value').fill('1250000.55');
  await dialog.getByRole('button', { name: 'Book valuation' }).click();
  await dialog.getByText('Booked. The figures contain it.').waitFor();
  expect(await dialog.getByLabel('Net asset value').inputValue()).toBe('');
  const sent = (remaining_value: string): unknown => ({
    body: expect.objectContaining({ fund_id: fund, remaining_value, commitment_id: expect.stringMatching(/^[0-9a-f-]{36}$/) }),
    key: expect.stringMatching(/^[0-9a-f-]{36}$/),
    origin,
  });
  expect(booked).toEqual([sent('1250000.56'), sent('1250000.55')]);
  expect(new Set(booked.map((command) => command.key)).size).toBe(2);
  expect(await violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'Commitment', exact: true }).click();
  await dialog.getByLabel('Investor').selectOption({ label: 'CalPERS' });
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
});

test('no screen breaks a rule of accessibility, in light and in dark', async () => {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    // Few rows: the rules look at each cell, and one row is like another.
    for (const path of ['/?q=KKR%20asia', `/funds/${fund}`, '/investors', '/pipeline']) {
      await open(path);
      // Between light and dark only the colours differ.
      expect(await violations(scheme === 'dark' ? ['color-contrast'] : undefined), `${scheme} ${path}`).toEqual([]);
    }
  }
  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
});

test('at 400 pixels nothing is wider than the screen, and tables scroll with the names in place', async () => {
  await page.setViewportSize({ width: 400, height: 800 });
  for (const path of ['/', `/funds/${fund}`, `/investors/${investor}`, '/pipeline']) {
    await open(path);
    expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(400);
  }
  await open('/');
  const panel = page.locator('figure.panel');
  const chart = await panel.locator('svg').boundingBox();
  const frame = await panel.boundingBox();
  expect((chart?.x ?? 0) + (chart?.width ?? 999)).toBeLessThanOrEqual((frame?.x ?? 0) + (frame?.width ?? 0));
  expect(chart?.width).toBeGreaterThan(300);
  // Drawn for its width, its words are as large as they are meant to be.
  expect((await panel.locator('svg text').first().boundingBox())?.height).toBeGreaterThan(9);
  const region = page.getByRole('region', { name: /Funds/ });
  const name = region.locator('tbody th').first();
  const left = (await name.boundingBox())?.x;
  await region.evaluate((element: { scrollLeft: number }) => {
    element.scrollLeft = 300;
  });
  expect((await name.boundingBox())?.x).toBeCloseTo(left ?? -1, 0);
});

test.each(['/funds/nope', '/zzz', '/investors/x/y', '/pipeline/x'])(
  '%s is a page that says so and has a way back',
  async (path) => {
    const response = await page.goto(origin + path);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(await page.locator('main').innerText()).toContain(`${path} is not an address of this page`);
    expect(await page.locator('#nav a[aria-current]').count()).toBe(0);
    if (response?.status() === 200) expect(complaints).toEqual([]);
    else expect(response?.status()).toBe(404);
    await page.getByRole('link', { name: 'To the funds' }).click();
    await page.getByRole('heading', { name: 'Funds', exact: true }).waitFor();
  },
);

test('a program that asks for an unknown address gets a problem, not a page', async () => {
  const response = await fetch(`${origin}/zzz`, { headers: { accept: 'application/json' } });
  expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json; charset=utf-8']);
  const unknown = await fetch(`${origin}/v1/zzz`, { headers: { accept: 'text/html' } });
  expect(unknown.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
});

test('a finding names the fund and the investor that the page knows, and keeps an id that it does not', async () => {
  await open(`/funds/${fund}`);
  expect(await page.locator('#findings tbody').innerText()).toContain(
    `commitment of CalPERS to fund KKR 2006 Fund was called by ${idOf('somebody')}`,
  );
});

test('the pipeline shows the lag of every role, why one is unknown, and the open dead letters', async () => {
  await open('/pipeline');
  expect(await page.locator('.card', { hasText: 'Dead letters' }).innerText()).toContain('3\nsince 2026-01-31 09:12');
  expect(await page.locator('#roles tbody tr', { hasText: 'ledger' }).innerText()).toContain('1,234 (7 s)');
  const unknown = page.locator('#roles tbody tr', { hasText: 'sink-clickhouse' });
  expect(await unknown.innerText()).toContain('n.a.');
  expect(await unknown.locator('[title="ClickHouse does not answer"]').count()).toBe(1);
});

test('what is not there and a service that is away are told in words, and the page recovers by itself', async () => {
  await page.goto(`${origin}/funds/${idOf('none')}`);
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').innerText()).toContain('There is no fund');
  await page.getByRole('link', { name: 'To the funds' }).click();
  await page.locator('main h1').waitFor();
  await page.route('**/v1/investors**', (route) => route.abort());
  await page.getByRole('link', { name: 'Investors', exact: true }).click();
  await page.getByText('StratCap did not answer').waitFor();
  await page.unroute('**/v1/investors**');
  await page.getByRole('link', { name: 'CalPERS' }).waitFor();
  await expect.poll(() => page.getByRole('alert').count()).toBe(0);
});
