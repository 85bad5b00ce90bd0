// The life of a fund with dated flows: its curve, calls and distributions, the last waterfall, investors, investments, NAV roll and books.
import { read } from './api.js';
import { barChart } from './chart.js';
import { h, svgNode } from './dom.js';
import { formatDates, formatMoney, unitText, words } from './format.js';
import { jCurve } from './life-charts.js';
import { panelWidth } from './panel-width.js';
import { moneyCell, table } from './table.js';
import { link } from './view.js';
import { waterfallPart } from './waterfall-part.js';
import { investmentsTable, investorsTable, navRollTable, trialBalanceTable } from './fund-life-tables.js';

/** @typedef {import('../../performance/view.ts').PerformanceReply} PerformanceReply */
/** @typedef {import('../../performance/view.ts').JCurveReply} JCurveReply */
/** @typedef {import('../../performance/view.ts').NavRollReply} NavRollReply */
/** @typedef {import('../../journal/route.ts').TrialBalanceReply} TrialBalanceReply */
/** @typedef {import('../../distributions/route.ts').DistributionReply} DistributionReply */
/** @typedef {import('../../capital-calls/lists.ts').CallRow} CallRow */
/** @typedef {import('../../distributions/lists.ts').DistributionRow} DistributionRow */
/** @typedef {import('../../investments/lists.ts').InvestmentRow} InvestmentRow */
/** @typedef {import('./format.js').Scale} Scale */
/**
 * @typedef {object} Life
 * @property {PerformanceReply} performance @property {JCurveReply} curve @property {NavRollReply} roll @property {NavRollReply} year
 * @property {TrialBalanceReply} balance @property {readonly CallRow[]} calls @property {readonly DistributionRow[]} distributions
 * @property {readonly InvestmentRow[]} investments @property {DistributionReply | null} last
 */

/** Of one day the one with the higher number is later. @param {DistributionRow} left @param {DistributionRow} right */
const latestFirst = (left, right) =>
  right.distribution_date.localeCompare(left.distribution_date) || right.distribution_number - left.distribution_number;

/** Everything about the life of a fund; null for one that has none here. @param {string} fundId @param {AbortSignal} signal @returns {Promise<Life | null>} */
export const loadLife = async (fundId, signal) => {
  const base = `/v1/funds/${encodeURIComponent(fundId)}`;
  /** @template Body @param {string} path @returns {Promise<Body>} */
  const get = (path) => read(`${base}/${path}`, { signal });
  const [curve, { capital_calls: calls }] = await Promise.all([
    /** @type {Promise<JCurveReply>} */ (get('j-curve')),
    /** @type {Promise<{ readonly capital_calls: readonly CallRow[] }>} */ (get('capital-calls?limit=500')),
  ]);
  if (curve.quarters.length === 0 && calls.length === 0) return null;
  const lastDay = curve.quarters.at(-1)?.as_of_date;
  const [performance, roll, year, balance, { distributions }, { investments }] = await Promise.all([
    /** @type {Promise<PerformanceReply>} */ (get('performance')),
    /** @type {Promise<NavRollReply>} */ (get('nav-roll')),
    /** @type {Promise<NavRollReply>} */ (get(lastDay === undefined ? 'nav-roll' : `nav-roll?from=${lastDay.slice(0, 4)}-01-01`)),
    /** @type {Promise<TrialBalanceReply>} */ (get('trial-balance')),
    /** @type {Promise<{ readonly distributions: readonly DistributionRow[] }>} */ (get('distributions?limit=500')),
    /** @type {Promise<{ readonly investments: readonly InvestmentRow[] }>} */ (get('investments?limit=500')),
  ]);
  const ordered = [...distributions].sort(latestFirst);
  const latest = ordered.find((row) => row.distribution_status !== 'CANCELLED');
  const last =
    latest === undefined
      ? null
      : /** @type {DistributionReply} */ (await read(`/v1/distributions/${latest.distribution_id}?limit=1`, { signal }));
  return { curve, calls, performance, roll, year, balance, distributions: ordered, investments, last };
};

