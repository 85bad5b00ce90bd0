-- Terms with their versions and side letters, and what happens to commitments after they were made (spec 1.1, 2.1).
ALTER TABLE fund_terms DROP CONSTRAINT fund_terms_term_type_known;
ALTER TABLE fund_terms ADD CONSTRAINT fund_terms_term_type_known CHECK (term_type IN ('WATERFALL', 'FEE_STRUCTURE', 'DISTRIBUTION', 'CAPITAL_CALL'));
ALTER TABLE fund_terms ADD COLUMN investor_id uuid REFERENCES investors (investor_id);
ALTER TABLE fund_terms ADD COLUMN terms_version integer;
COMMENT ON COLUMN fund_terms.investor_id IS 'Investor for whom alone it holds (side letter); null for the fund.';
COMMENT ON COLUMN fund_terms.terms_version IS '1, 2, … of the terms of the fund; null for terms that came with the card of the fund.';

-- What was wholly transferred has nothing left.
ALTER TABLE commitments DROP CONSTRAINT check_commitment_amount;
ALTER TABLE commitments ADD CONSTRAINT check_commitment_amount CHECK (commitment_amount > 0 OR (commitment_amount = 0 AND status <> 'ACTIVE'));

CREATE TABLE waterfall_configs (
  config_id uuid PRIMARY KEY,
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  investor_id uuid REFERENCES investors (investor_id),
  waterfall_name text NOT NULL,
  waterfall_structure jsonb NOT NULL,
  effective_date date NOT NULL,
  expiry_date date,
  is_active boolean NOT NULL,
  terms_version integer NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE INDEX idx_waterfall_configs_fund ON waterfall_configs (fund_id, effective_date);

COMMENT ON TABLE waterfall_configs IS 'Waterfalls of the funds: the WATERFALL terms, one row per adopted version.';
COMMENT ON COLUMN waterfall_configs.config_id IS 'Id of the term.';
COMMENT ON COLUMN waterfall_configs.fund_id IS 'The fund.';
COMMENT ON COLUMN waterfall_configs.investor_id IS 'Investor for whom alone it holds (side letter); null for the fund.';
COMMENT ON COLUMN waterfall_configs.waterfall_name IS 'Its name.';
COMMENT ON COLUMN waterfall_configs.waterfall_structure IS 'Terms in the vocabulary of the waterfall engine.';
COMMENT ON COLUMN waterfall_configs.effective_date IS 'From when.';
COMMENT ON COLUMN waterfall_configs.expiry_date IS 'Until when, exclusive; null is open.';
COMMENT ON COLUMN waterfall_configs.is_active IS 'Whether no later version of the same scope has been adopted.';
COMMENT ON COLUMN waterfall_configs.terms_version IS '1, 2, … of the terms of the fund.';
COMMENT ON COLUMN waterfall_configs.created_at IS 'recorded_at of the event that made it.';

CREATE TABLE commitment_modifications (
  modification_id uuid PRIMARY KEY,
  commitment_id uuid NOT NULL REFERENCES commitments (commitment_id),
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  modification_type text NOT NULL CONSTRAINT commitment_modifications_modification_type_known CHECK (modification_type IN ('INCREASE', 'DECREASE', 'TRANSFER', 'CANCELLATION')),
  old_amount numeric(20,2) NOT NULL,
  new_amount numeric(20,2) NOT NULL,
  to_commitment_id uuid REFERENCES commitments (commitment_id),
  called_inside_moved numeric(20,2) NOT NULL,
  called_outside_moved numeric(20,2) NOT NULL,
  paid_in_moved numeric(20,2) NOT NULL,
  distributed_moved numeric(20,2) NOT NULL,
  recallable_moved numeric(20,2) NOT NULL,
  effective_date date NOT NULL,
  reason text,
  created_at timestamptz NOT NULL
);

CREATE INDEX idx_commitment_modifications_commitment ON commitment_modifications (commitment_id, effective_date);
CREATE INDEX idx_commitment_modifications_to ON commitment_modifications (to_commitment_id) WHERE to_commitment_id IS NOT NULL;

COMMENT ON TABLE commitment_modifications IS 'Increases, decreases, transfers and cancellations of commitments.';
COMMENT ON COLUMN commitment_modifications.modification_id IS 'Id of the modification.';
COMMENT ON COLUMN commitment_modifications.commitment_id IS 'The commitment.';
COMMENT ON COLUMN commitment_modifications.fund_id IS 'The fund.';
COMMENT ON COLUMN commitment_modifications.modification_type IS 'How it was modified.';
COMMENT ON COLUMN commitment_modifications.old_amount IS 'Before.';
COMMENT ON COLUMN commitment_modifications.new_amount IS 'After.';
COMMENT ON COLUMN commitment_modifications.to_commitment_id IS 'Of a transfer, the commitment that came into being.';
COMMENT ON COLUMN commitment_modifications.called_inside_moved IS 'Of a transfer, called inside the commitment that moved.';
COMMENT ON COLUMN commitment_modifications.called_outside_moved IS 'Called outside it that moved.';
COMMENT ON COLUMN commitment_modifications.paid_in_moved IS 'Paid in that moved.';
COMMENT ON COLUMN commitment_modifications.distributed_moved IS 'Distributed that moved.';
COMMENT ON COLUMN commitment_modifications.recallable_moved IS 'Recallable distributions that moved.';
COMMENT ON COLUMN commitment_modifications.effective_date IS 'From when.';
COMMENT ON COLUMN commitment_modifications.reason IS 'Why, in the words of the user.';
COMMENT ON COLUMN commitment_modifications.created_at IS 'recorded_at of the event that made it.';
