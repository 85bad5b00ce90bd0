-- The checks of the data in SQL (spec 7.3): everything is added up again from the facts, beside the checks of the stream.
CREATE OR REPLACE VIEW quality_check_failures (
    check_name LowCardinality(String) COMMENT 'COMMITMENT_CONSISTENCY, CAPITAL_CALL_RECONCILIATION, DISTRIBUTION_RECONCILIATION, NAV_ROLL, FUND_TOTAL, JOURNAL_BALANCE, DUPLICATE_RECORDS or ORPHANED_RECORDS.',
    severity LowCardinality(String) COMMENT 'ERROR, or WARNING for what may be meant.',
    fund_id UUID COMMENT 'The fund.',
    subject_id UUID COMMENT 'What it is about.',
    message String COMMENT 'What is wrong, in words.',
    expected Nullable(String) COMMENT 'Value expected.',
    actual Nullable(String) COMMENT 'Value found.'
)
COMMENT 'What the checks of the data find in the warehouse itself, adding everything up again; the findings of the stream are in open_findings. Grain: check_name, subject_id, message.'
AS
SELECT check_name, severity, fund_id, subject_id, message, expected, actual FROM (
    SELECT 'COMMITMENT_CONSISTENCY' AS check_name, 'ERROR' AS severity, c.fund_id AS fund_id, c.fund_id AS subject_id, 'commitments exceed the size of the fund by more than 5 %' AS message,
           toString(f.final_size) AS expected, toString(c.committed) AS actual
    FROM (
        SELECT fund_id, sum(amount) AS committed FROM (
            SELECT fund_id, commitment_amount AS amount FROM fact_commitments FINAL
            UNION ALL SELECT fund_id, change_amount AS amount FROM fact_commitment_changes FINAL
        ) GROUP BY fund_id
    ) AS c
    INNER JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = c.fund_id
    WHERE f.final_size IS NOT NULL AND c.committed * 100 > f.final_size * 105
    UNION ALL
    SELECT 'CAPITAL_CALL_RECONCILIATION' AS check_name, 'ERROR' AS severity, c.fund_id AS fund_id, c.call_id AS subject_id, 'notices do not add up to the capital call' AS message,
           toString(c.total_call_amount) AS expected, toString(n.amount) AS actual
    FROM (SELECT * FROM fact_capital_calls WHERE status IN ('ISSUED', 'SETTLED')) AS c
    LEFT JOIN (SELECT fund_id, call_id, sum(call_amount) AS amount, count() AS notices FROM fact_capital_call_notices FINAL GROUP BY fund_id, call_id) AS n ON n.fund_id = c.fund_id AND n.call_id = c.call_id
    WHERE c.total_call_amount != n.amount OR c.notice_count != n.notices OR c.total_call_amount != c.investment_amount + c.management_fee_amount + c.expenses_amount
    UNION ALL
    SELECT 'CAPITAL_CALL_RECONCILIATION' AS check_name, 'ERROR' AS severity, p.fund_id AS fund_id, p.notice_id AS subject_id, 'more is paid on a notice than it asks for' AS message,
           toString(n.call_amount) AS expected, toString(p.paid) AS actual
    FROM (SELECT fund_id, call_id, notice_id, sum(amount) AS paid FROM fact_capital_call_payments FINAL WHERE NOT is_reversed GROUP BY fund_id, call_id, notice_id) AS p
    INNER JOIN (SELECT * FROM fact_capital_call_notices FINAL) AS n ON n.fund_id = p.fund_id AND n.call_id = p.call_id AND n.notice_id = p.notice_id
    WHERE p.paid > n.call_amount
    UNION ALL
    SELECT 'DISTRIBUTION_RECONCILIATION' AS check_name, 'ERROR' AS severity, d.fund_id AS fund_id, d.distribution_id AS subject_id, 'notices do not add up to the distribution' AS message,
           toString(d.total_distribution_amount) AS expected, toString(n.gross) AS actual
    FROM (SELECT * FROM fact_distributions WHERE status != 'CANCELLED') AS d
    LEFT JOIN (
        SELECT fund_id, distribution_id, sum(gross_distribution) AS gross, sum(carried_interest) AS carry, sum(management_fee_offset) AS fee_offset, sum(tax_withholding) AS tax, sum(net_distribution) AS net, count() AS notices
        FROM fact_distribution_notices FINAL GROUP BY fund_id, distribution_id
    ) AS n ON n.fund_id = d.fund_id AND n.distribution_id = d.distribution_id
    WHERE d.total_distribution_amount != n.gross OR d.carried_interest != n.carry OR d.management_fee_offset != n.fee_offset OR d.tax_withholding != n.tax OR d.net_distribution != n.net
       OR d.notice_count != n.notices OR n.gross - n.carry - n.fee_offset - n.tax != n.net
    UNION ALL
    SELECT 'DISTRIBUTION_RECONCILIATION' AS check_name, 'ERROR' AS severity, fund_id, distribution_id AS subject_id, 'the tiers of the waterfall do not give the carried interest of the distribution' AS message,
           toString(carried_interest) AS expected, toString(arraySum(tier_gp_amounts)) AS actual
    FROM fact_distributions WHERE status != 'CANCELLED' AND (arraySum(tier_gp_amounts) != carried_interest OR arraySum(tier_lp_amounts) + arraySum(tier_gp_amounts) > total_distribution_amount)
    UNION ALL
    SELECT 'NAV_ROLL' AS check_name, 'ERROR' AS severity, fund_id, if(is_fund_total, fund_id, investor_id) AS subject_id, concat('the rows of the roll do not add up to the net asset value of ', toString(as_of_date)) AS message,
           toString(opening_nav + contributions + distributions + management_fees + expenses + interest_income + dividend_income + other_income + interest_expense + realised_gain_loss + unrealised_change + transfers + carried_interest_paid) AS expected, toString(closing_nav) AS actual
    FROM fact_nav_rolls FINAL WHERE opening_nav + contributions + distributions + management_fees + expenses + interest_income + dividend_income + other_income + interest_expense + realised_gain_loss + unrealised_change + transfers + carried_interest_paid != closing_nav OR closing_nav - accrued_carried_interest != net_nav
    UNION ALL
    SELECT 'NAV_ROLL' AS check_name, 'ERROR' AS severity, r.fund_id AS fund_id, if(r.is_fund_total, r.fund_id, r.investor_id) AS subject_id, concat('performance and roll tell two net asset values of ', toString(r.as_of_date)) AS message,
           toString(r.net_nav) AS expected, toString(p.nav) AS actual
    FROM (SELECT * FROM fact_nav_rolls FINAL) AS r
    LEFT JOIN (SELECT * FROM fact_fund_performance FINAL WHERE origin = 'PERFORMANCE' AND subject != 'INVESTMENT') AS p ON p.fund_id = r.fund_id AND p.investor_id = r.investor_id AND p.as_of_date = r.as_of_date
    WHERE isNull(p.nav) OR p.nav != r.net_nav
    UNION ALL
    SELECT 'NAV_ROLL' AS check_name, 'ERROR' AS severity, j.fund_id AS fund_id, j.fund_id AS subject_id, 'the journal and the roll tell two net asset values of today' AS message,
           toString(r.closing_nav) AS expected, toString(j.nav) AS actual
    FROM (SELECT fund_id, sum(l.debit - l.credit) AS nav FROM (SELECT * FROM fact_journal_lines FINAL) AS l INNER JOIN (SELECT * FROM dim_account FINAL) AS a ON a.account_code = l.account_code WHERE a.account_type IN ('ASSET', 'LIABILITY') GROUP BY fund_id) AS j
    INNER JOIN (SELECT * FROM fact_nav_rolls FINAL WHERE is_fund_total ORDER BY fund_id, as_of_date DESC LIMIT 1 BY fund_id) AS r ON r.fund_id = j.fund_id
    WHERE j.nav != r.closing_nav AND j.fund_id NOT IN (SELECT fund_id FROM fact_cash_flows FINAL WHERE cash_flow_type = 'OPENING_BALANCE')
    UNION ALL
    SELECT 'FUND_TOTAL' AS check_name, 'ERROR' AS severity, t.fund_id AS fund_id, t.fund_id AS subject_id, concat('investors do not add up to the fund on ', toString(t.as_of_date)) AS message,
           concat(toString(t.nav), ' ', toString(t.called_capital), ' ', toString(t.distributed_capital)) AS expected, concat(toString(i.nav), ' ', toString(i.called), ' ', toString(i.distributed)) AS actual
    FROM (SELECT * FROM (SELECT * FROM fact_fund_performance FINAL WHERE origin = 'PERFORMANCE' AND subject != 'INVESTMENT') WHERE is_fund_total) AS t
    INNER JOIN (
        SELECT fund_id, as_of_date, sum(p.nav) AS nav, sum(p.called_capital) AS called, sum(p.distributed_capital) AS distributed, sum(p.committed_capital) AS committed, sum(p.unfunded_capital) AS unfunded
        FROM (SELECT * FROM fact_fund_performance FINAL WHERE origin = 'PERFORMANCE' AND subject != 'INVESTMENT') AS p WHERE NOT is_fund_total GROUP BY fund_id, as_of_date
    ) AS i ON i.fund_id = t.fund_id AND i.as_of_date = t.as_of_date
    WHERE t.nav != i.nav OR t.called_capital != i.called OR t.distributed_capital != i.distributed OR t.committed_capital != i.committed OR t.unfunded_capital != i.unfunded
    UNION ALL
    SELECT 'JOURNAL_BALANCE' AS check_name, 'ERROR' AS severity, fund_id, journal_entry_id AS subject_id, 'debits are not credits' AS message, toString(sum(l.debit)) AS expected, toString(sum(l.credit)) AS actual
    FROM (SELECT * FROM fact_journal_lines FINAL) AS l GROUP BY fund_id, journal_entry_id HAVING sum(l.debit) != sum(l.credit)
    UNION ALL
    SELECT 'DUPLICATE_RECORDS' AS check_name, 'WARNING' AS severity, fund_id, notice_id AS subject_id, 'the same amount is paid on a notice twice on one day' AS message, '1' AS expected, toString(count()) AS actual
    FROM fact_capital_call_payments FINAL WHERE NOT is_reversed GROUP BY fund_id, notice_id, payment_date, amount HAVING count() > 1
    UNION ALL
    SELECT 'DUPLICATE_RECORDS' AS check_name, 'ERROR' AS severity, min(fund_id) AS fund_id, cash_flow_id AS subject_id, 'a cash flow stands in several funds' AS message, '1' AS expected, toString(count()) AS actual
    FROM fact_cash_flows FINAL GROUP BY cash_flow_id HAVING count() > 1
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a cash flow names a fund that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, cash_flow_id AS record_id, fund_id AS named FROM fact_cash_flows FINAL) WHERE named NOT IN (SELECT fund_id FROM dim_fund_history)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a cash flow names an investor that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, cash_flow_id AS record_id, investor_id AS named FROM fact_cash_flows FINAL WHERE NOT is_fund_flow) WHERE named NOT IN (SELECT investor_id FROM dim_investor_history)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a cash flow names a commitment that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, cash_flow_id AS record_id, commitment_id AS named FROM fact_cash_flows FINAL WHERE NOT is_fund_flow) WHERE named NOT IN (SELECT commitment_id FROM fact_commitments)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a cash flow names an investment that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, cash_flow_id AS record_id, investment_id AS named FROM fact_cash_flows FINAL WHERE is_fund_flow AND cash_flow_type IN ('INVESTMENT', 'REALISATION')) WHERE named NOT IN (SELECT investment_id FROM dim_investment_history)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a commitment names a fund that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, commitment_id AS record_id, fund_id AS named FROM fact_commitments FINAL) WHERE named NOT IN (SELECT fund_id FROM dim_fund_history)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a commitment names an investor that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, commitment_id AS record_id, investor_id AS named FROM fact_commitments FINAL) WHERE named NOT IN (SELECT investor_id FROM dim_investor_history)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a performance names a fund that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, performance_id AS record_id, fund_id AS named FROM fact_fund_performance FINAL) WHERE named NOT IN (SELECT fund_id FROM dim_fund_history)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a performance names an investor that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, performance_id AS record_id, investor_id AS named FROM fact_fund_performance FINAL WHERE subject = 'INVESTOR') WHERE named NOT IN (SELECT investor_id FROM dim_investor_history)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a notice names a capital call that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, notice_id AS record_id, call_id AS named FROM fact_capital_call_notices FINAL) WHERE named NOT IN (SELECT call_id FROM fact_capital_calls_history)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a payment names a notice that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, payment_id AS record_id, notice_id AS named FROM fact_capital_call_payments FINAL) WHERE named NOT IN (SELECT notice_id FROM fact_capital_call_notices)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a notice names a distribution that is not known' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, notice_id AS record_id, distribution_id AS named FROM fact_distribution_notices FINAL) WHERE named NOT IN (SELECT distribution_id FROM fact_distributions_history)
    UNION ALL
    SELECT 'ORPHANED_RECORDS' AS check_name, 'ERROR' AS severity, fund_id, record_id AS subject_id, 'a journal line names an account that is not in the chart' AS message, toString(named) AS expected, CAST(NULL, 'Nullable(String)') AS actual
    FROM (SELECT fund_id, journal_entry_id AS record_id, account_code AS named FROM fact_journal_lines FINAL) WHERE named NOT IN (SELECT account_code FROM dim_account)
)
;;
CREATE OR REPLACE VIEW quality_checks (
    check_name LowCardinality(String) COMMENT 'The check.',
    description String COMMENT 'What holds when it passes.',
    failures UInt64 COMMENT 'Rows of quality_check_failures.',
    is_passed Bool COMMENT 'It holds everywhere.'
)
COMMENT 'The checks of the data, one row for each, whether it fails or not. Grain: check_name.'
AS
SELECT c.1 AS check_name, c.2 AS description, f.failures AS failures, f.failures = 0 AS is_passed
FROM (SELECT arrayJoin([
       ('COMMITMENT_CONSISTENCY', 'Commitments of a fund are at most 105 % of its size.'),
       ('CAPITAL_CALL_RECONCILIATION', 'Notices add up to their capital call, and no notice is paid twice.'),
       ('DISTRIBUTION_RECONCILIATION', 'Notices add up to their distribution, and the tiers give its carried interest.'),
       ('NAV_ROLL', 'The roll adds up to the net asset value, which performance and journal tell as well.'),
       ('FUND_TOTAL', 'Investors add up to their fund.'),
       ('JOURNAL_BALANCE', 'Every journal entry balances.'),
       ('DUPLICATE_RECORDS', 'Nothing stands twice.'),
       ('ORPHANED_RECORDS', 'Everything that a record names is there.')
]) AS c) AS known
LEFT JOIN (SELECT check_name, count() AS failures FROM quality_check_failures GROUP BY check_name) AS f ON f.check_name = c.1
