-- What the processors tell: flows, journal, net asset values, performance and findings of the checks.
ALTER TABLE positions DROP CONSTRAINT positions_source_known;
ALTER TABLE positions ADD CONSTRAINT positions_source_known CHECK (source IN ('events', 'capital-accounts', 'cash-flows', 'waterfalls', 'performance', 'quality'));
ALTER TABLE capital_accounts ADD COLUMN paid_in_amount numeric(20,2);
ALTER TABLE capital_accounts ADD COLUMN recallable_amount numeric(20,2);
ALTER TABLE capital_accounts ADD COLUMN accrued_carried_interest numeric(20,2);
COMMENT ON COLUMN capital_accounts.paid_in_amount IS 'Sum paid in; null where called_amount is all that is known.';
COMMENT ON COLUMN capital_accounts.recallable_amount IS 'Distributed that may be called again.';
COMMENT ON COLUMN capital_accounts.accrued_carried_interest IS 'Taken off the remaining value; null without a waterfall.';
-- The ledger keeps unfunded at zero or above after every event. By effective dates it may be below for a while: a call of a day before the
-- commitment that it draws on took effect.
ALTER TABLE capital_accounts DROP CONSTRAINT capital_accounts_unfunded_not_negative;
ALTER TABLE capital_accounts ADD CONSTRAINT capital_accounts_unfunded_not_negative CHECK (unfunded_amount >= 0 OR accrued_carried_interest IS NOT NULL);
COMMENT ON COLUMN capital_accounts.unfunded_amount IS 'Committed less called inside the commitment plus recallable, as of the date; of positions taken over committed minus called, never below zero; null unless called is wholly known.';

CREATE TABLE cash_flows (
  cash_flow_id uuid NOT NULL,
  fund_id uuid NOT NULL,
  investor_id uuid,
  commitment_id uuid,
  investment_id uuid,
  flow_date date NOT NULL,
  cash_flow_type text NOT NULL,
  currency text NOT NULL,
  capital_call_amount numeric(20,2) NOT NULL,
  distribution_amount numeric(20,2) NOT NULL,
  net_cash_flow numeric(20,2) NOT NULL,
  transaction_id uuid,
  is_reversal boolean NOT NULL,
  source_event_aggregate_id uuid NOT NULL,
  source_event_version integer NOT NULL,
  position_partition integer NOT NULL,
  position_offset bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT cash_flows_pkey PRIMARY KEY (cash_flow_id, flow_date)
) PARTITION BY RANGE (flow_date);

CREATE TABLE cash_flows_other PARTITION OF cash_flows DEFAULT;
CREATE INDEX idx_cash_flows_fund_date ON cash_flows (fund_id, flow_date);
CREATE INDEX idx_cash_flows_investor_date ON cash_flows (investor_id, flow_date);

-- Makes the monthly partitions of a table that are missing, from one month to another. Rows of months without a partition stand in the
-- default one, so that a booking of any date finds a place; a partition is only made for a month of which nothing stands there.
CREATE FUNCTION create_monthly_partitions(parent text, first_month date, last_month date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  month date := date_trunc('month', first_month);
  part text;
  occupied boolean;
  made integer := 0;
BEGIN
  WHILE month <= last_month LOOP
    part := parent || '_' || to_char(month, 'YYYY_MM');
    IF to_regclass(format('%I.%I', current_schema(), part)) IS NULL THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE flow_date >= %L AND flow_date < %L)', parent || '_other', month, month + interval '1 month') INTO occupied;
      IF NOT occupied THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, parent, month, month + interval '1 month');
        made := made + 1;
      END IF;
    END IF;
    month := month + interval '1 month';
  END LOOP;
  RETURN made;
END $$;

