-- Does ClickHouse find the same returns? Its own XIRR over the flows of each fund, investor and investment and the value held at the end, beside ours.
SELECT k.fund_id AS fund_id, k.subject AS subject, k.investor_id AS investor_id, k.investment_id AS investment_id, k.as_of_date AS as_of_date, toFloat64(k.irr) AS irr,
       financialInternalRateOfReturnExtended(arrayMap(flow -> toFloat64(flow.2), k.flows), arrayMap(flow -> flow.1, k.flows)) AS irr_by_clickhouse,
       k.has_transfer AS has_transfer, length(k.flows) AS days
FROM (
    SELECT d.fund_id AS fund_id, d.subject AS subject, d.investor_id AS investor_id, d.investment_id AS investment_id, d.as_of_date AS as_of_date, d.irr AS irr,
           max(d.has_transfer) AS has_transfer, arraySort(groupArray((d.day, d.amount))) AS flows
    FROM (
        SELECT p.fund_id AS fund_id, p.subject AS subject, p.investor_id AS investor_id, p.investment_id AS investment_id, p.as_of_date AS as_of_date, p.irr AS irr,
               c.day AS day, sum(c.amount) AS amount, max(c.is_transfer) AS has_transfer
        FROM (
            SELECT fund_id, subject, investor_id, investment_id, as_of_date, assumeNotNull(if(subject = 'INVESTMENT', gross_irr, irr)) AS irr
            FROM fact_fund_performance FINAL WHERE origin = 'PERFORMANCE' AND if(subject = 'INVESTMENT', gross_irr_status, irr_status) = 'OK'
        ) AS p
        INNER JOIN (
            SELECT fund_id, investor_id, toUUID('00000000-0000-0000-0000-000000000000') AS investment_id, toDate32('1970-01-01') AS until, flow_date AS day, ifNull(net_cash_flow, 0) AS amount, cash_flow_type = 'TRANSFER' AS is_transfer
            FROM fact_cash_flows FINAL WHERE NOT is_fund_flow
            UNION ALL
            SELECT fund_id, toUUID('00000000-0000-0000-0000-000000000000') AS investor_id, toUUID('00000000-0000-0000-0000-000000000000') AS investment_id, toDate32('1970-01-01') AS until, flow_date AS day, ifNull(net_cash_flow, 0) AS amount, 0 AS is_transfer
            FROM fact_cash_flows FINAL WHERE NOT is_fund_flow
            UNION ALL
            SELECT fund_id, toUUID('00000000-0000-0000-0000-000000000000') AS investor_id, investment_id, toDate32('1970-01-01') AS until, flow_date AS day, ifNull(net_cash_flow, 0) AS amount, 0 AS is_transfer
            FROM fact_cash_flows FINAL WHERE is_fund_flow AND investment_id != toUUID('00000000-0000-0000-0000-000000000000') AND cash_flow_type IN ('INVESTMENT', 'REALISATION', 'INCOME')
            UNION ALL
            SELECT fund_id, investor_id, investment_id, as_of_date AS until, as_of_date AS day, ifNull(nav, 0) AS amount, 0 AS is_transfer
            FROM fact_fund_performance FINAL WHERE origin = 'PERFORMANCE'
        ) AS c ON c.fund_id = p.fund_id AND c.investor_id = p.investor_id AND c.investment_id = p.investment_id
        WHERE if(c.until = toDate32('1970-01-01'), c.day <= p.as_of_date, c.until = p.as_of_date)
        GROUP BY p.fund_id, p.subject, p.investor_id, p.investment_id, p.as_of_date, p.irr, c.day
        HAVING amount != 0
    ) AS d
    GROUP BY d.fund_id, d.subject, d.investor_id, d.investment_id, d.as_of_date, d.irr
) AS k
