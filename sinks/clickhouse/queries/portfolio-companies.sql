-- How did each investment do, and what share of the value of its fund is it?
SELECT p.fund_name AS fund_name, p.portfolio_company AS portfolio_company, v.investment_type AS investment_type, v.investment_status AS investment_status, p.as_of_date AS as_of_date, p.currency AS currency,
       p.called_capital AS invested, p.distributed_capital AS proceeds, p.nav AS fair_value, p.moic AS moic, p.gross_irr AS gross_irr,
       toFloat64(p.nav) / nullIf(toFloat64(sum(p.nav) OVER (PARTITION BY p.fund_id)), 0) AS share_of_value
FROM (SELECT * FROM fund_performance WHERE subject = 'INVESTMENT' ORDER BY fund_id, investment_id, as_of_date DESC LIMIT 1 BY fund_id, investment_id) AS p
INNER JOIN (SELECT * FROM dim_investment WHERE is_current) AS v ON v.investment_id = p.investment_id
ORDER BY fund_name, fair_value DESC, portfolio_company
