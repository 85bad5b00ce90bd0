-- What are all funds worth in US dollars, each at the last rate up to its fact date?
SELECT s.fund_name AS fund_name, s.as_of_date AS as_of_date, s.currency AS currency, s.remaining_value AS nav, r.rate_date AS rate_date,
       if(s.currency = 'USD', toDecimal128(1, 12), r.exchange_rate) AS exchange_rate,
       round(multiplyDecimal(s.remaining_value, if(s.currency = 'USD', toDecimal128(1, 12), r.exchange_rate), 12), 2) AS nav_in_usd
FROM (SELECT * FROM capital_account_statement WHERE is_fund_total) AS s
ASOF LEFT JOIN (SELECT base_currency, rate_date, exchange_rate FROM dim_exchange_rate FINAL WHERE target_currency = 'USD') AS r ON r.base_currency = s.currency AND s.as_of_date >= r.rate_date
WHERE s.currency = 'USD' OR r.exchange_rate > 0
ORDER BY fund_name
