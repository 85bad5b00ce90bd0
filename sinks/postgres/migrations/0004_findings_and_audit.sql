-- What the rules said (spec 7.1) and who did what (spec 6.3). Both follow from the envelopes of the events alone.
CREATE TABLE findings (
  event_id uuid NOT NULL,
  finding_number integer NOT NULL,
  event_type text NOT NULL,
  aggregate_type text NOT NULL,
  aggregate_id uuid NOT NULL,
  event_version integer NOT NULL,
  fund_id uuid,
  investor_id uuid,
  commitment_id uuid,
  rule text NOT NULL,
  severity text NOT NULL CONSTRAINT findings_severity_known CHECK (severity IN ('ERROR', 'WARNING', 'INFO')),
  message text NOT NULL,
  field text,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (event_id, finding_number)
);

CREATE INDEX idx_findings_aggregate ON findings (aggregate_id, event_version);
CREATE INDEX idx_findings_fund ON findings (fund_id);
CREATE INDEX idx_findings_investor ON findings (investor_id);
CREATE INDEX idx_findings_rule ON findings (rule, severity);
CREATE INDEX idx_findings_recorded ON findings (recorded_at DESC, event_id, finding_number);

COMMENT ON TABLE findings IS 'Results of rules: warnings and notes of accepted commands, and the reasons of rejected ones.';
COMMENT ON COLUMN findings.event_id IS 'The event that carries it.';
COMMENT ON COLUMN findings.finding_number IS '1, 2, … within the event; of a rejection, the reasons follow the other findings.';
COMMENT ON COLUMN findings.event_type IS 'Record name of the event; CommandRejected for the reasons of a rejection.';
COMMENT ON COLUMN findings.aggregate_type IS 'Kind of aggregate of the event.';
COMMENT ON COLUMN findings.aggregate_id IS 'Aggregate of the event.';
COMMENT ON COLUMN findings.event_version IS 'Its version.';
COMMENT ON COLUMN findings.fund_id IS 'The fund it is about, if any.';
COMMENT ON COLUMN findings.investor_id IS 'The investor it is about, if any.';
COMMENT ON COLUMN findings.commitment_id IS 'The commitment it is about, if any.';
COMMENT ON COLUMN findings.rule IS 'Name of the rule in kebab case.';
COMMENT ON COLUMN findings.severity IS 'What the result weighs: ERROR rejected the command.';
COMMENT ON COLUMN findings.message IS 'What is wrong with which value, and what would be right.';
COMMENT ON COLUMN findings.field IS 'Field of the command that the rule looked at; null when it is about the whole.';
COMMENT ON COLUMN findings.recorded_at IS 'When the event was recorded.';

CREATE TABLE audit_trail (
  audit_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  entity_type text NOT NULL,
  entity_id uuid NOT NULL,
  action_type text NOT NULL CONSTRAINT audit_trail_action_type_known CHECK (action_type IN ('CREATE', 'UPDATE', 'DELETE', 'VIEW', 'REJECT')),
  event_type text NOT NULL,
  user_id uuid NOT NULL,
  user_role text NOT NULL,
  channel text NOT NULL CONSTRAINT audit_trail_channel_known CHECK (channel IN ('API', 'PAGE', 'CLI', 'FILE', 'FEED', 'CDC', 'CLOCK', 'SYSTEM')),
  ip_address inet,
  user_agent text,
  session_id text,
  field_changes jsonb,
  reason text,
  "timestamp" timestamptz NOT NULL,
  effective_date date NOT NULL,
  correlation_id uuid NOT NULL,
  causation_id uuid NOT NULL,
  data_classification text NOT NULL CONSTRAINT audit_trail_data_classification_known CHECK (data_classification IN ('PUBLIC', 'INTERNAL', 'CONFIDENTIAL', 'RESTRICTED')),
  retention_period integer NOT NULL CONSTRAINT audit_trail_retention_period_positive CHECK (retention_period > 0)
);

CREATE INDEX idx_audit_entity ON audit_trail (entity_type, entity_id);
CREATE INDEX idx_audit_user ON audit_trail (user_id, "timestamp");
CREATE INDEX idx_audit_timestamp ON audit_trail ("timestamp");
CREATE INDEX idx_audit_correlation ON audit_trail (correlation_id);

COMMENT ON TABLE audit_trail IS 'Who did what to which entity, with every changed field; one row per event.';
COMMENT ON COLUMN audit_trail.audit_id IS 'Id of the event.';
COMMENT ON COLUMN audit_trail.tenant_id IS 'The managing general partner.';
COMMENT ON COLUMN audit_trail.entity_type IS 'Kind of entity; of a rejected command, the kind that it was meant for.';
COMMENT ON COLUMN audit_trail.entity_id IS 'The entity; of a rejected command, the one that it was meant for, or the command itself when it named none.';
COMMENT ON COLUMN audit_trail.action_type IS 'What was done; REJECT for a command that broke a rule and had no effect.';
COMMENT ON COLUMN audit_trail.event_type IS 'Record name of the event.';
COMMENT ON COLUMN audit_trail.user_id IS 'Who.';
COMMENT ON COLUMN audit_trail.user_role IS 'Role in which the user acted.';
COMMENT ON COLUMN audit_trail.channel IS 'The way in.';
COMMENT ON COLUMN audit_trail.ip_address IS 'Address of the client; null when not from the network.';
COMMENT ON COLUMN audit_trail.user_agent IS 'Program of the client.';
COMMENT ON COLUMN audit_trail.session_id IS 'Session of the client.';
COMMENT ON COLUMN audit_trail.field_changes IS 'Array of {field, old_value, new_value}; sealed fields show their masked form; null for a rejection.';
COMMENT ON COLUMN audit_trail.reason IS 'Why, in the words of the user.';
COMMENT ON COLUMN audit_trail."timestamp" IS 'When it was recorded.';
COMMENT ON COLUMN audit_trail.effective_date IS 'Business date from which it counts.';
COMMENT ON COLUMN audit_trail.correlation_id IS 'Ties actions that belong together.';
COMMENT ON COLUMN audit_trail.causation_id IS 'The command.';
COMMENT ON COLUMN audit_trail.data_classification IS 'How confidential the row is.';
COMMENT ON COLUMN audit_trail.retention_period IS 'Days to keep the row (spec 9.1).';
