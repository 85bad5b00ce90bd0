// The investors with their totals per currency, and one investor with all its funds.
import { address, read } from './api.js';
import { h } from './dom.js';
import { formatCount, formatDates, words } from './format.js';
import { moneyCell, multipleCell, table } from './table.js';
import { historyPart } from './history.js';
import {
  accountsTable,
  amountsCaption,
  assumedBadge,
  cards,
  chooseScale,
  chosenScale,
  datesCell,
  datesNote,
  findingsTable,
  link,
  scaleSelect,
  sortedBy,
  sumCards,
  totalCells,
} from './view.js';

/** @typedef {import('../../investors/view.ts').InvestorListReply} InvestorListReply */
/** @typedef {import('../../investors/view.ts').InvestorReply} InvestorReply */

/** @typedef {{ readonly investor: InvestorListReply['investors'][number], readonly total: InvestorListReply['investors'][number]['totals'][number] | null }} InvestorRow One line per investor and currency. */
/** @param {InvestorListReply['investors'][number]} investor @returns {readonly InvestorRow[]} */
const rowsOf = (investor) =>
  investor.totals.length === 0 ? [{ investor, total: null }] : investor.totals.map((total) => ({ investor, total }));

/** @param {URLSearchParams} parameters @returns {import('./view.js').View} */
export const investorsView = (parameters) => {
  let q = parameters.get('q') ?? '';
  /** @type {InvestorListReply | null} */
  let reply = null;
  return {
    key: 'investors',
    title: () => 'Investors',
    concerns: () => true,
    load: async (signal) => {
      reply = /** @type {InvestorListReply} */ (await read(address('/v1/investors', { q, limit: 200 }), { signal }));
      return reply.meta;
    },
    render: () => {
      const scale = chosenScale();
      const rows = (reply?.investors ?? []).flatMap(rowsOf);
      const currencies = [...new Set(rows.map((row) => row.total?.currency).filter((code) => code !== undefined))];
      return h(
        'div',
        { 'data-key': 'investors', class: 'view' },
        h(
          'div',
          { class: 'head' },
          h('h1', {}, 'Investors'),
          h(
            'p',
            { class: 'sub' },
            `${formatCount(reply?.investors.length ?? 0)}${reply?.next_cursor ? ' first' : ''} investors · as of ${formatDates(reply?.meta.earliest_as_of_date, reply?.meta.as_of_date)}`,
          ),
        ),
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
              value: q,
              placeholder: 'Investor',
              autocomplete: 'off',
            }),
          ),
          scaleSelect(scale),
        ),
        table({
          id: 'investors',
          rows,
          keyOf: (row) => `${row.investor.investor_id}-${row.total?.currency ?? ''}`,
          caption: amountsCaption(
            'Investors',
            currencies.length === 1 ? String(currencies[0]) : 'currency of each row',
            scale,
            reply?.meta.earliest_as_of_date,
            reply?.meta.as_of_date,
          ),
          empty: q ? 'No investor matches.' : 'No investors yet.',
          columns: [
            {
              name: 'investor_name',
              label: 'Investor',
              kind: 'text',
              header: true,
              cell: (row) => [
                link(`/investors/${row.investor.investor_id}`, row.investor.investor_name),
                h(
                  'span',
                  { class: 'under' },
                  words(row.investor.investor_type),
                  row.investor.geography ? ` · ${row.investor.geography}` : '',
                ),
              ],
            },
            {
              name: 'kyc_status',
              label: 'KYC',
              hint: 'Know-your-customer check',
              kind: 'text',
              cell: (row) => [
                words(row.investor.kyc_status),
                row.investor.kyc_source ? h('span', { class: 'under' }, row.investor.kyc_source) : null,
              ],
            },
            { name: 'funds', label: 'Funds', kind: 'figure', cell: (row) => formatCount(row.total?.funds ?? 0) },
            { name: 'currency', label: 'Cur.', hint: 'Currency', kind: 'text', cell: (row) => row.total?.currency ?? 'n.a.' },
            {
              name: 'committed_amount',
              label: 'Committed',
              kind: 'figure',
              cell: (row) => moneyCell(row.total?.committed_amount, scale),
            },
            {
              name: 'called_amount',
              label: 'Called',
              kind: 'figure',
              cell: (row) => moneyCell(row.total?.called_amount, scale, row.total?.called_unknown),
            },
            {
              name: 'distributed_amount',
              label: 'Distributed',
              kind: 'figure',
              cell: (row) => moneyCell(row.total?.distributed_amount, scale, row.total?.distributed_unknown),
            },
            {
              name: 'remaining_value',
              label: 'NAV',
              kind: 'figure',
              cell: (row) => moneyCell(row.total?.remaining_value, scale, row.total?.remaining_unknown),
            },
            {
              name: 'dpi',
              label: 'DPI',
              hint: 'Distributed to paid-in, over the accounts that are wholly known',
              kind: 'figure',
              cell: (row) => multipleCell(row.total?.dpi),
            },
            {
              name: 'tvpi',
              label: 'TVPI',
              hint: 'Total value to paid-in, over the accounts that are wholly known',
              kind: 'figure',
              cell: (row) => multipleCell(row.total?.tvpi),
            },
            {
              name: 'as_of_date',
              label: 'As of',
              kind: 'dates',
              cell: (row) => datesCell(row.total?.earliest_as_of_date, row.total?.as_of_date),
            },
          ],
        }),
      );
    },
    actions: {
      none: () => undefined,
      scale: chooseScale,
      q: (element) => {
        q = /** @type {HTMLInputElement} */ (element).value.trim();
        history.replaceState(null, '', address('/investors', { q }));
        return 'load';
      },
    },
  };
};

