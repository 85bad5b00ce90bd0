-- Integrity that the ledger implies, checked again when a transaction of the sink commits (spec 7.2). Mended: the new row counts, a call is
-- checked against what is unfunded inside the commitment, transfers and recallable distributions included; totals compare like with like.

-- Called inside the commitment, less what may be called again, with what transfers moved in and out.
CREATE FUNCTION drawn_amount(of_commitment uuid) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT
    coalesce((SELECT sum(n.call_amount - n.outside_commitment) FROM capital_call_notices n WHERE n.commitment_id = of_commitment AND n.notice_status <> 'CANCELLED'), 0)
    - coalesce((SELECT sum(d.recallable_amount) FROM distribution_notices d WHERE d.commitment_id = of_commitment AND d.notice_status <> 'CANCELLED'), 0)
    + coalesce((SELECT sum(m.called_inside_moved - m.recallable_moved) FROM commitment_modifications m WHERE m.to_commitment_id = of_commitment), 0)
    - coalesce((SELECT sum(m.called_inside_moved - m.recallable_moved) FROM commitment_modifications m WHERE m.commitment_id = of_commitment), 0)
$$;
COMMENT ON FUNCTION drawn_amount(uuid) IS 'What a commitment has been drawn by, apart from what was called before it was taken over: commitment_amount less it is the unfunded commitment.';

CREATE FUNCTION assert_unfunded(of_commitment uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  pledged numeric;
  drawn numeric;
BEGIN
  SELECT commitment_amount INTO pledged FROM commitments WHERE commitment_id = of_commitment;
  drawn := drawn_amount(of_commitment);
  IF drawn > pledged THEN
    RAISE EXCEPTION 'commitment % of % is drawn by %, that is % more than it has', of_commitment, pledged, drawn, drawn - pledged
      USING ERRCODE = 'check_violation', CONSTRAINT = 'commitments_unfunded_not_negative';
  END IF;
END $$;
COMMENT ON FUNCTION assert_unfunded(uuid) IS 'Fails when a commitment is drawn by more than it has.';

CREATE FUNCTION check_unfunded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM assert_unfunded(NEW.commitment_id);
  RETURN NULL;
END $$;
CREATE FUNCTION check_modification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM assert_unfunded(NEW.commitment_id);
  IF NEW.to_commitment_id IS NOT NULL THEN
    PERFORM assert_unfunded(NEW.to_commitment_id);
  END IF;
  RETURN NULL;
END $$;

-- Only changes that can draw a commitment further are looked at: a payment changes the status of a notice, but not what it calls.
CREATE CONSTRAINT TRIGGER trigger_validate_capital_call AFTER INSERT ON capital_call_notices
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_unfunded();
CREATE CONSTRAINT TRIGGER trigger_validate_called_amount AFTER UPDATE ON capital_call_notices
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.call_amount - NEW.outside_commitment > OLD.call_amount - OLD.outside_commitment OR (OLD.notice_status = 'CANCELLED' AND NEW.notice_status <> 'CANCELLED'))
  EXECUTE FUNCTION check_unfunded();
CREATE CONSTRAINT TRIGGER trigger_validate_recallable AFTER UPDATE ON distribution_notices
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.recallable_amount < OLD.recallable_amount OR (NEW.recallable_amount > 0 AND NEW.notice_status = 'CANCELLED'))
  EXECUTE FUNCTION check_unfunded();
CREATE CONSTRAINT TRIGGER trigger_validate_commitment AFTER UPDATE ON commitments
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.commitment_amount < OLD.commitment_amount) EXECUTE FUNCTION check_unfunded();
CREATE CONSTRAINT TRIGGER trigger_validate_modification AFTER INSERT ON commitment_modifications
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_modification();

-- The notices of a call add up to it, and all of them are there: the sink writes the header and its chunks in one transaction.
CREATE FUNCTION check_call_total() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  notices integer;
  total numeric;
BEGIN
  IF NEW.call_status = 'DRAFT' OR NEW.notice_count = 0 THEN
    RETURN NULL;
  END IF;
  SELECT count(*), coalesce(sum(call_amount), 0) INTO notices, total FROM capital_call_notices WHERE call_id = NEW.call_id;
  IF notices <> NEW.notice_count OR total <> NEW.total_call_amount THEN
    RAISE EXCEPTION '% notices of capital call % add up to %, not % to %', notices, NEW.call_id, total, NEW.notice_count, NEW.total_call_amount
      USING ERRCODE = 'check_violation', CONSTRAINT = 'capital_calls_notices_add_up';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER trigger_validate_call_total AFTER INSERT OR UPDATE OF call_status, notice_count ON capital_calls
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_call_total();

