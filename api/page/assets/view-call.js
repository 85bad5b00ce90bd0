// One capital call with its notices and payments.
import { read } from './api.js';
import { h } from './dom.js';
import { formatMoney, unitText, words } from './format.js';
import { moneyCell, table } from './table.js';
import { card, cards, chooseScale, chosenScale, link, scaleSelect } from './view.js';

/** @typedef {import('../../capital-calls/route.ts').CallReply} CallReply */

/** @param {string} callId @returns {import('./view.js').View} */
export const callView = (callId) => {
  /** @type {CallReply | null} */
  let reply = null;
  return {
    key: `call-${callId}`,
    title: () => (reply === null ? 'Capital call' : `Call ${reply.capital_call.call_number} · ${reply.capital_call.fund_name}`),
    concerns: (change) => change.all || reply === null || change.funds.includes(reply.capital_call.fund_id),
    load: async (signal) => {
      reply = /** @type {CallReply} */ (await read(`/v1/capital-calls/${encodeURIComponent(callId)}?limit=500`, { signal }));
      return reply.meta;
    },
    render: () => {
      const scale = chosenScale();
      if (reply === null) return h('div', { 'data-key': `call-${callId}` });
      const { capital_call: call } = reply;
      const unit = unitText(call.currency, scale);
      return h(
        'div',
        { 'data-key': `call-${callId}`, class: 'view' },
        h('p', { class: 'trail' }, h('span', { 'aria-hidden': 'true' }, '‹ '), link(`/funds/${call.fund_id}`, call.fund_name)),
        h(
          'div',
          { class: 'head' },
          h('h1', {}, `Capital call ${call.call_number}`),
          h(
            'p',
            { class: 'sub' },
            `${call.call_purpose} · of ${call.call_date}, due ${call.due_date} · shared by ${words(call.allocation_basis)} `,
            h('span', { class: `badge status-${call.call_status.toLowerCase()}` }, words(call.call_status)),
          ),
          scaleSelect(scale),
        ),
        cards(
          card('Called', formatMoney(call.total_call_amount, scale), unit),
          card('For investments', formatMoney(call.investment_amount, scale), unit),
          card(
            'Management fees',
            formatMoney(call.management_fee_amount, scale),
            call.management_fee_inside ? 'inside the commitment' : 'outside the commitment',
          ),
          card(
            'Expenses',
            formatMoney(call.expenses_amount, scale),
            call.expenses_inside ? 'inside the commitment' : 'outside the commitment',
          ),
          card('Paid', formatMoney(call.paid_amount, scale), unit),
          card(
            'Notices',
            { text: String(call.notice_count), spoken: null },
            call.notice_count === 0 ? 'a draft has none' : 'add up to the call',
          ),
        ),
        noticesTable(reply, scale),
        paymentsTable(reply, scale),
      );
    },
    actions: { scale: chooseScale },
  };
};

/** @param {CallReply} reply @param {import('./format.js').Scale} scale */
const noticesTable = ({ capital_call: call, notices, next_notices: more }, scale) =>
  table({
    id: 'notices',
    rows: notices,
    keyOf: (row) => row.notice_id,
    caption: [h('strong', {}, 'Notices'), ` ${unitText(call.currency, scale)}.`, more === null ? null : ' The first 500.'],
    empty: 'A draft has no notices: they are made when the call is issued.',
    columns: [
      {
        name: 'investor_name',
        label: 'Investor',
        kind: 'text',
        header: true,
        cell: (row) => link(`/investors/${row.investor_id}`, row.investor_name),
      },
      { name: 'call_amount', label: 'Due', kind: 'figure', cell: (row) => moneyCell(row.call_amount, scale) },
      {
        name: 'investment_portion',
        label: 'Investments',
        kind: 'figure',
        cell: (row) => moneyCell(row.investment_portion, scale),
      },
      {
        name: 'management_fee_portion',
        label: 'Fees',
        kind: 'figure',
        cell: (row) => moneyCell(row.management_fee_portion, scale),
      },
      { name: 'expenses_portion', label: 'Expenses', kind: 'figure', cell: (row) => moneyCell(row.expenses_portion, scale) },
      {
        name: 'outside_commitment',
        label: 'Outside',
        hint: 'Part that does not reduce the unfunded commitment',
        kind: 'figure',
        cell: (row) => moneyCell(row.outside_commitment, scale),
      },
      { name: 'unfunded_after', label: 'Unfunded after', kind: 'figure', cell: (row) => moneyCell(row.unfunded_after, scale) },
      { name: 'paid_amount', label: 'Paid', kind: 'figure', cell: (row) => moneyCell(row.paid_amount, scale) },
      {
        name: 'outstanding_amount',
        label: 'Outstanding',
        kind: 'figure',
        cell: (row) => moneyCell(row.outstanding_amount, scale),
      },
      {
        name: 'notice_status',
        label: 'Status',
        kind: 'text',
        cell: (row) => h('span', { class: `badge status-${row.notice_status.toLowerCase()}` }, words(row.notice_status)),
      },
    ],
    totals:
      notices.length === 0 || more !== null
        ? []
        : [
            {
              key: 'total',
              cells: {
                investor_name: 'The call',
                call_amount: moneyCell(call.total_call_amount, scale),
                investment_portion: moneyCell(call.investment_amount, scale),
                management_fee_portion: moneyCell(call.management_fee_amount, scale),
                expenses_portion: moneyCell(call.expenses_amount, scale),
                paid_amount: moneyCell(call.paid_amount, scale),
              },
            },
          ],
  });

/** @param {CallReply} reply @param {import('./format.js').Scale} scale */
const paymentsTable = ({ capital_call: call, payments }, scale) =>
  table({
    id: 'payments',
    rows: payments,
    keyOf: (row) => row.payment_id,
    caption: [h('strong', {}, 'Payments'), ` ${unitText(call.currency, scale)}.`],
    empty: 'Nobody has paid yet.',
    columns: [
      { name: 'investor_name', label: 'Investor', kind: 'text', header: true, cell: (row) => row.investor_name },
      { name: 'payment_date', label: 'Received', kind: 'text', cell: (row) => h('span', { class: 'date' }, row.payment_date) },
      { name: 'amount', label: 'Amount', kind: 'figure', cell: (row) => moneyCell(row.amount, scale) },
      { name: 'bank_reference', label: 'Reference', kind: 'text', cell: (row) => row.bank_reference ?? 'n.a.' },
      {
        name: 'is_reversed',
        label: 'Counts',
        kind: 'text',
        cell: (row) => (row.is_reversed ? h('span', { class: 'badge warning' }, 'taken back') : 'yes'),
      },
    ],
  });
