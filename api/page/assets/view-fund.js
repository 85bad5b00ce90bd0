// One fund: what it is, its sums, the capital accounts of its investors with a total, its terms, findings and history.
import { read } from './api.js';
import { h } from './dom.js';
import { formatCount, formatMoney, words } from './format.js';
import { table } from './table.js';
import {
  accountsTable,
  amountsCaption,
  assumedBadge,
  cards,
  chooseScale,
  chosenScale,
  datesNote,
  findingsTable,
  link,
  scaleSelect,
  sortedBy,
  sumCards,
  totalCells,
} from './view.js';
import { lifePart, loadLife } from './fund-life.js';
import { historyPart } from './history.js';

/** @typedef {import('../../funds/view.ts').FundReply} FundReply */

/** @param {string} fundId @returns {import('./view.js').View} */
export const fundView = (fundId) => {
  /** @type {FundReply | null} */
  let reply = null;
  /** @type {import('./fund-life.js').Life | null} */
  let life = null;
  /** @type {import('./table.js').Sorted} */
  let sorted = { column: 'investor_name', direction: 'asc' };
  const history = historyPart(fundId);

  return {
    key: `fund-${fundId}`,
    title: () => reply?.fund.fund_name ?? 'Fund',
    concerns: (change) => change.all || change.funds.includes(fundId),
    load: async (signal) => {
      reply = /** @type {FundReply} */ (await read(`/v1/funds/${encodeURIComponent(fundId)}`, { signal }));
      life = await loadLife(fundId, signal);
      await history.load(signal);
      return reply.meta;
    },
    render: () => {
      const scale = chosenScale();
      if (reply === null) return h('div', { 'data-key': `fund-${fundId}` });
      const { fund, account, capital_accounts, terms, findings, meta } = reply;
      const currency = account?.currency ?? fund.base_currency;
      return h(
        'div',
        { 'data-key': `fund-${fundId}`, class: 'view' },
        h('p', { class: 'trail' }, h('span', { 'aria-hidden': 'true' }, '‹ '), link('/', 'Funds')),
        h(
          'div',
          { class: 'head' },
          h('h1', {}, fund.fund_name),
          h(
            'p',
            { class: 'sub' },
            [
              fund.fund_manager,
              fund.investment_strategy,
              fund.sub_strategy,
              fund.vintage_year === null ? 'vintage n.a.' : `vintage ${fund.vintage_year}`,
              words(fund.fund_status),
              fund.geography,
            ]
              .filter(Boolean)
              .join(' · '),
            ' ',
            assumedBadge(fund.assumed_fields),
          ),
          scaleSelect(scale),
        ),
        account ? cards(sumCards(account, scale, currency)) : null,
        datesNote(account?.earliest_as_of_date, account?.as_of_date),
        life === null ? null : lifePart(life, scale),
        hasReturns(life) && capital_accounts.every((row) => row.reported_multiple === null && row.reported_irr === null)
          ? null
          : accountsTable({
              id: 'accounts',
              rows: capital_accounts,
              scale,
              sorted,
              keyOf: (row) => row.investor_id ?? 'fund',
              caption: amountsCaption('Capital accounts by investor', currency, scale, meta.earliest_as_of_date, meta.as_of_date),
              names: [
                {
                  name: 'investor_name',
                  label: 'Investor',
                  kind: 'text',
                  header: true,
                  sortable: true,
                  cell: (row) => [
                    link(`/investors/${row.investor_id}`, row.investor_name ?? 'n.a.'),
                    h(
                      'span',
                      { class: 'under' },
                      row.commitments > 1 ? `${row.commitments} commitments ` : null,
                      assumedBadge(row.assumed_fields),
                    ),
                  ],
                },
              ],
              totals: account
                ? [
                    {
                      key: 'total',
                      cells: {
                        investor_name: `Whole fund, ${formatCount(capital_accounts.length)} ${capital_accounts.length === 1 ? 'investor' : 'investors'}`,
                        ...totalCells(account, scale),
                      },
                    },
                  ]
                : [],
            }),
        findingsTable(findings, [[fund.fund_id, fund.fund_name], ...capital_accounts.map(nameOfInvestor)]),
        h(
          'section',
          { class: 'pair' },
          h(
            'div',
            {},
            h('h2', {}, 'The fund'),
            h(
              'dl',
              { class: 'facts' },
              facts(fund, scale).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
            ),
          ),
          h('div', {}, termsTable(terms)),
        ),
        history.render(),
      );
    },
    actions: {
      scale: chooseScale,
      sort: (element) => {
        sorted = sortedBy(sorted, element.dataset['column'] ?? 'investor_name');
        return 'render';
      },
      ...history.actions,
    },
  };
};

/** Its investors stand with their returns in the life of the fund. @param {import('./fund-life.js').Life | null} life */
const hasReturns = (life) => life !== null && life.performance.investors.length > 0;

/** @param {FundReply['capital_accounts'][number]} row @returns {import('./format.js').Name} */
const nameOfInvestor = (row) => [row.investor_id ?? '', row.investor_name ?? ''];

/** @type {Readonly<Record<string, string>>} */
const fundTypes = { PE: 'private equity', VC: 'venture capital', HF: 'hedge fund' };

/** @param {FundReply['fund']} fund @param {import('./format.js').Scale} scale @returns {readonly (readonly [string, string])[]} */
const facts = (fund, scale) => [
  ['Type', fundTypes[fund.fund_type] ?? words(fund.fund_type)],
  ['Status', words(fund.fund_status)],
  ['Currency', fund.base_currency],
  ['Size', formatMoney(fund.fund_size, scale).text],
  ['Target size', formatMoney(fund.target_size, scale).text],
  ['Inception', fund.inception_date ?? 'n.a.'],
  ['Final close', fund.final_close_date ?? 'n.a.'],
  ['Management fee', rate(fund.management_fee_rate)],
  ['Carried interest', rate(fund.carried_interest_rate)],
  ['Hurdle', rate(fund.hurdle_rate)],
  ['Catch-up', fund.catch_up_provision === null ? 'n.a.' : fund.catch_up_provision ? 'yes' : 'no'],
  ['Assumed', fund.assumed_fields.length === 0 ? 'nothing' : fund.assumed_fields.map(words).join(', ')],
  ['Version', String(fund.version)],
];
/** @param {string | null} fraction */
const rate = (fraction) => fraction ?? 'n.a.';

/** @param {FundReply['terms']} terms */
const termsTable = (terms) =>
  table({
    id: 'terms',
    rows: terms,
    keyOf: (row) => row.term_id,
    caption: h('strong', {}, 'Terms'),
    empty: 'No terms of this fund are known.',
    columns: [
      {
        name: 'term_name',
        label: 'Term',
        kind: 'text',
        header: true,
        cell: (row) => [row.term_name, h('span', { class: 'under' }, words(row.term_type))],
      },
      {
        name: 'term_value',
        label: 'Value',
        kind: 'text',
        cell: (row) => h('code', { class: 'long' }, JSON.stringify(row.term_value)),
      },
      { name: 'effective_date', label: 'From', kind: 'text', cell: (row) => h('span', { class: 'date' }, row.effective_date) },
      {
        name: 'expiry_date',
        label: 'Until',
        kind: 'text',
        cell: (row) => h('span', { class: 'date' }, row.expiry_date ?? 'open'),
      },
    ],
  });
