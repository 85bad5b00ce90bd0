-- Funds with their terms, investors with their bank accounts (spec 1.1). Mended: texts have no length that the ledger does not
-- know of, rates are not cut to four decimals, dates that a source may not know are nullable, instants carry their time zone and
-- come from the log.
CREATE TABLE funds (
  fund_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  fund_name text NOT NULL,
  fund_type text NOT NULL CONSTRAINT funds_fund_type_known CHECK (fund_type IN
    ('PE', 'VC', 'HF', 'PRIVATE_CREDIT', 'REAL_ASSETS', 'REAL_ESTATE', 'INFRASTRUCTURE', 'FUND_OF_FUNDS', 'SECONDARIES', 'OTHER')),
  fund_size numeric(20,2),
  target_size numeric(20,2),
  base_currency text NOT NULL CONSTRAINT funds_base_currency_code CHECK (base_currency ~ '^[A-Z]{3}$'),
  vintage_year integer,
  inception_date date,
  target_close_date date,
  final_close_date date,
  management_fee_rate numeric,
  carried_interest_rate numeric,
  hurdle_rate numeric,
  catch_up_provision boolean,
  fund_manager text,
  investment_strategy text,
  sub_strategy text,
  geography text,
  fund_status text NOT NULL CONSTRAINT funds_fund_status_known CHECK (fund_status IN ('FUNDRAISING', 'ACTIVE', 'CLOSED', 'LIQUIDATED')),
  assumed_fields text[] NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CONSTRAINT funds_version_positive CHECK (version > 0)
);

CREATE INDEX idx_funds_status ON funds (fund_status);
CREATE INDEX idx_funds_inception_date ON funds (inception_date);
CREATE INDEX idx_funds_type ON funds (fund_type);
CREATE INDEX idx_funds_vintage ON funds (vintage_year);
CREATE INDEX idx_funds_search ON funds USING gin (to_tsvector('english', fund_name));

COMMENT ON TABLE funds IS 'Funds as they stand.';
COMMENT ON COLUMN funds.fund_id IS 'Id of the fund.';
COMMENT ON COLUMN funds.tenant_id IS 'The managing general partner.';
COMMENT ON COLUMN funds.fund_name IS 'Legal name.';
COMMENT ON COLUMN funds.fund_type IS 'Kind of fund.';
COMMENT ON COLUMN funds.fund_size IS 'Capacity against which commitments are checked, in the base currency; null is unknown and then capacity is not checked.';
COMMENT ON COLUMN funds.target_size IS 'Size aimed at, in the base currency.';
COMMENT ON COLUMN funds.base_currency IS 'ISO 4217 code.';
COMMENT ON COLUMN funds.vintage_year IS 'Year of the first investment or closing.';
COMMENT ON COLUMN funds.inception_date IS 'First day of the fund; null is unknown.';
COMMENT ON COLUMN funds.target_close_date IS 'Closing aimed at.';
COMMENT ON COLUMN funds.final_close_date IS 'Last closing.';
COMMENT ON COLUMN funds.management_fee_rate IS 'Decimal fraction a year, for example 0.02.';
COMMENT ON COLUMN funds.carried_interest_rate IS 'Decimal fraction of profit.';
COMMENT ON COLUMN funds.hurdle_rate IS 'Decimal fraction a year.';
COMMENT ON COLUMN funds.catch_up_provision IS 'Whether the general partner catches up; null is unknown.';
COMMENT ON COLUMN funds.fund_manager IS 'The general partner.';
COMMENT ON COLUMN funds.investment_strategy IS 'Strategy.';
COMMENT ON COLUMN funds.sub_strategy IS 'Finer strategy.';
COMMENT ON COLUMN funds.geography IS 'Where it invests.';
COMMENT ON COLUMN funds.fund_status IS 'Where it stands in its life.';
COMMENT ON COLUMN funds.assumed_fields IS 'Fields whose value was assumed because the source does not say.';
COMMENT ON COLUMN funds.created_at IS 'recorded_at of the first event of the fund.';
COMMENT ON COLUMN funds.updated_at IS 'recorded_at of its last event.';
COMMENT ON COLUMN funds.version IS 'event_version of its last event.';

CREATE TABLE fund_terms (
  fund_id uuid NOT NULL REFERENCES funds (fund_id),
  term_id uuid NOT NULL,
  term_type text NOT NULL CONSTRAINT fund_terms_term_type_known CHECK (term_type IN ('WATERFALL', 'FEE_STRUCTURE', 'DISTRIBUTION')),
  term_name text NOT NULL,
  term_value jsonb NOT NULL,
  effective_date date NOT NULL,
  expiry_date date,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (fund_id, term_id)
);

CREATE INDEX idx_fund_terms_type_date ON fund_terms (fund_id, term_type, effective_date);

