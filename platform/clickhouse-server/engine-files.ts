// The engine's own configuration: config.xml and users.xml, written at each start, and how each pool opens its connections.
// chdb always runs as one user; the two roles are real ClickHouse roles, put on a connection by SET ROLE.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { identifier } from './compose.ts';
import type { QueryLimits, ServerConfiguration } from './configuration.ts';
import type { Role } from './gate.ts';
import type { ConnectionSetup } from './messages.ts';

/** The database that exists after the start; callers that name none are in it. */
export const DATABASE = 'stratcap';

/** Both roles reach every database whose name begins with DATABASE: tests and a second environment have their own. */
const SCOPE = `${DATABASE}*.*`;
const INGEST_GRANTS =
  'SHOW, SELECT, INSERT, CREATE DATABASE, DROP DATABASE, CREATE TABLE, DROP TABLE, CREATE VIEW, DROP VIEW, ALTER, TRUNCATE, OPTIMIZE, SYSTEM VIEWS, dictGet';

/** Inserts are on disk when they are acknowledged: the two merge_tree settings hold for every table unless its DDL says otherwise. */
function configXml(usersFile: string): string {
  return `<clickhouse>
  <users_config>${usersFile}</users_config>
  <mark_cache_size>268435456</mark_cache_size>
  <merge_tree><fsync_after_insert>1</fsync_after_insert><fsync_part_directory>1</fsync_part_directory></merge_tree>
</clickhouse>
`;
}

function constraints(limits: QueryLimits): string {
  return `<constraints><max_execution_time><min>0.001</min><max>${String(limits.executionSecondsMax)}</max></max_execution_time><max_memory_usage><min>1</min><max>${String(limits.memoryBytesMax)}</max></max_memory_usage></constraints>`;
}

function usersXml({ limits, threadsPerQuery, statementBytesMax }: ServerConfiguration): string {
  return `<clickhouse>
  <profiles>
    <default><max_threads>${String(threadsPerQuery)}</max_threads><max_query_size>${String(statementBytesMax * 2)}</max_query_size></default>
    <ingest>${constraints(limits.ingest)}</ingest>
    <analyst>${constraints(limits.analyst)}</analyst>
  </profiles>
  <roles>
    <ingest><grants><query>GRANT ${INGEST_GRANTS} ON ${SCOPE}</query></grants></ingest>
    <analyst><grants><query>GRANT SHOW, SELECT, dictGet ON ${SCOPE}</query></grants></analyst>
  </roles>
  <users><default><no_password/><profile>default</profile><quota>default</quota><networks><ip>::/0</ip></networks>
    <grants><query>GRANT ingest, analyst</query></grants></default></users>
  <quotas><default/></quotas>
</clickhouse>
`;
}

export interface EngineFolders {
  readonly engine: string;
  readonly spool: string;
  readonly configFile: string;
}

/** Makes the folders (0700) and writes the two files. The spool is not emptied here: the folder may still be another server's. */
export async function writeEngineFiles(configuration: ServerConfiguration): Promise<EngineFolders> {
  const folder = configuration.dataFolder;
  const folders = {
    engine: path.join(folder, 'engine'),
    spool: path.join(folder, 'spool'),
    configFile: path.join(folder, 'config.xml'),
  };
  await Promise.all([folder, folders.engine, folders.spool].map((name) => mkdir(name, { recursive: true, mode: 0o700 })));
  const usersFile = path.join(folder, 'users.xml');
  await replaceFile(usersFile, usersXml(configuration));
  await replaceFile(folders.configFile, configXml(usersFile));
  return folders;
}

async function replaceFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.${String(process.pid)}`;
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, file);
}

/** The control connection: both roles, so that it may create the database and kill any query. */
export function controlSetup(folders: EngineFolders): ConnectionSetup {
  return {
    folder: folders.engine,
    args: [`--config-file=${folders.configFile}`],
    statements: [`CREATE DATABASE IF NOT EXISTS ${identifier(DATABASE)} ENGINE = Atomic`],
  };
}

/** SET profile puts its constraints on the connection but not its values: those follow as SETs. readonly comes last: it ends SET. */
export function roleSetup(folders: EngineFolders, role: Role, limits: QueryLimits): ConnectionSetup {
  const statements = [
    `SET profile = '${role}'`,
    `SET ROLE ${role}`,
    `SET max_execution_time = ${String(limits.executionSeconds)}`,
    `SET max_memory_usage = ${String(limits.memoryBytesMax)}`,
    ...(role === 'analyst' ? ['SET readonly = 2'] : []),
  ];
  return { folder: folders.engine, args: [`--config-file=${folders.configFile}`], statements };
}

/**
 * The process that holds the engine's folder, if one does: asked after an open failed, because chdb says only that it failed.
 * The engine writes its process id into `status`, which it locks; the file stays behind, so the process must also be alive.
 */
export async function holderOf(folders: EngineFolders): Promise<number | undefined> {
  const status = await readFile(path.join(folders.engine, 'status'), 'utf8').catch(() => '');
  const pid = Number(/PID: (\d+)/.exec(status)?.[1] ?? 0);
  if (pid === 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? pid : undefined;
  }
}