/** @param {Life} life @param {Scale} scale */
export const lifePart = (life, scale) => {
  const { curve, calls, distributions, investments, performance, roll, year, balance, last } = life;
  const { currency } = curve;
  return h(
    'section',
    { class: 'view', 'data-key': 'life', 'aria-label': 'The life of the fund' },
    curve.quarters.length === 0 ? null : h('div', { class: 'pair' }, curvePanel(curve), flowsPanel(curve)),
    investorsTable(performance, currency, scale),
    h(
      'div',
      { class: 'pair' },
      last?.calculation
        ? waterfallPart(last.calculation, {
            title: link(
              `/distributions/${last.distribution.distribution_id}`,
              `Waterfall of distribution ${last.distribution.distribution_number}, ${last.distribution.distribution_date}`,
            ),
            currency,
            width: panelWidth(2),
          })
        : null,
      distributionsTable(distributions, currency, scale),
    ),
    callsTable(calls, currency, scale),
    investmentsTable(investments, currency, scale),
    h('div', { class: 'pair' }, navRollTable(roll, year, currency, scale), trialBalanceTable(balance, scale)),
  );
};

/** @param {JCurveReply} curve */
const curvePanel = ({ quarters, currency }) => {
  const lowest = quarters.reduce((low, quarter) =>
    Number(quarter.cumulative_net_flow) < Number(low.cumulative_net_flow) ? quarter : low,
  );
  const title = `Net flow was lowest at ${formatMoney(lowest.cumulative_net_flow, 'millions').text} million on ${lowest.quarter_end}`;
  const dates = formatDates(quarters[0]?.as_of_date, quarters.at(-1)?.as_of_date);
  return h(
    'figure',
    { class: 'panel', 'data-key': 'j-curve' },
    h(
      'figcaption',
      {},
      h('strong', {}, title),
      h('span', { class: 'muted' }, ` J-curve by quarter, ${currency}, ${dates}`),
      h(
        'ul',
        { class: 'legend', 'aria-hidden': 'true' },
        h('li', { class: 'bar-2' }, 'Cumulative net flow'),
        h('li', { class: 'bar-4' }, 'NAV'),
      ),
    ),
    svgNode(
      jCurve({
        quarters,
        title,
        description: `Cumulative net flows and net asset value by quarter in ${currency}, ${dates}. The table below the chart has the numbers.`,
        width: panelWidth(2),
        height: 210,
      }),
    ),
    h(
      'details',
      { 'data-key': 'j-curve-table' },
      h('summary', {}, 'The numbers of this chart'),
      table({
        id: 'quarters',
        rows: quarters,
        keyOf: (row) => row.quarter_end,
        caption: `By quarter, ${currency} millions.`,
        columns: [
          {
            name: 'quarter_end',
            label: 'Quarter to',
            kind: 'text',
            header: true,
            cell: (row) => h('span', { class: 'date' }, row.quarter_end),
          },
          { name: 'contributions', label: 'Paid in', kind: 'figure', cell: (row) => moneyCell(row.contributions, 'millions') },
          {
            name: 'distributions',
            label: 'Distributed',
            kind: 'figure',
            cell: (row) => moneyCell(row.distributions, 'millions'),
          },
          {
            name: 'cumulative_net_flow',
            label: 'Net flow',
            kind: 'figure',
            cell: (row) => moneyCell(row.cumulative_net_flow, 'millions'),
          },
          { name: 'nav', label: 'NAV', kind: 'figure', cell: (row) => moneyCell(row.nav, 'millions') },
        ],
      }),
    ),
  );
};

/** What a year added to a sum since inception, for the bars. @param {string | undefined} later @param {string | undefined} earlier */
const added = (later, earlier) => String(Number(later ?? 0) - Number(earlier ?? 0));

