// Starts the server as a process of its own for the tests beside it: a free port, a temporary folder, and no way to leave it running.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createClient, ClickHouseLogLevel } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';

const PASSWORDS = { ingest: 'ingest-secret', analyst: 'analyst-secret' } as const;

export interface RawOptions {
  readonly search?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: 'GET' | 'HEAD';
}

export interface TestServer {
  readonly url: string;
  readonly child: ChildProcess;
  client(role: 'ingest' | 'analyst'): ClickHouseClient;
  /** Sends a statement and answers with what came back, whatever it was. */
  send(
    role: 'ingest' | 'analyst',
    sql: string | Uint8Array,
    search?: Readonly<Record<string, string>>,
    options?: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal },
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>;
  /** A GET as analyst over a bare socket: headers such as Host as given, the body as the bytes that came. */
  raw(
    query: string,
    options?: RawOptions,
  ): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }>;
  /** Ends the process and waits for it; answers with its exit code or signal. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** A folder for one server's data, gone after `remove`. */
export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'stratcap-clickhouse-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The server's process, not yet listening; for tests of what it says when it cannot start. */
export function spawnServer(folder: string, environment: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
    env: {
      ...process.env,
      CLICKHOUSE_SERVER_DATA: folder,
      CLICKHOUSE_SERVER_PORT: '0',
      CLICKHOUSE_INGEST_PASSWORD: PASSWORDS.ingest,
      CLICKHOUSE_ANALYST_PASSWORD: PASSWORDS.analyst,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** @throws when the server ends instead of listening, with what it wrote */
export async function startTestServer(folder: string, environment: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const child = spawnServer(folder, environment);
  // A test that fails before it stops its server leaves no process behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}: ${errors.join('')}`)));
    if (child.stdout !== null)
      createInterface(child.stdout).once('line', (line) => resolve((JSON.parse(line) as { port: number }).port));
  });
  const url = `http://127.0.0.1:${String(port)}`;
  const clients: ClickHouseClient[] = [];
  return {
    url,
    child,
    client(role) {
      const client = createClient({
        url,
        username: role,
        password: PASSWORDS[role],
        database: 'stratcap',
        log: { level: ClickHouseLogLevel.OFF },
      });
      clients.push(client);
      return client;
    },
    async send(role, sql, search = {}, { headers, signal } = {}) {
      const authorization = `Basic ${Buffer.from(`${role}:${PASSWORDS[role]}`).toString('base64')}`;
      const response = await fetch(`${url}/?${new URLSearchParams(search).toString()}`, {
        method: 'POST',
        body: sql,
        ...(signal === undefined ? {} : { signal }),
        headers: { authorization, ...headers },
      });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    async raw(query, { search = {}, headers = {}, method = 'GET' } = {}) {
      const authorization = `Basic ${Buffer.from(`analyst:${PASSWORDS.analyst}`).toString('base64')}`;
      const target = new URL(`${url}/?${new URLSearchParams({ ...search, query }).toString()}`);
      const call = request(target, { method, headers: { authorization, ...headers } }).end();
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      const body = Buffer.concat((await response.toArray()) as Buffer[]);
      return { status: response.statusCode ?? 0, headers: response.headers, body };
    },
    async stop(signal = 'SIGTERM') {
      await Promise.all(clients.map((client) => client.close()));
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
      const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
      child.kill(signal);
      const [code, endedBy] = await ended;
      return code ?? endedBy;
    },
  };
}
