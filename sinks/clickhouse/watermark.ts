// Where the sink stands, kept in ClickHouse with the rows that it speaks of and written after them.
import type { Warehouse } from '#platform/clickhouse/client.ts';

export interface LogIdentity {
  /** The broker's id of the events topic. */
  readonly topicId: string;
  readonly epoch: number;
}

export interface WatermarkRow {
  readonly generation: number;
  readonly source: string;
  /** read: next offset of the topic itself; true_for: next offset of events that the facts are true for. */
  readonly kind: 'read' | 'true_for';
  readonly partition: number;
  readonly topic_id: string;
  readonly epoch: number;
  readonly next_offset: string;
  readonly recorded_at: string | null;
}

/** Generation of the content that counts. A rebuild raises it, so that a sink that still runs cannot speak for the new content. */
export const currentGeneration = async (warehouse: Warehouse): Promise<number> => {
  const [row] = await warehouse.query<{ generation: number }>('SELECT max(generation) AS generation FROM sink_generation');
  return Number(row?.generation ?? 0);
};

/** The watermarks of a generation as they stand. */
export const readWatermarks = async (warehouse: Warehouse, generation: number): Promise<readonly WatermarkRow[]> =>
  await warehouse.query<WatermarkRow>(
    'SELECT generation, source, kind, partition, topic_id, epoch, next_offset, recorded_at FROM watermark FINAL WHERE generation = {generation:UInt32} ORDER BY source, kind, partition',
    { generation },
  );

/** A rebuild has begun: the sink ends, and its next start reads the log from the beginning. */
export class ContentReplaced extends Error {
  readonly code = 'content-replaced';
  constructor() {
    super('the content of ClickHouse is being rebuilt; this sink ends and starts again from the first event');
    this.name = 'ContentReplaced';
  }
}

/** A sink that must not go on: its position belongs to another log or lies beyond the end. */
export class RebuildNeeded extends Error {
  readonly code = 'rebuild-needed';
  constructor(detail: string) {
    super(`the position of the ClickHouse sink does not belong to this log: ${detail}; run \`stratcap rebuild clickhouse\``);
    this.name = 'RebuildNeeded';
  }
}

/** Offsets to continue from, by partition: never before the first one that is kept. @throws RebuildNeeded */
export const resumeOffsets = (
  rows: readonly WatermarkRow[],
  source: string,
  log: LogIdentity,
  marks: ReadonlyMap<number, { readonly low: bigint; readonly high: bigint }>,
): ReadonlyMap<number, bigint> => {
  const offsets = new Map([...marks].map(([partition, { low }]) => [partition, low]));
  for (const row of rows) {
    if (row.source !== source || row.kind !== 'read') continue;
    const offset = BigInt(row.next_offset);
    if (row.topic_id !== log.topicId)
      throw new RebuildNeeded(`it was written for topic id ${row.topic_id}, the log is ${log.topicId}`);
    if (row.epoch !== log.epoch) throw new RebuildNeeded(`it was written for epoch ${row.epoch}, the log is at ${log.epoch}`);
    const mark = marks.get(row.partition);
    if (mark === undefined || offset > mark.high)
      throw new RebuildNeeded(
        `partition ${row.partition} of ${source} stands at ${offset}, but the log ends at ${String(mark?.high)}`,
      );
    offsets.set(row.partition, offset < mark.low ? mark.low : offset);
  }
  return offsets;
};
