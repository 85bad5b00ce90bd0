// Entry of the embedded ClickHouse server: ClickHouse's HTTP interface over the engine of npm `chdb`, as a process of its own.
// Exit codes: 0 stopped, 1 failed, 2 wrong environment, 3 the data folder is held by another process.
import { pino } from 'pino';
import { ConfigurationError, readConfiguration } from './configuration.ts';
import { FolderHeldError, startServer } from './server.ts';

const GRACE_MS = 10_000;

// libuv reads the size of its thread pool, and the engine the time zone, once; both are set before anything runs, in this process.
if (process.env['UV_THREADPOOL_SIZE'] === undefined || process.env['TZ'] !== 'UTC')
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    UV_THREADPOOL_SIZE: '16',
    TZ: 'UTC',
  });

const log = pino(
  { name: 'clickhouse-server', base: null, timestamp: pino.stdTimeFunctions.isoTime },
  pino.destination({ fd: 2, sync: true }),
);

function exitCode(error: unknown): number {
  if (error instanceof ConfigurationError) return 2;
  return error instanceof FolderHeldError ? 3 : 1;
}

function explain(error: unknown): string {
  const { message, code } = error as { message: string; code?: string };
  if (code === 'EADDRINUSE')
    return `port ${process.env['CLICKHOUSE_SERVER_PORT'] ?? '8123'} is in use: stop the other program, or set CLICKHOUSE_SERVER_PORT`;
  return message;
}

try {
  const configuration = readConfiguration(process.env);
  const server = await startServer(configuration, (error) => log.error({ err: error }, 'a request failed in the server itself'));
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    void server.close(GRACE_MS).then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, 'the server did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ event: 'listening', port: server.port })}\n`);
} catch (error) {
  log.fatal({ err: exitCode(error) === 1 ? error : undefined }, explain(error));
  process.exit(exitCode(error));
}
