-- Trial balance of each fund over the entries up to as_of, as they were known at known_at. Columns as in trial_balance.
SELECT b.fund_id AS fund_id, f.fund_name AS fund_name, b.currency AS currency, b.account_code AS account_code, a.account_name AS account_name, a.account_type AS account_type,
       b.debit AS debit, b.credit AS credit, b.debit - b.credit AS balance
FROM (
    SELECT fund_id, any(currency) AS currency, account_code, sum(l.debit) AS debit, sum(l.credit) AS credit
    FROM (SELECT * FROM fact_journal_lines FINAL WHERE entry_date <= {as_of:Date32} AND recorded_at <= {known_at:DateTime64(6, 'UTC')}) AS l GROUP BY fund_id, account_code
) AS b
LEFT JOIN (SELECT * FROM dim_account FINAL) AS a ON a.account_code = b.account_code
LEFT JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = b.fund_id