COMMENT ON TABLE cash_flows IS 'Dated flows of the funds, reversals included. Partitioned by month of the flow; partitions are made ahead.';
COMMENT ON COLUMN cash_flows.cash_flow_id IS 'uuid5 of event, place and investor.';
COMMENT ON COLUMN cash_flows.fund_id IS 'The fund.';
COMMENT ON COLUMN cash_flows.investor_id IS 'The investor; null for flows of the fund itself.';
COMMENT ON COLUMN cash_flows.commitment_id IS 'The commitment.';
COMMENT ON COLUMN cash_flows.investment_id IS 'The investment.';
COMMENT ON COLUMN cash_flows.flow_date IS 'Effective date.';
COMMENT ON COLUMN cash_flows.cash_flow_type IS 'What it is.';
COMMENT ON COLUMN cash_flows.currency IS 'ISO 4217 code: the base currency of the fund.';
COMMENT ON COLUMN cash_flows.capital_call_amount IS 'Paid in; negative when taken back.';
COMMENT ON COLUMN cash_flows.distribution_amount IS 'Distributed; negative when taken back.';
COMMENT ON COLUMN cash_flows.net_cash_flow IS 'Signed: + to the investor (or into the fund for flows of the fund itself).';
COMMENT ON COLUMN cash_flows.transaction_id IS 'Payment, distribution or transaction behind it.';
COMMENT ON COLUMN cash_flows.is_reversal IS 'Takes an earlier flow back.';
COMMENT ON COLUMN cash_flows.source_event_aggregate_id IS 'Aggregate of the event after which it is true.';
COMMENT ON COLUMN cash_flows.source_event_version IS 'Version of that event.';
COMMENT ON COLUMN cash_flows.position_partition IS 'Partition of the events topic in which that event stands.';
COMMENT ON COLUMN cash_flows.position_offset IS 'Its offset.';
COMMENT ON COLUMN cash_flows.recorded_at IS 'When that event was recorded.';

CREATE TABLE journal_entries (
  journal_entry_id uuid NOT NULL,
  line_number integer NOT NULL,
  fund_id uuid NOT NULL,
  entry_date date NOT NULL,
  currency text NOT NULL,
  posting_rule text NOT NULL,
  description text NOT NULL,
  account_code text NOT NULL,
  debit numeric(20,2) NOT NULL CHECK (debit >= 0),
  credit numeric(20,2) NOT NULL CHECK (credit >= 0),
  investor_id uuid,
  investment_id uuid,
  source_event_aggregate_id uuid NOT NULL,
  source_event_version integer NOT NULL,
  position_partition integer NOT NULL,
  position_offset bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (journal_entry_id, line_number)
);

CREATE INDEX idx_journal_entries_fund_account ON journal_entries (fund_id, account_code, entry_date);

COMMENT ON TABLE journal_entries IS 'Balanced double entries of the funds.';
COMMENT ON COLUMN journal_entries.journal_entry_id IS 'uuid5 of the event and its place.';
COMMENT ON COLUMN journal_entries.line_number IS '1, 2, … within the entry.';
COMMENT ON COLUMN journal_entries.fund_id IS 'The fund.';
COMMENT ON COLUMN journal_entries.entry_date IS 'Effective date.';
COMMENT ON COLUMN journal_entries.currency IS 'ISO 4217 code: the base currency of the fund.';
COMMENT ON COLUMN journal_entries.posting_rule IS 'Rule that made it.';
COMMENT ON COLUMN journal_entries.description IS 'In words.';
COMMENT ON COLUMN journal_entries.account_code IS 'Account.';
COMMENT ON COLUMN journal_entries.debit IS 'Debit, 0.00 or above.';
COMMENT ON COLUMN journal_entries.credit IS 'Credit, 0.00 or above.';
COMMENT ON COLUMN journal_entries.investor_id IS 'Investor whose account it concerns.';
COMMENT ON COLUMN journal_entries.investment_id IS 'Investment that it concerns.';
COMMENT ON COLUMN journal_entries.source_event_aggregate_id IS 'Aggregate of the event after which it is true.';
COMMENT ON COLUMN journal_entries.source_event_version IS 'Version of that event.';
COMMENT ON COLUMN journal_entries.position_partition IS 'Partition of the events topic in which that event stands.';
COMMENT ON COLUMN journal_entries.position_offset IS 'Its offset.';
COMMENT ON COLUMN journal_entries.recorded_at IS 'When that event was recorded.';

CREATE TABLE nav_rolls (
  fund_id uuid NOT NULL,
  investor_id uuid,
  as_of_date date NOT NULL,
  currency text NOT NULL,
  opening_nav numeric(20,2) NOT NULL,
  contributions numeric(20,2) NOT NULL,
  distributions numeric(20,2) NOT NULL,
  management_fees numeric(20,2) NOT NULL,
  expenses numeric(20,2) NOT NULL,
  interest_income numeric(20,2) NOT NULL,
  dividend_income numeric(20,2) NOT NULL,
  other_income numeric(20,2) NOT NULL,
  interest_expense numeric(20,2) NOT NULL,
  realised_gain_loss numeric(20,2) NOT NULL,
  unrealised_change numeric(20,2) NOT NULL,
  transfers numeric(20,2) NOT NULL,
  carried_interest_paid numeric(20,2) NOT NULL,
  closing_nav numeric(20,2) NOT NULL,
  accrued_carried_interest numeric(20,2) NOT NULL,
  net_nav numeric(20,2) NOT NULL,
  source_event_aggregate_id uuid NOT NULL,
  source_event_version integer NOT NULL,
  position_partition integer NOT NULL,
  position_offset bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT nav_rolls_key UNIQUE NULLS NOT DISTINCT (fund_id, investor_id, as_of_date),
  CONSTRAINT nav_rolls_tie CHECK (closing_nav = opening_nav + contributions + distributions + management_fees + expenses + interest_income + dividend_income + other_income + interest_expense + realised_gain_loss + unrealised_change + transfers + carried_interest_paid),
  CONSTRAINT nav_rolls_net CHECK (net_nav = closing_nav - accrued_carried_interest)
);

