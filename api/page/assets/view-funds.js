// The list of funds: sums of the selection, bars by vintage, and a searchable, sortable table that is read in pages.
import { address, read } from './api.js';
import { h } from './dom.js';
import { formatCount, formatDates, unitText } from './format.js';
import { moneyCell, multipleCell, table } from './table.js';
import {
  amountsCaption,
  cards,
  chooseScale,
  chosenScale,
  datesCell,
  datesNote,
  link,
  scaleSelect,
  sortedBy,
  sumCards,
  totalCells,
} from './view.js';
import { vintageChart } from './vintage-chart.js';

/** @typedef {import('../../funds/view.ts').FundListReply} FundListReply */
/** @typedef {import('../../funds/view.ts').FundListItem} FundListItem */
/** @typedef {import('../../funds/view.ts').FundTotalsReply} FundTotalsReply */

const pageRows = 100;
const defaultSort = /** @type {const} */ ({ column: 'committed_amount', direction: 'desc' });

/** @param {URLSearchParams} parameters @returns {import('./view.js').View} */
export const fundsView = (parameters) => {
  const filter = {
    q: parameters.get('q') ?? '',
    investment_strategy: parameters.get('investment_strategy') ?? '',
    vintage_year: parameters.get('vintage_year') ?? '',
    currency: parameters.get('currency') ?? '',
  };
  /** @type {import('./table.js').Sorted} */
  let sorted = {
    column: parameters.get('sort') ?? defaultSort.column,
    direction: parameters.get('direction') === 'asc' ? 'asc' : 'desc',
  };
  /** @type {readonly FundListItem[]} */
  let funds = [];
  /** @type {string | null} */
  let next = null;
  /** @type {FundTotalsReply | null} */
  let totals = null;
  let pages = 1;
  /** @type {readonly (number | null)[]} */
  let vintages = [];

  const keepAddress = () => {
    history.replaceState(
      null,
      '',
      address('/', {
        ...filter,
        ...(sorted.column === defaultSort.column && sorted.direction === defaultSort.direction
          ? {}
          : { sort: sorted.column, direction: sorted.direction }),
      }),
    );
  };
  /** @param {keyof typeof filter} name @returns {(element: HTMLElement) => 'load'} */
  const setFilter = (name) => (element) => {
    filter[name] = /** @type {HTMLInputElement} */ (element).value.trim();
    pages = 1;
    keepAddress();
    return 'load';
  };

  return {
    key: 'funds',
    title: () => 'Funds',
    concerns: () => true,
    load: async (signal) => {
      const query = { ...filter, sort: sorted.column, direction: sorted.direction };
      const wanted = pages;
      // More pages than fit one request are fetched one after the other: a later one continues the earlier.
      /** @type {FundListItem[]} */
      const found = [];
      /** @type {string | null} */
      let cursor = null;
      const totalsRead = read(address('/v1/funds/totals', filter), { signal });
      totalsRead.catch(() => undefined);
      /** @type {FundListReply | null} */
      let reply = null;
      for (let page = 0; page < wanted && (page === 0 || cursor !== null); page += 1) {
        reply = /** @type {FundListReply} */ (
          await read(address('/v1/funds', { ...query, limit: pageRows, cursor }), { signal })
        );
        found.push(...reply.funds);
        cursor = reply.next_cursor;
      }
      totals = /** @type {FundTotalsReply} */ (await totalsRead);
      funds = found;
      next = cursor;
      if (filter.vintage_year === '' || vintages.length === 0)
        vintages = [...new Set(totals.by_vintage.map((row) => row.vintage_year))].sort((a, b) => (b ?? 0) - (a ?? 0));
      return totals.meta;
    },
    render: () => {
      const scale = chosenScale();
      const total = totals?.totals.find((row) => filter.currency === '' || row.currency === filter.currency) ?? totals?.totals[0];
      const currency = total?.currency ?? 'USD';
      const currencies = totals?.totals.map((row) => row.currency) ?? [];
      const groups = (totals?.by_vintage ?? [])
        .filter((row) => row.currency === currency)
        .map((row) => ({
          label: String(row.vintage_year ?? 'n.a.'),
          values: [row.committed_amount, row.called_amount, row.distributed_amount, row.remaining_value],
        }));
      return h(
        'div',
        { 'data-key': 'funds', class: 'view' },
        h(
          'div',
          { class: 'head' },
          h('h1', {}, 'Funds'),
          h(
            'p',
            { class: 'sub' },
            total
              ? `${formatCount(totals?.funds ?? 0)} funds · ${formatCount(total.investors)} investors · ${formatCount(total.commitments)} commitments · ${unitText(currency, scale)} · as of ${formatDates(total.earliest_as_of_date, total.as_of_date)}`
              : 'No commitments yet',
          ),
        ),
        total
          ? cards(
              sumCards(
                total,
                scale,
                currency,
                `over ${formatCount(total.multiples_over)} of ${formatCount(total.accounts)} accounts`,
              ),
            )
          : null,
        datesNote(total?.earliest_as_of_date, total?.as_of_date),
        groups.length > 1 ? vintageChart(groups, currency, total) : null,
        h(
          'form',
          { class: 'filters', role: 'search', 'data-action': 'none' },
          h(
            'label',
            { class: 'field wide' },
            h('span', {}, 'Search'),
            h('input', {
              type: 'search',
              name: 'q',
              'data-action': 'q',
              'data-live': true,
              value: filter.q,
              placeholder: 'Fund or manager',
              autocomplete: 'off',
            }),
          ),
          h(
            'label',
            { class: 'field' },
            h('span', {}, 'Strategy'),
            h(
              'select',
              { 'data-action': 'investment_strategy' },
              h('option', { value: '' }, 'All'),
              (totals?.strategies ?? []).map((name) =>
                h('option', { value: name, selected: name === filter.investment_strategy }, name),
              ),
            ),
          ),
          h(
            'label',
            { class: 'field' },
            h('span', {}, 'Vintage'),
            h(
              'select',
              { 'data-action': 'vintage_year' },
              h('option', { value: '' }, 'All'),
              vintages
                .filter((year) => year !== null)
                .map((year) => h('option', { value: year, selected: String(year) === filter.vintage_year }, year)),
            ),
          ),
          currencies.length > 1 || filter.currency !== ''
            ? h(
                'label',
                { class: 'field' },
                h('span', {}, 'Currency'),
                h(
                  'select',
                  { 'data-action': 'currency' },
                  h('option', { value: '' }, 'All'),
                  currencies.map((code) => h('option', { value: code, selected: code === filter.currency }, code)),
                ),
              )
            : null,
          scaleSelect(scale),
        ),
        table({
          id: 'funds',
          rows: funds,
          keyOf: (row) => row.fund_id,
          sorted,
          caption: amountsCaption(
            'Funds',
            currency,
            scale,
            total?.earliest_as_of_date,
            total?.as_of_date,
            `${formatCount(funds.length)} of ${formatCount(totals?.funds ?? 0)} shown.`,
          ),
          empty:
            filter.q || filter.investment_strategy || filter.vintage_year
              ? 'No fund matches. Take a filter away.'
              : 'No funds yet. Import positions: npm run -s stratcap -- import data/public-pension-commitments.csv',
          totals: (totals?.totals ?? []).map((row) => ({
            key: `total-${row.currency}`,
            cells: {
              fund_name: `All ${formatCount(row.funds)} funds${currencies.length > 1 ? ` in ${row.currency}` : ''}`,
              investors: formatCount(row.investors),
              ...totalCells(row, scale),
            },
          })),
          columns: [
            {
              name: 'fund_name',
              label: 'Fund',
              kind: 'text',
              header: true,
              sortable: true,
              cell: (row) => [
                link(`/funds/${row.fund_id}`, row.fund_name),
                underName(
                  row.warnings > 0
                    ? h(
                        'span',
                        {
                          class: 'badge warning',
                          title: `${row.warnings} ${row.warnings === 1 ? 'warning' : 'warnings'} of the rules`,
                        },
                        `${row.warnings} ${row.warnings === 1 ? 'warning' : 'warnings'}`,
                      )
                    : null,
                  row,
                ),
              ],
            },
            { name: 'vintage_year', label: 'Vintage', kind: 'text', sortable: true, cell: (row) => row.vintage_year ?? 'n.a.' },
            {
              name: 'investment_strategy',
              label: 'Strategy',
              kind: 'words',
              sortable: true,
              cell: (row) => [row.investment_strategy, row.sub_strategy].filter(Boolean).join(' · ') || 'n.a.',
            },
            { name: 'investors', label: 'Inv.', hint: 'Investors', kind: 'figure', cell: (row) => formatCount(row.investors) },
            {
              name: 'committed_amount',
              label: 'Committed',
              kind: 'figure',
              sortable: true,
              cell: (row) => moneyCell(row.account?.committed_amount, scale),
            },
            {
              name: 'called_amount',
              label: 'Called',
              kind: 'figure',
              sortable: true,
              cell: (row) => moneyCell(row.account?.called_amount, scale, row.account?.called_unknown),
            },
            {
              name: 'distributed_amount',
              label: 'Distributed',
              kind: 'figure',
              sortable: true,
              cell: (row) => moneyCell(row.account?.distributed_amount, scale, row.account?.distributed_unknown),
            },
            {
              name: 'remaining_value',
              label: 'NAV',
              hint: 'Net asset value: remaining value at the last valuation',
              kind: 'figure',
              sortable: true,
              cell: (row) => moneyCell(row.account?.remaining_value, scale, row.account?.remaining_unknown),
            },
            {
              name: 'dpi',
              label: 'DPI',
              hint: 'Distributed to paid-in',
              kind: 'figure',
              sortable: true,
              cell: (row) => multipleCell(row.account?.dpi),
            },
            {
              name: 'tvpi',
              label: 'TVPI',
              hint: 'Distributed and remaining value to paid-in',
              kind: 'figure',
              sortable: true,
              cell: (row) => multipleCell(row.account?.tvpi),
            },
            {
              name: 'as_of_date',
              label: 'As of',
              kind: 'dates',
              sortable: true,
              cell: (row) => datesCell(row.account?.earliest_as_of_date, row.account?.as_of_date),
            },
          ],
        }),
        next === null
          ? null
          : h('p', { class: 'more' }, h('button', { type: 'button', class: 'button', 'data-action': 'more' }, 'Show more funds')),
      );
    },
    actions: {
      none: () => undefined,
      q: setFilter('q'),
      investment_strategy: setFilter('investment_strategy'),
      vintage_year: setFilter('vintage_year'),
      currency: setFilter('currency'),
      scale: chooseScale,
      sort: (element) => {
        sorted = sortedBy(sorted, element.dataset['column'] ?? 'fund_name');
        pages = 1;
        keepAddress();
        return 'load';
      },
      more: () => {
        pages += 1;
        return 'load';
      },
    },
  };
};

/** What stands below a name: the manager when the name does not say it, and a badge. @param {import('./dom.js').Child} badge @param {FundListItem} row */
const underName = (badge, row) => {
  const manager =
    row.fund_manager !== null && !row.fund_name.toLowerCase().includes(row.fund_manager.toLowerCase()) ? row.fund_manager : null;
  return manager === null && badge === null ? null : h('span', { class: 'under' }, manager, badge);
};
