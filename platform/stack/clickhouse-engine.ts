// The embedded ClickHouse: our HTTP server over the engine of the npm package chdb, in a process of its own.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KeptProcess } from '#platform/process/keep-alive.ts';
import { answersHttp, keepEngine, type EngineContext } from './engine-context.ts';

/** Names of the two users; their passwords are in the secrets of the data folder. */
export const CLICKHOUSE_INGEST_USER = 'ingest';
export const CLICKHOUSE_ANALYST_USER = 'analyst';

/** The kept process, not yet started. */
export const prepareClickhouse = (context: EngineContext, port: number): KeptProcess => {
  const data = context.folder.engine('clickhouse');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  return keepEngine(context, {
    engine: 'clickhouse',
    title: 'ClickHouse',
    address: `http://127.0.0.1:${port}`,
    command: process.execPath,
    args: [fileURLToPath(new URL('../clickhouse-server/main.ts', import.meta.url))],
    env: {
      ...context.env,
      TZ: 'UTC',
      UV_THREADPOOL_SIZE: context.env['UV_THREADPOOL_SIZE'] || '16',
      CLICKHOUSE_SERVER_DATA: data,
      CLICKHOUSE_SERVER_HOST: '127.0.0.1',
      CLICKHOUSE_SERVER_PORT: String(port),
      CLICKHOUSE_INGEST_USER,
      CLICKHOUSE_INGEST_PASSWORD: context.secrets.clickhouseIngestPassword,
      CLICKHOUSE_ANALYST_USER,
      CLICKHOUSE_ANALYST_PASSWORD: context.secrets.clickhouseAnalystPassword,
    },
    cwd: data,
    isReady: () => answersHttp(`http://127.0.0.1:${port}/ping`),
  });
};
