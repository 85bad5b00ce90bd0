// Who reads the log, from which topic, and where each of them stands: processors by what their group committed, sinks by what their
// store says. A store or a broker that does not answer leaves positions unknown, never zero.
import { groupOf } from '../processors/runtime/names.ts';
import { sources as clickhouseSources } from '../sinks/clickhouse/sink.ts';
import { currentGeneration, readWatermarks } from '../sinks/clickhouse/watermark.ts';
import { sinkName, sources as postgresSources } from '../sinks/postgres/positions.ts';
import { topicName, type TopicName } from '#schemas/topics.ts';
import type { Context } from './context.ts';
import { inTime } from './in-time.ts';
import { processorsByRole } from './processors.ts';
import type { RoleName } from './role-names.ts';

/** Roles that run only when asked: they are told of once they have committed something. */
const optional: ReadonlySet<string> = new Set<RoleName>(['holdings', 'alerts']);
/** Where one reader stands in one partition. */
export interface ReaderPosition {
  readonly role: string;
  /** Consumer group, or the store that holds the position. */
  readonly kept: string;
  readonly topic: TopicName;
  readonly partition: number;
  /** Next offset that it will read; null when nothing was read yet. */
  readonly next: bigint | null;
}

/** The positions of one reader, or why they are unknown. */
export interface ReaderPositions {
  readonly role: string;
  readonly kept: string;
  readonly topics: readonly TopicName[];
  readonly positions: readonly ReaderPosition[] | null;
  readonly unknown: string | null;
}

const patienceMs = 4_000;

const partitionsOf = (context: Context): readonly number[] =>
  Array.from({ length: context.config.partitions }, (_, partition) => partition);

/** A reader whose position is what its group committed. */
const groupPositions = async (context: Context, role: string, name: string, topic: TopicName): Promise<ReaderPositions> => {
  const { topicPrefix } = context.config;
  const kept = groupOf(topicPrefix, name);
  const committed = await inTime(
    (async () => await (await context.kafka()).admin.committedOffsets(kept, topicName(topicPrefix, topic)))(),
    null,
    patienceMs,
  );
  return {
    role,
    kept,
    topics: [topic],
    positions:
      committed === null
        ? null
        : partitionsOf(context).map((partition) => ({ role, kept, topic, partition, next: committed.get(partition) ?? null })),
    unknown: committed === null ? 'Kafka does not answer' : null,
  };
};

interface StoredPosition {
  readonly source: string;
  readonly partition: number;
  readonly next: string;
}

const postgresRows = async (context: Context): Promise<readonly StoredPosition[]> =>
  (
    await context
      .pool()
      .query<StoredPosition>('SELECT source, partition, source_next_offset::text AS next FROM positions WHERE sink = $1', [
        sinkName,
      ])
  ).rows;

const clickhouseRows = async (context: Context): Promise<readonly StoredPosition[]> => {
  const warehouse = context.warehouse();
  const rows = await readWatermarks(warehouse, await currentGeneration(warehouse));
  return rows
    .filter(({ kind }) => kind === 'read')
    .map(({ source, partition, next_offset }) => ({ source, partition, next: next_offset }));
};

const sinkPositions = async (
  context: Context,
  role: string,
  store: string,
  read: readonly TopicName[],
  readRows: (context: Context) => Promise<readonly StoredPosition[]>,
): Promise<ReaderPositions> => {
  const rows = await inTime((async () => await readRows(context))(), null, patienceMs);
  const next = new Map(rows?.map((row) => [`${row.source}/${row.partition}`, BigInt(row.next)]));
  return {
    role,
    kept: store,
    topics: read,
    positions:
      rows === null
        ? null
        : read.flatMap((topic) =>
            partitionsOf(context).map((partition) => ({
              role,
              kept: store,
              topic,
              partition,
              next: next.get(`${topic}/${partition}`) ?? null,
            })),
          ),
    unknown: rows === null ? `${store} does not answer` : null,
  };
};

/** Where every reader of the log stands. Nothing of it throws. */
export const readPositions = async (context: Context): Promise<readonly ReaderPositions[]> => {
  const { codec, config } = context;
  const processors = Object.entries(processorsByRole({ codec, partitions: config.partitions })).flatMap(([role, shapes]) =>
    shapes.map(({ name, input }) => groupPositions(context, role, name, input)),
  );
  const readers = await Promise.all([
    ...processors,
    sinkPositions(context, 'sink-postgres', 'Postgres', postgresSources, postgresRows),
    sinkPositions(context, 'sink-clickhouse', 'ClickHouse', clickhouseSources, clickhouseRows),
    groupPositions(context, 'alerts', 'alerts', 'quality'),
  ]);
  return readers.filter(({ role, positions }) => !optional.has(role) || positions?.some(({ next }) => next !== null) === true);
};
