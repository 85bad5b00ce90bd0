-- Facts of the life of a fund. Performance gets measures of its own for funds with dated flows, investments as a subject, and rows that
-- end: both of its tables are made anew, and a warehouse with content begins a new generation, so that the sink reads the log again.
DROP TABLE IF EXISTS fact_fund_performance_history
;;
DROP TABLE IF EXISTS fact_fund_performance
;;
CREATE TABLE IF NOT EXISTS fact_fund_performance_history (
    performance_id UUID COMMENT 'Id of the row, from fund, investor or investment, and date.',
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor; all zeros for the whole fund and for investments.',
    investment_id UUID COMMENT 'The investment; all zeros for investors and the whole fund.',
    date_id UInt32 COMMENT 'Fact date as YYYYMMDD, joins dim_date.',
    as_of_date Date32 COMMENT 'Fact date: latest effective date of what the row contains.',
    earliest_as_of_date Date32 COMMENT 'Earliest date up to which one of its parts is known; differs in totals over different dates.',
    subject LowCardinality(String) COMMENT 'FUND, INVESTOR or INVESTMENT: what the row is about. Never add rows of different subjects.',
    is_fund_total Bool COMMENT 'The row is the whole fund; never add it to the rows of its investors.',
    origin LowCardinality(String) COMMENT 'CAPITAL_ACCOUNT: sums that were taken over; PERFORMANCE: from dated flows. A fund with dated flows has only the latter from its first fact date on.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts: the base currency of the fund.',
    commitments Nullable(UInt32) COMMENT 'Commitments in it; null where the figure follows from flows.',
    committed_capital Decimal(20, 2) COMMENT 'Sum pledged; 0.00 for an investment.',
    called_capital Nullable(Decimal(20, 2)) COMMENT 'CAPITAL_ACCOUNT: sum called of the parts that are known; PERFORMANCE: paid in, for an investment invested. Null when nothing is known.',
    distributed_capital Nullable(Decimal(20, 2)) COMMENT 'Sum distributed, net of carried interest and gross of tax withheld; for an investment its proceeds.',
    remaining_value Nullable(Decimal(20, 2)) COMMENT 'The same as nav.',
    nav Nullable(Decimal(20, 2)) COMMENT 'Net asset value, net of accrued carried interest; fair value of an investment. Semi-additive: never over time.',
    total_value Nullable(Decimal(20, 2)) COMMENT 'Distributed plus remaining; null unless both are wholly known.',
    unfunded_capital Nullable(Decimal(20, 2)) COMMENT 'What can still be called; null unless called is wholly known, and for an investment.',
    accrued_carried_interest Nullable(Decimal(20, 2)) COMMENT 'Carried interest by hypothetical liquidation, taken off the nav; null without one.',
    called_unknown UInt32 COMMENT 'Parts whose called capital is unknown.',
    distributed_unknown UInt32 COMMENT 'Parts whose distributions are unknown.',
    remaining_unknown UInt32 COMMENT 'Parts whose net asset value is unknown.',
    irr Nullable(String) COMMENT 'Net IRR as decimal text; null where irr_status says why. Not additive, never averaged.',
    irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    gross_irr Nullable(String) COMMENT 'Gross IRR as decimal text, from flows between fund and investments; null where gross_irr_status says why. Not additive.',
    gross_irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    period_return Nullable(String) COMMENT 'Return over a span under a year as decimal text, (1 + irr)^(days / 365) - 1; then the irr is not shown annualised.',
    is_short_span Bool COMMENT 'The span is under a year.',
    moic Nullable(Decimal(38, 10)) COMMENT 'Multiple on invested capital, gross; for a fund that was taken over the same as tvpi. Not additive.',
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
ORDER BY (fund_id, investor_id, investment_id, as_of_date, _version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Performance of each fund, each investor in a fund and each investment at its fact dates. Capital is semi-additive (not over time), ratios are not additive. Grain, every version kept: fund_id, investor_id, investment_id, as_of_date, _version.'
;;
CREATE TABLE IF NOT EXISTS fact_fund_performance (
    performance_id UUID COMMENT 'Id of the row, from fund, investor or investment, and date.',
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor; all zeros for the whole fund and for investments.',
    investment_id UUID COMMENT 'The investment; all zeros for investors and the whole fund.',
    date_id UInt32 COMMENT 'Fact date as YYYYMMDD, joins dim_date.',
    as_of_date Date32 COMMENT 'Fact date: latest effective date of what the row contains.',
    earliest_as_of_date Date32 COMMENT 'Earliest date up to which one of its parts is known; differs in totals over different dates.',
    subject LowCardinality(String) COMMENT 'FUND, INVESTOR or INVESTMENT: what the row is about. Never add rows of different subjects.',
    is_fund_total Bool COMMENT 'The row is the whole fund; never add it to the rows of its investors.',
    origin LowCardinality(String) COMMENT 'CAPITAL_ACCOUNT: sums that were taken over; PERFORMANCE: from dated flows. A fund with dated flows has only the latter from its first fact date on.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts: the base currency of the fund.',
    commitments Nullable(UInt32) COMMENT 'Commitments in it; null where the figure follows from flows.',
    committed_capital Decimal(20, 2) COMMENT 'Sum pledged; 0.00 for an investment.',
    called_capital Nullable(Decimal(20, 2)) COMMENT 'CAPITAL_ACCOUNT: sum called of the parts that are known; PERFORMANCE: paid in, for an investment invested. Null when nothing is known.',
    distributed_capital Nullable(Decimal(20, 2)) COMMENT 'Sum distributed, net of carried interest and gross of tax withheld; for an investment its proceeds.',
    remaining_value Nullable(Decimal(20, 2)) COMMENT 'The same as nav.',
    nav Nullable(Decimal(20, 2)) COMMENT 'Net asset value, net of accrued carried interest; fair value of an investment. Semi-additive: never over time.',
    total_value Nullable(Decimal(20, 2)) COMMENT 'Distributed plus remaining; null unless both are wholly known.',
    unfunded_capital Nullable(Decimal(20, 2)) COMMENT 'What can still be called; null unless called is wholly known, and for an investment.',
    accrued_carried_interest Nullable(Decimal(20, 2)) COMMENT 'Carried interest by hypothetical liquidation, taken off the nav; null without one.',
    called_unknown UInt32 COMMENT 'Parts whose called capital is unknown.',
    distributed_unknown UInt32 COMMENT 'Parts whose distributions are unknown.',
    remaining_unknown UInt32 COMMENT 'Parts whose net asset value is unknown.',
    irr Nullable(String) COMMENT 'Net IRR as decimal text; null where irr_status says why. Not additive, never averaged.',
    irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    gross_irr Nullable(String) COMMENT 'Gross IRR as decimal text, from flows between fund and investments; null where gross_irr_status says why. Not additive.',
    gross_irr_status LowCardinality(String) COMMENT 'OK, DOUBLE_ROOT, MULTIPLE_ROOTS, NO_ROOT or NO_FLOWS.',
    period_return Nullable(String) COMMENT 'Return over a span under a year as decimal text, (1 + irr)^(days / 365) - 1; then the irr is not shown annualised.',
    is_short_span Bool COMMENT 'The span is under a year.',
    moic Nullable(Decimal(38, 10)) COMMENT 'Multiple on invested capital, gross; for a fund that was taken over the same as tvpi. Not additive.',
    pic Nullable(Decimal(38, 10)) COMMENT 'Paid-in to committed. Not additive.',
    dpi Nullable(Decimal(38, 10)) COMMENT 'Distributed to paid-in. Not additive.',
    rvpi Nullable(Decimal(38, 10)) COMMENT 'Remaining value to paid-in. Not additive.',
    tvpi Nullable(Decimal(38, 10)) COMMENT 'Total value to paid-in. Not additive.',
    reported_irr Nullable(String) COMMENT 'Net IRR as the source publishes it.',
    reported_multiple Nullable(String) COMMENT 'Net multiple as the source publishes it.',
    is_deleted UInt8 COMMENT '1: the row has ended, because the figures of its fund follow from dated flows from an earlier date on. FINAL leaves it out.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version, is_deleted)
ORDER BY (fund_id, investor_id, investment_id, as_of_date)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Performance of each fund, each investor in a fund and each investment at its fact dates. Capital is semi-additive (not over time), ratios are not additive. Grain, current version: fund_id, investor_id, investment_id, as_of_date; read it with FINAL or through a mart.'
;;
ALTER TABLE fact_cash_flows_history ADD COLUMN IF NOT EXISTS commitment_id UUID COMMENT 'The commitment; all zeros for flows of the fund itself.' AFTER investor_id
;;
ALTER TABLE fact_cash_flows_history ADD COLUMN IF NOT EXISTS investment_id UUID COMMENT 'The investment or deal; all zeros where there is none.' AFTER commitment_id
;;
ALTER TABLE fact_cash_flows_history ADD COLUMN IF NOT EXISTS is_fund_flow Bool COMMENT 'The flow is between the fund and its investments, its general partner or the rest of the world, seen from the fund. False: between an investor and the fund, seen from the investor.' AFTER investment_id
;;
ALTER TABLE fact_cash_flows_history ADD COLUMN IF NOT EXISTS is_reversal Bool COMMENT 'Takes an earlier flow back: the same amounts with the other sign.' AFTER net_cash_flow
;;
ALTER TABLE fact_cash_flows_history COMMENT COLUMN cash_flow_id 'Id of the flow: of the event and the place in it; an opening balance has the id of its event.'
;;
ALTER TABLE fact_cash_flows_history COMMENT COLUMN investor_id 'The investor; all zeros for flows of the fund itself.'
;;
ALTER TABLE fact_cash_flows_history COMMENT COLUMN capital_call_amount 'Paid in, positive; negative when taken back or handed over; null is unknown.'
;;
ALTER TABLE fact_cash_flows_history COMMENT COLUMN distribution_amount 'Distributed to the investor, net of carried interest and gross of tax withheld; negative when taken back or handed over; null is unknown.'
;;
ALTER TABLE fact_cash_flows_history COMMENT COLUMN net_cash_flow 'Signed: distributed minus paid in for an investor; into the fund positive for flows of the fund itself. Null unless both are known. Additive within one currency over flows of one side (is_fund_flow).'
;;
ALTER TABLE fact_cash_flows_history COMMENT COLUMN cash_flow_type 'OPENING_BALANCE is the sum of all flows up to its date taken over from elsewhere. Of investors: CAPITAL_CALL, DISTRIBUTION, MANAGEMENT_FEE (a fee kept back is paid in again at once), CLAWBACK, TRANSFER (history that changes hands). Of the fund: INVESTMENT, REALISATION, INCOME, MANAGEMENT_FEE, EXPENSE, CARRIED_INTEREST.'
;;
ALTER TABLE fact_cash_flows_history COMMENT COLUMN transaction_id 'Commitment, payment, distribution or transaction that the flow belongs to.'
;;
ALTER TABLE fact_cash_flows ADD COLUMN IF NOT EXISTS commitment_id UUID COMMENT 'The commitment; all zeros for flows of the fund itself.' AFTER investor_id
;;
ALTER TABLE fact_cash_flows ADD COLUMN IF NOT EXISTS investment_id UUID COMMENT 'The investment or deal; all zeros where there is none.' AFTER commitment_id
;;
ALTER TABLE fact_cash_flows ADD COLUMN IF NOT EXISTS is_fund_flow Bool COMMENT 'The flow is between the fund and its investments, its general partner or the rest of the world, seen from the fund. False: between an investor and the fund, seen from the investor.' AFTER investment_id
;;
ALTER TABLE fact_cash_flows ADD COLUMN IF NOT EXISTS is_reversal Bool COMMENT 'Takes an earlier flow back: the same amounts with the other sign.' AFTER net_cash_flow
;;
ALTER TABLE fact_cash_flows COMMENT COLUMN cash_flow_id 'Id of the flow: of the event and the place in it; an opening balance has the id of its event.'
;;
ALTER TABLE fact_cash_flows COMMENT COLUMN investor_id 'The investor; all zeros for flows of the fund itself.'
;;
ALTER TABLE fact_cash_flows COMMENT COLUMN capital_call_amount 'Paid in, positive; negative when taken back or handed over; null is unknown.'
;;
ALTER TABLE fact_cash_flows COMMENT COLUMN distribution_amount 'Distributed to the investor, net of carried interest and gross of tax withheld; negative when taken back or handed over; null is unknown.'
;;
ALTER TABLE fact_cash_flows COMMENT COLUMN net_cash_flow 'Signed: distributed minus paid in for an investor; into the fund positive for flows of the fund itself. Null unless both are known. Additive within one currency over flows of one side (is_fund_flow).'
;;
ALTER TABLE fact_cash_flows COMMENT COLUMN cash_flow_type 'OPENING_BALANCE is the sum of all flows up to its date taken over from elsewhere. Of investors: CAPITAL_CALL, DISTRIBUTION, MANAGEMENT_FEE (a fee kept back is paid in again at once), CLAWBACK, TRANSFER (history that changes hands). Of the fund: INVESTMENT, REALISATION, INCOME, MANAGEMENT_FEE, EXPENSE, CARRIED_INTEREST.'
;;
ALTER TABLE fact_cash_flows COMMENT COLUMN transaction_id 'Commitment, payment, distribution or transaction that the flow belongs to.'
;;
CREATE TABLE IF NOT EXISTS fact_nav_rolls_history (
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor; all zeros for the whole fund.',
    date_id UInt32 COMMENT 'Day as YYYYMMDD, joins dim_date.',
    as_of_date Date32 COMMENT 'Day up to which it rolls, since inception.',
    is_fund_total Bool COMMENT 'The row is the whole fund; never add it to the rows of its investors.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts: the base currency of the fund.',
    opening_nav Decimal(20, 2) COMMENT 'Net asset value at inception.',
    contributions Decimal(20, 2) COMMENT 'Paid in.',
    distributions Decimal(20, 2) COMMENT 'Distributed, negative.',
    management_fees Decimal(20, 2) COMMENT 'Management fees, negative.',
    expenses Decimal(20, 2) COMMENT 'Partnership expenses, negative.',
    interest_income Decimal(20, 2) COMMENT 'Interest earned.',
    dividend_income Decimal(20, 2) COMMENT 'Dividends.',
    other_income Decimal(20, 2) COMMENT 'Other income.',
    interest_expense Decimal(20, 2) COMMENT 'Interest paid, negative.',
    realised_gain_loss Decimal(20, 2) COMMENT 'Realised gain or loss.',
    unrealised_change Decimal(20, 2) COMMENT 'Change of the unrealised gain or loss.',
    transfers Decimal(20, 2) COMMENT 'Taken over less handed over.',
    carried_interest_paid Decimal(20, 2) COMMENT 'Carried interest paid or clawed back, as it changes the account.',
    closing_nav Decimal(20, 2) COMMENT 'Net asset value before accrued carried interest: the sum of the rows above.',
    accrued_carried_interest Decimal(20, 2) COMMENT 'Carried interest accrued by hypothetical liquidation.',
    net_nav Decimal(20, 2) COMMENT 'closing_nav less accrued_carried_interest.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, investor_id, as_of_date, _version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Roll of the net asset value since inception, of each investor in a fund and of each fund with dated flows. The roll of a period is the difference of two rows. Grain, every version kept: fund_id, investor_id, as_of_date, _version.'
;;
CREATE TABLE IF NOT EXISTS fact_nav_rolls (
    fund_id UUID COMMENT 'The fund.',
    investor_id UUID COMMENT 'The investor; all zeros for the whole fund.',
    date_id UInt32 COMMENT 'Day as YYYYMMDD, joins dim_date.',
    as_of_date Date32 COMMENT 'Day up to which it rolls, since inception.',
    is_fund_total Bool COMMENT 'The row is the whole fund; never add it to the rows of its investors.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts: the base currency of the fund.',
    opening_nav Decimal(20, 2) COMMENT 'Net asset value at inception.',
    contributions Decimal(20, 2) COMMENT 'Paid in.',
    distributions Decimal(20, 2) COMMENT 'Distributed, negative.',
    management_fees Decimal(20, 2) COMMENT 'Management fees, negative.',
    expenses Decimal(20, 2) COMMENT 'Partnership expenses, negative.',
    interest_income Decimal(20, 2) COMMENT 'Interest earned.',
    dividend_income Decimal(20, 2) COMMENT 'Dividends.',
    other_income Decimal(20, 2) COMMENT 'Other income.',
    interest_expense Decimal(20, 2) COMMENT 'Interest paid, negative.',
    realised_gain_loss Decimal(20, 2) COMMENT 'Realised gain or loss.',
    unrealised_change Decimal(20, 2) COMMENT 'Change of the unrealised gain or loss.',
    transfers Decimal(20, 2) COMMENT 'Taken over less handed over.',
    carried_interest_paid Decimal(20, 2) COMMENT 'Carried interest paid or clawed back, as it changes the account.',
    closing_nav Decimal(20, 2) COMMENT 'Net asset value before accrued carried interest: the sum of the rows above.',
    accrued_carried_interest Decimal(20, 2) COMMENT 'Carried interest accrued by hypothetical liquidation.',
    net_nav Decimal(20, 2) COMMENT 'closing_nav less accrued_carried_interest.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, investor_id, as_of_date)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Roll of the net asset value since inception, of each investor in a fund and of each fund with dated flows. The roll of a period is the difference of two rows. Grain, current version: fund_id, investor_id, as_of_date; read it with FINAL or through a mart.'
;;
CREATE TABLE IF NOT EXISTS fact_journal_lines (
    fund_id UUID COMMENT 'The fund.',
    journal_entry_id UUID COMMENT 'The entry: debits equal credits within it.',
    line UInt16 COMMENT 'Place of the line in its entry, from 0.',
    date_id UInt32 COMMENT 'Effective date as YYYYMMDD, joins dim_date.',
    entry_date Date32 COMMENT 'Effective date.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts: the base currency of the fund.',
    posting_rule LowCardinality(String) COMMENT 'Rule that made the entry.',
    description String COMMENT 'The entry in words.',
    account_code LowCardinality(String) COMMENT 'Account, joins dim_account.',
    investor_id UUID COMMENT 'Investor whose account it concerns; all zeros where there is none.',
    investment_id UUID COMMENT 'Investment that it concerns; all zeros where there is none.',
    debit Decimal(20, 2) COMMENT 'Debit, 0.00 or above.',
    credit Decimal(20, 2) COMMENT 'Credit, 0.00 or above.',
    source_aggregate_id UUID COMMENT 'Aggregate of the event behind it.',
    source_event_version UInt32 COMMENT 'Version of the event behind it.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, journal_entry_id, line)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Lines of the journal. A line never changes, a correction is a new entry: the table is its own history. Grain: fund_id, journal_entry_id, line; read it with FINAL or through a mart.'
;;
CREATE TABLE IF NOT EXISTS fact_hypothetical_liquidations_history (
    fund_id UUID COMMENT 'The fund.',
    date_id UInt32 COMMENT 'Day as YYYYMMDD, joins dim_date.',
    as_of_date Date32 COMMENT 'Day.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts: the base currency of the fund.',
    nav Decimal(20, 2) COMMENT 'Net assets before carried interest.',
    lp_net Decimal(20, 2) COMMENT 'To the limited partners.',
    accrued_carried_interest Decimal(20, 2) COMMENT 'To the general partner.',
    terms_version UInt32 COMMENT 'Version of the terms of the fund that were used.',
    tiers Array(LowCardinality(String)) COMMENT 'Tiers in order: RETURN_OF_CAPITAL, PREFERRED_RETURN, CATCH_UP, SPLIT. The mart waterfall_by_tier has a row for each.',
    tier_places Array(UInt16) COMMENT 'Place of each among several hurdles or carry tiers, from 0.',
    tier_partners Array(String) COMMENT 'Investor of each, where each has a waterfall of its own; else empty.',
    tier_deals Array(String) COMMENT 'Deal of each in an American waterfall; else empty.',
    tier_lp_amounts Array(Decimal(20, 2)) COMMENT 'To the limited partners by tier.',
    tier_gp_amounts Array(Decimal(20, 2)) COMMENT 'To the general partner by tier.',
    error Nullable(String) COMMENT 'Why it could not be run; null when it was.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, as_of_date, _version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'What each fund would pay if it sold everything at its value on a day. Grain, every version kept: fund_id, as_of_date, _version.'
;;
CREATE TABLE IF NOT EXISTS fact_hypothetical_liquidations (
    fund_id UUID COMMENT 'The fund.',
    date_id UInt32 COMMENT 'Day as YYYYMMDD, joins dim_date.',
    as_of_date Date32 COMMENT 'Day.',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amounts: the base currency of the fund.',
    nav Decimal(20, 2) COMMENT 'Net assets before carried interest.',
    lp_net Decimal(20, 2) COMMENT 'To the limited partners.',
    accrued_carried_interest Decimal(20, 2) COMMENT 'To the general partner.',
    terms_version UInt32 COMMENT 'Version of the terms of the fund that were used.',
    tiers Array(LowCardinality(String)) COMMENT 'Tiers in order: RETURN_OF_CAPITAL, PREFERRED_RETURN, CATCH_UP, SPLIT. The mart waterfall_by_tier has a row for each.',
    tier_places Array(UInt16) COMMENT 'Place of each among several hurdles or carry tiers, from 0.',
    tier_partners Array(String) COMMENT 'Investor of each, where each has a waterfall of its own; else empty.',
    tier_deals Array(String) COMMENT 'Deal of each in an American waterfall; else empty.',
    tier_lp_amounts Array(Decimal(20, 2)) COMMENT 'To the limited partners by tier.',
    tier_gp_amounts Array(Decimal(20, 2)) COMMENT 'To the general partner by tier.',
    error Nullable(String) COMMENT 'Why it could not be run; null when it was.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (fund_id, as_of_date)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'What each fund would pay if it sold everything at its value on a day. Grain, current version: fund_id, as_of_date; read it with FINAL or through a mart.'
;;
CREATE TABLE IF NOT EXISTS fact_quality_findings_history (
    finding_id UUID COMMENT 'Id, from check and subject.',
    check_name LowCardinality(String) COMMENT 'COMMITMENT_CONSISTENCY, CAPITAL_CALL_RECONCILIATION, DISTRIBUTION_RECONCILIATION, NAV_ROLL, DUPLICATE_RECORDS or ORPHANED_RECORDS.',
    fund_id Nullable(UUID) COMMENT 'The fund; null where there is none.',
    subject_id Nullable(UUID) COMMENT 'What it is about.',
    severity LowCardinality(String) COMMENT 'ERROR, WARNING or INFO.',
    status LowCardinality(String) COMMENT 'OPEN, or RESOLVED when the check holds again.',
    message String COMMENT 'What is wrong, in words.',
    expected Nullable(String) COMMENT 'Value expected.',
    actual Nullable(String) COMMENT 'Value found.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (finding_id, _version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Findings of the continuous checks on the stream. Grain, every version kept: finding_id, _version.'
;;
CREATE TABLE IF NOT EXISTS fact_quality_findings (
    finding_id UUID COMMENT 'Id, from check and subject.',
    check_name LowCardinality(String) COMMENT 'COMMITMENT_CONSISTENCY, CAPITAL_CALL_RECONCILIATION, DISTRIBUTION_RECONCILIATION, NAV_ROLL, DUPLICATE_RECORDS or ORPHANED_RECORDS.',
    fund_id Nullable(UUID) COMMENT 'The fund; null where there is none.',
    subject_id Nullable(UUID) COMMENT 'What it is about.',
    severity LowCardinality(String) COMMENT 'ERROR, WARNING or INFO.',
    status LowCardinality(String) COMMENT 'OPEN, or RESOLVED when the check holds again.',
    message String COMMENT 'What is wrong, in words.',
    expected Nullable(String) COMMENT 'Value expected.',
    actual Nullable(String) COMMENT 'Value found.',
    _version UInt64 COMMENT 'Version of the row: epoch of the log in the upper 16 bits, offset of the event in the lower 48. A later event has a higher version.',
    _partition UInt16 COMMENT 'Partition of the events topic that the row comes from.',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the event behind the row was recorded: the system time of the bitemporal pair.'
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (finding_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Findings of the continuous checks on the stream. Grain, current version: finding_id; read it with FINAL or through a mart.'
;;
INSERT INTO sink_generation SELECT max(generation) + 1 FROM sink_generation HAVING (SELECT count() FROM watermark) > 0
