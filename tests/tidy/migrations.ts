// The list of migrations with their checksums: a migration that ran somewhere must never read differently again.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Finding, TextFile } from './files.ts';

/** Checksum (SHA-256, hex) by path. */
export type MigrationList = Readonly<Record<string, string>>;

const isMigration = (path: string): boolean => /^sinks\/[a-z]+\/migrations\//.test(path);
const checksumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The list with the migrations that it does not name yet; what it names is never changed. */
export const listMigrations = (files: readonly TextFile[], listed: MigrationList): MigrationList =>
  Object.fromEntries([
    ...Object.entries(listed),
    ...files
      .filter(({ path }) => isMigration(path) && listed[path] === undefined)
      .map(({ path, text }) => [path, checksumOf(text)] as const),
  ]);

/** Migrations that are misnumbered, not listed, changed after they were listed, or gone. */
export const findMigrationFaults = (files: readonly TextFile[], listed: MigrationList): readonly Finding[] => {
  const migrations = files.filter(({ path }) => isMigration(path)).toSorted((left, right) => (left.path < right.path ? -1 : 1));
  const byFolder = Map.groupBy(migrations, ({ path }) => posix.dirname(path));
  const numbering = [...byFolder.values()].flatMap((inFolder) =>
    inFolder.flatMap(({ path }, at): readonly Finding[] => {
      const number = String(at + 1).padStart(4, '0');
      if (new RegExp(`^${number}_[a-z0-9_]+\\.sql$`).test(posix.basename(path))) return [];
      return [
        { path, problem: `should be named ${number}_what_it_does.sql: numbers without gaps, in the order in which they run` },
      ];
    }),
  );
  const contents = migrations.flatMap(({ path, text }): readonly Finding[] => {
    if (listed[path] === undefined) return [{ path, problem: 'is not in tests/tidy/migrations.json; run npm run generate' }];
    if (listed[path] === checksumOf(text)) return [];
    return [
      {
        path,
        problem: 'was changed after it was listed; write a new migration (before a release: delete its line and generate again)',
      },
    ];
  });
  const paths = new Set(migrations.map(({ path }) => path));
  const gone = Object.keys(listed).filter((path) => !paths.has(path));
  return [
    ...numbering,
    ...contents,
    ...gone.map((path) => ({ path, problem: 'is listed in tests/tidy/migrations.json and gone' })),
  ];
};
