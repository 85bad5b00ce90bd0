-- Distributions with their notices, how waterfalls came to their figures, and clawbacks (spec 1.1, 2.1).
CREATE TABLE distributions (
  distribution_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  distribution_number integer NOT NULL,
  distribution_date date NOT NULL,
  record_date date NOT NULL,
  distribution_type text NOT NULL CONSTRAINT distributions_distribution_type_known CHECK (distribution_type IN ('INCOME', 'CAPITAL', 'RETURN_OF_CAPITAL')),
  distribution_kind text NOT NULL CONSTRAINT distributions_distribution_kind_known CHECK (distribution_kind IN ('ORDINARY', 'TAX', 'CURRENT_INCOME', 'IN_KIND')),
  investment_id uuid,
  currency text NOT NULL CONSTRAINT distributions_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  total_distribution_amount numeric(20,2) NOT NULL CONSTRAINT check_distribution_amount CHECK (total_distribution_amount > 0),
  carried_interest numeric(20,2) NOT NULL,
  management_fee_offset numeric(20,2) NOT NULL,
  tax_withholding numeric(20,2) NOT NULL,
  net_distribution numeric(20,2) NOT NULL,
  recallable_amount numeric(20,2) NOT NULL,
  available_cash_before numeric(20,2) NOT NULL,
  distribution_status text NOT NULL CONSTRAINT distributions_distribution_status_known CHECK (distribution_status IN ('DECLARED', 'PAID', 'CANCELLED')),
  calculation_id uuid NOT NULL,
  notice_count integer NOT NULL,
  payment_date date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CONSTRAINT distributions_version_positive CHECK (version > 0),
  CONSTRAINT distributions_number_key UNIQUE (fund_id, distribution_number),
  CONSTRAINT distributions_parts CHECK (total_distribution_amount = net_distribution + carried_interest + management_fee_offset + tax_withholding)
);

CREATE INDEX idx_distributions_fund_status ON distributions (fund_id, distribution_status);
CREATE INDEX idx_distributions_date ON distributions (distribution_date);
CREATE INDEX idx_distributions_fund_date_status ON distributions (fund_id, distribution_date, distribution_status);

COMMENT ON TABLE distributions IS 'Distributions of the funds.';
COMMENT ON COLUMN distributions.distribution_id IS 'The distribution.';
COMMENT ON COLUMN distributions.tenant_id IS 'The managing general partner.';
COMMENT ON COLUMN distributions.fund_id IS 'The fund.';
COMMENT ON COLUMN distributions.distribution_number IS 'Number in the fund.';
COMMENT ON COLUMN distributions.distribution_date IS 'Day that the waterfall counts.';
COMMENT ON COLUMN distributions.record_date IS 'Day whose holders receive it.';
COMMENT ON COLUMN distributions.distribution_type IS 'What it consists of.';
COMMENT ON COLUMN distributions.distribution_kind IS 'How the waterfall treats it.';
COMMENT ON COLUMN distributions.investment_id IS 'Deal that it comes from; needed by American terms.';
COMMENT ON COLUMN distributions.currency IS 'ISO 4217 code: the base currency of the fund.';
COMMENT ON COLUMN distributions.total_distribution_amount IS 'Gross amount.';
COMMENT ON COLUMN distributions.carried_interest IS 'To the general partner.';
COMMENT ON COLUMN distributions.management_fee_offset IS 'Management fee kept back.';
COMMENT ON COLUMN distributions.tax_withholding IS 'Tax kept back.';
COMMENT ON COLUMN distributions.net_distribution IS 'Paid to the investors.';
COMMENT ON COLUMN distributions.recallable_amount IS 'Part that may be called again.';
COMMENT ON COLUMN distributions.available_cash_before IS 'Cash before.';
COMMENT ON COLUMN distributions.distribution_status IS 'Where it stands.';
COMMENT ON COLUMN distributions.calculation_id IS 'The calculation behind it.';
COMMENT ON COLUMN distributions.notice_count IS 'Notices in all.';
COMMENT ON COLUMN distributions.payment_date IS 'Day of payment.';
COMMENT ON COLUMN distributions.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN distributions.updated_at IS 'recorded_at of its last event.';
COMMENT ON COLUMN distributions.version IS 'event_version of its last event.';