CREATE INDEX idx_nav_rolls_investor ON nav_rolls (investor_id, as_of_date);

COMMENT ON TABLE nav_rolls IS 'Roll of the net asset value since inception by fact date: of investors in a fund and of whole funds.';
COMMENT ON COLUMN nav_rolls.fund_id IS 'The fund.';
COMMENT ON COLUMN nav_rolls.investor_id IS 'The investor; null for the whole fund.';
COMMENT ON COLUMN nav_rolls.as_of_date IS 'Day.';
COMMENT ON COLUMN nav_rolls.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN nav_rolls.opening_nav IS 'NAV at the start.';
COMMENT ON COLUMN nav_rolls.contributions IS 'Paid in.';
COMMENT ON COLUMN nav_rolls.distributions IS 'Distributed, negative.';
COMMENT ON COLUMN nav_rolls.management_fees IS 'Management fees, negative.';
COMMENT ON COLUMN nav_rolls.expenses IS 'Partnership expenses, negative.';
COMMENT ON COLUMN nav_rolls.interest_income IS 'Interest.';
COMMENT ON COLUMN nav_rolls.dividend_income IS 'Dividends.';
COMMENT ON COLUMN nav_rolls.other_income IS 'Other income.';
COMMENT ON COLUMN nav_rolls.interest_expense IS 'Interest paid, negative.';
COMMENT ON COLUMN nav_rolls.realised_gain_loss IS 'Realised.';
COMMENT ON COLUMN nav_rolls.unrealised_change IS 'Change in unrealised.';
COMMENT ON COLUMN nav_rolls.transfers IS 'Taken over less handed over.';
COMMENT ON COLUMN nav_rolls.carried_interest_paid IS 'Carried interest paid or clawed back, as it reduces the account.';
COMMENT ON COLUMN nav_rolls.closing_nav IS 'NAV before accrued carried interest.';
COMMENT ON COLUMN nav_rolls.accrued_carried_interest IS 'Carried interest accrued by hypothetical liquidation.';
COMMENT ON COLUMN nav_rolls.net_nav IS 'closing_nav less accrued_carried_interest.';
COMMENT ON COLUMN nav_rolls.source_event_aggregate_id IS 'Aggregate of the event after which it is true.';
COMMENT ON COLUMN nav_rolls.source_event_version IS 'Version of that event.';
COMMENT ON COLUMN nav_rolls.position_partition IS 'Partition of the events topic in which that event stands.';
COMMENT ON COLUMN nav_rolls.position_offset IS 'Its offset.';
COMMENT ON COLUMN nav_rolls.recorded_at IS 'When that event was recorded.';

CREATE TABLE fund_performance (
  fund_id uuid NOT NULL,
  investor_id uuid,
  investment_id uuid,
  as_of_date date NOT NULL,
  currency text NOT NULL,
  nav numeric(20,2),
  committed_capital numeric(20,2) NOT NULL,
  called_capital numeric(20,2),
  distributed_capital numeric(20,2),
  remaining_value numeric(20,2),
  total_value numeric(20,2),
  unfunded_amount numeric(20,2),
  accrued_carried_interest numeric(20,2),
  pic numeric(38,10),
  dpi numeric(38,10),
  rvpi numeric(38,10),
  tvpi numeric(38,10),
  moic numeric(38,10),
  irr numeric,
  irr_status text NOT NULL CONSTRAINT fund_performance_irr_status_known CHECK (irr_status IN ('OK', 'DOUBLE_ROOT', 'MULTIPLE_ROOTS', 'NO_ROOT', 'NO_FLOWS')),
  gross_irr numeric,
  gross_irr_status text NOT NULL CONSTRAINT fund_performance_gross_irr_status_known CHECK (gross_irr_status IN ('OK', 'DOUBLE_ROOT', 'MULTIPLE_ROOTS', 'NO_ROOT', 'NO_FLOWS')),
  period_return numeric,
  is_short_span boolean NOT NULL,
  source_event_aggregate_id uuid NOT NULL,
  source_event_version integer NOT NULL,
  position_partition integer NOT NULL,
  position_offset bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT fund_performance_key UNIQUE NULLS NOT DISTINCT (fund_id, investor_id, investment_id, as_of_date)
);

