// Applies plain numbered .sql files in order, once each, under an advisory lock so that two starts at once do not collide.
import { runner } from 'node-pg-migrate';
import type { Pool } from 'pg';

/** What to migrate. */
export interface MigrationOptions {
  readonly pool: Pool;
  /** Folder of `NNNN_name.sql` files. */
  readonly folder: string;
  /** Schema that the tables are made in; `public` unless given. It is created when missing. */
  readonly schema?: string;
  /** Told what is done, one line each. */
  readonly onProgress?: (line: string) => void;
}

/**
 * Brings a schema to the newest migration, all or nothing, and returns the names of the files applied now. It waits while
 * another process migrates.
 * @throws Error when an applied file is missing from the folder or out of order, or a statement fails.
 */
export const migratePostgres = async (options: MigrationOptions): Promise<readonly string[]> => {
  const schema = options.schema ?? 'public';
  const client = await options.pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    const applied = await runner({
      dbClient: client,
      dir: options.folder,
      direction: 'up',
      schema,
      createSchema: true,
      migrationsTable: 'schema_migrations',
      advisoryLockMode: 'wait',
      singleTransaction: true,
      log: (line: string) => options.onProgress?.(line),
    });
    return applied.map((migration) => migration.name);
  } finally {
    // The session's search path and timeout were changed: it is not given back to the pool.
    client.release(true);
  }
};
