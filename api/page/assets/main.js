// The frame of the page: addresses to views, one loop that loads and draws, and changes of the store that make it load again.
import { ApiError } from './api.js';
import { openBooking } from './booking.js';
import { h, patch } from './dom.js';
import { formatCount, formatInstant } from './format.js';
import { listen } from './live.js';
import { callView } from './view-call.js';
import { distributionView } from './view-distribution.js';
import { fundView } from './view-fund.js';
import { fundsView } from './view-funds.js';
import { investorView, investorsView } from './view-investors.js';
import { isId, missingPart, missingView } from './view-missing.js';
import { pipelineView } from './view-pipeline.js';

/** @typedef {import('./view.js').View} View */

/** @param {string} id @returns {HTMLElement} */
const byId = (id) => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the document has no #${id}`);
  return element;
};
const main = byId('main');
const liveText = byId('live-text');
const positionText = byId('position');

/** @param {URL} url @returns {View} */
const viewOf = (url) => {
  const [, place = '', id = '', ...more] = url.pathname.toLowerCase().replace(/\/$/, '').split('/');
  if (more.length === 0) {
    if (place === 'funds' && isId(id)) return fundView(id);
    if (place === 'capital-calls' && isId(id)) return callView(id);
    if (place === 'distributions' && isId(id)) return distributionView(id);
    if (place === 'investors' && isId(id)) return investorView(id);
    if (place === 'investors' && id === '') return investorsView(url.searchParams);
    if (place === 'pipeline' && id === '') return pipelineView();
    if ((place === '' || place === 'funds') && id === '') return fundsView(url.searchParams);
  }
  return missingView(url.pathname);
};

let view = viewOf(new URL(location.href));
let running = new AbortController();
let loading = false;
let again = false;
let retryMs = 500;
// During a long burst the page rests as long as its last load took, so that it never keeps the store busy by itself.
const restMsMax = 400;
let restUntil = 0;
let loadedAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retryTimer;

/** @param {boolean} flashing */
const draw = (flashing) => {
  patch(main, h('main', {}, view.render()), flashing);
  document.title = `${view.title()} · StratCap`;
};

/** @param {import('../../shapes.ts').Meta} meta */
const showPosition = (meta) => {
  const events = meta.offsets.reduce((sum, offset) => sum + BigInt(offset), 0n);
  const today = new Date().toISOString().slice(0, 10);
  positionText.textContent =
    meta.position === null ? 'Nothing booked yet' : `Position ${formatCount(events)} · ${formatInstant(meta.known_at, today)}`;
  positionText.title = `The figures contain everything before these offsets of the log: ${meta.offsets.map((offset, partition) => `${partition}: ${offset}`).join(', ')}`;
  main.dataset['position'] = meta.position ?? '';
};

/** @param {unknown} error */
const showFailure = (error) => {
  const problem = error instanceof ApiError ? error.problem : null;
  if (problem?.status === 404) {
    document.title = `${problem.title} · StratCap`;
    // What the answer says to programs stands behind the first sentence.
    const [what] = problem.detail.split('. ');
    main.replaceChildren(
      missingPart({ title: problem.title, detail: `${what}. If it was booked just now, it appears here by itself.` }),
    );
    return;
  }
  const notice = h(
    'div',
    { class: 'notice problem', role: 'alert', 'data-key': 'problem' },
    h('strong', {}, `${problem?.title ?? 'The page failed'}. `),
    problem?.detail ?? String(error),
  );
  main.querySelector('.problem')?.remove();
  main.prepend(notice);
};

/**
 * Loads and draws. While a load runs, further changes are remembered and lead to one more load: the last state wins, none is lost.
 * @param {boolean} flashing Mark figures that changed.
 */