CREATE TABLE distribution_notices (
  notice_id uuid PRIMARY KEY,
  distribution_id uuid NOT NULL REFERENCES distributions (distribution_id),
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  commitment_id uuid NOT NULL REFERENCES commitments (commitment_id),
  investor_id uuid NOT NULL REFERENCES investors (investor_id),
  gross_distribution numeric(20,2) NOT NULL,
  carried_interest numeric(20,2) NOT NULL,
  management_fee_offset numeric(20,2) NOT NULL,
  tax_withholding numeric(20,2) NOT NULL,
  net_distribution numeric(20,2) NOT NULL,
  recallable_amount numeric(20,2) NOT NULL,
  return_of_capital numeric(20,2) NOT NULL,
  preferred_return numeric(20,2) NOT NULL,
  unfunded_before numeric(20,2) NOT NULL,
  unfunded_after numeric(20,2) NOT NULL,
  notice_status text NOT NULL CONSTRAINT distribution_notices_notice_status_known CHECK (notice_status IN ('PENDING', 'PAID', 'CANCELLED')),
  payment_date date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT distribution_notices_parts CHECK (net_distribution = gross_distribution - carried_interest - management_fee_offset - tax_withholding)
);

CREATE INDEX idx_distribution_notices_distribution ON distribution_notices (distribution_id);
CREATE INDEX idx_distribution_notices_commitment ON distribution_notices (commitment_id);
CREATE INDEX idx_distribution_notices_investor ON distribution_notices (investor_id);
CREATE INDEX idx_distribution_notices_status ON distribution_notices (notice_status);
CREATE INDEX idx_active_distributions ON distribution_notices (distribution_id, commitment_id) WHERE notice_status = 'PENDING';

COMMENT ON TABLE distribution_notices IS 'What each commitment receives of a distribution.';
COMMENT ON COLUMN distribution_notices.notice_id IS 'Id of the notice.';
COMMENT ON COLUMN distribution_notices.distribution_id IS 'The distribution.';
COMMENT ON COLUMN distribution_notices.fund_id IS 'The fund.';
COMMENT ON COLUMN distribution_notices.commitment_id IS 'The commitment.';
COMMENT ON COLUMN distribution_notices.investor_id IS 'The investor.';
COMMENT ON COLUMN distribution_notices.gross_distribution IS 'Its share before carried interest.';
COMMENT ON COLUMN distribution_notices.carried_interest IS 'Share of the general partner taken from it.';
COMMENT ON COLUMN distribution_notices.management_fee_offset IS 'Management fee kept back.';
COMMENT ON COLUMN distribution_notices.tax_withholding IS 'Tax kept back.';
COMMENT ON COLUMN distribution_notices.net_distribution IS 'What is paid out.';
COMMENT ON COLUMN distribution_notices.recallable_amount IS 'Part that may be called again: it restores the unfunded commitment.';
COMMENT ON COLUMN distribution_notices.return_of_capital IS 'Part of gross that returns capital.';
COMMENT ON COLUMN distribution_notices.preferred_return IS 'Part of gross that is preferred return.';
COMMENT ON COLUMN distribution_notices.unfunded_before IS 'Unfunded commitment before.';
COMMENT ON COLUMN distribution_notices.unfunded_after IS 'Unfunded commitment after: before plus recallable.';
COMMENT ON COLUMN distribution_notices.notice_status IS 'Where it stands.';
COMMENT ON COLUMN distribution_notices.payment_date IS 'Day of payment.';
COMMENT ON COLUMN distribution_notices.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN distribution_notices.updated_at IS 'recorded_at of its last event.';

