// Where the rows of the database stand in the log. The position is moved in the transaction that writes the rows, from the value
// that this sink last saw: whoever finds another value is a zombie and stops.
import type { Pool, PoolClient } from 'pg';
import { SinkError } from './errors.ts';

/** Topics that the sink reads, by the name of schemas/topics.ts. */
export const sources = ['events', 'capital-accounts', 'cash-flows', 'waterfalls', 'performance', 'quality'] as const;
export type Source = (typeof sources)[number];
/** Those whose records are facts: true after an event, told by a processor that also tells how far it has come. */
export const factSources: readonly Source[] = sources.filter((source) => source !== 'events');

/** Name of the sink in the table of positions. */
export const sinkName = 'postgres';

/** Position of one partition of one source. */
export interface SourcePosition {
  readonly source: Source;
  readonly partition: number;
  /** Offset of events before which everything is in the rows of this source. */
  readonly nextOffset: bigint;
  /** recorded_at of the last event in them, as SQL text; null when there was none. */
  readonly recordedAt: string | null;
  /** Where to read on in the topic of the source. */
  readonly sourceNextOffset: bigint;
}

/** What identifies the log that positions count in. */
export interface LogIdentity {
  readonly topicIds: Readonly<Record<Source, string>>;
  readonly epoch: number;
  readonly partitions: number;
}

interface PositionRow {
  readonly source: Source;
  readonly partition: number;
  readonly topic_id: string;
  readonly epoch: number;
  readonly next_offset: string;
  readonly recorded_at: string | null;
  readonly source_topic_id: string;
  readonly source_next_offset: string;
}

/** Key of a partition of a source. */
export const positionKey = (source: Source, partition: number): string => `${source}/${partition}`;

/** Positions by `positionKey`. */
export type Positions = ReadonlyMap<string, SourcePosition>;

const rebuild = 'run stratcap rebuild postgres';

const checkedPosition = (row: PositionRow, log: LogIdentity): SourcePosition => {
  const place = `position of ${row.source} partition ${row.partition}`;
  if (row.topic_id !== log.topicIds.events || row.source_topic_id !== log.topicIds[row.source]) {
    const [found, expected] =
      row.topic_id === log.topicIds.events
        ? [row.source_topic_id, log.topicIds[row.source]]
        : [row.topic_id, log.topicIds.events];
    throw new SinkError(
      'rebuild-needed',
      `${place} counts in topic ${found}, but the topic of that name is now ${expected}: the log was made anew; ${rebuild}`,
    );
  }
  if (row.epoch !== log.epoch || row.partition >= log.partitions) {
    throw new SinkError(
      'rebuild-needed',
      `${place} is of epoch ${row.epoch}, the log is in epoch ${log.epoch} with ${log.partitions} partitions; ${rebuild}`,
    );
  }
  return {
    source: row.source,
    partition: row.partition,
    nextOffset: BigInt(row.next_offset),
    recordedAt: row.recorded_at,
    sourceNextOffset: BigInt(row.source_next_offset),
  };
};

/**
 * Positions as they stand; a partition that has none starts at `starts`.
 * @throws SinkError `rebuild-needed` when they count in another log.
 */
export const loadPositions = async (pool: Pool, schema: string, log: LogIdentity, starts: Positions): Promise<Positions> => {
  const { rows } = await pool.query<PositionRow>(`SELECT * FROM ${schema}.positions WHERE sink = $1`, [sinkName]);
  const stored = new Map(rows.map((row) => [positionKey(row.source, row.partition), checkedPosition(row, log)]));
  const positions = new Map<string, SourcePosition>();
  for (const [key, start] of starts) positions.set(key, stored.get(key) ?? start);
  return positions;
};

/** Writes the rows of partitions that have none yet, so that every move is from a row to a row. */
export const initialisePositions = async (pool: Pool, schema: string, log: LogIdentity, positions: Positions): Promise<void> => {
  for (const position of positions.values()) {
    await pool.query(
      `INSERT INTO ${schema}.positions (sink, source, partition, topic_id, epoch, next_offset, recorded_at, source_topic_id, source_next_offset)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (sink, source, partition) DO NOTHING`,
      [
        sinkName,
        position.source,
        position.partition,
        log.topicIds.events,
        log.epoch,
        String(position.nextOffset),
        position.recordedAt,
        log.topicIds[position.source],
        String(position.sourceNextOffset),
      ],
    );
  }
};

/** A move of one position from what was last seen to what the transaction adds. */
export interface PositionMove {
  readonly from: SourcePosition;
  readonly to: SourcePosition;
}

/**
 * Compare-and-set of several positions in the transaction of the caller; it waits for another writer of the same rows.
 * @throws SinkError `fenced` when one of them is not where this sink left it.
 */
export const movePositions = async (client: PoolClient, log: LogIdentity, moves: readonly PositionMove[]): Promise<void> => {
  if (moves.length === 0) return;
  const { rowCount } = await client.query({
    name: 'move positions',
    text: `UPDATE positions AS p SET next_offset = v.next_offset, recorded_at = v.recorded_at, source_next_offset = v.source_next_offset
      FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::bigint[], $8::text[])
        AS v(source, partition, expected_next, expected_source_next, next_offset, recorded_at, source_next_offset, source_topic_id)
      WHERE p.sink = $9 AND p.source = v.source AND p.partition = v.partition AND p.topic_id = $10 AND p.epoch = $11
        AND p.source_topic_id = v.source_topic_id AND p.next_offset = v.expected_next AND p.source_next_offset = v.expected_source_next`,
    values: [
      moves.map(({ to }) => to.source),
      moves.map(({ to }) => to.partition),
      moves.map(({ from }) => String(from.nextOffset)),
      moves.map(({ from }) => String(from.sourceNextOffset)),
      moves.map(({ to }) => String(to.nextOffset)),
      moves.map(({ to }) => to.recordedAt),
      moves.map(({ to }) => String(to.sourceNextOffset)),
      moves.map(({ to }) => log.topicIds[to.source]),
      sinkName,
      log.topicIds.events,
      log.epoch,
    ],
  });
  if (rowCount !== moves.length) {
    const named = moves.map(({ from }) => `${from.source}/${from.partition} from ${from.sourceNextOffset}`).join(', ');
    throw new SinkError(
      'fenced',
      `${moves.length - (rowCount ?? 0)} of the positions to move (${named}) stand elsewhere: another sink or a rebuild has taken over; this one stops`,
    );
  }
};
