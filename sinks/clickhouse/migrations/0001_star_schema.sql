-- The star schema. Facts are not partitioned (an insert over several parts is not atomic) and keyed by immutable business keys.
-- No deduplication window: a batch that is written again collapses by its keys and versions, and nothing is dropped by a hash of a block.
CREATE TABLE IF NOT EXISTS dim_fund_history (
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
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, event_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Every version of every fund (SCD type 2 source). Grain: fund_id, event_version.'
;;
CREATE TABLE IF NOT EXISTS dim_investor_history (
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
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (investor_id, event_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Every version of every investor (SCD type 2 source). Grain: investor_id, event_version.'
;;
CREATE TABLE IF NOT EXISTS dim_date (
    date_id UInt32 COMMENT 'The date as YYYYMMDD.',
    date_value Date32 COMMENT 'The date.',
    year UInt16 COMMENT 'Year.',
    quarter UInt8 COMMENT 'Quarter, 1 to 4.',
    month UInt8 COMMENT 'Month, 1 to 12.',
    day UInt8 COMMENT 'Day of the month.',
    day_of_week UInt8 COMMENT '1 is Monday, 7 is Sunday.',
    day_of_year UInt16 COMMENT 'Day of the year.',
    week_of_year UInt8 COMMENT 'ISO week.',
    month_name LowCardinality(String) COMMENT 'English name of the month.',
    quarter_name LowCardinality(String) COMMENT 'For example Q1.',
    is_weekend Bool COMMENT 'Saturday or Sunday.',
    is_holiday Bool COMMENT 'Closed in the Fedwire calendar though not a weekend.',
    is_business_day Bool COMMENT 'Neither weekend nor holiday.',
    is_quarter_end Bool COMMENT 'Last day of a quarter.',
    fiscal_year UInt16 COMMENT 'Fiscal year; the calendar year.',
    fiscal_quarter UInt8 COMMENT 'Fiscal quarter; the calendar quarter.'
)
ENGINE = ReplacingMergeTree
ORDER BY (date_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Calendar from 1970 to 2100 with business days of the Fedwire calendar. Grain: date_id.'
;;
CREATE TABLE IF NOT EXISTS fact_cash_flows_history (
    cash_flow_id UUID COMMENT 'Id of the event that made the flow.',
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor.',
    date_id UInt32 COMMENT 'Effective date as YYYYMMDD, joins dim_date.',
    flow_date Date32 COMMENT 'Effective date.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts: the base currency of the fund.',
    capital_call_amount Nullable(Decimal(20, 2)) COMMENT 'Capital called, positive; null is unknown.',
    distribution_amount Nullable(Decimal(20, 2)) COMMENT 'Distributed to the investor, positive; null is unknown.',
    net_cash_flow Nullable(Decimal(20, 2)) COMMENT 'Distributed minus called, from the view of the investor; null unless both are known.',
    cash_flow_type LowCardinality(String) COMMENT 'OPENING_BALANCE is the sum of all flows up to its date taken over from elsewhere; CAPITAL_CALL, DISTRIBUTION and FEE are single flows.',
    transaction_id UUID COMMENT 'Commitment or booking that the flow belongs to.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, cash_flow_id, _version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Cash flows between investors and funds, additive over everything within one currency. Grain, every version kept: fund_id, cash_flow_id, _version.'
;;
CREATE TABLE IF NOT EXISTS fact_cash_flows (
    cash_flow_id UUID COMMENT 'Id of the event that made the flow.',
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor.',
    date_id UInt32 COMMENT 'Effective date as YYYYMMDD, joins dim_date.',
    flow_date Date32 COMMENT 'Effective date.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts: the base currency of the fund.',
    capital_call_amount Nullable(Decimal(20, 2)) COMMENT 'Capital called, positive; null is unknown.',
    distribution_amount Nullable(Decimal(20, 2)) COMMENT 'Distributed to the investor, positive; null is unknown.',
    net_cash_flow Nullable(Decimal(20, 2)) COMMENT 'Distributed minus called, from the view of the investor; null unless both are known.',
    cash_flow_type LowCardinality(String) COMMENT 'OPENING_BALANCE is the sum of all flows up to its date taken over from elsewhere; CAPITAL_CALL, DISTRIBUTION and FEE are single flows.',
    transaction_id UUID COMMENT 'Commitment or booking that the flow belongs to.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, cash_flow_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Cash flows between investors and funds, additive over everything within one currency. Grain, current version: fund_id, cash_flow_id; read it with FINAL or through a mart.'
;;
CREATE TABLE IF NOT EXISTS fact_commitments (
    commitment_id UUID COMMENT 'Id of the commitment.',
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor.',
    date_id UInt32 COMMENT 'Commitment date as YYYYMMDD, joins dim_date.',
    commitment_date Date32 COMMENT 'Day of the pledge.',
    commitment_type LowCardinality(String) COMMENT 'INITIAL, ADDITIONAL or TRANSFER.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    commitment_amount Decimal(20, 2) COMMENT 'Amount pledged.',
    assumed_fields String COMMENT 'Names of assumed fields, separated by commas.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, commitment_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Commitments as made. Grain: fund_id, commitment_id.'
;;
CREATE TABLE IF NOT EXISTS fact_fund_performance_history (
    performance_id UUID COMMENT 'Id of the row, from fund, investor and date.',
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor; all zeros for the whole fund.',
    date_id UInt32 COMMENT 'Fact date as YYYYMMDD, joins dim_date.',
    as_of_date Date32 COMMENT 'Fact date: latest effective date of what the row contains.',
    earliest_as_of_date Date32 COMMENT 'Earliest date up to which one of its parts is known; differs in totals over different dates.',
    is_fund_total Bool COMMENT 'The row is the whole fund; never add it to the rows of its investors.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    commitments UInt32 COMMENT 'Commitments in it.',
    committed_capital Decimal(20, 2) COMMENT 'Sum pledged.',
    called_capital Nullable(Decimal(20, 2)) COMMENT 'Sum called of the parts that are known; null when none is.',
    distributed_capital Nullable(Decimal(20, 2)) COMMENT 'Sum distributed of the parts that are known.',
    remaining_value Nullable(Decimal(20, 2)) COMMENT 'Sum of the net asset values that are known.',
    nav Nullable(Decimal(20, 2)) COMMENT 'Net asset value; the same as remaining_value.',
    total_value Nullable(Decimal(20, 2)) COMMENT 'Distributed plus remaining; null unless both are wholly known.',
    unfunded_capital Nullable(Decimal(20, 2)) COMMENT 'What can still be called; null unless called is wholly known.',
    called_unknown UInt32 COMMENT 'Parts whose called capital is unknown.',
    distributed_unknown UInt32 COMMENT 'Parts whose distributions are unknown.',
    remaining_unknown UInt32 COMMENT 'Parts whose net asset value is unknown.',
    irr Nullable(String) COMMENT 'Net IRR as decimal text; null where irr_status says why. Not additive, never averaged.',
    irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    moic Nullable(Decimal(38, 10)) COMMENT 'Multiple on invested capital; for an investor the same as tvpi. Not additive.',
    pic Nullable(Decimal(38, 10)) COMMENT 'Paid-in to committed. Not additive.',
    dpi Nullable(Decimal(38, 10)) COMMENT 'Distributed to paid-in. Not additive.',
    rvpi Nullable(Decimal(38, 10)) COMMENT 'Remaining value to paid-in. Not additive.',
    tvpi Nullable(Decimal(38, 10)) COMMENT 'Total value to paid-in. Not additive.',
    reported_irr Nullable(String) COMMENT 'Net IRR as the source publishes it.',
    reported_multiple Nullable(String) COMMENT 'Net multiple as the source publishes it.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, investor_id, as_of_date, _version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Performance of each investor in a fund and of each fund at its fact dates. Capital is semi-additive (not over time), ratios are not additive. Grain, every version kept: fund_id, investor_id, as_of_date, _version.'
;;
CREATE TABLE IF NOT EXISTS fact_fund_performance (
    performance_id UUID COMMENT 'Id of the row, from fund, investor and date.',
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor; all zeros for the whole fund.',
    date_id UInt32 COMMENT 'Fact date as YYYYMMDD, joins dim_date.',
    as_of_date Date32 COMMENT 'Fact date: latest effective date of what the row contains.',
    earliest_as_of_date Date32 COMMENT 'Earliest date up to which one of its parts is known; differs in totals over different dates.',
    is_fund_total Bool COMMENT 'The row is the whole fund; never add it to the rows of its investors.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts.',
    commitments UInt32 COMMENT 'Commitments in it.',
    committed_capital Decimal(20, 2) COMMENT 'Sum pledged.',
    called_capital Nullable(Decimal(20, 2)) COMMENT 'Sum called of the parts that are known; null when none is.',
    distributed_capital Nullable(Decimal(20, 2)) COMMENT 'Sum distributed of the parts that are known.',
    remaining_value Nullable(Decimal(20, 2)) COMMENT 'Sum of the net asset values that are known.',
    nav Nullable(Decimal(20, 2)) COMMENT 'Net asset value; the same as remaining_value.',
    total_value Nullable(Decimal(20, 2)) COMMENT 'Distributed plus remaining; null unless both are wholly known.',
    unfunded_capital Nullable(Decimal(20, 2)) COMMENT 'What can still be called; null unless called is wholly known.',
    called_unknown UInt32 COMMENT 'Parts whose called capital is unknown.',
    distributed_unknown UInt32 COMMENT 'Parts whose distributions are unknown.',
    remaining_unknown UInt32 COMMENT 'Parts whose net asset value is unknown.',
    irr Nullable(String) COMMENT 'Net IRR as decimal text; null where irr_status says why. Not additive, never averaged.',
    irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    moic Nullable(Decimal(38, 10)) COMMENT 'Multiple on invested capital; for an investor the same as tvpi. Not additive.',
    pic Nullable(Decimal(38, 10)) COMMENT 'Paid-in to committed. Not additive.',
    dpi Nullable(Decimal(38, 10)) COMMENT 'Distributed to paid-in. Not additive.',
    rvpi Nullable(Decimal(38, 10)) COMMENT 'Remaining value to paid-in. Not additive.',
    tvpi Nullable(Decimal(38, 10)) COMMENT 'Total value to paid-in. Not additive.',
    reported_irr Nullable(String) COMMENT 'Net IRR as the source publishes it.',
    reported_multiple Nullable(String) COMMENT 'Net multiple as the source publishes it.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, investor_id, as_of_date)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Performance of each investor in a fund and of each fund at its fact dates. Capital is semi-additive (not over time), ratios are not additive. Grain, current version: fund_id, investor_id, as_of_date; read it with FINAL or through a mart.'
;;
CREATE TABLE IF NOT EXISTS watermark (
    generation UInt32 COMMENT 'Generation of the content that it speaks of; a rebuild begins a new one.',
    source LowCardinality(String) COMMENT 'Topic, or processor whose facts are meant.',
    partition UInt16 COMMENT 'Partition of the topic.',
    kind LowCardinality(String) COMMENT 'read: next offset of the topic itself; true_for: next offset of events that the facts are true for.',
    topic_id String COMMENT 'The broker id of the events topic: another id is another log.',
    epoch UInt16 COMMENT 'Epoch of the log.',
    next_offset UInt64 COMMENT 'Everything before is contained.',
    recorded_at Nullable(DateTime64(6, 'UTC')) COMMENT 'recorded_at of the last event in it; null when there was none.'
)
ENGINE = ReplacingMergeTree(next_offset)
ORDER BY (generation, source, kind, partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'How far the sink has come, written after the rows that it speaks of. Grain: generation, source, kind, partition.'
;;
CREATE TABLE IF NOT EXISTS sink_generation (
    generation UInt32 COMMENT 'Number of the content: a rebuild raises it, and a sink of an older one stops.'
)
ENGINE = ReplacingMergeTree
ORDER BY (generation)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Which content of the warehouse counts: the highest generation.'
