-- What was a fund called, and in which state was it, when each of its flows was booked (type 2: as it was)?
SELECT c.flow_date AS flow_date, c.cash_flow_type AS cash_flow_type, c.net_cash_flow AS net_cash_flow, f.fund_key AS fund_key, f.fund_name AS fund_name, f.fund_status AS fund_status, f.valid_from AS valid_from
FROM (SELECT * FROM fact_cash_flows FINAL WHERE NOT is_fund_flow) AS c
ASOF INNER JOIN (SELECT fund_id, fund_key, fund_name, fund_status, valid_from FROM dim_fund) AS f ON f.fund_id = c.fund_id AND c.flow_date >= f.valid_from
ORDER BY flow_date, fund_name, cash_flow_type, net_cash_flow
LIMIT 100
