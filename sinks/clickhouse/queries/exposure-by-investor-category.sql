-- Who is committed to what: commitments, paid-in and value by category of investor and strategy of fund.
SELECT i.investor_category AS investor_category, f.investment_strategy AS investment_strategy, s.currency AS currency, uniqExact(s.investor_id) AS investors,
       sum(s.committed_capital) AS committed, sum(s.called_capital) AS paid_in, sum(s.remaining_value) AS nav, sum(s.unfunded_capital) AS unfunded
FROM (SELECT * FROM capital_account_statement WHERE NOT is_fund_total) AS s
INNER JOIN (SELECT * FROM dim_investor WHERE is_current) AS i ON i.investor_id = s.investor_id
INNER JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = s.fund_id
GROUP BY investor_category, investment_strategy, currency
ORDER BY investor_category, investment_strategy, currency
