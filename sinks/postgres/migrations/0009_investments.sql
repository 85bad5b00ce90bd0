-- What the funds hold, earn and spend (spec 2.1).
CREATE TABLE investments (
  investment_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  portfolio_company text NOT NULL,
  investment_type text NOT NULL CONSTRAINT investments_investment_type_known CHECK (investment_type IN ('EQUITY', 'DEBT', 'CONVERTIBLE', 'FUND_INTEREST', 'OTHER')),
  investment_date date NOT NULL,
  investment_amount numeric(20,2) NOT NULL,
  currency text NOT NULL CONSTRAINT investments_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  remaining_cost numeric(20,2) NOT NULL,
  realised_proceeds numeric(20,2) NOT NULL,
  realised_gain_loss numeric(20,2) NOT NULL,
  valuation_method text,
  current_fair_value numeric(20,2),
  last_valuation_date date,
  investment_status text NOT NULL CONSTRAINT investments_investment_status_known CHECK (investment_status IN ('ACTIVE', 'PARTIALLY_REALISED', 'REALISED', 'WRITTEN_OFF')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CONSTRAINT investments_version_positive CHECK (version > 0)
);

CREATE INDEX idx_investments_fund_status ON investments (fund_id, investment_status);
CREATE INDEX idx_investments_company ON investments (portfolio_company);

COMMENT ON TABLE investments IS 'What the funds hold.';
COMMENT ON COLUMN investments.investment_id IS 'The investment: a deal.';
COMMENT ON COLUMN investments.tenant_id IS 'The managing general partner.';
COMMENT ON COLUMN investments.fund_id IS 'The fund.';
COMMENT ON COLUMN investments.portfolio_company IS 'Company.';
COMMENT ON COLUMN investments.investment_type IS 'Kind.';
COMMENT ON COLUMN investments.investment_date IS 'Day of payment.';
COMMENT ON COLUMN investments.investment_amount IS 'Cost of everything bought so far.';
COMMENT ON COLUMN investments.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN investments.remaining_cost IS 'Cost of what is left.';
COMMENT ON COLUMN investments.realised_proceeds IS 'Cash received for what was sold.';
COMMENT ON COLUMN investments.realised_gain_loss IS 'Proceeds less the cost of what was sold or written off.';
COMMENT ON COLUMN investments.valuation_method IS 'Method of the last valuation.';
COMMENT ON COLUMN investments.current_fair_value IS 'Fair value of what is left.';
COMMENT ON COLUMN investments.last_valuation_date IS 'Date of the last valuation.';
COMMENT ON COLUMN investments.investment_status IS 'Where it stands.';
COMMENT ON COLUMN investments.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN investments.updated_at IS 'recorded_at of its last event.';
COMMENT ON COLUMN investments.version IS 'event_version of its last event.';

CREATE TABLE investment_valuations (
  valuation_id uuid PRIMARY KEY,
  investment_id uuid NOT NULL REFERENCES investments (investment_id),
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  valuation_date date NOT NULL,
  fair_value numeric(20,2) NOT NULL,
  valuation_method text NOT NULL,
  valuation_source text,
  cost numeric(20,2) NOT NULL,
  unrealised_gain_loss numeric(20,2) NOT NULL,
  notes text,
  currency text NOT NULL CONSTRAINT investment_valuations_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  event_version integer NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE INDEX idx_investment_valuations_investment_date ON investment_valuations (investment_id, valuation_date, event_version);
CREATE INDEX idx_investment_valuations_fund_date ON investment_valuations (fund_id, valuation_date);

COMMENT ON TABLE investment_valuations IS 'Fair values of investments, corrections included: of one day the one recorded last counts.';
COMMENT ON COLUMN investment_valuations.valuation_id IS 'Id of the valuation.';
COMMENT ON COLUMN investment_valuations.investment_id IS 'The investment.';
COMMENT ON COLUMN investment_valuations.fund_id IS 'The fund.';
COMMENT ON COLUMN investment_valuations.valuation_date IS 'Date of the value: the effective date of the event.';
COMMENT ON COLUMN investment_valuations.fair_value IS 'Fair value at the effective date.';
COMMENT ON COLUMN investment_valuations.valuation_method IS 'Method, for example market-multiple.';
COMMENT ON COLUMN investment_valuations.valuation_source IS 'Statement behind it.';
COMMENT ON COLUMN investment_valuations.cost IS 'Cost at the time of recording.';
COMMENT ON COLUMN investment_valuations.unrealised_gain_loss IS 'fair_value less cost.';
COMMENT ON COLUMN investment_valuations.notes IS 'Notes.';
COMMENT ON COLUMN investment_valuations.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN investment_valuations.event_version IS 'event_version of the investment that recorded it.';
COMMENT ON COLUMN investment_valuations.created_at IS 'recorded_at of the event that made it.';

CREATE TABLE fund_transactions (
  transaction_id uuid PRIMARY KEY,
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  transaction_type text NOT NULL CONSTRAINT fund_transactions_transaction_type_known CHECK (transaction_type IN ('INTEREST_INCOME', 'DIVIDEND_INCOME', 'OTHER_INCOME', 'MANAGEMENT_FEE_ACCRUED', 'MANAGEMENT_FEE_PAID', 'EXPENSE_ACCRUED', 'EXPENSE_PAID', 'ORGANISATION_COST', 'INTEREST_EXPENSE', 'INVESTMENT', 'REALISATION', 'WRITE_OFF')),
  transaction_date date NOT NULL,
  currency text NOT NULL CONSTRAINT fund_transactions_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
  amount numeric(20,2) NOT NULL,
  investment_id uuid REFERENCES investments (investment_id),
  counterparty text,
  is_reversed boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE INDEX idx_fund_transactions_fund_date ON fund_transactions (fund_id, transaction_date);
CREATE INDEX idx_fund_transactions_investment ON fund_transactions (investment_id) WHERE investment_id IS NOT NULL;

COMMENT ON TABLE fund_transactions IS 'Income, expenses and fees of the funds, and what was bought, sold and written off.';
COMMENT ON COLUMN fund_transactions.transaction_id IS 'Id of the transaction.';
COMMENT ON COLUMN fund_transactions.fund_id IS 'The fund.';
COMMENT ON COLUMN fund_transactions.transaction_type IS 'What it is.';
COMMENT ON COLUMN fund_transactions.transaction_date IS 'Effective date.';
COMMENT ON COLUMN fund_transactions.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN fund_transactions.amount IS 'Amount: cost of an investment, proceeds of a realisation, cost written off.';
COMMENT ON COLUMN fund_transactions.investment_id IS 'Investment that it concerns.';
COMMENT ON COLUMN fund_transactions.counterparty IS 'Who pays or is paid.';
COMMENT ON COLUMN fund_transactions.is_reversed IS 'Whether it was taken back.';
COMMENT ON COLUMN fund_transactions.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN fund_transactions.updated_at IS 'recorded_at of its last event.';
