// Reads Postgres for verify: all tables in one repeatable-read transaction, rows by cursor.
import type { Pool, PoolClient } from 'pg';
import { type FactSource, factSources, type Offsets, type RowFilter, type StoredRow, type StorePosition } from './store.ts';

const rowsPerFetch = 5_000;

export interface PostgresSnapshot {
  readonly position: StorePosition;
  rows(table: string, filter?: RowFilter): AsyncIterable<readonly StoredRow[]>;
  close(): Promise<void>;
}

const positionOf = (rows: readonly StoredRow[]): StorePosition => {
  const of = (source: string): Offsets =>
    new Map(
      rows.filter((row) => row['source'] === source).map((row) => [Number(row['partition']), BigInt(String(row['next_offset']))]),
    );
  return {
    events: of('events'),
    facts: Object.fromEntries(factSources.map((source) => [source, of(source)])) as Record<FactSource, Offsets>,
    topicId: (rows[0]?.['topic_id'] as string | undefined) ?? null,
  };
};

const readPosition = async (client: Pool | PoolClient): Promise<StorePosition> =>
  positionOf(
    (await client.query("SELECT source, partition, next_offset, topic_id FROM positions WHERE sink = 'postgres'"))
      .rows as readonly StoredRow[],
  );

/** Where the sink of Postgres stands. */
export const postgresPosition = async (pool: Pool): Promise<StorePosition> => await readPosition(pool);

/** Opens a snapshot; nothing that is written later is seen through it. Close it. */
export const openPostgres = async (pool: Pool): Promise<PostgresSnapshot> => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    const position = await readPosition(client);
    return {
      position,
      rows: async function* (table, { funds, where }: RowFilter = {}) {
        const conditions = [
          ...(funds === undefined ? [] : ['fund_id = ANY($1::uuid[])']),
          ...(where === undefined ? [] : [where]),
        ];
        const condition = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
        await client.query(
          `DECLARE verify_rows NO SCROLL CURSOR FOR SELECT * FROM ${table}${condition}`,
          funds === undefined ? [] : [funds],
        );
        try {
          for (;;) {
            const { rows } = await client.query(`FETCH ${rowsPerFetch} FROM verify_rows`);
            if (rows.length > 0) yield rows as readonly StoredRow[];
            if (rows.length < rowsPerFetch) return;
          }
        } finally {
          await client.query('CLOSE verify_rows');
        }
      },
      close: async () => {
        try {
          await client.query('ROLLBACK');
          client.release();
        } catch {
          // A connection that does not answer any more is not given back.
          client.release(true);
        }
      },
    };
  } catch (error) {
    client.release(true);
    throw error;
  }
};
