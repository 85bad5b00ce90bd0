-- Capital calls with their notices and payments (spec 1.1). Mended: a foreign key cannot have WHERE, and the trigger counts the new row
-- and checks what is unfunded inside the commitment (see the function).
CREATE TABLE capital_calls (
  call_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  call_number integer NOT NULL,
  call_date date NOT NULL,
  due_date date NOT NULL,
  call_purpose text NOT NULL,
  currency text NOT NULL CONSTRAINT capital_calls_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  total_call_amount numeric(20,2) NOT NULL CONSTRAINT check_call_amount CHECK (total_call_amount > 0),
  investment_amount numeric(20,2) NOT NULL,
  management_fee_amount numeric(20,2) NOT NULL,
  expenses_amount numeric(20,2) NOT NULL,
  management_fee_inside boolean NOT NULL,
  expenses_inside boolean NOT NULL,
  allocation_basis text NOT NULL CONSTRAINT capital_calls_allocation_basis_known CHECK (allocation_basis IN ('COMMITMENT', 'UNFUNDED')),
  excused_commitments uuid[] NOT NULL,
  investment_id uuid,
  call_status text NOT NULL CONSTRAINT capital_calls_call_status_known CHECK (call_status IN ('DRAFT', 'ISSUED', 'SETTLED', 'CANCELLED')),
  notice_count integer NOT NULL,
  paid_amount numeric(20,2) NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CONSTRAINT capital_calls_version_positive CHECK (version > 0),
  CONSTRAINT capital_calls_number_key UNIQUE (fund_id, call_number),
  CONSTRAINT capital_calls_parts CHECK (total_call_amount = investment_amount + management_fee_amount + expenses_amount)
);

CREATE INDEX idx_capital_calls_fund_status ON capital_calls (fund_id, call_status);
CREATE INDEX idx_capital_calls_date ON capital_calls (call_date);
CREATE INDEX idx_capital_calls_fund_date_status ON capital_calls (fund_id, call_date, call_status);

COMMENT ON TABLE capital_calls IS 'Capital calls of the funds.';
COMMENT ON COLUMN capital_calls.call_id IS 'The capital call.';
COMMENT ON COLUMN capital_calls.tenant_id IS 'The managing general partner.';
COMMENT ON COLUMN capital_calls.fund_id IS 'The fund.';
COMMENT ON COLUMN capital_calls.call_number IS 'Number in the fund.';
COMMENT ON COLUMN capital_calls.call_date IS 'Day of the notice.';
COMMENT ON COLUMN capital_calls.due_date IS 'Day on which payment is due.';
COMMENT ON COLUMN capital_calls.call_purpose IS 'Purpose in words.';
COMMENT ON COLUMN capital_calls.currency IS 'ISO 4217 code: the base currency of the fund.';
COMMENT ON COLUMN capital_calls.total_call_amount IS 'Sum of the three amounts.';
COMMENT ON COLUMN capital_calls.investment_amount IS 'For investments.';
COMMENT ON COLUMN capital_calls.management_fee_amount IS 'For management fees.';
COMMENT ON COLUMN capital_calls.expenses_amount IS 'For expenses.';
COMMENT ON COLUMN capital_calls.management_fee_inside IS 'Whether fees reduce the unfunded commitment.';
COMMENT ON COLUMN capital_calls.expenses_inside IS 'Whether expenses reduce the unfunded commitment.';
COMMENT ON COLUMN capital_calls.allocation_basis IS 'By what the call is shared out.';
COMMENT ON COLUMN capital_calls.excused_commitments IS 'Commitments that do not take part.';
COMMENT ON COLUMN capital_calls.investment_id IS 'Deal for which the capital is called.';
COMMENT ON COLUMN capital_calls.call_status IS 'Where it stands.';
COMMENT ON COLUMN capital_calls.notice_count IS 'Notices in all; 0 for a draft.';
COMMENT ON COLUMN capital_calls.paid_amount IS 'Paid in all.';
COMMENT ON COLUMN capital_calls.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN capital_calls.updated_at IS 'recorded_at of its last event.';
COMMENT ON COLUMN capital_calls.version IS 'event_version of its last event.';

CREATE TABLE capital_call_notices (
  notice_id uuid PRIMARY KEY,
  call_id uuid NOT NULL REFERENCES capital_calls (call_id),
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  commitment_id uuid NOT NULL REFERENCES commitments (commitment_id),
  investor_id uuid NOT NULL REFERENCES investors (investor_id),
  call_amount numeric(20,2) NOT NULL,
  percentage_called numeric(38,10) NOT NULL,
  investment_portion numeric(20,2) NOT NULL,
  management_fee_portion numeric(20,2) NOT NULL,
  expenses_portion numeric(20,2) NOT NULL,
  outside_commitment numeric(20,2) NOT NULL,
  unfunded_before numeric(20,2) NOT NULL,
  unfunded_after numeric(20,2) NOT NULL CONSTRAINT capital_call_notices_unfunded_not_negative CHECK (unfunded_after >= 0),
  notice_status text NOT NULL CONSTRAINT capital_call_notices_notice_status_known CHECK (notice_status IN ('PENDING', 'PARTIALLY_PAID', 'PAID', 'OVERDUE', 'DEFAULTED', 'CANCELLED')),
  paid_amount numeric(20,2) NOT NULL,
  payment_date date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT capital_call_notices_parts CHECK (call_amount = investment_portion + management_fee_portion + expenses_portion),
  CONSTRAINT capital_call_notices_paid CHECK (paid_amount >= 0 AND paid_amount <= call_amount)
);

