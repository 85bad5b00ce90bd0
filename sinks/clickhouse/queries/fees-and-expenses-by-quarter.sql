-- What does each fund cost, quarter by quarter, from its journal?
SELECT f.fund_name AS fund_name, d.year AS year, d.quarter AS quarter, l.currency AS currency, a.account_name AS account_name, sum(l.debit - l.credit) AS cost
FROM (SELECT * FROM fact_journal_lines FINAL) AS l
INNER JOIN (SELECT * FROM dim_account FINAL WHERE account_type = 'EXPENSE') AS a ON a.account_code = l.account_code
INNER JOIN (SELECT * FROM dim_date FINAL) AS d ON d.date_id = l.date_id
INNER JOIN (SELECT * FROM dim_fund WHERE is_current) AS f ON f.fund_id = l.fund_id
GROUP BY fund_name, year, quarter, currency, account_name
ORDER BY fund_name, year, quarter, account_name