const refresh = async (flashing) => {
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  clearTimeout(retryTimer);
  const mine = running;
  const restMs = flashing ? restUntil - performance.now() : 0;
  if (restMs > 0)
    await new Promise((resolve) => {
      setTimeout(resolve, restMs);
    });
  if (mine.signal.aborted) return;
  const shown = view;
  const startedAt = performance.now();
  try {
    const meta = await shown.load(mine.signal);
    if (mine.signal.aborted) return;
    if (meta !== null) showPosition(meta);
    draw(flashing);
    loadedAt = performance.now();
    main.querySelector('.problem')?.remove();
    retryMs = 500;
  } catch (error) {
    if (mine.signal.aborted) return;
    showFailure(error);
    // What is away comes back: look again, less often each time.
    if (!(error instanceof ApiError) || (error.problem.status >= 400 && error.problem.status < 500)) return;
    retryTimer = setTimeout(() => {
      void refresh(flashing);
    }, retryMs);
    retryMs = Math.min(retryMs * 2, 5_000);
  } finally {
    if (mine === running) {
      loading = false;
      restUntil = performance.now() + Math.min(restMsMax, performance.now() - startedAt);
      if (again) {
        again = false;
        void refresh(true);
      }
    }
  }
};

/** Drops what is under way and starts anew, after the reader chose something else. */
const restart = () => {
  running.abort();
  running = new AbortController();
  loading = false;
  again = false;
  return refresh(false);
};

const markNavigation = () => {
  const place =
    view.key === 'missing'
      ? ''
      : `/${location.pathname.split('/')[1] ?? ''}`.replace(/^\/(?:funds|capital-calls|distributions)$/, '/');
  for (const link of document.querySelectorAll('#nav a')) {
    if (link.getAttribute('href') === place) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
};

const go = async () => {
  view = viewOf(new URL(location.href));
  markNavigation();
  await restart();
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
};

/** @param {HTMLElement} element @param {string} action */
const act = (element, action) => {
  if (action === 'theme') return switchTheme();
  if (action === 'book') return void openBooking(byId('booking'), () => refresh(true));
  const result = view.actions[action]?.(element);
  if (result === 'load') void restart();
  else if (result === 'render') draw(false);
};

const switchTheme = () => {
  const dark =
    getComputedStyle(document.documentElement).colorScheme.includes('dark') &&
    (document.documentElement.dataset['theme'] === 'dark' ||
      (document.documentElement.dataset['theme'] === undefined && matchMedia('(prefers-color-scheme: dark)').matches));
  document.documentElement.dataset['theme'] = dark ? 'light' : 'dark';
  localStorage.setItem('theme', document.documentElement.dataset['theme']);
};
const theme = localStorage.getItem('theme');
if (theme === 'dark' || theme === 'light') document.documentElement.dataset['theme'] = theme;

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element) || event.defaultPrevented) return;
  const link = event.target.closest('a[data-link]');
  if (link instanceof HTMLAnchorElement && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    if (link.href !== location.href) history.pushState(null, '', link.href);
    void go();
    return;
  }
  const control = event.target.closest('button[data-action]');
  if (control instanceof HTMLElement) act(control, control.dataset['action'] ?? '');
});
document.addEventListener('change', (event) => {
  if (event.target instanceof HTMLSelectElement && event.target.dataset['action'])
    act(event.target, event.target.dataset['action']);
});
document.addEventListener('submit', (event) => {
  if (event.target instanceof HTMLFormElement && event.target.dataset['action'] === 'none') event.preventDefault();
});
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;
document.addEventListener('input', (event) => {
  const { target } = event;
  if (!(target instanceof HTMLInputElement) || target.dataset['live'] === undefined) return;
  clearTimeout(typing);
  typing = setTimeout(() => {
    act(target, target.dataset['action'] ?? '');
  }, 180);
});
// The chart is drawn for the width that it has.
/** @type {ReturnType<typeof setTimeout> | undefined} */
let resizing;
addEventListener('resize', () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => {
    if (loadedAt > 0) draw(false);
  }, 150);
});
addEventListener('popstate', () => {
  void go();
});

/** @type {Readonly<Record<import('./live.js').LiveState, string>>} */
const liveWords = { connecting: 'Connecting', live: 'Live', lost: 'Not live, reconnecting' };
listen({
  onState: (state) => {
    byId('live').dataset['state'] = state;
    if (liveText.textContent !== liveWords[state]) liveText.textContent = liveWords[state];
  },
  onChange: (change) => {
    if (view.concerns(change)) void refresh(true);
  },
});
setInterval(() => {
  if (view.everyMs !== undefined && !document.hidden && performance.now() - loadedAt >= view.everyMs) void refresh(true);
}, 500);
markNavigation();
void refresh(false);
