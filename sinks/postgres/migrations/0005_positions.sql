-- How far the rows of this database have come, written in the transaction that writes the rows (design.md 2.3).
CREATE TABLE positions (
  sink text NOT NULL,
  source text NOT NULL CONSTRAINT positions_source_known CHECK (source IN ('events', 'capital-accounts')),
  partition integer NOT NULL,
  topic_id text NOT NULL,
  epoch integer NOT NULL,
  next_offset bigint NOT NULL,
  recorded_at timestamptz,
  source_topic_id text NOT NULL,
  source_next_offset bigint NOT NULL,
  PRIMARY KEY (sink, source, partition)
);

COMMENT ON TABLE positions IS 'Position of each source and partition; bookkeeping, not content: it is not part of a checksum.';
COMMENT ON COLUMN positions.sink IS 'The sink that owns the row.';
COMMENT ON COLUMN positions.source IS 'Topic that the rows come from, without its prefix.';
COMMENT ON COLUMN positions.partition IS 'Partition of it.';
COMMENT ON COLUMN positions.topic_id IS 'The broker''s id of the events topic: another id is another log.';
COMMENT ON COLUMN positions.epoch IS 'Epoch of the log.';
COMMENT ON COLUMN positions.next_offset IS 'Offset of events before which everything is in the rows of this source.';
COMMENT ON COLUMN positions.recorded_at IS 'recorded_at of the last event in them; null when there was none.';
COMMENT ON COLUMN positions.source_topic_id IS 'The broker''s id of the topic of the source.';
COMMENT ON COLUMN positions.source_next_offset IS 'Where the sink reads on in it.';
