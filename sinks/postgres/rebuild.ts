// Makes the operational model anew from the log alone: beside the one in use, so that readers see the old rows until the new ones are
// complete, then in its place in one transaction.
import type { Pool, PoolClient } from 'pg';
import type { KafkaPort } from '#platform/kafka/port.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { inTransaction, quoteName } from '#platform/postgres/transaction.ts';
import type { Codec } from '#schemas/codec.ts';
import { checksumPostgres, type TableChecksum } from './checksum.ts';
import { createEngine, type Engine } from './engine.ts';
import { SinkError } from './errors.ts';
import { assertInside, readLog, type LogState } from './log.ts';
import { migrateOperationalModel } from './migrations.ts';
import { changesChannel } from './notify.ts';
import { positionKey, sources } from './positions.ts';

export interface RebuildDeps {
  readonly kafka: KafkaPort;
  readonly pool: Pool;
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly epoch: number;
  readonly logger: Logger;
  /** Told how many offsets are still to be read. */
  readonly onProgress?: (remaining: bigint) => void;
  /** The rebuild gives up when nothing moves for so long; 60 s unless given. */
  readonly stallMsMax?: number;
}

const rebuildSchema = 'stratcap_rebuild';
const rebuildLock = 7_319_462_001;

/** Offsets between the engine and the end of the log as it was seen. */
const remainingTo = (engine: Engine, log: LogState): bigint => {
  let remaining = 0n;
  for (const source of sources) {
    for (const { partition, high } of log.watermarks[source]) {
      const at = engine.positions.get(positionKey(source, partition))?.sourceNextOffset ?? 0n;
      if (high > at) remaining += high - at;
    }
  }
  return remaining;
};

const catchUp = async (engine: Engine, log: LogState, deps: RebuildDeps): Promise<void> => {
  let last = remainingTo(engine, log);
  let movedAt = Date.now();
  while (last > 0n) {
    await engine.cycle(500);
    const remaining = remainingTo(engine, log);
    if (remaining < last) movedAt = Date.now();
    else if (Date.now() - movedAt > (deps.stallMsMax ?? 60_000)) {
      const waits = engine.parked
        .map((parked) => `partition ${parked.partition} waits for version ${parked.eventVersion} of ${parked.aggregateId}`)
        .join('; ');
      throw new SinkError(
        'log-truncated',
        `the rebuild does not move: ${remaining} offsets remain${waits === '' ? '; is a transaction of a processor still open?' : `; ${waits}`}. The tables in use were not touched`,
      );
    }
    last = remaining;
    deps.onProgress?.(remaining);
  }
};

interface Relation {
  readonly name: string;
  readonly kind: string;
  readonly child: boolean;
}

const relationsOf = async (client: PoolClient, schema: string): Promise<readonly Relation[]> => {
  const { rows } = await client.query<Relation>(
    `SELECT c.relname AS name, c.relkind::text AS kind, c.relispartition AS child FROM pg_class c
      WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p', 'v') AND c.relname <> 'schema_migrations' ORDER BY c.relname`,
    [schema],
  );
  return rows;
};

const functionsOf = async (client: PoolClient, schema: string): Promise<readonly string[]> => {
  const { rows } = await client.query<{ name: string; arguments: string }>(
    'SELECT proname AS name, pg_get_function_identity_arguments(oid) AS arguments FROM pg_proc WHERE pronamespace = to_regnamespace($1) ORDER BY 1, 2',
    [schema],
  );
  return rows.map((row) => `${quoteName(row.name)}(${row.arguments})`);
};

/** Puts the new tables in the place of the old ones; the migrations table of the schema in use stays. */
const takeOver = async (client: PoolClient): Promise<void> => {
  await client.query('SET LOCAL statement_timeout = 0');
  // A sink that writes waits here, and then finds positions that are not its own.
  await client.query('LOCK TABLE public.positions IN ACCESS EXCLUSIVE MODE');
  const made = await relationsOf(client, rebuildSchema);
  const views = made.filter(({ kind }) => kind === 'v');
  const tables = made.filter(({ kind }) => kind !== 'v');
  for (const { name } of views) await client.query(`DROP VIEW IF EXISTS public.${quoteName(name)}`);
  const parents = tables.filter(({ child }) => !child);
  await client.query(`DROP TABLE IF EXISTS ${parents.map(({ name }) => `public.${quoteName(name)}`).join(', ')}`);
  // Triggers and views hold the functions of their own schema: those of the tables that went have nobody left who calls them.
  const functions = await functionsOf(client, rebuildSchema);
  for (const signature of functions) await client.query(`DROP FUNCTION IF EXISTS public.${signature}`);
  for (const signature of functions) await client.query(`ALTER FUNCTION ${rebuildSchema}.${signature} SET SCHEMA public`);
  for (const { name } of tables) await client.query(`ALTER TABLE ${rebuildSchema}.${quoteName(name)} SET SCHEMA public`);
  for (const { name } of views) await client.query(`ALTER VIEW ${rebuildSchema}.${quoteName(name)} SET SCHEMA public`);
  await client.query(`DROP SCHEMA ${rebuildSchema} CASCADE`);
  const { rows } = await client.query<{ source: string; partition: number; next_offset: string }>(
    'SELECT source, partition, next_offset FROM public.positions',
  );
  for (const { source, partition, next_offset } of rows) {
    await client.query('SELECT pg_notify($1, $2)', [
      changesChannel,
      JSON.stringify({ all: true, partition, next_offset, source }),
    ]);
  }
};

const rebuild = async (deps: RebuildDeps): Promise<readonly TableChecksum[]> => {
  const { pool, logger } = deps;
  await migrateOperationalModel(pool);
  await pool.query(`DROP SCHEMA IF EXISTS ${rebuildSchema} CASCADE`);
  await migrateOperationalModel(pool, { schema: rebuildSchema });
  const { onProgress: _onProgress, stallMsMax: _stallMsMax, logger: _logger, ...log } = deps;
  const engine = createEngine({ ...log, schema: rebuildSchema, notify: false, batchRowsMax: 5_000 });
  try {
    await catchUp(engine, await engine.open(), deps);
    // What was booked meanwhile: the live sink is set back by as little as possible.
    await catchUp(engine, await readLog(deps), deps);
    assertInside(await readLog(deps), engine.positions);
  } finally {
    await engine.close();
  }
  await inTransaction(pool, takeOver);
  logger.info('The operational model was rebuilt from the log; a running sink restarts at the new positions');
  return checksumPostgres(pool);
};

/**
 * Drops all projections and makes them anew from the log; returns the checksums of the new tables. Readers see the old tables until
 * the new ones take their place; a sink that runs meanwhile stops as `fenced` and goes on after its restart.
 * @throws SinkError `misconfigured` when another rebuild runs; the tables in use are then untouched, as after any failure.
 */
export const rebuildPostgres = async (deps: RebuildDeps): Promise<readonly TableChecksum[]> => {
  const guard = await deps.pool.connect();
  try {
    const { rows } = await guard.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [rebuildLock]);
    if (rows[0]?.locked !== true)
      throw new SinkError('misconfigured', 'another rebuild of Postgres is running; wait for it, or end its process');
    return await rebuild(deps);
  } finally {
    // Closing the session gives the lock back, also after an error.
    guard.release(true);
  }
};
