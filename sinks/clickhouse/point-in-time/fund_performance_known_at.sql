-- Performance at the last fact date up to as_of, as it was known at known_at. Columns as in fund_performance.
SELECT p.fund_id AS fund_id, f.fund_name AS fund_name, f.vintage_year AS vintage_year, p.subject AS subject, p.investor_id AS investor_id, i.investor_name AS investor_name,
       p.investment_id AS investment_id, v.portfolio_company AS portfolio_company, p.as_of_date AS as_of_date, p.origin AS origin, p.currency AS currency,
       p.committed_capital AS committed_capital, p.called_capital AS called_capital, p.distributed_capital AS distributed_capital, p.nav AS nav, p.total_value AS total_value, p.unfunded_capital AS unfunded_capital, p.accrued_carried_interest AS accrued_carried_interest, p.irr AS irr, p.irr_status AS irr_status, if(p.is_short_span, NULL, toFloat64OrNull(p.irr)) AS irr_value, p.gross_irr AS gross_irr, p.gross_irr_status AS gross_irr_status, if(p.is_short_span, NULL, toFloat64OrNull(p.gross_irr)) AS gross_irr_value, p.period_return AS period_return, p.is_short_span AS is_short_span, p.moic AS moic, p.pic AS pic, p.dpi AS dpi, p.rvpi AS rvpi, p.tvpi AS tvpi
FROM (
    SELECT h.* FROM (SELECT * FROM fact_fund_performance_history FINAL WHERE recorded_at <= {known_at:DateTime64(6, 'UTC')} AND as_of_date <= {as_of:Date32}) AS h
    LEFT JOIN (
        SELECT fund_id, true AS has_flows, min(as_of_date) AS first_day FROM fact_fund_performance_history
        WHERE origin = 'PERFORMANCE' AND recorded_at <= {known_at:DateTime64(6, 'UTC')} GROUP BY fund_id
    ) AS l ON l.fund_id = h.fund_id
    WHERE NOT (h.origin = 'CAPITAL_ACCOUNT' AND l.has_flows AND h.as_of_date >= l.first_day)
    ORDER BY h.fund_id, h.investor_id, h.investment_id, h.as_of_date DESC, h._version DESC LIMIT 1 BY h.fund_id, h.investor_id, h.investment_id
) AS p
LEFT JOIN (SELECT fund_id, fund_name, vintage_year FROM dim_fund WHERE is_current) AS f ON f.fund_id = p.fund_id
LEFT JOIN (SELECT investor_id, investor_name FROM dim_investor WHERE is_current) AS i ON i.investor_id = p.investor_id
LEFT JOIN (SELECT investment_id, portfolio_company FROM dim_investment WHERE is_current) AS v ON v.investment_id = p.investment_id
