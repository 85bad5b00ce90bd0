-- How did each strategy do at a year-end? Multiples of summed amounts, never averages of multiples.
-- as_of = 2024-12-31
SELECT f.investment_strategy AS investment_strategy, p.currency AS currency, count() AS funds, sum(p.committed_capital) AS committed, sum(p.called_capital) AS paid_in,
       sum(p.distributed_capital) AS distributed, sum(p.nav) AS nav,
       divideDecimal(sum(p.distributed_capital), nullIf(sum(p.called_capital), 0), 4) AS dpi,
       divideDecimal(sum(p.distributed_capital) + sum(p.nav), nullIf(sum(p.called_capital), 0), 4) AS tvpi
FROM fund_performance_as_of(as_of = {as_of:Date32}) AS p
INNER JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = p.fund_id
WHERE p.subject = 'FUND'
GROUP BY investment_strategy, currency
ORDER BY investment_strategy, currency
