-- Dimensions with validity, and marts by business term: FINAL is hidden inside, every column has its comment.
CREATE OR REPLACE VIEW dim_fund (
    fund_id UUID COMMENT 'Id of the fund, the natural key.',
    event_version UInt32 COMMENT 'Version of the fund that made this row.',
    fund_key UInt64 COMMENT 'Surrogate key of this version of the fund.',
    fund_name String COMMENT 'Legal name.',
    fund_type LowCardinality(String) COMMENT 'Kind of fund: PE, VC, PRIVATE_CREDIT, ....',
    fund_status LowCardinality(String) COMMENT 'FUNDRAISING, ACTIVE, CLOSED or LIQUIDATED.',
    vintage_year Nullable(UInt16) COMMENT 'Year of the first investment or closing; null is unknown.',
    target_size Nullable(Decimal(20, 2)) COMMENT 'Size aimed at, in the base currency; null is unknown.',
    final_size Nullable(Decimal(20, 2)) COMMENT 'Size of the fund, in the base currency; null is unknown.',
    base_currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    fund_manager Nullable(String) COMMENT 'The general partner.',
    investment_strategy Nullable(String) COMMENT 'Strategy.',
    sub_strategy Nullable(String) COMMENT 'Finer strategy.',
    geography Nullable(String) COMMENT 'Where it invests.',
    assumed_fields String COMMENT 'Names of fields whose value was assumed because the source does not say, separated by commas.',
    valid_from Date32 COMMENT 'Effective date of this version, inclusive.',
    valid_to Nullable(Date32) COMMENT 'First day on which the next version holds, exclusive; null is open.',
    is_current Bool COMMENT 'The latest version.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When this version was recorded.'
)
COMMENT 'Versions of each fund with the days on which they hold (SCD type 2). Of several versions of one day the last holds. Grain: fund_id, valid_from.'
AS
SELECT fund_id, event_version, fund_key, fund_name, fund_type, fund_status, vintage_year, target_size, final_size, base_currency, fund_manager, investment_strategy, sub_strategy, geography, assumed_fields, valid_from,
       leadInFrame(toNullable(valid_from)) OVER (PARTITION BY fund_id ORDER BY valid_from, event_version ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS valid_to,
       valid_to IS NULL AS is_current,
       recorded_at
FROM (SELECT * FROM dim_fund_history FINAL ORDER BY fund_id, valid_from, event_version DESC LIMIT 1 BY fund_id, valid_from)
;;
CREATE OR REPLACE VIEW dim_investor (
    investor_id UUID COMMENT 'Id of the investor, the natural key.',
    event_version UInt32 COMMENT 'Version of the investor that made this row.',
    investor_key UInt64 COMMENT 'Surrogate key of this version of the investor.',
    investor_name String COMMENT 'Legal name.',
    investor_type LowCardinality(String) COMMENT 'Legal kind.',
    investor_category Nullable(String) COMMENT 'INSTITUTIONAL, RETAIL, ENDOWMENT, ....',
    geography Nullable(String) COMMENT 'Where it is.',
    industry Nullable(String) COMMENT 'Industry.',
    aum_range Nullable(String) COMMENT 'Band of assets under management.',
    valid_from Date32 COMMENT 'Effective date of this version, inclusive.',
    valid_to Nullable(Date32) COMMENT 'First day on which the next version holds, exclusive; null is open.',
    is_current Bool COMMENT 'The latest version.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When this version was recorded.'
)
COMMENT 'Versions of each investor with the days on which they hold (SCD type 2). Of several versions of one day the last holds. Grain: investor_id, valid_from.'
AS
SELECT investor_id, event_version, investor_key, investor_name, investor_type, investor_category, geography, industry, aum_range, valid_from,
       leadInFrame(toNullable(valid_from)) OVER (PARTITION BY investor_id ORDER BY valid_from, event_version ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS valid_to,
       valid_to IS NULL AS is_current,
       recorded_at
FROM (SELECT * FROM dim_investor_history FINAL ORDER BY investor_id, valid_from, event_version DESC LIMIT 1 BY investor_id, valid_from)
;;
CREATE OR REPLACE VIEW capital_account_statement (
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor; all zeros for the whole fund.',
    is_fund_total Bool COMMENT 'The row is the whole fund; never add it to the rows of its investors.',
    as_of_date Date32 COMMENT 'Fact date: latest effective date of what the row contains.',
    earliest_as_of_date Date32 COMMENT 'Earliest date up to which one of its parts is known; differs in totals over different dates.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    commitments UInt32 COMMENT 'Commitments in it.',
    committed_capital Decimal(20, 2) COMMENT 'Sum pledged.',
    called_capital Nullable(Decimal(20, 2)) COMMENT 'Sum called of the parts that are known; null when none is.',
    distributed_capital Nullable(Decimal(20, 2)) COMMENT 'Sum distributed of the parts that are known.',
    remaining_value Nullable(Decimal(20, 2)) COMMENT 'Sum of the net asset values that are known.',
    total_value Nullable(Decimal(20, 2)) COMMENT 'Distributed plus remaining; null unless both are wholly known.',
    unfunded_capital Nullable(Decimal(20, 2)) COMMENT 'What can still be called; null unless called is wholly known.',
    irr Nullable(String) COMMENT 'Net IRR as decimal text; null where irr_status says why. Not additive, never averaged.',
    irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
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
SELECT p.fund_id AS fund_id, p.investor_id AS investor_id, p.is_fund_total AS is_fund_total, p.as_of_date AS as_of_date, p.earliest_as_of_date AS earliest_as_of_date, p.currency AS currency, p.commitments AS commitments, p.committed_capital AS committed_capital, p.called_capital AS called_capital, p.distributed_capital AS distributed_capital, p.remaining_value AS remaining_value, p.total_value AS total_value, p.unfunded_capital AS unfunded_capital, p.irr AS irr, p.irr_status AS irr_status, p.pic AS pic, p.dpi AS dpi, p.rvpi AS rvpi, p.tvpi AS tvpi, p.reported_irr AS reported_irr, p.reported_multiple AS reported_multiple, f.fund_name AS fund_name, f.vintage_year AS vintage_year, i.investor_name AS investor_name
FROM (SELECT * FROM fact_fund_performance FINAL ORDER BY fund_id, investor_id, as_of_date DESC LIMIT 1 BY fund_id, investor_id) AS p
LEFT JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = p.fund_id
LEFT JOIN (SELECT * FROM dim_investor WHERE is_current) AS i ON i.investor_id = p.investor_id
;;
CREATE OR REPLACE VIEW commitment_summary (
    investor_id UUID COMMENT 'The investor.',
    investor_name String COMMENT 'Legal name.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    funds UInt64 COMMENT 'Funds that it is in.',
    commitments UInt64 COMMENT 'Its commitments.',
    committed_capital Decimal(38, 2) COMMENT 'Sum pledged.',
    called_capital Nullable(Decimal(38, 2)) COMMENT 'Sum called of what is known.',
    distributed_capital Nullable(Decimal(38, 2)) COMMENT 'Sum distributed of what is known.',
    remaining_value Nullable(Decimal(38, 2)) COMMENT 'Sum of the net asset values that are known.'
)
COMMENT 'Sums by investor and currency over all its funds, from summed parts; ratios of the sums. Grain: investor_id, currency.'
AS
SELECT investor_id, any(investor_name) AS investor_name, currency, count() AS funds, sum(s.commitments) AS commitments,
       sum(s.committed_capital) AS committed_capital, sum(s.called_capital) AS called_capital,
       sum(s.distributed_capital) AS distributed_capital, sum(s.remaining_value) AS remaining_value
FROM capital_account_statement AS s WHERE NOT is_fund_total GROUP BY investor_id, currency
