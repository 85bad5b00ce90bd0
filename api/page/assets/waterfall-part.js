// The waterfall of a distribution: a picture by tier with the parts of limited and general partners, and the same in numbers and formulae.
import { h, svgNode } from './dom.js';
import { formatMoney, words } from './format.js';
import { waterfallPicture } from './life-charts.js';
import { figure, moneyCell, table } from './table.js';

/** @typedef {import('../../distributions/calculation.ts').Calculation} Calculation */
/** @typedef {Calculation['tiers'][number]} TierRow */

/** Tiers of one name and place together: partners and deals may each have a waterfall of their own. @param {readonly TierRow[]} tiers */
const byTier = (tiers) => {
  /** @type {Map<string, { label: string, lp: bigint, gp: bigint, formula: string }>} */
  const sums = new Map();
  const several = new Set(tiers.map((tier) => tier.place)).size > 1;
  for (const tier of tiers) {
    const isFree = tier.formula.startsWith('This partner is free');
    const label = isFree ? 'Free of carry' : several ? `${named(tier.tier)} ${tier.place + 1}` : named(tier.tier);
    const sum = sums.get(label) ?? { label, lp: 0n, gp: 0n, formula: tier.formula };
    sum.lp += cents(tier.lp);
    sum.gp += cents(tier.gp);
    sums.set(label, sum);
  }
  return [...sums.values()].map((sum) => ({ ...sum, lp: money(sum.lp), gp: money(sum.gp) }));
};
/** @param {string} tier */
const named = (tier) => {
  const text = words(tier);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
};
/** @param {string} text */
const cents = (text) => BigInt(text.replace('.', ''));
/** @param {bigint} minor */
const money = (minor) => {
  const text = String(minor < 0n ? -minor : minor).padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
};

/** @param {Calculation} calculation @param {{ readonly title: import('./dom.js').Child, readonly currency: string, readonly width: number }} options */
export const waterfallPart = (calculation, { title, currency, width }) => {
  const tiers = byTier(calculation.tiers);
  return h(
    'figure',
    { class: 'panel', 'data-key': 'waterfall' },
    h(
      'figcaption',
      {},
      h('strong', {}, title),
      h('span', { class: 'muted' }, ` ${currency}, terms version ${calculation.terms_version}`),
      h('ul', { class: 'legend', 'aria-hidden': 'true' }, h('li', { class: 'bar-2' }, 'LP'), h('li', { class: 'bar-4' }, 'GP')),
    ),
    svgNode(
      waterfallPicture({
        tiers,
        width,
        title: `Waterfall of ${calculation.calculation_date}`,
        description: `Limited partners receive ${formatMoney(calculation.lp_total).text}, the general partner ${formatMoney(calculation.gp_total).text}. The table of tiers has the numbers.`,
      }),
    ),
  );
};

/** The tiers in numbers, each with its formula. @param {Calculation} calculation @param {string} currency @param {import('./format.js').Scale} scale */
export const tiersTable = (calculation, currency, scale) =>
  table({
    id: 'tiers',
    rows: byTier(calculation.tiers),
    keyOf: (row) => row.label,
    caption: [
      h('strong', {}, 'How it came about'),
      ` ${currency}, by the terms of version ${calculation.terms_version}${calculation.term_name === null ? '' : ` (${calculation.term_name})`}.`,
    ],
    columns: [
      {
        name: 'tier',
        label: 'Tier',
        kind: 'text',
        header: true,
        cell: (row) => [row.label, h('span', { class: 'under long' }, row.formula)],
      },
      { name: 'lp', label: 'LPs', kind: 'figure', cell: (row) => moneyCell(row.lp, scale) },
      { name: 'gp', label: 'GP', kind: 'figure', cell: (row) => moneyCell(row.gp, scale) },
    ],
    totals: [
      {
        key: 'total',
        cells: { tier: 'Distribution', lp: moneyCell(calculation.lp_total, scale), gp: moneyCell(calculation.gp_total, scale) },
      },
    ],
  });

/** What went in: balances after it, flows, events and the terms to the letter. @param {Calculation} calculation */
export const basisPart = (calculation) =>
  h(
    'details',
    { 'data-key': 'basis' },
    h('summary', {}, `Terms, flows and ${calculation.source_events.length} source events`),
    h(
      'dl',
      { class: 'facts' },
      [
        ['Balances', calculation.explanation.balances],
        ['Rounding', calculation.explanation.rounding],
        ['Notices', calculation.explanation.sharing],
        ['Unreturned capital after', figure(formatMoney(calculation.unreturned_capital))],
        ['Unpaid preferred return after', figure(formatMoney(calculation.unpaid_preferred_return))],
      ].map(([name, value]) => h('div', { class: 'wide' }, h('dt', {}, name), h('dd', {}, value))),
    ),
    h('p', {}, h('code', { class: 'long' }, JSON.stringify(calculation.terms))),
    table({
      id: 'sources',
      rows: calculation.source_events,
      keyOf: (row) => row.event_id,
      caption: h('strong', {}, 'Source events'),
      empty: 'No flow went in.',
      columns: [
        { name: 'event_type', label: 'Event', kind: 'text', header: true, cell: (row) => row.event_type },
        {
          name: 'effective_date',
          label: 'Effective',
          kind: 'text',
          cell: (row) => h('span', { class: 'date' }, row.effective_date),
        },
        {
          name: 'place',
          label: 'Place',
          hint: 'Partition and offset',
          kind: 'figure',
          cell: (row) => `${row.partition}:${row.log_offset}`,
        },
      ],
    }),
  );