COMMENT ON TABLE fund_terms IS 'Terms of the fund agreements that are in force or will be; every event with a fund card states all terms of its fund anew.';
COMMENT ON COLUMN fund_terms.fund_id IS 'The fund.';
COMMENT ON COLUMN fund_terms.term_id IS 'Id of the term, unique within its fund.';
COMMENT ON COLUMN fund_terms.term_type IS 'What it governs.';
COMMENT ON COLUMN fund_terms.term_name IS 'Its name.';
COMMENT ON COLUMN fund_terms.term_value IS 'The term, in the vocabulary of its type.';
COMMENT ON COLUMN fund_terms.effective_date IS 'From when.';
COMMENT ON COLUMN fund_terms.expiry_date IS 'Until when, exclusive; null is open.';
COMMENT ON COLUMN fund_terms.created_at IS 'recorded_at of the event since which the term has been stated without a break.';

CREATE TABLE investors (
  investor_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  investor_name text NOT NULL,
  investor_type text NOT NULL CONSTRAINT investors_investor_type_known CHECK (investor_type IN
    ('INSTITUTION', 'INDIVIDUAL', 'ENDOWMENT', 'FOUNDATION', 'PENSION_PLAN', 'SOVEREIGN_WEALTH', 'INSURER', 'FUND_OF_FUNDS', 'FAMILY_OFFICE', 'OTHER')),
  investor_category text,
  industry text,
  aum_range text,
  geography text,
  jurisdiction text,
  tax_id text,
  contact_person text,
  email text,
  phone text,
  address text,
  kyc_status text NOT NULL CONSTRAINT investors_kyc_status_known CHECK (kyc_status IN ('PENDING', 'APPROVED', 'REJECTED')),
  kyc_date date,
  kyc_source text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CONSTRAINT investors_version_positive CHECK (version > 0)
);

CREATE INDEX idx_investors_type ON investors (investor_type);
CREATE INDEX idx_investors_kyc_status ON investors (kyc_status);
CREATE INDEX idx_investors_name ON investors (investor_name);
CREATE INDEX idx_investors_search ON investors USING gin (to_tsvector('english', investor_name));

COMMENT ON TABLE investors IS 'Investors as they stand. Personal fields hold their masked form only; the sealed ones stay on the log.';
COMMENT ON COLUMN investors.investor_id IS 'Id of the investor.';
COMMENT ON COLUMN investors.tenant_id IS 'The managing general partner.';
COMMENT ON COLUMN investors.investor_name IS 'Legal name.';
COMMENT ON COLUMN investors.investor_type IS 'Legal kind.';
COMMENT ON COLUMN investors.investor_category IS 'INSTITUTIONAL, RETAIL, ENDOWMENT, ….';
COMMENT ON COLUMN investors.industry IS 'Industry.';
COMMENT ON COLUMN investors.aum_range IS 'Band of assets under management.';
COMMENT ON COLUMN investors.geography IS 'Where it is.';
COMMENT ON COLUMN investors.jurisdiction IS 'Law it is under.';
COMMENT ON COLUMN investors.tax_id IS 'Tax id, masked.';
COMMENT ON COLUMN investors.contact_person IS 'Contact, masked.';
COMMENT ON COLUMN investors.email IS 'E-mail, masked.';
COMMENT ON COLUMN investors.phone IS 'Phone, masked.';
COMMENT ON COLUMN investors.address IS 'Address, masked.';
COMMENT ON COLUMN investors.kyc_status IS 'Result of the know-your-customer check.';
COMMENT ON COLUMN investors.kyc_date IS 'Day of the result.';
COMMENT ON COLUMN investors.kyc_source IS 'Who or what gave it, for example import.';
COMMENT ON COLUMN investors.created_at IS 'recorded_at of the first event of the investor.';
COMMENT ON COLUMN investors.updated_at IS 'recorded_at of its last event.';
COMMENT ON COLUMN investors.version IS 'event_version of its last event.';

CREATE TABLE investor_banking (
  banking_id uuid PRIMARY KEY,
  investor_id uuid NOT NULL REFERENCES investors (investor_id),
  bank_name text NOT NULL,
  account_number text NOT NULL,
  routing_number text,
  swift_code text,
  iban text,
  is_primary boolean NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE INDEX idx_investor_banking_investor ON investor_banking (investor_id);

COMMENT ON TABLE investor_banking IS 'Bank accounts of investors, masked.';
COMMENT ON COLUMN investor_banking.banking_id IS 'Id of the account.';
COMMENT ON COLUMN investor_banking.investor_id IS 'The investor.';
COMMENT ON COLUMN investor_banking.bank_name IS 'Bank, masked.';
COMMENT ON COLUMN investor_banking.account_number IS 'Account number, masked.';
COMMENT ON COLUMN investor_banking.routing_number IS 'Routing number, masked.';
COMMENT ON COLUMN investor_banking.swift_code IS 'SWIFT code, masked.';
COMMENT ON COLUMN investor_banking.iban IS 'IBAN, masked.';
COMMENT ON COLUMN investor_banking.is_primary IS 'Whether payments went here unless said otherwise when it was added; of several, the latest counts.';
COMMENT ON COLUMN investor_banking.created_at IS 'recorded_at of the event that added it.';
