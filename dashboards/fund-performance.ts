// Performance of the chosen funds, their investors and their investments, net and gross.
import { columnUnit, dashboard, grid, series, table, timeChart } from './grafana/model.ts';
import { isChosen, someFunds } from './variables.ts';

const latest = (subject: string): string =>
  `(SELECT * FROM fund_performance WHERE subject = '${subject}' AND ${isChosen('fund_id')} ORDER BY fund_id, investor_id, investment_id, as_of_date DESC LIMIT 1 BY fund_id, investor_id, investment_id)`;
const ratios = [columnUnit('/IRR/', 'percent'), columnUnit('/^(TVPI|DPI|RVPI|MOIC|PIC)$/', 'multiple')];

/** Performance. */
export const fundPerformance = dashboard({
  uid: 'stratcap-fund-performance',
  title: 'Fund performance',
  description: 'Net and gross returns at the latest fact date of each fund. Returns are never added or averaged over funds.',
  from: 'now-10y',
  variables: [someFunds],
  panels: [
    grid({
      title: 'Funds',
      description:
        'Latest fact date of each fund. IRR is not meaningful under a year or without a single root; the status says why.',
      width: 24,
      height: 11,
      unit: 'money',
      query: table(`
SELECT fund_name AS "Fund", vintage_year AS "Vintage", as_of_date AS "As of", currency AS "Currency", committed_capital AS "Committed", called_capital AS "Paid in",
       distributed_capital AS "Distributed", nav AS "Net asset value", irr_value AS "Net IRR", irr_status AS "Status", gross_irr_value AS "Gross IRR",
       toFloat64(tvpi) AS "TVPI", toFloat64(dpi) AS "DPI", toFloat64(rvpi) AS "RVPI", toFloat64(moic) AS "MOIC", toFloat64(pic) AS "PIC"
FROM ${latest('FUND')} ORDER BY fund_name LIMIT 1000`),
      overrides: [...ratios, { matcher: { id: 'byName', options: 'Vintage' }, properties: [{ id: 'unit', value: 'string' }] }],
    }),
    timeChart({
      title: 'Net IRR over time',
      description: 'Since inception up to each fact date, for spans of a year and more.',
      width: 12,
      height: 10,
      unit: 'percent',
      query: series(`
SELECT toDateTime(as_of_date) AS time, fund_name AS fund, irr_value AS irr
FROM fund_performance WHERE subject = 'FUND' AND irr_value IS NOT NULL AND ${isChosen('fund_id')} AND $__timeFilter(toDateTime(as_of_date))
ORDER BY time, fund LIMIT 20000`),
    }),
    timeChart({
      title: 'TVPI over time',
      description: 'Distributed and remaining value to paid-in, at each fact date.',
      width: 12,
      height: 10,
      unit: 'multiple',
      query: series(`
SELECT toDateTime(as_of_date) AS time, fund_name AS fund, toFloat64(tvpi) AS tvpi
FROM fund_performance WHERE subject = 'FUND' AND tvpi IS NOT NULL AND ${isChosen('fund_id')} AND $__timeFilter(toDateTime(as_of_date))
ORDER BY time, fund LIMIT 20000`),
    }),
    grid({
      title: 'Investors',
      description: 'Each investor in each fund, net of fees and carried interest, the accrued part included.',
      width: 24,
      height: 11,
      unit: 'money',
      query: table(`
SELECT fund_name AS "Fund", investor_name AS "Investor", as_of_date AS "As of", currency AS "Currency", committed_capital AS "Committed", called_capital AS "Paid in", distributed_capital AS "Distributed",
       nav AS "Net asset value", unfunded_capital AS "Unfunded", irr_value AS "Net IRR", irr_status AS "Status", toFloat64(tvpi) AS "TVPI", toFloat64(dpi) AS "DPI"
FROM ${latest('INVESTOR')} ORDER BY fund_name, investor_name LIMIT 2000`),
      overrides: ratios,
    }),
    grid({
      title: 'Investments',
      description: 'Each investment, gross of fees and carried interest.',
      width: 24,
      height: 11,
      unit: 'money',
      query: table(`
SELECT fund_name AS "Fund", portfolio_company AS "Company", as_of_date AS "As of", currency AS "Currency", called_capital AS "Invested", distributed_capital AS "Proceeds", nav AS "Fair value",
       gross_irr_value AS "Gross IRR", gross_irr_status AS "Status", toFloat64(moic) AS "MOIC"
FROM ${latest('INVESTMENT')} ORDER BY fund_name, portfolio_company LIMIT 2000`),
      overrides: ratios,
    }),
  ],
});
