// Reads ClickHouse for verify: the watermark first and then the rows, of which those beyond the watermark are told apart.
import type { Uuid } from '#domain/messages.ts';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import { type FactSource, factSources, type Offsets, type RowFilter, type StoredRow, type StorePosition } from './store.ts';

const offsetMask = (1n << 48n) - 1n;
const rowsPerPiece = 40_000;
const limits = { maxExecutionSeconds: 300 } as const;

export interface ClickHouseSnapshot {
  readonly position: StorePosition;
  /** Funds that rows of a table name. */
  fundsIn(table: string): Promise<readonly Uuid[]>;
  /** Rows in pieces; all rows of a key are in one piece. */
  rows(table: string, keys: readonly string[], filter?: RowFilter): AsyncIterable<readonly StoredRow[]>;
  /** Of every key the last version that lies within the offsets. */
  lastRows(table: string, keys: readonly string[], within: Offsets, filter?: RowFilter): AsyncIterable<readonly StoredRow[]>;
}

/** Whether a row follows from events within the offsets. */
export const isWithin = (row: StoredRow, offsets: Offsets): boolean =>
  (BigInt(String(row['_version'])) & offsetMask) < (offsets.get(Number(row['_partition'])) ?? 0n);

/** Where the sink of ClickHouse stands. */
export const clickhousePosition = async (warehouse: Warehouse): Promise<StorePosition> => {
  const marks = await warehouse.query<{ source: string; kind: string; partition: number; next_offset: string; topic_id: string }>(
    'SELECT source, kind, partition, next_offset, topic_id FROM watermark FINAL WHERE generation = (SELECT max(generation) FROM sink_generation)',
  );
  const of = (source: string, kind: string): Offsets =>
    new Map(
      marks
        .filter((mark) => mark.source === source && mark.kind === kind)
        .map((mark) => [Number(mark.partition), BigInt(mark.next_offset)]),
    );
  return {
    events: of('events', 'read'),
    facts: Object.fromEntries(factSources.map((source) => [source, of(source, 'true_for')])) as Record<FactSource, Offsets>,
    topicId: marks[0]?.topic_id ?? null,
  };
};

/** Takes the watermark; rows are read when they are asked for. */
export const openClickHouse = async (warehouse: Warehouse): Promise<ClickHouseSnapshot> => {
  const position = await clickhousePosition(warehouse);
  async function* pieces(
    keys: readonly string[],
    { funds, where }: RowFilter,
    table: string,
    select: (condition: string) => string,
  ): AsyncGenerator<readonly StoredRow[]> {
    const conditions = [
      ...(funds === undefined ? [] : ['fund_id IN {funds:Array(UUID)}']),
      ...(where === undefined ? [] : [where]),
    ];
    const params = funds === undefined ? {} : { funds };
    const all = conditions.length === 0 ? '1' : conditions.join(' AND ');
    const [counted] = await warehouse.query<{ rows: string }>(
      `SELECT count() AS rows FROM ${table} WHERE ${all}`,
      params,
      limits,
    );
    const count = Math.ceil(Number(counted?.rows ?? 0) / rowsPerPiece);
    for (let piece = 0; piece < count; piece += 1)
      yield await warehouse.query<StoredRow>(
        select(count === 1 ? all : `${all} AND cityHash64(${keys.join(', ')}) % ${count} = ${piece}`),
        params,
        limits,
      );
  }
  return {
    position,
    fundsIn: async (table) =>
      (
        await warehouse.query<{ fund_id: string }>(`SELECT DISTINCT fund_id FROM ${table} WHERE fund_id IS NOT NULL`, {}, limits)
      ).map(({ fund_id }) => fund_id),
    rows: (table, keys, filter = {}) =>
      pieces(keys, filter, table, (condition) => `SELECT * FROM ${table} FINAL WHERE ${condition}`),
    lastRows: (table, keys, within, filter = {}) => {
      const [partitions, ends] = [[...within.keys()], [...within.values()]];
      const end =
        partitions.length === 0
          ? '0'
          : `transform(toUInt64(_partition), [${partitions.map((one) => `toUInt64(${one})`).join(', ')}], [${ends.map((one) => `toUInt64(${one})`).join(', ')}], toUInt64(0))`;
      return pieces(
        keys,
        filter,
        table,
        (condition) =>
          `SELECT * FROM ${table} FINAL WHERE ${condition} AND bitAnd(_version, ${offsetMask}) < ${end} ORDER BY _version DESC LIMIT 1 BY ${keys.join(', ')}`,
      );
    },
  };
};