CREATE FUNCTION check_distribution_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  notices integer;
  gross numeric;
  carried numeric;
  offset_sum numeric;
  withheld numeric;
  net numeric;
  recallable numeric;
BEGIN
  SELECT count(*), coalesce(sum(gross_distribution), 0), coalesce(sum(carried_interest), 0), coalesce(sum(management_fee_offset), 0), coalesce(sum(tax_withholding), 0), coalesce(sum(net_distribution), 0), coalesce(sum(recallable_amount), 0)
    INTO notices, gross, carried, offset_sum, withheld, net, recallable
    FROM distribution_notices WHERE distribution_id = NEW.distribution_id;
  IF notices <> NEW.notice_count OR (gross, carried, offset_sum, withheld, net, recallable) IS DISTINCT FROM
    (NEW.total_distribution_amount, NEW.carried_interest, NEW.management_fee_offset, NEW.tax_withholding, NEW.net_distribution, NEW.recallable_amount) THEN
    RAISE EXCEPTION '% of % notices of distribution % do not add up to it: gross % of %, carried interest % of %, offset % of %, withholding % of %, net % of %, recallable % of %',
      notices, NEW.notice_count, NEW.distribution_id, gross, NEW.total_distribution_amount, carried, NEW.carried_interest, offset_sum, NEW.management_fee_offset, withheld, NEW.tax_withholding, net, NEW.net_distribution, recallable, NEW.recallable_amount
      USING ERRCODE = 'check_violation', CONSTRAINT = 'distributions_notices_add_up';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER trigger_validate_waterfall AFTER INSERT OR UPDATE OF notice_count ON distributions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_distribution_totals();

-- What is left of an investment and what that is worth, after its events up to a version. Events count by their dates, of one day in the
-- order of recording: a purchase adds to the value, a valuation states it, a sale says what the rest is worth.
CREATE FUNCTION investment_figures(of_investment uuid, up_to_version integer)
RETURNS TABLE (remaining_cost numeric, current_fair_value numeric, valuation_method text, last_valuation_date date) LANGUAGE sql STABLE AS $$
  WITH entry AS MATERIALIZED (
    SELECT e.effective_date, e.event_version, e.event_type, e.event_data,
      CASE e.event_type
        WHEN 'InvestmentMade' THEN (e.event_data->>'investment_amount')::numeric
        WHEN 'InvestmentIncreased' THEN (e.event_data->>'amount')::numeric
        WHEN 'InvestmentRealised' THEN -(e.event_data->>'cost_realised')::numeric
        WHEN 'InvestmentWrittenOff' THEN -(e.event_data->>'cost_written_off')::numeric
        ELSE 0.00
      END AS cost,
      CASE e.event_type
        WHEN 'InvestmentValued' THEN (e.event_data->>'fair_value')::numeric
        WHEN 'InvestmentRealised' THEN (e.event_data->>'remaining_fair_value')::numeric
        WHEN 'InvestmentWrittenOff' THEN (e.event_data->>'remaining_fair_value')::numeric
      END AS fair
    FROM event_store e WHERE e.aggregate_id = of_investment AND e.event_version <= up_to_version
  ),
  stated AS (SELECT effective_date, event_version, fair FROM entry WHERE fair IS NOT NULL ORDER BY effective_date DESC, event_version DESC LIMIT 1),
  valued AS (SELECT effective_date, event_data->>'valuation_method' AS method FROM entry WHERE event_type = 'InvestmentValued' ORDER BY effective_date DESC, event_version DESC LIMIT 1)
  SELECT
    (SELECT sum(cost) FROM entry),
    coalesce((SELECT fair FROM stated), 0.00) + coalesce((SELECT sum(e.cost) FROM entry e WHERE e.fair IS NULL
      AND NOT EXISTS (SELECT FROM stated s WHERE (s.effective_date, s.event_version) > (e.effective_date, e.event_version))), 0.00),
    (SELECT method FROM valued),
    (SELECT effective_date FROM valued)
