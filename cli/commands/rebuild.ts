// `stratcap rebuild postgres|clickhouse`: drops a store's projections and makes them again from the log, then prints a
// checksum by table: the same log gives the same checksums.
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '#platform/observability/logger.ts';
import { topicName } from '#schemas/topics.ts';
import { checksumClickHouse, emptyStarSchema, migrateStarSchema } from '../../sinks/clickhouse/rebuild.ts';
import { sources, startClickHouseSink } from '../../sinks/clickhouse/sink.ts';
import { currentGeneration, readWatermarks } from '../../sinks/clickhouse/watermark.ts';
import { checksumPostgres } from '../../sinks/postgres/checksum.ts';
import { rebuildPostgres } from '../../sinks/postgres/rebuild.ts';
import { logEpoch, type Context } from '../context.ts';

/** Rows and checksum of a table. */
export interface ChecksumLine {
  readonly table: string;
  readonly rows: string;
  readonly checksum: string;
}
export interface RebuildResult {
  readonly store: 'postgres' | 'clickhouse';
  readonly before: readonly ChecksumLine[];
  readonly after: readonly ChecksumLine[];
  readonly seconds: number;
}

const lines = (
  sums: readonly { readonly table: string; readonly rows: number | string; readonly checksum: string }[],
): readonly ChecksumLine[] => sums.map(({ table, rows, checksum }) => ({ table, rows: String(rows), checksum }));

const rebuildClickHouse = async (context: Context, say: (text: string) => void): Promise<void> => {
  const { topicPrefix, partitions } = context.config;
  const kafka = await context.kafka();
  const warehouse = context.warehouse();
  await migrateStarSchema(warehouse);
  await emptyStarSchema(warehouse);
  const ends = new Map(
    (
      await Promise.all(
        sources.map(async (source) =>
          (await kafka.admin.watermarks(topicName(topicPrefix, source))).map(
            ({ partition, high }) => [`${source}/${partition}`, high] as const,
          ),
        ),
      )
    ).flat(),
  );
  // A sink of ours makes the content, whether the role runs or not: two of them write the same rows.
  const sink = await startClickHouseSink({
    kafka,
    warehouse,
    codec: context.codec,
    topicPrefix,
    partitions,
    epoch: logEpoch,
    logger: createLogger({ role: 'rebuild', level: 'error' }),
  });
  try {
    for (;;) {
      const marks = new Map(
        (await readWatermarks(warehouse, await currentGeneration(warehouse)))
          .filter(({ kind }) => kind === 'read')
          .map(({ source, partition, next_offset }) => [`${source}/${partition}`, BigInt(next_offset)]),
      );
      const missing = [...ends].reduce(
        (sum, [key, end]) => sum + (end - (marks.get(key) ?? 0n) > 0n ? end - (marks.get(key) ?? 0n) : 0n),
        0n,
      );
      if (missing === 0n) return;
      const { state, detail } = sink.health();
      if (state === 'failed') throw new Error(`the rebuild stopped: ${detail ?? 'unknown'}`);
      say(`${missing} records to go`);
      await sleep(200);
    }
  } finally {
    await sink.stop();
  }
};

/** Rebuilds a store and tells its checksums before and after. */
export const runRebuild = async (
  store: RebuildResult['store'],
  context: Context,
  say: (text: string) => void,
): Promise<RebuildResult> => {
  const started = performance.now();
  const { topicPrefix, partitions } = context.config;
  const checksum = async (): Promise<readonly ChecksumLine[]> =>
    lines(store === 'postgres' ? await checksumPostgres(context.pool()) : await checksumClickHouse(context.warehouse()));
  const before = await checksum();
  if (store === 'postgres') {
    await rebuildPostgres({
      kafka: await context.kafka(),
      pool: context.pool(),
      codec: context.codec,
      topicPrefix,
      partitions,
      epoch: logEpoch,
      logger: context.logger,
      onProgress: (remaining) => say(`${remaining} records to go`),
    });
  } else {
    await rebuildClickHouse(context, say);
  }
  return { store, before, after: await checksum(), seconds: (performance.now() - started) / 1000 };
};

/** The result as a table. */
export const rebuildText = ({ store, before, after, seconds }: RebuildResult): string => {
  const former = new Map(before.map((line) => [line.table, line]));
  const width = Math.max(...after.map(({ table }) => table.length));
  return [
    `${'table'.padEnd(width)}  ${'rows'.padStart(9)}  checksum`,
    ...after.map(
      ({ table, rows, checksum }) =>
        `${table.padEnd(width)}  ${rows.padStart(9)}  ${checksum}${former.get(table)?.checksum === checksum ? '' : '  (was different)'}`,
    ),
    `${store} was rebuilt from the log in ${seconds.toFixed(1)} s; ${after.every(({ table, checksum }) => former.get(table)?.checksum === checksum) ? 'every checksum is what it was before' : 'tables that were different before are marked'}.`,
  ].join('\n');
};
