// A fingerprint of what the tables hold: equal before and after a rebuild, whatever the order in which rows were written.
import type { Pool } from 'pg';
import { inTransaction } from '#platform/postgres/transaction.ts';
import { contentTables } from './content-tables.ts';

export interface TableChecksum {
  readonly table: string;
  readonly rows: number;
  /** SHA-256 over the sorted SHA-256 of every row's text. */
  readonly checksum: string;
}

// Sorted in 4,096 pieces, so that no string grows with the whole table.
const checksumSql = (table: string): string => `
  SELECT coalesce(sum(piece.rows), 0)::bigint AS rows, encode(sha256(convert_to(coalesce(string_agg(piece.hash, '' ORDER BY piece.start), ''), 'UTF8')), 'hex') AS checksum
  FROM (
    SELECT left(row_hash, 3) AS start, count(*) AS rows, encode(sha256(convert_to(string_agg(row_hash, '' ORDER BY row_hash COLLATE "C"), 'UTF8')), 'hex') AS hash
    FROM (SELECT encode(sha256(convert_to(t::text, 'UTF8')), 'hex') AS row_hash FROM ${table} AS t) AS hashed
    GROUP BY 1
  ) AS piece`;

/** Checksum of every table with content, of one moment. Positions are bookkeeping and not in it. */
export const checksumPostgres = (pool: Pool, schema = 'public'): Promise<readonly TableChecksum[]> =>
  inTransaction(
    pool,
    async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      // The text of a row follows the session: what it depends on is fixed here.
      await client.query(
        "SET LOCAL statement_timeout = 0; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1",
      );
      const checksums: TableChecksum[] = [];
      for (const { name } of contentTables) {
        const { rows } = await client.query<{ rows: string; checksum: string }>(checksumSql(name));
        checksums.push({ table: name, rows: Number(rows[0]?.rows ?? 0), checksum: rows[0]?.checksum ?? '' });
      }
      return checksums;
    },
    { schema },
  );
