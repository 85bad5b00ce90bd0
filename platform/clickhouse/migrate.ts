// Brings a ClickHouse database to the state that a folder of numbered SQL files describes. ClickHouse has no transactions over
// DDL: a file that broke half-way is run again from its first statement, so each statement must be re-runnable (IF NOT EXISTS).
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Warehouse } from './client.ts';

/** A folder and a database that do not fit together; `code` says how. */
export class MigrationError extends Error {
  readonly code: 'migration-edited' | 'migration-missing' | 'migration-name' | 'migration-failed';
  constructor(code: MigrationError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'MigrationError';
    this.code = code;
  }
}

interface Migration {
  readonly name: string;
  readonly checksum: string;
  readonly statements: readonly string[];
}

/**
 * Applies what is missing, in the order of the numbers, and returns the names applied. Files are named `0001_what.sql`;
 * statements are separated by a line that is only `;;`.
 * @throws MigrationError when an applied file was edited or is gone, a name is wrong, or a statement fails
 */
export async function migrateWarehouse(warehouse: Warehouse, folder: string): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  await warehouse.command(
    `CREATE TABLE IF NOT EXISTS schema_migrations (name String COMMENT 'file name', checksum String COMMENT 'SHA-256 of the file',
     applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = ReplacingMergeTree ORDER BY name`,
  );
  const rows = await warehouse.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM schema_migrations FINAL ORDER BY name',
  );
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]));
  checkApplied(migrations, applied, folder);
  const pending = migrations.filter(({ name }) => !applied.has(name));
  for (const migration of pending) await apply(warehouse, migration);
  return pending.map(({ name }) => name);
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  for (const [index, name] of names.entries()) {
    if (!/^\d{4}_[a-z0-9_-]+\.sql$/.test(name))
      throw new MigrationError('migration-name', `${name} in ${folder}: name it like 0001_what_it_does.sql`);
    if (name.slice(0, 4) === names[index - 1]?.slice(0, 4))
      throw new MigrationError(
        'migration-name',
        `${name} and ${names[index - 1] ?? ''} have the same number: give one the next free number`,
      );
  }
  return await Promise.all(names.map((name) => readMigration(folder, name)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const text = (await readFile(path.join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
  const statements = text.split(/^;;[ \t]*$/m).map((statement) => statement.trim());
  return {
    name,
    checksum: createHash('sha256').update(text).digest('hex'),
    statements: statements.filter((statement) => statement.replaceAll(/^\s*--.*$/gm, '').trim() !== ''),
  };
}

function checkApplied(migrations: readonly Migration[], applied: ReadonlyMap<string, string>, folder: string): void {
  for (const [name, checksum] of applied) {
    const migration = migrations.find((candidate) => candidate.name === name);
    if (migration === undefined)
      throw new MigrationError(
        'migration-missing',
        `${name} was applied to this database but is not in ${folder}: start the version of StratCap that has it, or rebuild the database`,
      );
    if (migration.checksum !== checksum)
      throw new MigrationError(
        'migration-edited',
        `${name} was edited after it was applied: undo the edit and put the change into a new file with the next number`,
      );
  }
}

async function apply(warehouse: Warehouse, { name, checksum, statements }: Migration): Promise<void> {
  for (const [index, statement] of statements.entries()) {
    try {
      await warehouse.command(statement);
    } catch (error) {
      throw new MigrationError(
        'migration-failed',
        `statement ${String(index + 1)} of ${name} failed: ${error instanceof Error ? error.message : String(error)}`,
        error,
      );
    }
  }
  await warehouse.insert('schema_migrations', [{ name, checksum }]);
}
