-- Views by business term over the facts of a fund's life. FINAL stands inside, so that a reader cannot forget it; every column is commented,
-- because a view drops the comments of its tables.
CREATE OR REPLACE VIEW dim_investment (
    investment_id UUID COMMENT 'Id of the investment, the natural key.',
    event_version UInt32 COMMENT 'Version of the investment that made this row.',
    fund_id UUID COMMENT 'The fund.',
    investment_key UInt64 COMMENT 'Surrogate key of this version of the investment.',
    portfolio_company String COMMENT 'Company.',
    investment_type LowCardinality(String) COMMENT 'EQUITY, DEBT, CONVERTIBLE, FUND_INTEREST or OTHER.',
    investment_date Nullable(Date32) COMMENT 'Day of the first payment.',
    investment_status LowCardinality(String) COMMENT 'ACTIVE, PARTIALLY_REALISED, REALISED or WRITTEN_OFF.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    valid_from Date32 COMMENT 'Effective date of this version, inclusive.',
    valid_to Nullable(Date32) COMMENT 'First day on which the next version holds, exclusive; null is open.',
    is_current Bool COMMENT 'The latest version.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When this version was recorded.'
)
COMMENT 'Versions of each investment with the days on which they hold (SCD type 2). Of several versions of one day the last holds. Grain: investment_id, valid_from.'
AS
SELECT v.investment_id AS investment_id, v.event_version AS event_version, v.fund_id AS fund_id, v.investment_key AS investment_key,
       what.portfolio_company AS portfolio_company, what.investment_type AS investment_type, what.investment_date AS investment_date,
       v.investment_status AS investment_status, v.currency AS currency, v.valid_from AS valid_from,
       leadInFrame(toNullable(v.valid_from)) OVER (PARTITION BY v.investment_id ORDER BY v.valid_from, v.event_version ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS valid_to,
       valid_to IS NULL AS is_current, v.recorded_at AS recorded_at
FROM (SELECT * FROM dim_investment_history FINAL ORDER BY investment_id, valid_from, event_version DESC LIMIT 1 BY investment_id, valid_from) AS v
LEFT JOIN (
    SELECT investment_id, max(portfolio_company) AS portfolio_company, max(investment_type) AS investment_type, max(investment_date) AS investment_date
    FROM dim_investment_history FINAL GROUP BY investment_id
) AS what ON what.investment_id = v.investment_id
;;
CREATE OR REPLACE VIEW fact_capital_calls (
    fund_id UUID COMMENT 'The fund.',
    call_id UUID COMMENT 'The capital call.',
    call_number Nullable(UInt32) COMMENT 'Number in the fund.',
    status LowCardinality(String) COMMENT 'DRAFT, ISSUED, SETTLED or CANCELLED.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    call_date Nullable(Date32) COMMENT 'Day of the notice.',
    due_date Nullable(Date32) COMMENT 'Day on which payment is due.',
    call_purpose Nullable(String) COMMENT 'Purpose in words.',
    investment_id UUID COMMENT 'Deal for which the capital is called; all zeros where there is none.',
    total_call_amount Nullable(Decimal(20, 2)) COMMENT 'Sum of the three portions.',
    investment_amount Nullable(Decimal(20, 2)) COMMENT 'For investments.',
    management_fee_amount Nullable(Decimal(20, 2)) COMMENT 'For management fees.',
    expenses_amount Nullable(Decimal(20, 2)) COMMENT 'For expenses.',
    notice_count UInt32 COMMENT 'Notices in all; 0 before they are issued.',
    paid_amount Decimal(38, 2) COMMENT 'Payments received and not taken back.'
)
COMMENT 'Capital calls as they stand. Grain: fund_id, call_id.'
AS
SELECT c.fund_id AS fund_id, c.call_id AS call_id, c.call_number AS call_number, c.status AS status, c.currency AS currency, c.call_date AS call_date, c.due_date AS due_date,
       c.call_purpose AS call_purpose, c.investment_id AS investment_id, c.total_call_amount AS total_call_amount, c.investment_amount AS investment_amount,
       c.management_fee_amount AS management_fee_amount, c.expenses_amount AS expenses_amount, c.notice_count AS notice_count, p.paid_amount AS paid_amount
FROM (
    SELECT h.fund_id AS fund_id, h.call_id AS call_id, max(h.call_number) AS call_number, argMax(h.status, h.event_version) AS status, max(h.currency) AS currency,
           argMax(h.call_date, h.event_version) AS call_date, argMax(h.due_date, h.event_version) AS due_date, argMax(h.call_purpose, h.event_version) AS call_purpose,
           max(h.investment_id) AS investment_id, argMax(h.total_call_amount, h.event_version) AS total_call_amount, argMax(h.investment_amount, h.event_version) AS investment_amount,
           argMax(h.management_fee_amount, h.event_version) AS management_fee_amount, argMax(h.expenses_amount, h.event_version) AS expenses_amount, max(h.notice_count) AS notice_count
    FROM (SELECT * FROM fact_capital_calls_history FINAL) AS h GROUP BY h.fund_id, h.call_id
) AS c
LEFT JOIN (
    SELECT fund_id, call_id, sum(amount) AS paid_amount FROM fact_capital_call_payments FINAL WHERE NOT is_reversed GROUP BY fund_id, call_id
) AS p ON p.fund_id = c.fund_id AND p.call_id = c.call_id
;;
CREATE OR REPLACE VIEW fact_distributions (
    fund_id UUID COMMENT 'The fund.',
    distribution_id UUID COMMENT 'The distribution.',
    distribution_number Nullable(UInt32) COMMENT 'Number in the fund.',
    status LowCardinality(String) COMMENT 'DECLARED, PAID or CANCELLED.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    distribution_type LowCardinality(String) COMMENT 'INCOME, CAPITAL or RETURN_OF_CAPITAL.',
    distribution_kind LowCardinality(String) COMMENT 'ORDINARY, TAX, CURRENT_INCOME or IN_KIND.',
    investment_id UUID COMMENT 'Deal that it comes from; all zeros where there is none.',
    notice_count UInt32 COMMENT 'Notices in all.',
    distribution_date Nullable(Date32) COMMENT 'Day that the waterfall counts.',
    record_date Nullable(Date32) COMMENT 'Day whose holders receive it.',
    payment_date Nullable(Date32) COMMENT 'Day of payment; null before.',
    total_distribution_amount Nullable(Decimal(20, 2)) COMMENT 'Gross amount.',
    carried_interest Nullable(Decimal(20, 2)) COMMENT 'To the general partner.',
    management_fee_offset Nullable(Decimal(20, 2)) COMMENT 'Management fee kept back.',
    tax_withholding Nullable(Decimal(20, 2)) COMMENT 'Tax kept back.',
    net_distribution Nullable(Decimal(20, 2)) COMMENT 'Paid to the investors.',
    recallable_amount Nullable(Decimal(20, 2)) COMMENT 'Part that may be called again.',
    terms_version Nullable(UInt32) COMMENT 'Version of the terms of the fund that the waterfall used.',
    tiers Array(LowCardinality(String)) COMMENT 'Tiers in order; the mart waterfall_by_tier has a row for each.',
    tier_places Array(UInt16) COMMENT 'Place of each among several hurdles or carry tiers.',
    tier_partners Array(String) COMMENT 'Investor of each, where each has a waterfall of its own.',
    tier_deals Array(String) COMMENT 'Deal of each in an American waterfall.',
    tier_lp_amounts Array(Decimal(20, 2)) COMMENT 'To the limited partners by tier.',
    tier_gp_amounts Array(Decimal(20, 2)) COMMENT 'To the general partner by tier.'
)
COMMENT 'Distributions as they stand. Grain: fund_id, distribution_id.'
AS
SELECT h.fund_id AS fund_id, h.distribution_id AS distribution_id, max(h.distribution_number) AS distribution_number, argMax(h.status, h.event_version) AS status,
       max(h.currency) AS currency, max(h.distribution_type) AS distribution_type, max(h.distribution_kind) AS distribution_kind, max(h.investment_id) AS investment_id, max(h.notice_count) AS notice_count,
       argMax(h.distribution_date, h.event_version) AS distribution_date,
       argMax(h.record_date, h.event_version) AS record_date,
       argMax(h.payment_date, h.event_version) AS payment_date,
       argMax(h.total_distribution_amount, h.event_version) AS total_distribution_amount,
       argMax(h.carried_interest, h.event_version) AS carried_interest,
       argMax(h.management_fee_offset, h.event_version) AS management_fee_offset,
       argMax(h.tax_withholding, h.event_version) AS tax_withholding,
       argMax(h.net_distribution, h.event_version) AS net_distribution,
       argMax(h.recallable_amount, h.event_version) AS recallable_amount,
       argMax(h.terms_version, h.event_version) AS terms_version,
       argMaxIf(h.tiers, h.event_version, h.notice_count > 0) AS tiers,
       argMaxIf(h.tier_places, h.event_version, h.notice_count > 0) AS tier_places,
       argMaxIf(h.tier_partners, h.event_version, h.notice_count > 0) AS tier_partners,
       argMaxIf(h.tier_deals, h.event_version, h.notice_count > 0) AS tier_deals,
       argMaxIf(h.tier_lp_amounts, h.event_version, h.notice_count > 0) AS tier_lp_amounts,
       argMaxIf(h.tier_gp_amounts, h.event_version, h.notice_count > 0) AS tier_gp_amounts
FROM (SELECT * FROM fact_distributions_history FINAL) AS h GROUP BY h.fund_id, h.distribution_id
;;
CREATE OR REPLACE VIEW fund_performance (
    fund_id UUID COMMENT 'The fund.',
    fund_name String COMMENT 'Legal name of the fund.',
    vintage_year Nullable(UInt16) COMMENT 'Vintage of the fund.',
    subject LowCardinality(String) COMMENT 'FUND, INVESTOR or INVESTMENT: what the row is about. Never add rows of different subjects.',
    investor_id UUID COMMENT 'The investor; all zeros unless the subject is one.',
    investor_name String COMMENT 'Legal name of the investor; empty unless the subject is one.',
    investment_id UUID COMMENT 'The investment; all zeros unless the subject is one.',
    portfolio_company String COMMENT 'Company; empty unless the subject is an investment.',
    as_of_date Date32 COMMENT 'Fact date.',
    origin LowCardinality(String) COMMENT 'CAPITAL_ACCOUNT: sums that were taken over; PERFORMANCE: from dated flows.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    committed_capital Decimal(20, 2) COMMENT 'Sum pledged; 0.00 for an investment.',
    called_capital Nullable(Decimal(20, 2)) COMMENT 'Paid in; for an investment invested; for a fund taken over the sum called of what is known.',
    distributed_capital Nullable(Decimal(20, 2)) COMMENT 'Distributed; for an investment its proceeds.',
    nav Nullable(Decimal(20, 2)) COMMENT 'Net asset value, net of accrued carried interest; fair value of an investment.',
    total_value Nullable(Decimal(20, 2)) COMMENT 'Distributed plus remaining.',
    unfunded_capital Nullable(Decimal(20, 2)) COMMENT 'What can still be called.',
    accrued_carried_interest Nullable(Decimal(20, 2)) COMMENT 'Carried interest by hypothetical liquidation, taken off the nav.',
    irr Nullable(String) COMMENT 'Net IRR as decimal text, exact; null where irr_status says why. Never averaged.',
    irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    irr_value Nullable(Float64) COMMENT 'irr as a number, for charts; null for spans under a year, which are not shown annualised.',
    gross_irr Nullable(String) COMMENT 'Gross IRR as decimal text.',
    gross_irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    gross_irr_value Nullable(Float64) COMMENT 'gross_irr as a number, for charts; null for spans under a year.',
    period_return Nullable(String) COMMENT 'Return over a span under a year as decimal text.',
    is_short_span Bool COMMENT 'The span is under a year.',
    moic Nullable(Decimal(38, 10)) COMMENT 'Gross multiple on invested capital.',
    pic Nullable(Decimal(38, 10)) COMMENT 'Paid-in to committed.',
    dpi Nullable(Decimal(38, 10)) COMMENT 'Distributed to paid-in.',
    rvpi Nullable(Decimal(38, 10)) COMMENT 'Remaining value to paid-in.',
    tvpi Nullable(Decimal(38, 10)) COMMENT 'Total value to paid-in.'
)
COMMENT 'Performance of each fund, each investor in a fund and each investment at every fact date, as it is known now. As of another day: fund_performance_as_of; as it was known: fund_performance_known_at. Grain: fund_id, investor_id, investment_id, as_of_date.'
AS
SELECT p.fund_id AS fund_id, f.fund_name AS fund_name, f.vintage_year AS vintage_year, p.subject AS subject, p.investor_id AS investor_id, i.investor_name AS investor_name,
       p.investment_id AS investment_id, v.portfolio_company AS portfolio_company, p.as_of_date AS as_of_date, p.origin AS origin, p.currency AS currency,
       p.committed_capital AS committed_capital, p.called_capital AS called_capital, p.distributed_capital AS distributed_capital, p.nav AS nav, p.total_value AS total_value, p.unfunded_capital AS unfunded_capital, p.accrued_carried_interest AS accrued_carried_interest, p.irr AS irr, p.irr_status AS irr_status, if(p.is_short_span, NULL, toFloat64OrNull(p.irr)) AS irr_value, p.gross_irr AS gross_irr, p.gross_irr_status AS gross_irr_status, if(p.is_short_span, NULL, toFloat64OrNull(p.gross_irr)) AS gross_irr_value, p.period_return AS period_return, p.is_short_span AS is_short_span, p.moic AS moic, p.pic AS pic, p.dpi AS dpi, p.rvpi AS rvpi, p.tvpi AS tvpi
FROM (SELECT * FROM fact_fund_performance FINAL) AS p
LEFT JOIN (SELECT fund_id, fund_name, vintage_year FROM dim_fund WHERE is_current) AS f ON f.fund_id = p.fund_id
LEFT JOIN (SELECT investor_id, investor_name FROM dim_investor WHERE is_current) AS i ON i.investor_id = p.investor_id
LEFT JOIN (SELECT investment_id, portfolio_company FROM dim_investment WHERE is_current) AS v ON v.investment_id = p.investment_id
;;
CREATE OR REPLACE VIEW capital_account_statement (
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor; all zeros for the whole fund.',
    is_fund_total Bool COMMENT 'The row is the whole fund; never add it to the rows of its investors.',
    as_of_date Date32 COMMENT 'Fact date: latest effective date of what the row contains.',
    earliest_as_of_date Date32 COMMENT 'Earliest date up to which one of its parts is known; differs in totals over different dates.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    commitments UInt64 COMMENT 'Commitments in it.',
    committed_capital Decimal(20, 2) COMMENT 'Sum pledged.',
    called_capital Nullable(Decimal(20, 2)) COMMENT 'Paid in; for a fund taken over the sum called of the parts that are known, null when none is.',
    distributed_capital Nullable(Decimal(20, 2)) COMMENT 'Sum distributed of the parts that are known.',
    remaining_value Nullable(Decimal(20, 2)) COMMENT 'Net asset value, net of accrued carried interest, of the parts that are known.',
    total_value Nullable(Decimal(20, 2)) COMMENT 'Distributed plus remaining; null unless both are wholly known.',
    unfunded_capital Nullable(Decimal(20, 2)) COMMENT 'What can still be called; null unless called is wholly known.',
    accrued_carried_interest Nullable(Decimal(20, 2)) COMMENT 'Carried interest by hypothetical liquidation, taken off the remaining value.',
    irr Nullable(String) COMMENT 'Net IRR as decimal text; null where irr_status says why. Not additive, never averaged.',
    irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    period_return Nullable(String) COMMENT 'Return over a span under a year as decimal text; then the irr is not shown annualised.',
    moic Nullable(Decimal(38, 10)) COMMENT 'Gross multiple on invested capital. Not additive.',
    pic Nullable(Decimal(38, 10)) COMMENT 'Paid-in to committed. Not additive.',
    dpi Nullable(Decimal(38, 10)) COMMENT 'Distributed to paid-in. Not additive.',
    rvpi Nullable(Decimal(38, 10)) COMMENT 'Remaining value to paid-in. Not additive.',
    tvpi Nullable(Decimal(38, 10)) COMMENT 'Total value to paid-in. Not additive.',
    reported_irr Nullable(String) COMMENT 'Net IRR as the source publishes it.',
    reported_multiple Nullable(String) COMMENT 'Net multiple as the source publishes it.',
    fund_name String COMMENT 'Legal name of the fund.',
    vintage_year Nullable(UInt16) COMMENT 'Vintage.',
    investor_name String COMMENT 'Legal name of the investor; empty for the whole fund.'
)
COMMENT 'The latest capital account of each investor in a fund and of each fund. Grain: fund_id, investor_id.'
AS
SELECT p.fund_id AS fund_id, p.investor_id AS investor_id, p.is_fund_total AS is_fund_total, p.as_of_date AS as_of_date, p.earliest_as_of_date AS earliest_as_of_date, p.currency AS currency, coalesce(toUInt64(p.commitments), c.commitments) AS commitments, p.committed_capital AS committed_capital, p.called_capital AS called_capital, p.distributed_capital AS distributed_capital, p.remaining_value AS remaining_value, p.total_value AS total_value, p.unfunded_capital AS unfunded_capital, p.accrued_carried_interest AS accrued_carried_interest, p.irr AS irr, p.irr_status AS irr_status, p.period_return AS period_return, p.moic AS moic, p.pic AS pic, p.dpi AS dpi, p.rvpi AS rvpi, p.tvpi AS tvpi, p.reported_irr AS reported_irr, p.reported_multiple AS reported_multiple, f.fund_name AS fund_name, f.vintage_year AS vintage_year, i.investor_name AS investor_name
FROM (SELECT * FROM fact_fund_performance FINAL WHERE subject != 'INVESTMENT' ORDER BY fund_id, investor_id, as_of_date DESC LIMIT 1 BY fund_id, investor_id) AS p
LEFT JOIN (
    SELECT fund_id, investor_id, count() AS commitments FROM fact_commitments FINAL GROUP BY fund_id, investor_id
    UNION ALL
    SELECT fund_id, toUUID('00000000-0000-0000-0000-000000000000') AS investor_id, count() AS commitments FROM fact_commitments FINAL GROUP BY fund_id
) AS c ON c.fund_id = p.fund_id AND c.investor_id = p.investor_id
LEFT JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = p.fund_id
LEFT JOIN (SELECT * FROM dim_investor WHERE is_current) AS i ON i.investor_id = p.investor_id
;;
CREATE OR REPLACE VIEW investor_portfolio (
    investor_id UUID COMMENT 'The investor.',
    investor_name String COMMENT 'Legal name of the investor.',
    fund_id UUID COMMENT 'The fund.',
    fund_name String COMMENT 'Legal name of the fund.',
    vintage_year Nullable(UInt16) COMMENT 'Vintage of the fund.',
    investment_strategy Nullable(String) COMMENT 'Strategy of the fund.',
    as_of_date Date32 COMMENT 'Fact date of the figures.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    committed_capital Decimal(20, 2) COMMENT 'Sum pledged.',
    called_capital Nullable(Decimal(20, 2)) COMMENT 'Paid in.',
    distributed_capital Nullable(Decimal(20, 2)) COMMENT 'Distributed.',
    remaining_value Nullable(Decimal(20, 2)) COMMENT 'Net asset value.',
    unfunded_capital Nullable(Decimal(20, 2)) COMMENT 'What can still be called.',
    committed_share Nullable(Float64) COMMENT 'Share of its commitments in this currency.',
    remaining_value_share Nullable(Float64) COMMENT 'Share of its net asset value in this currency.',
    irr Nullable(String) COMMENT 'Net IRR as decimal text. Not additive, never averaged.',
    irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    dpi Nullable(Decimal(38, 10)) COMMENT 'Distributed to paid-in. Not additive.',
    tvpi Nullable(Decimal(38, 10)) COMMENT 'Total value to paid-in. Not additive.'
)
COMMENT 'What each investor holds, fund by fund, at the latest fact date of each; sums by currency are in commitment_summary. Grain: investor_id, fund_id.'
AS
SELECT s.investor_id AS investor_id, s.investor_name AS investor_name, s.fund_id AS fund_id, s.fund_name AS fund_name, s.vintage_year AS vintage_year, f.investment_strategy AS investment_strategy,
       s.as_of_date AS as_of_date, s.currency AS currency, s.committed_capital AS committed_capital, s.called_capital AS called_capital, s.distributed_capital AS distributed_capital,
       s.remaining_value AS remaining_value, s.unfunded_capital AS unfunded_capital,
       toFloat64(s.committed_capital) / nullIf(toFloat64(sum(s.committed_capital) OVER (PARTITION BY s.investor_id, s.currency)), 0) AS committed_share,
       toFloat64(s.remaining_value) / nullIf(toFloat64(sum(s.remaining_value) OVER (PARTITION BY s.investor_id, s.currency)), 0) AS remaining_value_share,
       s.irr AS irr, s.irr_status AS irr_status, s.dpi AS dpi, s.tvpi AS tvpi
FROM (SELECT * FROM capital_account_statement WHERE NOT is_fund_total) AS s
LEFT JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = s.fund_id
;;
CREATE OR REPLACE VIEW cash_flow_j_curve (
    fund_id UUID COMMENT 'The fund.',
    fund_name String COMMENT 'Legal name of the fund.',
    vintage_year Nullable(UInt16) COMMENT 'Vintage of the fund.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    quarter_end Date32 COMMENT 'Last day of the quarter.',
    quarter_name String COMMENT 'For example 2024 Q3.',
    paid_in Decimal(38, 2) COMMENT 'Paid in during the quarter.',
    distributed Decimal(38, 2) COMMENT 'Distributed during the quarter.',
    net_cash_flow Decimal(38, 2) COMMENT 'Distributed minus paid in during the quarter.',
    cumulative_paid_in Decimal(38, 2) COMMENT 'Paid in since inception.',
    cumulative_distributed Decimal(38, 2) COMMENT 'Distributed since inception.',
    cumulative_net_cash_flow Decimal(38, 2) COMMENT 'The J-curve: distributed minus paid in since inception.',
    nav Nullable(Decimal(20, 2)) COMMENT 'Net asset value of the fund at the last fact date up to the quarter end; null before the first.'
)
COMMENT 'Cash flows between investors and each fund by quarter, and their sums since inception. Quarters without flows are left out, and so are sums that were taken over: they have no dates. Grain: fund_id, quarter_end.'
AS
SELECT q.fund_id AS fund_id, f.fund_name AS fund_name, f.vintage_year AS vintage_year, q.currency AS currency, q.quarter_end AS quarter_end, q.quarter_name AS quarter_name,
       q.paid_in AS paid_in, q.distributed AS distributed, q.net AS net_cash_flow,
       q.cumulative_paid_in AS cumulative_paid_in, q.cumulative_distributed AS cumulative_distributed, q.cumulative_net AS cumulative_net_cash_flow, n.nav AS nav
FROM (
    SELECT fund_id, currency, quarter_end, quarter_name, paid_in, distributed, net,
           sum(paid_in) OVER running AS cumulative_paid_in, sum(distributed) OVER running AS cumulative_distributed, sum(net) OVER running AS cumulative_net
    FROM (
        SELECT c.fund_id AS fund_id, any(c.currency) AS currency, toLastDayOfMonth(makeDate32(d.year, d.quarter * 3, 1)) AS quarter_end,
               any(concat(toString(d.year), ' ', d.quarter_name)) AS quarter_name,
               sum(ifNull(c.capital_call_amount, 0)) AS paid_in, sum(ifNull(c.distribution_amount, 0)) AS distributed, sum(ifNull(c.net_cash_flow, 0)) AS net
        FROM (SELECT * FROM fact_cash_flows FINAL WHERE NOT is_fund_flow AND cash_flow_type != 'OPENING_BALANCE') AS c
        INNER JOIN (SELECT date_id, year, quarter, quarter_name FROM dim_date FINAL) AS d ON d.date_id = c.date_id
        GROUP BY fund_id, quarter_end
    )
    WINDOW running AS (PARTITION BY fund_id ORDER BY quarter_end ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
) AS q
ASOF LEFT JOIN (SELECT fund_id, as_of_date, nav FROM fact_fund_performance FINAL WHERE subject = 'FUND') AS n ON n.fund_id = q.fund_id AND q.quarter_end >= n.as_of_date
LEFT JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = q.fund_id
;;
CREATE OR REPLACE VIEW calls_and_distributions (
    fund_id UUID COMMENT 'The fund.',
    fund_name String COMMENT 'Legal name of the fund.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    booking LowCardinality(String) COMMENT 'CAPITAL_CALL or DISTRIBUTION.',
    booking_id UUID COMMENT 'The capital call or the distribution.',
    booking_number Nullable(UInt32) COMMENT 'Number in the fund.',
    booking_date Nullable(Date32) COMMENT 'Day of the notice of a call; day that the waterfall of a distribution counts.',
    due_date Nullable(Date32) COMMENT 'Day on which a call is due.',
    payment_date Nullable(Date32) COMMENT 'Day on which a distribution was paid.',
    status LowCardinality(String) COMMENT 'Where it stands.',
    gross_amount Nullable(Decimal(20, 2)) COMMENT 'Called, or distributed before carried interest.',
    paid_amount Nullable(Decimal(38, 2)) COMMENT 'Of a call: payments received and not taken back.',
    outstanding_amount Nullable(Decimal(38, 2)) COMMENT 'Of an issued call: not yet paid.',
    carried_interest Nullable(Decimal(20, 2)) COMMENT 'Of a distribution: to the general partner.',
    management_fee_offset Nullable(Decimal(20, 2)) COMMENT 'Of a distribution: management fee kept back.',
    tax_withholding Nullable(Decimal(20, 2)) COMMENT 'Of a distribution: tax kept back.',
    net_amount Nullable(Decimal(20, 2)) COMMENT 'Of a distribution: paid to the investors.',
    recallable_amount Nullable(Decimal(20, 2)) COMMENT 'Of a distribution: part that may be called again.',
    notice_count UInt32 COMMENT 'Notices in all.'
)
COMMENT 'Capital calls and distributions of each fund as they stand. Grain: booking_id.'
AS
SELECT b.fund_id AS fund_id, f.fund_name AS fund_name, b.currency AS currency, b.booking AS booking, b.booking_id AS booking_id, b.booking_number AS booking_number, b.booking_date AS booking_date,
       b.due_date AS due_date, b.payment_date AS payment_date, b.status AS status, b.gross_amount AS gross_amount, b.paid_amount AS paid_amount, b.outstanding_amount AS outstanding_amount,
       b.carried_interest AS carried_interest, b.management_fee_offset AS management_fee_offset, b.tax_withholding AS tax_withholding, b.net_amount AS net_amount,
       b.recallable_amount AS recallable_amount, b.notice_count AS notice_count
FROM (
    SELECT fund_id, currency, 'CAPITAL_CALL' AS booking, call_id AS booking_id, call_number AS booking_number, call_date AS booking_date, due_date, CAST(NULL, 'Nullable(Date32)') AS payment_date, status,
           total_call_amount AS gross_amount, toNullable(c.paid_amount) AS paid_amount, if(status = 'ISSUED', total_call_amount - c.paid_amount, NULL) AS outstanding_amount,
           CAST(NULL, 'Nullable(Decimal(20, 2))') AS carried_interest, CAST(NULL, 'Nullable(Decimal(20, 2))') AS management_fee_offset, CAST(NULL, 'Nullable(Decimal(20, 2))') AS tax_withholding,
           CAST(NULL, 'Nullable(Decimal(20, 2))') AS net_amount, CAST(NULL, 'Nullable(Decimal(20, 2))') AS recallable_amount, notice_count
    FROM fact_capital_calls AS c
    UNION ALL
    SELECT fund_id, currency, 'DISTRIBUTION' AS booking, distribution_id AS booking_id, distribution_number AS booking_number, distribution_date AS booking_date, CAST(NULL, 'Nullable(Date32)') AS due_date, payment_date, status,
           total_distribution_amount AS gross_amount, CAST(NULL, 'Nullable(Decimal(38, 2))') AS paid_amount, CAST(NULL, 'Nullable(Decimal(38, 2))') AS outstanding_amount,
           carried_interest, management_fee_offset, tax_withholding, net_distribution AS net_amount, recallable_amount, notice_count
    FROM fact_distributions
) AS b
LEFT JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = b.fund_id
;;
CREATE OR REPLACE VIEW waterfall_by_tier (
    fund_id UUID COMMENT 'The fund.',
    fund_name String COMMENT 'Legal name of the fund.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    waterfall LowCardinality(String) COMMENT 'DISTRIBUTION: booked; HYPOTHETICAL: what a sale of everything at its value would pay.',
    distribution_id UUID COMMENT 'The distribution; all zeros for a hypothetical one.',
    waterfall_date Nullable(Date32) COMMENT 'Distribution date, or day of the hypothetical liquidation.',
    status LowCardinality(String) COMMENT 'Where the distribution stands; empty for a hypothetical one.',
    terms_version Nullable(UInt32) COMMENT 'Version of the terms of the fund that were used.',
    tier_order UInt32 COMMENT 'Place of the tier in the waterfall, from 1.',
    tier LowCardinality(String) COMMENT 'RETURN_OF_CAPITAL, PREFERRED_RETURN, CATCH_UP or SPLIT.',
    place UInt16 COMMENT 'Place among several hurdles or carry tiers, from 0.',
    partner String COMMENT 'Investor, where each has a waterfall of its own; else empty.',
    deal String COMMENT 'Deal of an American waterfall; else empty.',
    lp_amount Decimal(20, 2) COMMENT 'To the limited partners.',
    gp_amount Decimal(20, 2) COMMENT 'To the general partner.'
)
COMMENT 'Waterfalls by tier: of every distribution, and hypothetical by fact date. Grain: fund_id, waterfall, distribution_id, waterfall_date, tier_order.'
AS
SELECT w.fund_id AS fund_id, f.fund_name AS fund_name, w.currency AS currency, w.waterfall AS waterfall, w.distribution_id AS distribution_id, w.waterfall_date AS waterfall_date, w.status AS status,
       w.terms_version AS terms_version, tier_order, tier, place, partner, deal, lp_amount, gp_amount
FROM (
    SELECT fund_id, currency, 'DISTRIBUTION' AS waterfall, distribution_id, distribution_date AS waterfall_date, status, terms_version, tiers, tier_places, tier_partners, tier_deals, tier_lp_amounts, tier_gp_amounts
    FROM fact_distributions
    UNION ALL
    SELECT fund_id, currency, 'HYPOTHETICAL' AS waterfall, toUUID('00000000-0000-0000-0000-000000000000') AS distribution_id, toNullable(as_of_date) AS waterfall_date, '' AS status, toNullable(terms_version) AS terms_version, tiers, tier_places, tier_partners, tier_deals, tier_lp_amounts, tier_gp_amounts
    FROM fact_hypothetical_liquidations FINAL
) AS w
ARRAY JOIN arrayEnumerate(w.tiers) AS tier_order, w.tiers AS tier, w.tier_places AS place, w.tier_partners AS partner, w.tier_deals AS deal, w.tier_lp_amounts AS lp_amount, w.tier_gp_amounts AS gp_amount
LEFT JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = w.fund_id
;;
CREATE OR REPLACE VIEW trial_balance (
    fund_id UUID COMMENT 'The fund.',
    fund_name String COMMENT 'Legal name of the fund.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    account_code LowCardinality(String) COMMENT 'Account.',
    account_name String COMMENT 'Name of the account; empty when it is not in the chart.',
    account_type LowCardinality(String) COMMENT 'ASSET, LIABILITY, EQUITY, REVENUE or EXPENSE.',
    debit Decimal(38, 2) COMMENT 'Sum of debits.',
    credit Decimal(38, 2) COMMENT 'Sum of credits.',
    balance Decimal(38, 2) COMMENT 'Debits less credits: positive is a debit balance. The balances of a fund add up to 0.00.'
)
COMMENT 'Trial balance of each fund over its whole journal; as of another day and as it was known: trial_balance_as_of. Grain: fund_id, account_code.'
AS
SELECT b.fund_id AS fund_id, f.fund_name AS fund_name, b.currency AS currency, b.account_code AS account_code, a.account_name AS account_name, a.account_type AS account_type,
       b.debit AS debit, b.credit AS credit, b.debit - b.credit AS balance
FROM (SELECT fund_id, any(currency) AS currency, account_code, sum(l.debit) AS debit, sum(l.credit) AS credit FROM (SELECT * FROM fact_journal_lines FINAL) AS l GROUP BY fund_id, account_code) AS b
LEFT JOIN (SELECT * FROM dim_account FINAL) AS a ON a.account_code = b.account_code
LEFT JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = b.fund_id
;;
CREATE OR REPLACE VIEW open_findings (
    finding_id UUID COMMENT 'Id, from check and subject.',
    check_name LowCardinality(String) COMMENT 'The check.',
    severity LowCardinality(String) COMMENT 'ERROR, WARNING or INFO.',
    fund_id Nullable(UUID) COMMENT 'The fund; null where there is none.',
    fund_name String COMMENT 'Legal name of the fund; empty where there is none.',
    subject_id Nullable(UUID) COMMENT 'What it is about.',
    message String COMMENT 'What is wrong, in words.',
    expected Nullable(String) COMMENT 'Value expected.',
    actual Nullable(String) COMMENT 'Value found.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event was recorded after which it was found so.'
)
COMMENT 'Findings of the continuous checks that hold now. Grain: finding_id.'
AS
SELECT q.finding_id AS finding_id, q.check_name AS check_name, q.severity AS severity, q.fund_id AS fund_id, f.fund_name AS fund_name, q.subject_id AS subject_id, q.message AS message,
       q.expected AS expected, q.actual AS actual, q.recorded_at AS recorded_at
FROM (SELECT * FROM fact_quality_findings FINAL WHERE status = 'OPEN') AS q
LEFT JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = q.fund_id