CREATE INDEX idx_fund_performance_investor ON fund_performance (investor_id, as_of_date);

COMMENT ON TABLE fund_performance IS 'Performance of investors in funds, of funds and of investments by fact date.';
COMMENT ON COLUMN fund_performance.fund_id IS 'The fund.';
COMMENT ON COLUMN fund_performance.investor_id IS 'The investor; null for the fund and for investments.';
COMMENT ON COLUMN fund_performance.investment_id IS 'The investment; null for investors and the fund.';
COMMENT ON COLUMN fund_performance.as_of_date IS 'Fact date.';
COMMENT ON COLUMN fund_performance.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN fund_performance.nav IS 'Net asset value, net of accrued carried interest; fair value of an investment.';
COMMENT ON COLUMN fund_performance.committed_capital IS 'Pledged.';
COMMENT ON COLUMN fund_performance.called_capital IS 'Paid in; invested for an investment.';
COMMENT ON COLUMN fund_performance.distributed_capital IS 'Distributed; proceeds for an investment.';
COMMENT ON COLUMN fund_performance.remaining_value IS 'nav.';
COMMENT ON COLUMN fund_performance.total_value IS 'Distributed plus remaining.';
COMMENT ON COLUMN fund_performance.unfunded_amount IS 'Unfunded commitment.';
COMMENT ON COLUMN fund_performance.accrued_carried_interest IS 'Taken off the nav.';
COMMENT ON COLUMN fund_performance.pic IS 'Paid-in to committed.';
COMMENT ON COLUMN fund_performance.dpi IS 'Distributed to paid-in.';
COMMENT ON COLUMN fund_performance.rvpi IS 'Remaining to paid-in.';
COMMENT ON COLUMN fund_performance.tvpi IS 'Total to paid-in.';
COMMENT ON COLUMN fund_performance.moic IS 'Gross multiple: before fees and carried interest.';
COMMENT ON COLUMN fund_performance.irr IS 'Net, since inception; null where the status says why.';
COMMENT ON COLUMN fund_performance.irr_status IS 'Whether it is defined.';
COMMENT ON COLUMN fund_performance.gross_irr IS 'From flows between fund and investments.';
COMMENT ON COLUMN fund_performance.gross_irr_status IS 'Whether it is defined.';
COMMENT ON COLUMN fund_performance.period_return IS '(1 + irr)^(days / 365) - 1 for spans under a year; then the irr is not shown annualised.';
COMMENT ON COLUMN fund_performance.is_short_span IS 'Span under a year.';
COMMENT ON COLUMN fund_performance.source_event_aggregate_id IS 'Aggregate of the event after which it is true.';
COMMENT ON COLUMN fund_performance.source_event_version IS 'Version of that event.';
COMMENT ON COLUMN fund_performance.position_partition IS 'Partition of the events topic in which that event stands.';
COMMENT ON COLUMN fund_performance.position_offset IS 'Its offset.';
COMMENT ON COLUMN fund_performance.recorded_at IS 'When that event was recorded.';

CREATE TABLE hypothetical_liquidations (
  fund_id uuid NOT NULL,
  as_of_date date NOT NULL,
  currency text NOT NULL,
  nav numeric(20,2) NOT NULL,
  lp_net numeric(20,2) NOT NULL,
  accrued_carried_interest numeric(20,2) NOT NULL,
  terms_version integer NOT NULL,
  tiers jsonb NOT NULL,
  error text,
  source_event_aggregate_id uuid NOT NULL,
  source_event_version integer NOT NULL,
  position_partition integer NOT NULL,
  position_offset bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (fund_id, as_of_date)
);