CREATE TABLE carry_clawbacks (
  clawback_id uuid PRIMARY KEY,
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  clawback_date date NOT NULL,
  currency text NOT NULL CONSTRAINT carry_clawbacks_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  due numeric(20,2) NOT NULL,
  from_escrow numeric(20,2) NOT NULL,
  from_gp numeric(20,2) NOT NULL,
  escrow_released numeric(20,2) NOT NULL,
  unrecovered numeric(20,2) NOT NULL,
  calculation_id uuid NOT NULL,
  notices jsonb NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE INDEX idx_carry_clawbacks_fund ON carry_clawbacks (fund_id, clawback_date);

COMMENT ON TABLE carry_clawbacks IS 'Carried interest that was claimed back.';
COMMENT ON COLUMN carry_clawbacks.clawback_id IS 'Id.';
COMMENT ON COLUMN carry_clawbacks.fund_id IS 'The fund.';
COMMENT ON COLUMN carry_clawbacks.clawback_date IS 'Day of the test.';
COMMENT ON COLUMN carry_clawbacks.currency IS 'ISO 4217 code: the base currency of the fund.';
COMMENT ON COLUMN carry_clawbacks.due IS 'Claimed back.';
COMMENT ON COLUMN carry_clawbacks.from_escrow IS 'Taken from escrow.';
COMMENT ON COLUMN carry_clawbacks.from_gp IS 'Owed by the general partner.';
COMMENT ON COLUMN carry_clawbacks.escrow_released IS 'Escrow set free.';
COMMENT ON COLUMN carry_clawbacks.unrecovered IS 'Cut off by the tax cap.';
COMMENT ON COLUMN carry_clawbacks.calculation_id IS 'The calculation behind it.';
COMMENT ON COLUMN carry_clawbacks.notices IS 'What goes to each commitment.';
COMMENT ON COLUMN carry_clawbacks.created_at IS 'recorded_at of the event that made it.';

CREATE TABLE calculation_results (
  result_id uuid PRIMARY KEY,
  calculation_type text NOT NULL CONSTRAINT calculation_results_calculation_type_known CHECK (calculation_type IN ('WATERFALL', 'FEE', 'NAV')),
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  calculation_date date NOT NULL,
  source_event_id uuid NOT NULL,
  terms_version integer NOT NULL,
  input_parameters jsonb NOT NULL,
  calculation_result jsonb NOT NULL,
  calculation_status text NOT NULL CONSTRAINT calculation_results_calculation_status_known CHECK (calculation_status IN ('PENDING', 'COMPLETED', 'FAILED')),
  created_at timestamptz NOT NULL,
  completed_at timestamptz
);

CREATE INDEX idx_calculation_results_fund ON calculation_results (fund_id, calculation_type, calculation_date);

COMMENT ON TABLE calculation_results IS 'How waterfalls and net asset values came to their figures: inputs, terms and results.';
COMMENT ON COLUMN calculation_results.result_id IS 'Id of the calculation.';
COMMENT ON COLUMN calculation_results.calculation_type IS 'What was calculated.';
COMMENT ON COLUMN calculation_results.fund_id IS 'The fund.';
COMMENT ON COLUMN calculation_results.calculation_date IS 'Day that it counts.';
COMMENT ON COLUMN calculation_results.source_event_id IS 'Event that carries it.';
COMMENT ON COLUMN calculation_results.terms_version IS 'Version of the terms of the fund; 0 without terms.';
COMMENT ON COLUMN calculation_results.input_parameters IS 'Terms, flows and the events that they come from.';
COMMENT ON COLUMN calculation_results.calculation_result IS 'Tiers and totals.';
COMMENT ON COLUMN calculation_results.calculation_status IS 'How it ended.';
COMMENT ON COLUMN calculation_results.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN calculation_results.completed_at IS 'When it ended.';