/** @param {string} investorId @returns {import('./view.js').View} */
export const investorView = (investorId) => {
  /** @type {InvestorReply | null} */
  let reply = null;
  /** @type {import('./table.js').Sorted} */
  let sorted = { column: 'fund_name', direction: 'asc' };
  const events = historyPart(investorId);
  return {
    key: `investor-${investorId}`,
    title: () => reply?.investor.investor_name ?? 'Investor',
    concerns: (change) =>
      change.all ||
      change.investors.includes(investorId) ||
      change.funds.some((fund) => reply?.capital_accounts.some((row) => row.fund_id === fund) ?? true),
    load: async (signal) => {
      reply = /** @type {InvestorReply} */ (await read(`/v1/investors/${encodeURIComponent(investorId)}`, { signal }));
      await events.load(signal);
      return reply.meta;
    },
    render: () => {
      const scale = chosenScale();
      if (reply === null) return h('div', { 'data-key': `investor-${investorId}` });
      const { investor, totals, capital_accounts, findings } = reply;
      return h(
        'div',
        { 'data-key': `investor-${investorId}`, class: 'view' },
        h('p', { class: 'trail' }, h('span', { 'aria-hidden': 'true' }, '‹ '), link('/investors', 'Investors')),
        h(
          'div',
          { class: 'head' },
          h('h1', {}, investor.investor_name),
          h(
            'p',
            { class: 'sub' },
            [
              words(investor.investor_type),
              investor.geography,
              investor.industry,
              `KYC ${words(investor.kyc_status)}${investor.kyc_source ? ` (${investor.kyc_source})` : ''}`,
            ]
              .filter(Boolean)
              .join(' · '),
          ),
          scaleSelect(scale),
        ),
        totals.map((total) => [
          totals.length > 1 ? h('h2', { 'data-key': `h-${total.currency}` }, total.currency) : null,
          cards(
            sumCards(
              total,
              scale,
              total.currency,
              `over ${formatCount(total.multiples_over)} of ${formatCount(total.accounts)} accounts`,
            ),
          ),
          datesNote(total.earliest_as_of_date, total.as_of_date),
        ]),
        (totals.length === 0
          ? [{ currency: 'USD', earliest_as_of_date: null, as_of_date: null, total: null }]
          : totals.map((total) => ({ ...total, total }))
        ).map(({ currency, earliest_as_of_date, as_of_date, total }) =>
          accountsTable({
            id: `accounts-${currency}`,
            scale,
            sorted,
            keyOf: (row) => row.fund_id,
            rows: capital_accounts.filter((row) => row.currency === currency),
            caption: amountsCaption('Capital accounts by fund', currency, scale, earliest_as_of_date, as_of_date),
            names: [
              {
                name: 'fund_name',
                label: 'Fund',
                kind: 'text',
                header: true,
                sortable: true,
                cell: (row) => [
                  link(`/funds/${row.fund_id}`, row.fund_name),
                  h('span', { class: 'under' }, row.investment_strategy ?? '', assumedBadge(row.assumed_fields)),
                ],
              },
              { name: 'vintage_year', label: 'Vintage', kind: 'text', sortable: true, cell: (row) => row.vintage_year ?? 'n.a.' },
            ],
            totals: total
              ? [{ key: 'total', cells: { fund_name: `All ${formatCount(total.funds)} funds`, ...totalCells(total, scale) } }]
              : [],
          }),
        ),
        findingsTable(findings, [
          [investor.investor_id, investor.investor_name],
          ...capital_accounts.map((row) => /** @type {import('./format.js').Name} */ ([row.fund_id, row.fund_name])),
        ]),
        events.render(),
      );
    },
    actions: {
      scale: chooseScale,
      sort: (element) => {
        sorted = sortedBy(sorted, element.dataset['column'] ?? 'fund_name');
        return 'render';
      },
      ...events.actions,
    },
  };
};