COMMENT ON TABLE hypothetical_liquidations IS 'What each fund would pay if it sold everything at its value, by fact date.';
COMMENT ON COLUMN hypothetical_liquidations.fund_id IS 'The fund.';
COMMENT ON COLUMN hypothetical_liquidations.as_of_date IS 'Day.';
COMMENT ON COLUMN hypothetical_liquidations.currency IS 'ISO 4217 code: the base currency of the fund.';
COMMENT ON COLUMN hypothetical_liquidations.nav IS 'Net assets before carried interest.';
COMMENT ON COLUMN hypothetical_liquidations.lp_net IS 'To the limited partners.';
COMMENT ON COLUMN hypothetical_liquidations.accrued_carried_interest IS 'To the general partner.';
COMMENT ON COLUMN hypothetical_liquidations.terms_version IS 'Terms used.';
COMMENT ON COLUMN hypothetical_liquidations.tiers IS 'By tier.';
COMMENT ON COLUMN hypothetical_liquidations.error IS 'Why it could not be run.';
COMMENT ON COLUMN hypothetical_liquidations.source_event_aggregate_id IS 'Aggregate of the event after which it is true.';
COMMENT ON COLUMN hypothetical_liquidations.source_event_version IS 'Version of that event.';
COMMENT ON COLUMN hypothetical_liquidations.position_partition IS 'Partition of the events topic in which that event stands.';
COMMENT ON COLUMN hypothetical_liquidations.position_offset IS 'Its offset.';
COMMENT ON COLUMN hypothetical_liquidations.recorded_at IS 'When that event was recorded.';

CREATE TABLE quality_findings (
  finding_id uuid PRIMARY KEY,
  check_name text NOT NULL,
  fund_id uuid,
  subject_id uuid,
  severity text NOT NULL CONSTRAINT quality_findings_severity_known CHECK (severity IN ('ERROR', 'WARNING', 'INFO')),
  status text NOT NULL CONSTRAINT quality_findings_status_known CHECK (status IN ('OPEN', 'RESOLVED')),
  message text NOT NULL,
  expected text,
  actual text,
  source_event_aggregate_id uuid NOT NULL,
  source_event_version integer NOT NULL,
  position_partition integer NOT NULL,
  position_offset bigint NOT NULL,
  recorded_at timestamptz NOT NULL
);

CREATE INDEX idx_quality_findings_open ON quality_findings (check_name, fund_id) WHERE status = 'OPEN';

COMMENT ON TABLE quality_findings IS 'Findings of the continuous checks of the data, as they stand.';
COMMENT ON COLUMN quality_findings.finding_id IS 'uuid5 of check and subject.';
COMMENT ON COLUMN quality_findings.check_name IS 'COMMITMENT_CONSISTENCY, CAPITAL_CALL_RECONCILIATION, DISTRIBUTION_RECONCILIATION, NAV_ROLL, DUPLICATE_RECORDS, ORPHANED_RECORDS.';
COMMENT ON COLUMN quality_findings.fund_id IS 'The fund.';
COMMENT ON COLUMN quality_findings.subject_id IS 'What it is about.';
COMMENT ON COLUMN quality_findings.severity IS 'What it weighs.';
COMMENT ON COLUMN quality_findings.status IS 'Whether it still holds.';
COMMENT ON COLUMN quality_findings.message IS 'What is wrong.';
COMMENT ON COLUMN quality_findings.expected IS 'Value expected.';
COMMENT ON COLUMN quality_findings.actual IS 'Value found.';
COMMENT ON COLUMN quality_findings.source_event_aggregate_id IS 'Aggregate of the event after which it is true.';
COMMENT ON COLUMN quality_findings.source_event_version IS 'Version of that event.';
COMMENT ON COLUMN quality_findings.position_partition IS 'Partition of the events topic in which that event stands.';
COMMENT ON COLUMN quality_findings.position_offset IS 'Its offset.';
COMMENT ON COLUMN quality_findings.recorded_at IS 'When that event was recorded.';

CREATE TABLE event_snapshots (
  aggregate_id uuid NOT NULL,
  aggregate_type text NOT NULL,
  snapshot_version integer NOT NULL,
  snapshot_data jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (aggregate_id, snapshot_version)
);

COMMENT ON TABLE event_snapshots IS 'State of aggregates at some of their versions: a projection that a reader of the event store may start from.';
COMMENT ON COLUMN event_snapshots.aggregate_id IS 'The aggregate.';
COMMENT ON COLUMN event_snapshots.aggregate_type IS 'Its kind.';
COMMENT ON COLUMN event_snapshots.snapshot_version IS 'event_version after which it is true.';
COMMENT ON COLUMN event_snapshots.snapshot_data IS 'The aggregate as it stood.';
COMMENT ON COLUMN event_snapshots.created_at IS 'recorded_at of the event that made it.';