$$;
COMMENT ON FUNCTION investment_figures(uuid, integer) IS 'Cost and fair value of what is left of an investment after its events up to a version, with its last valuation.';

-- Trial balance of the funds as of now; debits equal credits.
CREATE VIEW trial_balances AS
SELECT fund_id, currency, account_code, sum(debit) AS debit, sum(credit) AS credit, sum(debit) - sum(credit) AS balance
FROM journal_entries GROUP BY fund_id, currency, account_code;
COMMENT ON VIEW trial_balances IS 'Debits and credits by fund and account.';
COMMENT ON COLUMN trial_balances.fund_id IS 'The fund.';
COMMENT ON COLUMN trial_balances.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN trial_balances.account_code IS 'Account of the chart.';
COMMENT ON COLUMN trial_balances.debit IS 'Sum of its debits.';
COMMENT ON COLUMN trial_balances.credit IS 'Sum of its credits.';
COMMENT ON COLUMN trial_balances.balance IS 'Debits less credits.';

-- The checks of spec 7.3 as SQL over this store: rows are findings.
CREATE VIEW quality_checks AS
SELECT 'COMMITMENT_CONSISTENCY' AS check_name, f.fund_id, f.fund_id AS subject_id, f.fund_size::text AS expected, sum(c.commitment_amount)::text AS actual
FROM funds f JOIN commitments c USING (fund_id) WHERE c.status = 'ACTIVE' AND f.fund_size IS NOT NULL
GROUP BY f.fund_id, f.fund_size HAVING sum(c.commitment_amount) > f.fund_size * 1.05
UNION ALL
SELECT 'CAPITAL_CALL_RECONCILIATION', cc.fund_id, cc.call_id, cc.total_call_amount::text, coalesce(sum(n.call_amount), 0)::text
FROM capital_calls cc LEFT JOIN capital_call_notices n USING (call_id) WHERE cc.call_status <> 'DRAFT' AND cc.notice_count > 0
GROUP BY cc.fund_id, cc.call_id, cc.total_call_amount HAVING cc.total_call_amount <> coalesce(sum(n.call_amount), 0)
UNION ALL
SELECT 'DISTRIBUTION_RECONCILIATION', d.fund_id, d.distribution_id, d.total_distribution_amount::text, coalesce(sum(n.gross_distribution), 0)::text
FROM distributions d LEFT JOIN distribution_notices n USING (distribution_id)
GROUP BY d.fund_id, d.distribution_id, d.total_distribution_amount HAVING d.total_distribution_amount <> coalesce(sum(n.gross_distribution), 0)
UNION ALL
SELECT 'NAV_ROLL', fund.fund_id, fund.fund_id, fund.closing_nav::text, (sum(part.closing_nav))::text
FROM nav_rolls fund JOIN nav_rolls part ON part.fund_id = fund.fund_id AND part.as_of_date = fund.as_of_date AND part.investor_id IS NOT NULL
WHERE fund.investor_id IS NULL
GROUP BY fund.fund_id, fund.as_of_date, fund.closing_nav HAVING fund.closing_nav <> sum(part.closing_nav)
UNION ALL
SELECT 'DUPLICATE_RECORDS', p.fund_id, min(p.payment_id::text)::uuid, NULL, count(*)::text
FROM capital_call_payments p WHERE NOT p.is_reversed AND p.bank_reference IS NOT NULL
GROUP BY p.fund_id, p.notice_id, p.amount, p.payment_date, p.bank_reference HAVING count(*) > 1
UNION ALL
SELECT 'ORPHANED_RECORDS', n.fund_id, n.notice_id, n.fund_id::text, c.fund_id::text
FROM capital_call_notices n JOIN commitments c USING (commitment_id) WHERE n.fund_id <> c.fund_id;
COMMENT ON VIEW quality_checks IS 'What the checks of the data find in this store; no rows when all is well.';
COMMENT ON COLUMN quality_checks.check_name IS 'The check, named as in quality_findings.';
COMMENT ON COLUMN quality_checks.fund_id IS 'The fund.';
COMMENT ON COLUMN quality_checks.subject_id IS 'What it is about.';
COMMENT ON COLUMN quality_checks.expected IS 'Value expected.';
COMMENT ON COLUMN quality_checks.actual IS 'Value found.';
