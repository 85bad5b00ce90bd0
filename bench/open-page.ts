// The page of a fund in a real browser, and what its readers see: every amount of an account with the moment at which it was painted.
import { chromium } from 'playwright-core';
import { requireChromium } from '#tests/support/chromium.ts';

export interface OpenPage {
  readonly kind: string;
  close(): Promise<void>;
}

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

// Runs in the page, as text, since this file knows no DOM. A change counts at the frame after it.
const watcher = `(() => {
  const shown = new Map();
  let asked = false;
  const look = () => {
    asked = false;
    const at = Date.now();
    const news = [];
    for (const row of document.querySelectorAll('#accounts tbody tr')) {
      const amount = /777,\\d{3},\\d{3}\\.\\d\\d/.exec(row.textContent ?? '')?.[0];
      const investor = row.getAttribute('data-key');
      if (amount === undefined || investor === null || shown.get(investor) === amount) continue;
      shown.set(investor, amount);
      news.push([investor, Number(amount.replaceAll(',', '')), at]);
    }
    if (news.length > 0) window.stratcapSeen(news);
  };
  new MutationObserver(() => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(look);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
})()`;

/** Opens a fund and tells each new amount in the 777 millions with its investor and the time in milliseconds. */
export const openPage = async (
  url: string,
  onSeen: (investorId: string, amount: number, atMs: number) => void,
): Promise<OpenPage> => {
  const browser = await chromium.launch({ executablePath: requireChromium(), args: browserArguments });
  const page = await browser.newPage({ viewport: { width: 1280, height: 2_000 } });
  await page.exposeFunction('stratcapSeen', (news: readonly (readonly [string, number, number])[]) => {
    for (const [investor, amount, at] of news) onSeen(investor, amount, at);
  });
  await page.goto(url);
  await page.locator('#accounts tbody tr').first().waitFor();
  await page.locator('#live[data-state=live]').waitFor();
  await page.evaluate(watcher);
  return { kind: `Chromium ${browser.version()}`, close: async () => await browser.close() };
};
