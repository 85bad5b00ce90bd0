-- Which investors pay capital calls after their due date, how often and how late?
SELECT i.investor_name AS investor_name, count() AS payments, countIf(p.payment_date > c.due_date) AS late, round(avgIf(dateDiff('day', assumeNotNull(c.due_date), p.payment_date), p.payment_date > c.due_date), 1) AS days_late
FROM (SELECT * FROM fact_capital_call_payments FINAL WHERE NOT is_reversed) AS p
INNER JOIN fact_capital_calls AS c ON c.fund_id = p.fund_id AND c.call_id = p.call_id
INNER JOIN (SELECT * FROM dim_investor WHERE is_current) AS i ON i.investor_id = p.investor_id
GROUP BY investor_name
ORDER BY late DESC, investor_name
