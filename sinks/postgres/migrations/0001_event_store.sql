-- Every event as it stands on the log (spec 6.1). Hash partitions by aggregate keep (aggregate_id, event_version) unique; a unique
-- key of a partitioned table must contain the partition key, hence aggregate_id in the other two unique keys. The primary key
-- serves what the spec calls idx_event_store_aggregate.
CREATE TABLE event_store (
  event_id uuid NOT NULL,
  tenant_id uuid NOT NULL,
  aggregate_id uuid NOT NULL,
  aggregate_type text NOT NULL,
  event_type text NOT NULL,
  event_version integer NOT NULL CONSTRAINT event_store_version_positive CHECK (event_version > 0),
  event_data jsonb NOT NULL,
  metadata jsonb NOT NULL,
  effective_date date NOT NULL,
  occurred_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  causation_id uuid NOT NULL,
  correlation_id uuid NOT NULL,
  chain_hash bytea NOT NULL CONSTRAINT event_store_chain_hash_length CHECK (octet_length(chain_hash) = 32),
  partition integer NOT NULL,
  log_offset bigint NOT NULL,
  CONSTRAINT event_store_pkey PRIMARY KEY (aggregate_id, event_version),
  CONSTRAINT event_store_event_id_key UNIQUE (event_id, aggregate_id),
  CONSTRAINT event_store_place_key UNIQUE (partition, log_offset, aggregate_id),
  CONSTRAINT event_store_aggregate_type_known CHECK (aggregate_type IN
    ('FUND', 'INVESTOR', 'COMMITMENT', 'CAPITAL_CALL', 'DISTRIBUTION', 'INVESTMENT', 'REFERENCE', 'COMMAND'))
) PARTITION BY HASH (aggregate_id);

CREATE TABLE event_store_0 PARTITION OF event_store FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE event_store_1 PARTITION OF event_store FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE event_store_2 PARTITION OF event_store FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE event_store_3 PARTITION OF event_store FOR VALUES WITH (MODULUS 4, REMAINDER 3);

CREATE INDEX idx_event_store_type ON event_store (aggregate_type, event_type);
CREATE INDEX idx_event_store_occurred ON event_store (occurred_at);
CREATE INDEX idx_event_store_causation ON event_store (causation_id);

COMMENT ON TABLE event_store IS 'Every event of the log, rejections included: a projection of the events topic, which is the system of record.';
COMMENT ON COLUMN event_store.event_id IS 'Id of the event: uuid5 of the command id and the place of the event in its decision.';
COMMENT ON COLUMN event_store.tenant_id IS 'The managing general partner.';
COMMENT ON COLUMN event_store.aggregate_id IS 'The aggregate that the event happened to.';
COMMENT ON COLUMN event_store.aggregate_type IS 'Kind of aggregate.';
COMMENT ON COLUMN event_store.event_type IS 'Record name of the event, for example CommitmentMade.';
COMMENT ON COLUMN event_store.event_version IS '1, 2, … per aggregate, without gaps.';
COMMENT ON COLUMN event_store.event_data IS 'The event without its envelope; amounts are decimal strings, sealed fields show their masked form.';
COMMENT ON COLUMN event_store.metadata IS 'The rest of the envelope: actor, origin, reason, depends_on, findings.';
COMMENT ON COLUMN event_store.effective_date IS 'Business date from which the event counts.';
COMMENT ON COLUMN event_store.occurred_at IS 'When the ledger recorded it; never goes back within a partition of the log.';
COMMENT ON COLUMN event_store.created_at IS 'Equal to occurred_at: a rebuild gives the same rows, so no clock of this database is in them.';
COMMENT ON COLUMN event_store.causation_id IS 'The command that led to the event.';
COMMENT ON COLUMN event_store.correlation_id IS 'Ties actions that belong together.';
COMMENT ON COLUMN event_store.chain_hash IS 'SHA-256 link of the hash chain of the partition of the log, as the event carries it.';
COMMENT ON COLUMN event_store.partition IS 'Partition of the events topic.';
COMMENT ON COLUMN event_store.log_offset IS 'Offset in that partition.';

-- One command by its id, as it ended.
CREATE VIEW command_outcomes AS
SELECT
  causation_id AS command_id,
  CASE WHEN bool_or(event_type = 'CommandRejected') THEN 'REJECTED' ELSE 'ACCEPTED' END AS kind,
  count(*)::integer AS events,
  min(partition) AS partition,
  min(log_offset) AS first_offset,
  max(log_offset) AS last_offset,
  max(occurred_at) AS decided_at
FROM event_store
GROUP BY causation_id;

COMMENT ON VIEW command_outcomes IS 'How each command ended. A command that booked nothing, such as a preview, is not in it.';
COMMENT ON COLUMN command_outcomes.command_id IS 'The command.';
COMMENT ON COLUMN command_outcomes.kind IS 'ACCEPTED or REJECTED.';
COMMENT ON COLUMN command_outcomes.events IS 'Number of events that it led to.';
COMMENT ON COLUMN command_outcomes.partition IS 'Partition of the events topic that decided it.';
COMMENT ON COLUMN command_outcomes.first_offset IS 'Offset of its first event.';
COMMENT ON COLUMN command_outcomes.last_offset IS 'Offset of its last event.';
COMMENT ON COLUMN command_outcomes.decided_at IS 'When it was decided.';
