// One distribution with its notices and how its figures came about.
import { read } from './api.js';
import { h } from './dom.js';
import { formatMoney, unitText, words } from './format.js';
import { panelWidth } from './panel-width.js';
import { moneyCell, table } from './table.js';
import { card, cards, chooseScale, chosenScale, link, scaleSelect } from './view.js';
import { basisPart, tiersTable, waterfallPart } from './waterfall-part.js';

/** @typedef {import('../../distributions/route.ts').DistributionReply} DistributionReply */

/** @param {string} distributionId @returns {import('./view.js').View} */
export const distributionView = (distributionId) => {
  /** @type {DistributionReply | null} */
  let reply = null;
  return {
    key: `distribution-${distributionId}`,
    title: () =>
      reply === null
        ? 'Distribution'
        : `Distribution ${reply.distribution.distribution_number} · ${reply.distribution.fund_name}`,
    concerns: (change) => change.all || reply === null || change.funds.includes(reply.distribution.fund_id),
    load: async (signal) => {
      reply = /** @type {DistributionReply} */ (
        await read(`/v1/distributions/${encodeURIComponent(distributionId)}?limit=500`, { signal })
      );
      return reply.meta;
    },
    render: () => {
      const scale = chosenScale();
      if (reply === null) return h('div', { 'data-key': `distribution-${distributionId}` });
      const { distribution: paid, calculation } = reply;
      const unit = unitText(paid.currency, scale);
      return h(
        'div',
        { 'data-key': `distribution-${distributionId}`, class: 'view' },
        h('p', { class: 'trail' }, h('span', { 'aria-hidden': 'true' }, '‹ '), link(`/funds/${paid.fund_id}`, paid.fund_name)),
        h(
          'div',
          { class: 'head' },
          h('h1', {}, `Distribution ${paid.distribution_number}`),
          h(
            'p',
            { class: 'sub' },
            `${words(paid.distribution_type)}, ${words(paid.distribution_kind)} · of ${paid.distribution_date}${paid.payment_date === null ? '' : `, paid ${paid.payment_date}`} `,
            h('span', { class: `badge status-${paid.distribution_status.toLowerCase()}` }, words(paid.distribution_status)),
          ),
          scaleSelect(scale),
        ),
        cards(
          card('Gross', formatMoney(paid.total_distribution_amount, scale), unit),
          card('Carried interest', formatMoney(paid.carried_interest, scale), unit),
          card('Fee offset', formatMoney(paid.management_fee_offset, scale), unit, 'Management fee kept back'),
          card('Tax withheld', formatMoney(paid.tax_withholding, scale), unit),
          card('Net', formatMoney(paid.net_distribution, scale), unit),
          card('Recallable', formatMoney(paid.recallable_amount, scale), unit, 'Restores the unfunded commitments'),
        ),
        calculation === null
          ? null
          : h(
              'section',
              { class: 'pair' },
              waterfallPart(calculation, { title: 'Waterfall by tier', currency: paid.currency, width: panelWidth(2) }),
              tiersTable(calculation, unit, scale),
            ),
        noticesTable(reply, scale),
        calculation === null ? null : basisPart(calculation),
      );
    },
    actions: { scale: chooseScale },
  };
};

/** @param {DistributionReply} reply @param {import('./format.js').Scale} scale */
const noticesTable = ({ distribution: paid, notices, next_notices: more }, scale) => {
  const names = /** @type {const} */ ([
    ['gross_distribution', 'Gross'],
    ['return_of_capital', 'Of it capital'],
    ['preferred_return', 'Of it pref'],
    ['carried_interest', 'Carry'],
    ['management_fee_offset', 'Fee offset'],
    ['tax_withholding', 'Tax'],
    ['net_distribution', 'Net'],
    ['recallable_amount', 'Recallable'],
    ['unfunded_after', 'Unfunded after'],
  ]);
  return table({
    id: 'notices',
    rows: notices,
    keyOf: (row) => row.notice_id,
    caption: [
      h('strong', {}, 'Notices'),
      ` ${unitText(paid.currency, scale)}. Net is gross less carry, fee offset and tax.`,
      more === null ? null : ' The first 500.',
    ],
    columns: [
      {
        name: 'investor_name',
        label: 'Investor',
        kind: 'text',
        header: true,
        cell: (row) => link(`/investors/${row.investor_id}`, row.investor_name),
      },
      ...names.map(([name, label]) => ({
        name,
        label,
        kind: /** @type {const} */ ('figure'),
        cell: (/** @type {DistributionReply['notices'][number]} */ row) => moneyCell(row[name], scale),
      })),
      {
        name: 'notice_status',
        label: 'Status',
        kind: 'text',
        cell: (row) => h('span', { class: `badge status-${row.notice_status.toLowerCase()}` }, words(row.notice_status)),
      },
    ],
    totals:
      more !== null
        ? []
        : [
            {
              key: 'total',
              cells: {
                investor_name: 'The distribution',
                gross_distribution: moneyCell(paid.total_distribution_amount, scale),
                carried_interest: moneyCell(paid.carried_interest, scale),
                management_fee_offset: moneyCell(paid.management_fee_offset, scale),
                tax_withholding: moneyCell(paid.tax_withholding, scale),
                net_distribution: moneyCell(paid.net_distribution, scale),
                recallable_amount: moneyCell(paid.recallable_amount, scale),
              },
            },
          ],
  });
};
