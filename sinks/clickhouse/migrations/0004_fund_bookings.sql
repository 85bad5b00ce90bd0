-- Capital calls, distributions and what else of a fund's life the marts need, from events. States of a call or a distribution are rows of
-- their own, so that the sink writes each event without looking up what was before; views put them together.
CREATE TABLE IF NOT EXISTS fact_capital_calls_history (
    fund_id UUID COMMENT 'The fund.',
    call_id UUID COMMENT 'The capital call.',
    event_version UInt32 COMMENT 'Version of the call that made this row.',
    status LowCardinality(String) COMMENT 'DRAFT, ISSUED, SETTLED or CANCELLED after the event.',
    status_date Date32 COMMENT 'Effective date of the event.',
    call_number Nullable(UInt32) COMMENT 'Number in the fund; null in rows of later states.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code; empty in rows of later states that do not say it.',
    total_call_amount Nullable(Decimal(20, 2)) COMMENT 'Sum of the three portions.',
    investment_amount Nullable(Decimal(20, 2)) COMMENT 'For investments.',
    management_fee_amount Nullable(Decimal(20, 2)) COMMENT 'For management fees.',
    expenses_amount Nullable(Decimal(20, 2)) COMMENT 'For expenses.',
    call_date Nullable(Date32) COMMENT 'Day of the notice.',
    due_date Nullable(Date32) COMMENT 'Day on which payment is due.',
    call_purpose Nullable(String) COMMENT 'Purpose in words.',
    investment_id UUID COMMENT 'Deal for which the capital is called; all zeros where there is none.',
    notice_count UInt32 COMMENT 'Notices in all; 0 in rows of other states.',
    paid_amount Nullable(Decimal(20, 2)) COMMENT 'Paid in all; stated by settlement only.',
    defaulted_amount Nullable(Decimal(20, 2)) COMMENT 'Not paid, in default; stated by settlement only.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, call_id, event_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'States of capital calls. Grain: fund_id, call_id, event_version. The view fact_capital_calls has one row for each call.'
;;
CREATE TABLE IF NOT EXISTS fact_capital_call_notices (
    fund_id UUID COMMENT 'The fund.',
    call_id UUID COMMENT 'The capital call.',
    notice_id UUID COMMENT 'The notice.',
    commitment_id UUID COMMENT 'The commitment.',
    investor_id UUID COMMENT 'The investor.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    call_amount Decimal(20, 2) COMMENT 'Amount due: the sum of the portions.',
    investment_portion Decimal(20, 2) COMMENT 'For investments.',
    management_fee_portion Decimal(20, 2) COMMENT 'For management fees.',
    expenses_portion Decimal(20, 2) COMMENT 'For expenses.',
    outside_commitment Decimal(20, 2) COMMENT 'Part that does not reduce the unfunded commitment.',
    unfunded_before Decimal(20, 2) COMMENT 'Unfunded commitment before the call.',
    unfunded_after Decimal(20, 2) COMMENT 'Unfunded commitment after it.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, call_id, notice_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'What each commitment is asked to pay on a capital call, as the notice was issued. Grain: fund_id, call_id, notice_id.'
;;
CREATE TABLE IF NOT EXISTS fact_capital_call_payments (
    fund_id UUID COMMENT 'The fund.',
    call_id UUID COMMENT 'The capital call.',
    payment_id UUID COMMENT 'The payment.',
    notice_id UUID COMMENT 'The notice.',
    commitment_id UUID COMMENT 'The commitment.',
    investor_id UUID COMMENT 'The investor.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    date_id UInt32 COMMENT 'Day of receipt as YYYYMMDD, joins dim_date.',
    payment_date Date32 COMMENT 'Day of receipt.',
    amount Decimal(20, 2) COMMENT 'Amount paid.',
    investment_portion Decimal(20, 2) COMMENT 'Part for investments.',
    management_fee_portion Decimal(20, 2) COMMENT 'Part for management fees.',
    expenses_portion Decimal(20, 2) COMMENT 'Part for expenses.',
    outside_commitment Decimal(20, 2) COMMENT 'Part outside the commitment.',
    is_reversed Bool COMMENT 'The payment was taken back: it counts no more.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, payment_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Payments on capital calls. Grain: fund_id, payment_id.'
;;
CREATE TABLE IF NOT EXISTS fact_distributions_history (
    fund_id UUID COMMENT 'The fund.',
    distribution_id UUID COMMENT 'The distribution.',
    event_version UInt32 COMMENT 'Version of the distribution that made this row.',
    status LowCardinality(String) COMMENT 'DECLARED, PAID or CANCELLED after the event.',
    status_date Date32 COMMENT 'Effective date of the event.',
    distribution_number Nullable(UInt32) COMMENT 'Number in the fund; null in rows of later states.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    distribution_date Nullable(Date32) COMMENT 'Day that the waterfall counts.',
    record_date Nullable(Date32) COMMENT 'Day whose holders receive it.',
    payment_date Nullable(Date32) COMMENT 'Day of payment; null before.',
    distribution_type LowCardinality(String) COMMENT 'INCOME, CAPITAL or RETURN_OF_CAPITAL; empty in rows of later states.',
    distribution_kind LowCardinality(String) COMMENT 'ORDINARY, TAX, CURRENT_INCOME or IN_KIND; empty in rows of later states.',
    investment_id UUID COMMENT 'Deal that it comes from; all zeros where there is none.',
    total_distribution_amount Nullable(Decimal(20, 2)) COMMENT 'Gross amount.',
    carried_interest Nullable(Decimal(20, 2)) COMMENT 'To the general partner.',
    management_fee_offset Nullable(Decimal(20, 2)) COMMENT 'Management fee kept back.',
    tax_withholding Nullable(Decimal(20, 2)) COMMENT 'Tax kept back.',
    net_distribution Nullable(Decimal(20, 2)) COMMENT 'Paid to the investors.',
    recallable_amount Nullable(Decimal(20, 2)) COMMENT 'Part that may be called again.',
    notice_count UInt32 COMMENT 'Notices in all; 0 in rows of later states.',
    terms_version Nullable(UInt32) COMMENT 'Version of the terms of the fund that the waterfall used.',
    tiers Array(LowCardinality(String)) COMMENT 'Tiers in order: RETURN_OF_CAPITAL, PREFERRED_RETURN, CATCH_UP, SPLIT. The mart waterfall_by_tier has a row for each.',
    tier_places Array(UInt16) COMMENT 'Place of each among several hurdles or carry tiers, from 0.',
    tier_partners Array(String) COMMENT 'Investor of each, where each has a waterfall of its own; else empty.',
    tier_deals Array(String) COMMENT 'Deal of each in an American waterfall; else empty.',
    tier_lp_amounts Array(Decimal(20, 2)) COMMENT 'To the limited partners by tier.',
    tier_gp_amounts Array(Decimal(20, 2)) COMMENT 'To the general partner by tier.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, distribution_id, event_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'States of distributions. Grain: fund_id, distribution_id, event_version. The view fact_distributions has one row for each distribution.'
;;
CREATE TABLE IF NOT EXISTS fact_distribution_notices (
    fund_id UUID COMMENT 'The fund.',
    distribution_id UUID COMMENT 'The distribution.',
    notice_id UUID COMMENT 'The notice.',
    commitment_id UUID COMMENT 'The commitment.',
    investor_id UUID COMMENT 'The investor.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    gross_distribution Decimal(20, 2) COMMENT 'Share before carried interest.',
    carried_interest Decimal(20, 2) COMMENT 'Share of the general partner taken from it.',
    management_fee_offset Decimal(20, 2) COMMENT 'Management fee kept back.',
    tax_withholding Decimal(20, 2) COMMENT 'Tax kept back.',
    net_distribution Decimal(20, 2) COMMENT 'What is paid out.',
    recallable_amount Decimal(20, 2) COMMENT 'Part that may be called again.',
    return_of_capital Decimal(20, 2) COMMENT 'Part of gross that returns capital.',
    preferred_return Decimal(20, 2) COMMENT 'Part of gross that is preferred return.',
    unfunded_before Decimal(20, 2) COMMENT 'Unfunded commitment before.',
    unfunded_after Decimal(20, 2) COMMENT 'Unfunded commitment after.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, distribution_id, notice_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'What each commitment receives of a distribution, as it was declared. Grain: fund_id, distribution_id, notice_id.'
;;
CREATE TABLE IF NOT EXISTS fact_commitment_changes (
    fund_id UUID COMMENT 'The fund.',
    commitment_id UUID COMMENT 'The commitment that changed.',
    modification_id UUID COMMENT 'Id of the modification.',
    investor_id UUID COMMENT 'The investor.',
    date_id UInt32 COMMENT 'Effective date as YYYYMMDD, joins dim_date.',
    effective_date Date32 COMMENT 'Effective date.',
    modification_type LowCardinality(String) COMMENT 'INCREASE, DECREASE, TRANSFER or CANCELLATION.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    change_amount Decimal(20, 2) COMMENT 'Signed change of the amount pledged. What a transfer brings to its receiver stands in the commitment that came into being.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, commitment_id, modification_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Changes of commitments after they were made: the amount pledged is the commitment and its changes. Grain: fund_id, commitment_id, modification_id.'
;;
CREATE TABLE IF NOT EXISTS dim_investment_history (
    investment_id UUID COMMENT 'Id of the investment, the natural key.',
    event_version UInt32 COMMENT 'Version of the investment that made this row.',
    fund_id UUID COMMENT 'The fund.',
    investment_key UInt64 COMMENT 'Surrogate key of this version of the investment.',
    portfolio_company String COMMENT 'Company; empty in rows of later states.',
    investment_type LowCardinality(String) COMMENT 'EQUITY, DEBT, CONVERTIBLE, FUND_INTEREST or OTHER; empty in rows of later states.',
    investment_date Nullable(Date32) COMMENT 'Day of the first payment; null in rows of later states.',
    investment_status LowCardinality(String) COMMENT 'ACTIVE, PARTIALLY_REALISED, REALISED or WRITTEN_OFF.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    valid_from Date32 COMMENT 'Effective date of this version, inclusive.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (investment_id, event_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Every version of every investment (SCD type 2 source). Grain: investment_id, event_version.'
;;
CREATE TABLE IF NOT EXISTS dim_exchange_rate (
    base_currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    target_currency LowCardinality(String) COMMENT 'ISO 4217 code.',
    rate_date Date32 COMMENT 'Day of the rate.',
    rate_id UUID COMMENT 'Id of the rate.',
    exchange_rate Decimal(38, 12) COMMENT 'Units of the target for one of the base.',
    rate_source Nullable(String) COMMENT 'Where it comes from.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (base_currency, target_currency, rate_date)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Exchange rates by day; a corrected rate replaces the former one. Grain: base_currency, target_currency, rate_date.'
;;
CREATE TABLE IF NOT EXISTS dim_account (
    account_code LowCardinality(String) COMMENT 'Code of the account.',
    account_name String COMMENT 'Name.',
    account_type LowCardinality(String) COMMENT 'ASSET, LIABILITY, EQUITY, REVENUE or EXPENSE.',
    is_active Bool COMMENT 'Whether it may be posted to.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (account_code)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Chart of accounts: the default one, and what was set on the log. Grain: account_code.'
