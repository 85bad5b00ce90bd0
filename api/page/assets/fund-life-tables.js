// Tables of a fund's life: investors with net returns, investments with gross ones, the roll of the net asset value, and the trial balance.
import { h } from './dom.js';
import { formatDates, unitText, words } from './format.js';
import { moneyCell, multipleCell, percentCell, table } from './table.js';
import { link } from './view.js';

/** @typedef {import('./fund-life.js').PerformanceReply} PerformanceReply */
/** @typedef {import('./fund-life.js').NavRollReply} NavRollReply */
/** @typedef {import('./fund-life.js').TrialBalanceReply} TrialBalanceReply */
/** @typedef {import('./fund-life.js').InvestmentRow} InvestmentRow */
/** @typedef {import('./format.js').Scale} Scale */
/** @typedef {Pick<PerformanceReply['investors'][number], 'irr' | 'irr_status' | 'is_short_span' | 'period_return'>} Return */

/** An IRR, or why there is none; spans under a year are not shown annualised. @param {Return} row */
const irrCell = (row) => {
  if (row.is_short_span)
    return h('span', { title: 'Over a span under a year, not annualised' }, percentCell(row.period_return), '*');
  return row.irr === null ? [percentCell(null), h('span', { class: 'why' }, words(row.irr_status))] : percentCell(row.irr);
};

/** @param {PerformanceReply} performance @param {string} currency @param {Scale} scale */
export const investorsTable = ({ fund, investors }, currency, scale) =>
  table({
    id: 'returns',
    rows: investors,
    keyOf: (row) => row.investor_id ?? 'fund',
    caption: [
      h('strong', {}, 'Investors and their net returns'),
      ` ${unitText(currency, scale)}, as of ${fund?.as_of_date ?? 'n.a.'}. After fees and carried interest, what has accrued included.`,
    ],
    empty: 'No figures yet.',
    columns: [
      {
        name: 'investor_name',
        label: 'Investor',
        kind: 'text',
        header: true,
        cell: (row) => link(`/investors/${row.investor_id}`, row.investor_name ?? 'n.a.'),
      },
      { name: 'committed', label: 'Committed', kind: 'figure', cell: (row) => moneyCell(row.committed_capital, scale) },
      { name: 'paid', label: 'Paid in', kind: 'figure', cell: (row) => moneyCell(row.called_capital, scale) },
      { name: 'distributed', label: 'Distributed', kind: 'figure', cell: (row) => moneyCell(row.distributed_capital, scale) },
      { name: 'nav', label: 'NAV', kind: 'figure', cell: (row) => moneyCell(row.nav, scale) },
      { name: 'unfunded', label: 'Unfunded', kind: 'figure', cell: (row) => moneyCell(row.unfunded_amount, scale) },
      { name: 'dpi', label: 'DPI', kind: 'figure', cell: (row) => multipleCell(row.dpi) },
      { name: 'tvpi', label: 'TVPI', kind: 'figure', cell: (row) => multipleCell(row.tvpi) },
      { name: 'irr', label: 'Net IRR', kind: 'figure', cell: irrCell },
    ],
    totals:
      fund === null
        ? []
        : [
            {
              key: 'total',
              cells: {
                investor_name: 'Whole fund',
                committed: moneyCell(fund.committed_capital, scale),
                paid: moneyCell(fund.called_capital, scale),
                distributed: moneyCell(fund.distributed_capital, scale),
                nav: moneyCell(fund.nav, scale),
                unfunded: moneyCell(fund.unfunded_amount, scale),
                dpi: multipleCell(fund.dpi),
                tvpi: multipleCell(fund.tvpi),
                irr: irrCell(fund),
              },
            },
          ],
  });

/** @param {readonly InvestmentRow[]} investments @param {string} currency @param {Scale} scale */
export const investmentsTable = (investments, currency, scale) =>
  table({
    id: 'investments',
    rows: investments,
    keyOf: (row) => row.investment_id,
    caption: [h('strong', {}, 'Investments'), ` ${unitText(currency, scale)}. Gross: before fees and carried interest.`],
    empty: 'No investments yet.',
    columns: [
      {
        name: 'portfolio_company',
        label: 'Company',
        kind: 'text',
        header: true,
        cell: (row) => [
          row.portfolio_company,
          h('span', { class: 'under' }, `${words(row.investment_type)}, ${row.investment_date}`),
        ],
      },
      { name: 'cost', label: 'Cost', kind: 'figure', cell: (row) => moneyCell(row.investment_amount, scale) },
      { name: 'left', label: 'Cost left', kind: 'figure', cell: (row) => moneyCell(row.remaining_cost, scale) },
      { name: 'proceeds', label: 'Proceeds', kind: 'figure', cell: (row) => moneyCell(row.realised_proceeds, scale) },
      { name: 'value', label: 'Fair value', kind: 'figure', cell: (row) => moneyCell(row.current_fair_value, scale) },
      {
        name: 'valued',
        label: 'Valued',
        kind: 'text',
        cell: (row) => h('span', { class: 'date' }, row.last_valuation_date ?? 'n.a.'),
      },
      {
        name: 'moic',
        label: 'MOIC',
        hint: 'Multiple on invested capital',
        kind: 'figure',
        cell: (row) => multipleCell(row.moic),
      },
      { name: 'gross_irr', label: 'Gross IRR', kind: 'figure', cell: (row) => percentCell(row.gross_irr) },
      {
        name: 'status',
        label: 'Status',
        kind: 'text',
        cell: (row) => h('span', { class: `badge status-${row.investment_status.toLowerCase()}` }, words(row.investment_status)),
      },
    ],
  });

