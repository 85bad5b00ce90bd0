// Capital calls and distributions of the chosen funds: what was asked for and paid, what was distributed and how it was shared.
import { barChart, columnUnit, dashboard, grid, table } from './grafana/model.ts';
import { isChosen, someFunds } from './variables.ts';

/** Calls and distributions. */
export const callsAndDistributions = dashboard({
  uid: 'stratcap-calls-and-distributions',
  title: 'Calls and distributions',
  description: 'Every capital call and distribution as it stands. Amounts are in the currency of each fund.',
  from: 'now-15y',
  variables: [someFunds],
  panels: [
    barChart({
      title: 'Called and distributed by year',
      description:
        'Issued calls by the day of their notice and distributions by their date, without cancelled ones. Adds up currencies: choose funds of one.',
      width: 12,
      height: 9,
      unit: 'amount',
      query: table(`
SELECT toString(toYear(assumeNotNull(booking_date))) AS year, sumIf(gross_amount, booking = 'CAPITAL_CALL') AS "Called", sumIf(gross_amount, booking = 'DISTRIBUTION') AS "Distributed"
FROM calls_and_distributions
WHERE status NOT IN ('CANCELLED', 'DRAFT') AND ${isChosen('fund_id')} AND $__timeFilter(toDateTime(assumeNotNull(booking_date)))
GROUP BY year ORDER BY year`),
    }),
    barChart({
      title: 'Distributions by tier and year',
      description: 'How the waterfall shared distributions: to limited partners by tier, and to the general partner.',
      width: 12,
      height: 9,
      unit: 'amount',
      query: table(`
SELECT toString(toYear(assumeNotNull(waterfall_date))) AS year, sumIf(lp_amount, tier = 'RETURN_OF_CAPITAL') AS "Return of capital", sumIf(lp_amount, tier = 'PREFERRED_RETURN') AS "Preferred return",
       sumIf(lp_amount, tier IN ('CATCH_UP', 'SPLIT')) AS "Catch-up and split", sum(gp_amount) AS "Carried interest"
FROM waterfall_by_tier
WHERE waterfall = 'DISTRIBUTION' AND status != 'CANCELLED' AND ${isChosen('fund_id')} AND $__timeFilter(toDateTime(assumeNotNull(waterfall_date)))
GROUP BY year ORDER BY year`),
    }),
    grid({
      title: 'Capital calls',
      description: 'What was called, paid and is outstanding.',
      width: 24,
      height: 10,
      unit: 'money',
      query: table(`
SELECT fund_name AS "Fund", booking_number AS "Number", booking_date AS "Called on", due_date AS "Due on", status AS "Status", currency AS "Currency",
       gross_amount AS "Called", paid_amount AS "Paid", outstanding_amount AS "Outstanding", notice_count AS "Notices"
FROM calls_and_distributions
WHERE booking = 'CAPITAL_CALL' AND ${isChosen('fund_id')} AND $__timeFilter(toDateTime(assumeNotNull(booking_date)))
ORDER BY booking_date DESC, fund_name, booking_number LIMIT 1000`),
      overrides: [columnUnit('Number', 'count'), columnUnit('Notices', 'count')],
    }),
    grid({
      title: 'Distributions',
      description: 'Gross, what is taken off, and what the investors are paid.',
      width: 24,
      height: 10,
      unit: 'money',
      query: table(`
SELECT fund_name AS "Fund", booking_number AS "Number", booking_date AS "Date", payment_date AS "Paid on", status AS "Status", currency AS "Currency",
       gross_amount AS "Gross", carried_interest AS "Carried interest", management_fee_offset AS "Fee offset", tax_withholding AS "Tax withheld", net_amount AS "Net", recallable_amount AS "Recallable", notice_count AS "Notices"
FROM calls_and_distributions
WHERE booking = 'DISTRIBUTION' AND ${isChosen('fund_id')} AND $__timeFilter(toDateTime(assumeNotNull(booking_date)))
ORDER BY booking_date DESC, fund_name, booking_number LIMIT 1000`),
      overrides: [columnUnit('Number', 'count'), columnUnit('Notices', 'count')],
    }),
    grid({
      title: 'Investors who paid late',
      description: 'Payments after the due date of their call; an investor that always paid in time is not here.',
      width: 24,
      height: 8,
      unit: 'count',
      query: table(`
SELECT i.investor_name AS "Investor", c.currency AS "Currency", count() AS "Payments", countIf(p.payment_date > c.due_date) AS "Late",
       max(dateDiff('day', assumeNotNull(c.due_date), p.payment_date)) AS "Days late at most"
FROM (SELECT fund_id, call_id, investor_id, payment_date FROM fact_capital_call_payments FINAL WHERE NOT is_reversed) AS p
INNER JOIN fact_capital_calls AS c ON c.fund_id = p.fund_id AND c.call_id = p.call_id
INNER JOIN (SELECT investor_id, investor_name FROM dim_investor WHERE is_current) AS i ON i.investor_id = p.investor_id
WHERE ${isChosen('p.fund_id')} AND $__timeFilter(toDateTime(p.payment_date))
GROUP BY i.investor_name, c.currency HAVING countIf(p.payment_date > c.due_date) > 0
ORDER BY countIf(p.payment_date > c.due_date) DESC, i.investor_name LIMIT 200`),
    }),
  ],
});
