// One transaction on one connection of the pool.
import type { Pool, PoolClient } from 'pg';

/** How a transaction runs. */
export interface TransactionOptions {
  /** Schema that unqualified names mean inside it; the session's own unless given. Lower-case letters and underscores. */
  readonly schema?: string;
}

/** Quotes a name for SQL. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Runs `work` between BEGIN and COMMIT and rolls back when it throws. When the connection broke during the commit, whether it
 * happened is not known: the caller finds out by what the transaction writes.
 */
export const inTransaction = async <Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(options.schema === undefined ? 'BEGIN' : `BEGIN; SET LOCAL search_path TO ${quoteName(options.schema)}`);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (cause) {
    await client.query('ROLLBACK').catch((error: unknown) => {
      broken = error instanceof Error ? error : new Error(String(error));
    });
    throw cause;
  } finally {
    client.release(broken);
  }
};
