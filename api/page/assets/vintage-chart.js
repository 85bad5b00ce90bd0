// The sums of the chosen funds by vintage: bars, and the same in numbers below them.
import { barChart, findingOf } from './chart.js';
import { h, svgNode } from './dom.js';
import { formatDates } from './format.js';
import { moneyCell, table } from './table.js';

const series = [
  { name: 'Committed', className: 'bar-1' },
  { name: 'Called', className: 'bar-2' },
  { name: 'Distributed', className: 'bar-3' },
  { name: 'NAV', className: 'bar-4' },
];

/** @param {readonly import('./chart.js').Group[]} groups @param {string} currency @param {{ readonly as_of_date: string | null, readonly earliest_as_of_date: string | null } | undefined} total */
export const vintageChart = (groups, currency, total) => {
  const dates = formatDates(total?.earliest_as_of_date, total?.as_of_date);
  const title = findingOf(groups, currency);
  return h(
    'figure',
    { class: 'panel', 'data-key': 'chart' },
    h(
      'figcaption',
      {},
      h('strong', {}, title),
      h('span', { class: 'muted' }, ` By vintage, ${currency}, as of ${dates}`),
      h(
        'ul',
        { class: 'legend', 'aria-hidden': 'true' },
        series.map((one) => h('li', { class: one.className }, one.name)),
      ),
    ),
    svgNode(
      barChart({
        title,
        description: `Committed, called, distributed and net asset value by vintage in ${currency}, as of ${dates}. The table below the chart has the numbers.`,
        groups,
        series,
        ...chartSize(),
      }),
    ),
    h(
      'details',
      { 'data-key': 'chart-table' },
      h('summary', {}, 'The numbers of this chart'),
      table({
        id: 'vintages',
        rows: groups,
        keyOf: (row) => row.label,
        caption: `By vintage, ${currency} millions, as of ${dates}.`,
        columns: [
          { name: 'vintage_year', label: 'Vintage', kind: 'text', header: true, cell: (row) => row.label },
          ...series.map((one, index) => ({
            name: one.name,
            label: one.name,
            kind: /** @type {const} */ ('figure'),
            cell: (/** @type {import('./chart.js').Group} */ row) => moneyText(row.values[index] ?? null),
          })),
        ],
      }),
    ),
  );
};

/** The width that the chart will have, so that its words are as large as those around it; taller where it is narrow. */
const chartSize = () => {
  const width = Math.max(280, Math.min(1380, document.documentElement.clientWidth - (innerWidth <= 640 ? 48 : 66)));
  return { width, height: width < 640 ? 190 : 168 };
};

/** @param {string | null} amount */
const moneyText = (amount) => moneyCell(amount, 'millions');
