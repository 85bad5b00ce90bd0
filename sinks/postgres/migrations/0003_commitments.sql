-- What investors pledged, what was taken over with it and what it is worth. Mended: one investor may pledge twice to one fund on
-- one day, so that (fund_id, investor_id, commitment_date) is not unique.
CREATE TABLE commitments (
  commitment_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  investor_id uuid NOT NULL REFERENCES investors (investor_id),
  commitment_amount numeric(20,2) NOT NULL CONSTRAINT check_commitment_amount CHECK (commitment_amount > 0),
  currency text NOT NULL CONSTRAINT commitments_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  commitment_date date NOT NULL,
  commitment_type text NOT NULL CONSTRAINT commitments_commitment_type_known CHECK (commitment_type IN ('INITIAL', 'ADDITIONAL', 'TRANSFER')),
  side_letter_terms jsonb,
  status text NOT NULL CONSTRAINT commitments_status_known CHECK (status IN ('ACTIVE', 'CANCELLED', 'TRANSFERRED')),
  assumed_fields text[] NOT NULL,
  investor_version integer NOT NULL,
  investor_kyc_status text NOT NULL CONSTRAINT commitments_investor_kyc_status_known CHECK (investor_kyc_status IN ('PENDING', 'APPROVED', 'REJECTED')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CONSTRAINT commitments_version_positive CHECK (version > 0)
);

CREATE INDEX idx_commitments_fund_investor ON commitments (fund_id, investor_id);
CREATE INDEX idx_commitments_investor ON commitments (investor_id);
CREATE INDEX idx_commitments_status ON commitments (status);
CREATE INDEX idx_commitments_date ON commitments (commitment_date);
CREATE INDEX idx_active_commitments ON commitments (fund_id, investor_id) WHERE status = 'ACTIVE';

COMMENT ON TABLE commitments IS 'Capital that investors pledged to funds.';
COMMENT ON COLUMN commitments.commitment_id IS 'Id of the commitment.';
COMMENT ON COLUMN commitments.tenant_id IS 'The managing general partner.';
COMMENT ON COLUMN commitments.fund_id IS 'The fund.';
COMMENT ON COLUMN commitments.investor_id IS 'The investor.';
COMMENT ON COLUMN commitments.commitment_amount IS 'Amount pledged, in the base currency of the fund.';
COMMENT ON COLUMN commitments.currency IS 'ISO 4217 code: the base currency of the fund.';
COMMENT ON COLUMN commitments.commitment_date IS 'Day of the pledge.';
COMMENT ON COLUMN commitments.commitment_type IS 'How it came about.';
COMMENT ON COLUMN commitments.side_letter_terms IS 'Terms agreed with this investor alone.';
COMMENT ON COLUMN commitments.status IS 'Where it stands.';
COMMENT ON COLUMN commitments.assumed_fields IS 'Fields whose value was assumed because the source does not say.';
COMMENT ON COLUMN commitments.investor_version IS 'Version of the investor that the decision looked at.';
COMMENT ON COLUMN commitments.investor_kyc_status IS 'Check of the investor at that version.';
COMMENT ON COLUMN commitments.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN commitments.updated_at IS 'recorded_at of its last event, balances and valuations included.';
COMMENT ON COLUMN commitments.version IS 'event_version of its last event.';

CREATE TABLE opening_balances (
  commitment_id uuid NOT NULL REFERENCES commitments (commitment_id),
  event_version integer NOT NULL,
  fund_id uuid NOT NULL,
  investor_id uuid NOT NULL,
  as_of_date date NOT NULL,
  currency text NOT NULL,
  called_amount numeric(20,2),
  distributed_amount numeric(20,2),
  remaining_value numeric(20,2),
  reported_irr numeric,
  reported_multiple numeric,
  reported_vintage_year integer,
  source text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (commitment_id, event_version)
);

CREATE INDEX idx_opening_balances_fund ON opening_balances (fund_id, investor_id);
CREATE INDEX idx_opening_balances_investor ON opening_balances (investor_id);

COMMENT ON TABLE opening_balances IS 'Positions with a history elsewhere, as they were taken over.';
COMMENT ON COLUMN opening_balances.commitment_id IS 'The commitment.';
COMMENT ON COLUMN opening_balances.event_version IS 'event_version of the commitment that recorded it.';
COMMENT ON COLUMN opening_balances.fund_id IS 'The fund.';
COMMENT ON COLUMN opening_balances.investor_id IS 'The investor.';
COMMENT ON COLUMN opening_balances.as_of_date IS 'Date up to which the figures are known.';
COMMENT ON COLUMN opening_balances.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN opening_balances.called_amount IS 'Capital called up to the date; null is unknown.';
COMMENT ON COLUMN opening_balances.distributed_amount IS 'Capital distributed up to the date; a negative figure of a source is kept; null is unknown.';
COMMENT ON COLUMN opening_balances.remaining_value IS 'Net asset value at the date; null is unknown.';
COMMENT ON COLUMN opening_balances.reported_irr IS 'Net IRR as the source publishes it, a decimal fraction; kept, never used.';
COMMENT ON COLUMN opening_balances.reported_multiple IS 'Net multiple as the source publishes it; kept, never used.';
COMMENT ON COLUMN opening_balances.reported_vintage_year IS 'Vintage as the source publishes it.';
COMMENT ON COLUMN opening_balances.source IS 'Where the figures come from.';
COMMENT ON COLUMN opening_balances.created_at IS 'recorded_at of the event.';

CREATE TABLE valuations (
  valuation_id uuid PRIMARY KEY,
  commitment_id uuid NOT NULL REFERENCES commitments (commitment_id),
  fund_id uuid NOT NULL,
  investor_id uuid NOT NULL,
  event_version integer NOT NULL,
  valuation_date date NOT NULL,
  currency text NOT NULL,
  remaining_value numeric(20,2) NOT NULL,
  valuation_source text,
  created_at timestamptz NOT NULL,
  CONSTRAINT valuations_commitment_version_key UNIQUE (commitment_id, event_version)
);

CREATE INDEX idx_valuations_commitment_date ON valuations (commitment_id, valuation_date);
CREATE INDEX idx_valuations_fund_date ON valuations (fund_id, valuation_date);

COMMENT ON TABLE valuations IS 'Net asset values of capital accounts.';
COMMENT ON COLUMN valuations.valuation_id IS 'Id of the event that recorded it.';
COMMENT ON COLUMN valuations.commitment_id IS 'The commitment.';
COMMENT ON COLUMN valuations.fund_id IS 'The fund.';
COMMENT ON COLUMN valuations.investor_id IS 'The investor.';
COMMENT ON COLUMN valuations.event_version IS 'event_version of the commitment that recorded it.';
COMMENT ON COLUMN valuations.valuation_date IS 'Date of the value: the effective date of the event.';
COMMENT ON COLUMN valuations.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN valuations.remaining_value IS 'Net asset value at the date.';
COMMENT ON COLUMN valuations.valuation_source IS 'Statement or method behind it.';
COMMENT ON COLUMN valuations.created_at IS 'recorded_at of the event.';

CREATE TABLE capital_accounts (
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  investor_id uuid REFERENCES investors (investor_id),
  currency text NOT NULL,
  as_of_date date NOT NULL,
  earliest_as_of_date date NOT NULL,
  commitments integer NOT NULL,
  committed_amount numeric(20,2) NOT NULL,
  called_amount numeric(20,2),
  distributed_amount numeric(20,2),
  remaining_value numeric(20,2),
  total_value numeric(20,2),
  unfunded_amount numeric(20,2) CONSTRAINT capital_accounts_unfunded_not_negative CHECK (unfunded_amount >= 0),
  called_unknown integer NOT NULL,
  distributed_unknown integer NOT NULL,
  remaining_unknown integer NOT NULL,
  pic numeric(38,10),
  dpi numeric(38,10),
  rvpi numeric(38,10),
  tvpi numeric(38,10),
  irr numeric,
  irr_status text NOT NULL CONSTRAINT capital_accounts_irr_status_known CHECK (irr_status IN ('OK', 'DOUBLE_ROOT', 'MULTIPLE_ROOTS', 'NO_ROOT', 'NO_FLOWS')),
  reported_irr numeric,
  reported_multiple numeric,
  source_event_aggregate_id uuid NOT NULL,
  source_event_version integer NOT NULL,
  position_partition integer NOT NULL,
  position_offset bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT capital_accounts_key UNIQUE NULLS NOT DISTINCT (fund_id, investor_id)
);

CREATE INDEX idx_capital_accounts_investor ON capital_accounts (investor_id);

COMMENT ON TABLE capital_accounts IS 'Capital account of each investor in a fund, and of each whole fund, after the last event that touched it: a projection of the capital-accounts topic.';
COMMENT ON COLUMN capital_accounts.fund_id IS 'The fund.';
COMMENT ON COLUMN capital_accounts.investor_id IS 'The investor; null for the whole fund.';
COMMENT ON COLUMN capital_accounts.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN capital_accounts.as_of_date IS 'Latest effective date of what it contains.';
COMMENT ON COLUMN capital_accounts.earliest_as_of_date IS 'Earliest date up to which one of its parts is known; differs from as_of_date in totals over different dates.';
COMMENT ON COLUMN capital_accounts.commitments IS 'Number of commitments in it.';
COMMENT ON COLUMN capital_accounts.committed_amount IS 'Sum pledged.';
COMMENT ON COLUMN capital_accounts.called_amount IS 'Sum called of the parts that are known; null is unknown.';
COMMENT ON COLUMN capital_accounts.distributed_amount IS 'Sum distributed of the parts that are known; null is unknown.';
COMMENT ON COLUMN capital_accounts.remaining_value IS 'Sum of the net asset values that are known; null is unknown.';
COMMENT ON COLUMN capital_accounts.total_value IS 'Distributed plus remaining; null unless both are wholly known.';
COMMENT ON COLUMN capital_accounts.unfunded_amount IS 'Committed minus called, never below zero; null unless called is wholly known.';
COMMENT ON COLUMN capital_accounts.called_unknown IS 'Commitments whose called capital is unknown.';
COMMENT ON COLUMN capital_accounts.distributed_unknown IS 'Commitments whose distributions are unknown.';
COMMENT ON COLUMN capital_accounts.remaining_unknown IS 'Commitments whose net asset value is unknown.';
COMMENT ON COLUMN capital_accounts.pic IS 'Paid-in to committed; null where undefined.';
COMMENT ON COLUMN capital_accounts.dpi IS 'Distributed to paid-in; null where undefined.';
COMMENT ON COLUMN capital_accounts.rvpi IS 'Remaining value to paid-in; null where undefined.';
COMMENT ON COLUMN capital_accounts.tvpi IS 'Total value to paid-in; null where undefined.';
COMMENT ON COLUMN capital_accounts.irr IS 'Net IRR from dated flows; null where irr_status says why.';
COMMENT ON COLUMN capital_accounts.irr_status IS 'Whether the IRR is defined.';
COMMENT ON COLUMN capital_accounts.reported_irr IS 'As the source publishes it; only for a single position.';
COMMENT ON COLUMN capital_accounts.reported_multiple IS 'As the source publishes it; only for a single position.';
COMMENT ON COLUMN capital_accounts.source_event_aggregate_id IS 'Aggregate of the event after which it is true.';
COMMENT ON COLUMN capital_accounts.source_event_version IS 'Version of that event.';
COMMENT ON COLUMN capital_accounts.position_partition IS 'Partition of the events topic in which that event stands.';
COMMENT ON COLUMN capital_accounts.position_offset IS 'Its offset.';
COMMENT ON COLUMN capital_accounts.recorded_at IS 'When that event was recorded.';
