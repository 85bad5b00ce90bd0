// The page in a real browser over generated fund lives that went through the whole system: what it shows is what the API says, it follows a
// booking, and it fits wide and narrow screens.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { requireChromium } from '#tests/support/chromium.ts';
import type { CallRow } from '../capital-calls/lists.ts';
import type { DistributionRow } from '../distributions/lists.ts';
import type { DistributionReply } from '../distributions/route.ts';
import { startLiveSystem, type LiveSystem } from '../live-system.fixture.ts';
import type { PerformanceReply } from '../performance/view.ts';

const amount = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
/** As the page writes it; Intl takes decimal text digit by digit. */
const formatted = (text: string | null | undefined): string => amount.format((text ?? '') as Intl.StringNumericLiteral);
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
let system: LiveSystem;
let fund: string;
let origin: string;
let browser: Browser;
let context: BrowserContext | undefined;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  system = await startLiveSystem();
  const funds = await system.bookGenerated({ funds: 2, investors: 3, years: 4 });
  fund = funds[0] ?? '';
  const end = await system.end();
  const level = await system.get(`/v1/funds/${fund}/performance?wait_for=${end}&wait_timeout_ms=30000`);
  const books = await system.get(`/v1/funds/${fund}/trial-balance?wait_for=${end}&wait_timeout_ms=30000`);
  expect([level.status, books.status]).toEqual([200, 200]);
  origin = await system.api.listen({ port: 0, host: '127.0.0.1' });
  browser = await chromium.launch({ executablePath: requireChromium(), args: browserArguments });
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(async () => {
  await context?.close();
  context = await browser.newContext({ viewport: { width: 1400, height: 900 }, colorScheme: 'light' });
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
});

const open = async (path: string): Promise<void> => {
  await page.goto(origin + path);
  await page.locator('main h1').waitFor();
  await page.locator('#live[data-state=live]').waitFor();
};
const lastDistribution = async (): Promise<DistributionRow> => {
  const { body } = await system.get<{ distributions: readonly DistributionRow[] }>(`/v1/funds/${fund}/distributions`);
  const [last] = body.distributions
    .filter(({ distribution_status }) => distribution_status !== 'CANCELLED')
    .sort((a, b) => b.distribution_date.localeCompare(a.distribution_date) || b.distribution_number - a.distribution_number);
  if (last === undefined) throw new Error('nothing was distributed');
  return last;
};

test('a fund shows its curve, flows, last waterfall, investors, investments, roll and books, as the API says them', async () => {
  await open(`/funds/${fund}`);
  const { body } = await system.get<PerformanceReply>(`/v1/funds/${fund}/performance`);
  const returns = await page.locator('#returns').innerText();
  for (const investor of body.investors) expect(returns).toContain(investor.investor_name);
  expect(await page.locator('#returns tfoot').innerText()).toContain(formatted(body.fund?.called_capital));
  expect(await page.locator('#returns tfoot').innerText()).toContain(`${formatted(body.fund?.tvpi)}x`);
  const last = await lastDistribution();
  expect(await page.locator('figure[data-key=waterfall]').innerText()).toContain(
    `Waterfall of distribution ${last.distribution_number}`,
  );
  for (const chart of ['j-curve', 'flows', 'waterfall'])
    expect(await page.locator(`figure[data-key=${chart}] svg`).getAttribute('aria-label'), chart).toMatch(/\d/);
  expect(await page.locator('#calls tbody tr').count()).toBeGreaterThan(2);
  expect(await page.locator('#investments tbody tr').count()).toBeGreaterThan(1);
  expect(await page.locator('#nav-roll tfoot').innerText()).toContain('Net NAV');
  const totals = await page.locator('#trial-balance tfoot td').allInnerTexts();
  expect(totals[0]).toBe(totals[1]);
  expect(complaints).toEqual([]);
});

test('a call and a distribution are a click away, with notices that add up and how each cent came about', async () => {
  await open(`/funds/${fund}`);
  await page.locator('#calls tbody a').last().click();
  await page.getByRole('heading', { name: /^Capital call \d+$/ }).waitFor();
  const { body } = await system.get<{ capital_calls: readonly CallRow[] }>(`/v1/funds/${fund}/capital-calls`);
  const first = body.capital_calls.at(-1);
  await expect.poll(() => page.locator('#notices tbody tr').count()).toBe(first?.notice_count);
  expect(await page.locator('#notices tfoot').innerText()).toContain(formatted(first?.total_call_amount));
  await page.goBack();
  const last = await lastDistribution();
  await page.locator(`#distributions a[href="/distributions/${last.distribution_id}"]`).click();
  await page.getByRole('heading', { name: `Distribution ${last.distribution_number}` }).waitFor();
  const { body: one } = await system.get<DistributionReply>(`/v1/distributions/${last.distribution_id}`);
  expect(await page.locator('#tiers tfoot').innerText()).toContain(formatted(one.calculation?.lp_total));
  expect(await page.locator('#notices tbody tr').count()).toBe(one.notices.length);
  await page.getByText(/source events$/).click();
  expect(await page.locator('#sources tbody tr').count()).toBe(one.calculation?.source_events.length);
  expect(complaints).toEqual([]);
});

test('the page follows a booking without being asked', async () => {
  await open(`/funds/${fund}`);
  const before = await page.locator('#trial-balance tfoot').innerText();
  const booked = await system.post('/v1/commands/record-fund-transaction', {
    fund_id: fund,
    transaction_type: 'INTEREST_INCOME',
    amount: '1234.56',
    effective_date: '2026-06-30',
  });
  expect(booked.status).toBe(200);
  await expect.poll(() => page.locator('#trial-balance tfoot').innerText(), { timeout: 20_000 }).not.toBe(before);
  expect(complaints).toEqual([]);
});

test('nothing is wider than the screen and no rule of accessibility is broken, wide and narrow', async () => {
  const { distribution_id } = await lastDistribution();
  const { body } = await system.get<{ capital_calls: readonly CallRow[] }>(`/v1/funds/${fund}/capital-calls`);
  const folder = process.env['STRATCAP_SCREENSHOTS'];
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  for (const width of [1400, 800, 400]) {
    await page.setViewportSize({ width, height: 900 });
    for (const path of [
      `/funds/${fund}`,
      `/capital-calls/${body.capital_calls.at(-1)?.call_id}`,
      `/distributions/${distribution_id}`,
    ]) {
      await open(path);
      expect(await page.evaluate('document.documentElement.scrollWidth'), `${width} ${path}`).toBeLessThanOrEqual(width);
      if (folder !== undefined)
        await page.screenshot({ path: join(folder, `${path.split('/')[1]}-${width}.png`), fullPage: true });
      if (width === 400) continue;
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')}`),
        `${width} ${path}`,
      ).toEqual([]);
    }
  }
  expect(complaints).toEqual([]);
}, 120_000);