const rollRows = /** @type {const} */ ([
  ['opening_nav', 'Opening NAV'],
  ['contributions', 'Contributions'],
  ['distributions', 'Distributions'],
  ['management_fees', 'Management fees'],
  ['expenses', 'Expenses'],
  ['interest_income', 'Interest income'],
  ['dividend_income', 'Dividend income'],
  ['other_income', 'Other income'],
  ['interest_expense', 'Interest expense'],
  ['realised_gain_loss', 'Realised gain or loss'],
  ['unrealised_change', 'Unrealised change'],
  ['transfers', 'Transfers'],
  ['carried_interest_paid', 'Carried interest paid'],
  ['closing_nav', 'Closing NAV'],
  ['accrued_carried_interest', 'Accrued carried interest'],
  ['net_nav', 'Net NAV'],
]);

/** @param {NavRollReply} since @param {NavRollReply} year @param {string} currency @param {Scale} scale */
export const navRollTable = ({ fund: whole }, { fund: running, from }, currency, scale) => {
  const rows = rollRows.filter(([name]) => name !== 'closing_nav' && name !== 'net_nav');
  return table({
    id: 'nav-roll',
    rows: whole === null ? [] : rows.filter(([name]) => name !== 'accrued_carried_interest'),
    keyOf: ([name]) => name,
    caption: [
      h('strong', {}, 'Roll of the net asset value'),
      ` ${unitText(currency, scale)}, to ${whole?.as_of_date ?? 'n.a.'}.`,
    ],
    empty: 'No roll yet.',
    columns: [
      { name: 'row', label: 'Row', kind: 'text', header: true, cell: ([, label]) => label },
      {
        name: 'year',
        label: from === null ? 'Year' : `From ${from}`,
        kind: 'figure',
        cell: ([name]) => moneyCell(running?.[name], scale),
      },
      { name: 'whole', label: 'Since inception', kind: 'figure', cell: ([name]) => moneyCell(whole?.[name], scale) },
    ],
    totals:
      whole === null
        ? []
        : [
            {
              key: 'closing',
              cells: {
                row: 'Closing NAV',
                year: moneyCell(running?.closing_nav, scale),
                whole: moneyCell(whole.closing_nav, scale),
              },
            },
            {
              key: 'accrued',
              cells: {
                row: 'Less accrued carried interest',
                year: moneyCell(running?.accrued_carried_interest, scale),
                whole: moneyCell(whole.accrued_carried_interest, scale),
              },
            },
            {
              key: 'net',
              cells: { row: 'Net NAV', year: moneyCell(running?.net_nav, scale), whole: moneyCell(whole.net_nav, scale) },
            },
          ],
  });
};

/** @param {TrialBalanceReply} balance @param {Scale} scale */
export const trialBalanceTable = (balance, scale) =>
  table({
    id: 'trial-balance',
    rows: balance.accounts,
    keyOf: (row) => row.account_code,
    caption: [
      h('strong', {}, 'Trial balance'),
      ` ${unitText(balance.currency, scale)}, to ${formatDates(null, balance.meta.as_of_date)}. Available cash `,
      h('span', { 'data-figure': true }, moneyCell(balance.available_cash, scale)),
      '.',
    ],
    empty: 'Nothing was posted yet.',
    columns: [
      {
        name: 'account',
        label: 'Account',
        kind: 'text',
        header: true,
        cell: (row) => [`${row.account_code} `, row.account_name ?? 'n.a.'],
      },
      { name: 'debit', label: 'Debits', kind: 'figure', cell: (row) => moneyCell(row.debit, scale) },
      { name: 'credit', label: 'Credits', kind: 'figure', cell: (row) => moneyCell(row.credit, scale) },
      { name: 'balance', label: 'Balance', kind: 'figure', cell: (row) => moneyCell(row.balance, scale) },
    ],
    totals: [
      {
        key: 'total',
        cells: {
          account: 'All accounts',
          debit: moneyCell(balance.debit, scale),
          credit: moneyCell(balance.credit, scale),
          balance: moneyCell('0.00', scale),
        },
      },
    ],
  });
