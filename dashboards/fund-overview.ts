// One fund: where it stands, its J-curve, its value and multiples over time, its last waterfall and its trial balance.
import {
  columnUnit,
  dashboard,
  drawnAs,
  grid,
  type PanelDraft,
  series,
  stat,
  table,
  timeChart,
  type UnitName,
} from './grafana/model.ts';
import { isTheFund, oneFund } from './variables.ts';

const statement = (column: string): string =>
  `SELECT ${column} FROM fund_performance WHERE subject = 'FUND' AND ${isTheFund('fund_id')} ORDER BY as_of_date DESC LIMIT 1`;
const figure = (title: string, description: string, column: string, unit: UnitName): PanelDraft =>
  stat({ title, description, width: 3, height: 4, query: table(statement(column)), unit });

/** The overview of a fund. */
export const fundOverview = dashboard({
  uid: 'stratcap-fund-overview',
  title: 'Fund overview',
  description:
    'Where a fund stands at its latest fact date, in its base currency. Figures of several dates are in Fund performance.',
  from: 'now-15y',
  variables: [oneFund],
  panels: [
    figure('Committed', 'Sum pledged by all investors.', 'committed_capital', 'amount'),
    figure('Paid in', 'Paid in since inception; for a fund that was taken over the sum called.', 'called_capital', 'amount'),
    figure(
      'Distributed',
      'Distributed since inception, net of carried interest and gross of tax withheld.',
      'distributed_capital',
      'amount',
    ),
    figure('Net asset value', 'Net of accrued carried interest.', 'nav', 'amount'),
    figure('Unfunded', 'What can still be called.', 'unfunded_capital', 'amount'),
    figure(
      'Net IRR',
      'Since inception, to the investors. Not meaningful under a year or without a single root.',
      'irr_value AS irr',
      'percent',
    ),
    figure('TVPI', 'Distributed and remaining value to paid-in.', 'toFloat64(tvpi) AS tvpi', 'multiple'),
    figure('DPI', 'Distributed to paid-in.', 'toFloat64(dpi) AS dpi', 'multiple'),
    timeChart({
      title: 'J-curve',
      description: 'Distributed minus paid in since inception, by quarter, and what it is with the value that is still there.',
      width: 12,
      height: 10,
      unit: 'amount',
      query: series(`
SELECT toDateTime(quarter_end) AS time, cumulative_net_cash_flow AS "Net cash flow", cumulative_net_cash_flow + nav AS "With remaining value"
FROM cash_flow_j_curve WHERE ${isTheFund('fund_id')} AND $__timeFilter(toDateTime(quarter_end)) ORDER BY time LIMIT 1000`),
      overrides: [drawnAs('Net cash flow', 'line', 'blue'), drawnAs('With remaining value', 'line', 'green')],
    }),
    timeChart({
      title: 'Paid in and distributed by quarter',
      description: 'Cash flows between the fund and its investors; paid in is below zero.',
      width: 12,
      height: 10,
      unit: 'amount',
      query: series(`
SELECT toDateTime(quarter_end) AS time, negate(paid_in) AS "Paid in", distributed AS "Distributed"
FROM cash_flow_j_curve WHERE ${isTheFund('fund_id')} AND $__timeFilter(toDateTime(quarter_end)) ORDER BY time LIMIT 1000`),
      overrides: [drawnAs('Paid in', 'bars', 'orange'), drawnAs('Distributed', 'bars', 'green')],
    }),
    timeChart({
      title: 'Net asset value',
      description: 'Net of accrued carried interest, at every fact date; and the carried interest that was taken off.',
      width: 12,
      height: 9,
      unit: 'amount',
      query: series(`
SELECT toDateTime(as_of_date) AS time, nav AS "Net asset value", accrued_carried_interest AS "Accrued carried interest"
FROM fund_performance WHERE subject = 'FUND' AND ${isTheFund('fund_id')} AND $__timeFilter(toDateTime(as_of_date)) ORDER BY time LIMIT 5000`),
    }),
    timeChart({
      title: 'Multiples',
      description: 'TVPI and its parts: distributed and remaining value to paid-in.',
      width: 12,
      height: 9,
      unit: 'multiple',
      query: series(`
SELECT toDateTime(as_of_date) AS time, toFloat64(tvpi) AS "TVPI", toFloat64(dpi) AS "DPI", toFloat64(rvpi) AS "RVPI"
FROM fund_performance WHERE subject = 'FUND' AND ${isTheFund('fund_id')} AND $__timeFilter(toDateTime(as_of_date)) ORDER BY time LIMIT 5000`),
    }),
    grid({
      title: 'Waterfall of the last distribution',
      description: 'Tier by tier, from the result that the ledger booked with the distribution.',
      width: 12,
      height: 9,
      unit: 'money',
      query: table(`
SELECT waterfall_date AS "Date", tier AS "Tier", partner AS "Partner", deal AS "Deal", lp_amount AS "To limited partners", gp_amount AS "To general partner"
FROM waterfall_by_tier
WHERE waterfall = 'DISTRIBUTION' AND status != 'CANCELLED' AND ${isTheFund('fund_id')}
  AND distribution_id = (SELECT argMax(distribution_id, (distribution_date, distribution_number)) FROM fact_distributions WHERE status != 'CANCELLED' AND ${isTheFund('fund_id')})
ORDER BY tier_order LIMIT 1000`),
    }),
    grid({
      title: 'Trial balance',
      description:
        'Every account over the whole journal; a balance above zero is a debit balance, and all of them add up to 0.00.',
      width: 12,
      height: 9,
      unit: 'money',
      query: table(`
SELECT account_code AS "Account", account_name AS "Name", account_type AS "Type", debit AS "Debit", credit AS "Credit", balance AS "Balance"
FROM trial_balance WHERE ${isTheFund('fund_id')} ORDER BY account_code LIMIT 500`),
      overrides: [columnUnit('Account', 'count')],
    }),
  ],
});
