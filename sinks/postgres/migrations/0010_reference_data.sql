-- Reference data and configuration (spec 2.2), and how far the clock has come.
CREATE TABLE exchange_rates (
  rate_id uuid PRIMARY KEY,
  base_currency text NOT NULL,
  target_currency text NOT NULL,
  exchange_rate numeric(15,8) NOT NULL CONSTRAINT exchange_rates_positive CHECK (exchange_rate > 0),
  rate_date date NOT NULL,
  rate_source text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CONSTRAINT exchange_rates_version_positive CHECK (version > 0),
  CONSTRAINT exchange_rates_key UNIQUE (base_currency, target_currency, rate_date)
);

COMMENT ON TABLE exchange_rates IS 'Exchange rates by day and source.';
COMMENT ON COLUMN exchange_rates.rate_id IS 'Id.';
COMMENT ON COLUMN exchange_rates.base_currency IS 'ISO 4217 code.';
COMMENT ON COLUMN exchange_rates.target_currency IS 'ISO 4217 code.';
COMMENT ON COLUMN exchange_rates.exchange_rate IS 'Units of the target for one of the base.';
COMMENT ON COLUMN exchange_rates.rate_date IS 'Day.';
COMMENT ON COLUMN exchange_rates.rate_source IS 'Where it comes from.';
COMMENT ON COLUMN exchange_rates.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN exchange_rates.updated_at IS 'recorded_at of its last event.';
COMMENT ON COLUMN exchange_rates.version IS 'event_version of its last event.';

CREATE TABLE chart_of_accounts (
  account_id uuid PRIMARY KEY,
  account_code text NOT NULL CONSTRAINT chart_of_accounts_code_key UNIQUE,
  account_name text NOT NULL,
  account_type text NOT NULL CONSTRAINT chart_of_accounts_account_type_known CHECK (account_type IN ('ASSET', 'LIABILITY', 'EQUITY', 'REVENUE', 'EXPENSE')),
  parent_account_id uuid,
  is_active boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CONSTRAINT chart_of_accounts_version_positive CHECK (version > 0)
);

COMMENT ON TABLE chart_of_accounts IS 'Chart of accounts.';
COMMENT ON COLUMN chart_of_accounts.account_id IS 'Id.';
COMMENT ON COLUMN chart_of_accounts.account_code IS 'Code, for example 1000.';
COMMENT ON COLUMN chart_of_accounts.account_name IS 'Name.';
COMMENT ON COLUMN chart_of_accounts.account_type IS 'Kind.';
COMMENT ON COLUMN chart_of_accounts.parent_account_id IS 'Account above it.';
COMMENT ON COLUMN chart_of_accounts.is_active IS 'Whether it may be posted to.';
COMMENT ON COLUMN chart_of_accounts.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN chart_of_accounts.updated_at IS 'recorded_at of its last event.';
COMMENT ON COLUMN chart_of_accounts.version IS 'event_version of its last event.';

CREATE TABLE system_configurations (
  config_id uuid PRIMARY KEY,
  config_key text NOT NULL CONSTRAINT system_configurations_key UNIQUE,
  config_value jsonb NOT NULL,
  config_type text NOT NULL CONSTRAINT system_configurations_config_type_known CHECK (config_type IN ('GLOBAL', 'TENANT', 'USER')),
  tenant_id uuid NOT NULL,
  is_active boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CONSTRAINT system_configurations_version_positive CHECK (version > 0)
);

COMMENT ON TABLE system_configurations IS 'Configuration of the system.';
COMMENT ON COLUMN system_configurations.config_id IS 'Id.';
COMMENT ON COLUMN system_configurations.config_key IS 'Key.';
COMMENT ON COLUMN system_configurations.config_value IS 'JSON of the value.';
COMMENT ON COLUMN system_configurations.config_type IS 'For whom it holds.';
COMMENT ON COLUMN system_configurations.tenant_id IS 'The managing general partner.';
COMMENT ON COLUMN system_configurations.is_active IS 'Whether it holds.';
COMMENT ON COLUMN system_configurations.created_at IS 'recorded_at of the event that made it.';
COMMENT ON COLUMN system_configurations.updated_at IS 'recorded_at of its last event.';
COMMENT ON COLUMN system_configurations.version IS 'event_version of its last event.';

CREATE TABLE business_dates (
  partition integer PRIMARY KEY,
  business_date date NOT NULL,
  updated_at timestamptz NOT NULL
);

COMMENT ON TABLE business_dates IS 'Business date that the clock has brought each partition to.';
COMMENT ON COLUMN business_dates.partition IS 'Partition of the ledger.';
COMMENT ON COLUMN business_dates.business_date IS 'The day.';
COMMENT ON COLUMN business_dates.updated_at IS 'recorded_at of its last event.';
