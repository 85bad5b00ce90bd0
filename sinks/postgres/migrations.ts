// Brings the tables of the operational model to this version.
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { migratePostgres } from '#platform/postgres/migrate.ts';

/** Folder of the numbered migrations. */
export const migrationsFolder = fileURLToPath(new URL('./migrations/', import.meta.url));

/** Applies what is missing and returns the names of what was applied now; waits while another process migrates. */
export const migrateOperationalModel = (
  pool: Pool,
  options: { readonly schema?: string; readonly onProgress?: (line: string) => void } = {},
): Promise<readonly string[]> => migratePostgres({ pool, folder: migrationsFolder, ...options });