/** @param {JCurveReply} curve */
const flowsPanel = ({ quarters, currency }) => {
  const years = [...new Map(quarters.map((quarter) => [quarter.quarter_end.slice(0, 4), quarter]))];
  const groups = years.map(([label, quarter], place) => {
    const before = years[place - 1]?.[1];
    return {
      label,
      values: [added(quarter.contributions, before?.contributions), added(quarter.distributions, before?.distributions)],
    };
  });
  const series = [
    { name: 'Paid in', className: 'bar-1' },
    { name: 'Distributed', className: 'bar-3' },
  ];
  const end = quarters.at(-1);
  const title = `${formatMoney(end?.contributions, 'millions').text} million paid in, ${formatMoney(end?.distributions, 'millions').text} million distributed`;
  return h(
    'figure',
    { class: 'panel', 'data-key': 'flows' },
    h(
      'figcaption',
      {},
      h('strong', {}, title),
      h('span', { class: 'muted' }, ` By year, ${currency}`),
      h(
        'ul',
        { class: 'legend', 'aria-hidden': 'true' },
        series.map((one) => h('li', { class: one.className }, one.name)),
      ),
    ),
    svgNode(
      barChart({
        title,
        description: `Paid in and distributed by year in ${currency}. The tables of calls and distributions have the numbers.`,
        groups,
        series,
        width: panelWidth(2),
        height: 210,
      }),
    ),
  );
};

/** @param {string} status */
const badge = (status) => h('span', { class: `badge status-${status.toLowerCase()}` }, words(status));

/** @param {readonly CallRow[]} calls @param {string} currency @param {Scale} scale */
const callsTable = (calls, currency, scale) =>
  table({
    id: 'calls',
    rows: calls,
    keyOf: (row) => row.call_id,
    caption: [h('strong', {}, 'Capital calls'), ` ${unitText(currency, scale)}, latest first.`],
    empty: 'No capital was called yet.',
    columns: [
      {
        name: 'call_number',
        label: 'Call',
        kind: 'words',
        header: true,
        cell: (row) => [
          link(`/capital-calls/${row.call_id}`, `Call ${row.call_number}`),
          h('span', { class: 'under' }, row.call_purpose),
        ],
      },
      { name: 'call_date', label: 'Notice', kind: 'text', cell: (row) => h('span', { class: 'date' }, row.call_date) },
      { name: 'due_date', label: 'Due', kind: 'text', cell: (row) => h('span', { class: 'date' }, row.due_date) },
      { name: 'total_call_amount', label: 'Called', kind: 'figure', cell: (row) => moneyCell(row.total_call_amount, scale) },
      { name: 'investment_amount', label: 'Investments', kind: 'figure', cell: (row) => moneyCell(row.investment_amount, scale) },
      {
        name: 'management_fee_amount',
        label: 'Fees',
        kind: 'figure',
        cell: (row) => moneyCell(row.management_fee_amount, scale),
      },
      { name: 'expenses_amount', label: 'Expenses', kind: 'figure', cell: (row) => moneyCell(row.expenses_amount, scale) },
      { name: 'paid_amount', label: 'Paid', kind: 'figure', cell: (row) => moneyCell(row.paid_amount, scale) },
      { name: 'call_status', label: 'Status', kind: 'text', cell: (row) => badge(row.call_status) },
    ],
  });

/** @param {readonly DistributionRow[]} distributions @param {string} currency @param {Scale} scale */
const distributionsTable = (distributions, currency, scale) =>
  table({
    id: 'distributions',
    rows: distributions,
    keyOf: (row) => row.distribution_id,
    caption: [h('strong', {}, 'Distributions'), ` ${unitText(currency, scale)}, latest first.`],
    empty: 'Nothing was distributed yet.',
    columns: [
      {
        name: 'distribution_number',
        label: 'Distribution',
        kind: 'text',
        header: true,
        cell: (row) => [
          link(`/distributions/${row.distribution_id}`, `Distribution ${row.distribution_number}`),
          h('span', { class: 'under' }, h('span', { class: 'date' }, row.distribution_date), words(row.distribution_type)),
        ],
      },
      {
        name: 'total_distribution_amount',
        label: 'Gross',
        kind: 'figure',
        cell: (row) => moneyCell(row.total_distribution_amount, scale),
      },
      { name: 'carried_interest', label: 'Carry', kind: 'figure', cell: (row) => moneyCell(row.carried_interest, scale) },
      { name: 'net_distribution', label: 'Net', kind: 'figure', cell: (row) => moneyCell(row.net_distribution, scale) },
      { name: 'distribution_status', label: 'Status', kind: 'text', cell: (row) => badge(row.distribution_status) },
    ],
  });
