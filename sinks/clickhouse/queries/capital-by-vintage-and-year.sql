-- What did each vintage call and distribute in each year, by currency?
SELECT f.vintage_year AS vintage_year, d.year AS year, c.currency AS currency,
       sum(c.capital_call_amount) AS paid_in, sum(c.distribution_amount) AS distributed, sum(c.net_cash_flow) AS net_cash_flow
FROM (SELECT * FROM fact_cash_flows FINAL WHERE NOT is_fund_flow AND cash_flow_type != 'OPENING_BALANCE') AS c
INNER JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = c.fund_id
INNER JOIN (SELECT * FROM dim_date FINAL) AS d ON d.date_id = c.date_id
GROUP BY vintage_year, year, currency
ORDER BY vintage_year, year, currency