CREATE INDEX idx_capital_call_notices_call ON capital_call_notices (call_id);
CREATE INDEX idx_capital_call_notices_commitment ON capital_call_notices (commitment_id);
CREATE INDEX idx_capital_call_notices_investor ON capital_call_notices (investor_id);
CREATE INDEX idx_capital_call_notices_status ON capital_call_notices (notice_status);
CREATE INDEX idx_pending_capital_calls ON capital_call_notices (call_id, commitment_id) WHERE notice_status = 'PENDING';

COMMENT ON TABLE capital_call_notices IS 'What each commitment owes of a capital call.';
COMMENT ON COLUMN capital_call_notices.notice_id IS 'Id of the notice.';
COMMENT ON COLUMN capital_call_notices.call_id IS 'The capital call.';
COMMENT ON COLUMN capital_call_notices.fund_id IS 'The fund.';
COMMENT ON COLUMN capital_call_notices.commitment_id IS 'The commitment.';
COMMENT ON COLUMN capital_call_notices.investor_id IS 'The investor.';
COMMENT ON COLUMN capital_call_notices.call_amount IS 'Amount due: the sum of the portions.';
COMMENT ON COLUMN capital_call_notices.percentage_called IS 'Inside part divided by the commitment, ten decimals.';
COMMENT ON COLUMN capital_call_notices.investment_portion IS 'For investments.';
COMMENT ON COLUMN capital_call_notices.management_fee_portion IS 'For management fees.';
COMMENT ON COLUMN capital_call_notices.expenses_portion IS 'For expenses.';
COMMENT ON COLUMN capital_call_notices.outside_commitment IS 'Part of call_amount that does not reduce the unfunded commitment.';
COMMENT ON COLUMN capital_call_notices.unfunded_before IS 'Unfunded commitment before the call.';
COMMENT ON COLUMN capital_call_notices.unfunded_after IS 'Unfunded commitment after it: before minus the inside part.';
COMMENT ON COLUMN capital_call_notices.notice_status IS 'Where it stands.';
COMMENT ON COLUMN capital_call_notices.paid_amount IS 'Paid on it.';
COMMENT ON COLUMN capital_call_notices.payment_date IS 'Day of the last payment.';
COMMENT ON COLUMN capital_call_notices.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN capital_call_notices.updated_at IS 'recorded_at of its last event.';

CREATE TABLE capital_call_payments (
  payment_id uuid PRIMARY KEY,
  notice_id uuid NOT NULL REFERENCES capital_call_notices (notice_id),
  call_id uuid NOT NULL REFERENCES capital_calls (call_id),
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  commitment_id uuid NOT NULL REFERENCES commitments (commitment_id),
  investor_id uuid NOT NULL REFERENCES investors (investor_id),
  currency text NOT NULL CONSTRAINT capital_call_payments_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  amount numeric(20,2) NOT NULL CONSTRAINT capital_call_payments_amount_positive CHECK (amount > 0),
  investment_portion numeric(20,2) NOT NULL,
  management_fee_portion numeric(20,2) NOT NULL,
  expenses_portion numeric(20,2) NOT NULL,
  outside_commitment numeric(20,2) NOT NULL,
  payment_date date NOT NULL,
  bank_reference text,
  is_reversed boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE INDEX idx_capital_call_payments_notice ON capital_call_payments (notice_id);
CREATE INDEX idx_capital_call_payments_fund_date ON capital_call_payments (fund_id, payment_date);

COMMENT ON TABLE capital_call_payments IS 'Payments of investors on notices.';
COMMENT ON COLUMN capital_call_payments.payment_id IS 'The payment.';
COMMENT ON COLUMN capital_call_payments.notice_id IS 'The notice.';
COMMENT ON COLUMN capital_call_payments.call_id IS 'The capital call.';
COMMENT ON COLUMN capital_call_payments.fund_id IS 'The fund.';
COMMENT ON COLUMN capital_call_payments.commitment_id IS 'The commitment.';
COMMENT ON COLUMN capital_call_payments.investor_id IS 'The investor.';
COMMENT ON COLUMN capital_call_payments.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN capital_call_payments.amount IS 'Amount.';
COMMENT ON COLUMN capital_call_payments.investment_portion IS 'Part for investments.';
COMMENT ON COLUMN capital_call_payments.management_fee_portion IS 'Part for fees.';
COMMENT ON COLUMN capital_call_payments.expenses_portion IS 'Part for expenses.';
COMMENT ON COLUMN capital_call_payments.outside_commitment IS 'Part outside the commitment.';
COMMENT ON COLUMN capital_call_payments.payment_date IS 'Day of receipt.';
COMMENT ON COLUMN capital_call_payments.bank_reference IS 'Reference of the bank.';
COMMENT ON COLUMN capital_call_payments.is_reversed IS 'Whether it was taken back.';
COMMENT ON COLUMN capital_call_payments.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN capital_call_payments.updated_at IS 'recorded_at of its last event.';
