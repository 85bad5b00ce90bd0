// The HTTP thread: addressed name, user, gate, intake, the right pool, the answer. No engine call happens here.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { checkAddressedName, createAuthentication } from './access.ts';
import type { Caller } from './access.ts';
import { readOptions } from './address.ts';
import type { RequestOptions } from './address.ts';
import { literal } from './compose.ts';
import type { ServerConfiguration } from './configuration.ts';
import { controlSetup, DATABASE, holderOf, roleSetup, writeEngineFiles } from './engine-files.ts';
import { ServerError } from './errors.ts';
import { judgeParameters, judgeStatement } from './gate.ts';
import type { Verdict } from './gate.ts';
import { emptySpool, takeRequest } from './intake.ts';
import type { Intake } from './intake.ts';
import { planJob } from './job.ts';
import { loadNative } from './native.ts';
import { openPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { createReply } from './reply.ts';
import type { Reply, ResultFacts } from './reply.ts';

export interface RunningServer {
  readonly port: number;
  /** Stops accepting, lets running requests end (for `graceMs`, then kills the queries), closes every connection. */
  close(graceMs: number): Promise<void>;
}

/** Another process has the data folder open; the message names it. */
export class FolderHeldError extends Error {}

const KILL_EVERY_MS = 400;
/** KILL never reaches the engine as it was written; `kill` below judges and answers it. */
const KILL_VERDICT: Verdict = { isRead: true, classes: [] };

interface Running {
  readonly caller: Caller;
  readonly jobId: string;
}

/**
 * Opens the engine and listens.
 * @param onFailure is told of failures that are the server's, not a caller's
 * @throws FolderHeldError when another process holds the folder; ServerError when the engine cannot open it for another reason
 */
export async function startServer(configuration: ServerConfiguration, onFailure: (error: Error) => void): Promise<RunningServer> {
  // Node unmaps an addon when the last thread that loaded it ends; the engine's own threads would then run unmapped code
  // (SIGSEGV at the stop). Loaded here too, it stays until the process ends. This thread never calls it.
  loadNative();
  const folders = await writeEngineFiles(configuration);
  const control = await openPool(controlSetup(folders), 1).catch(async (error: unknown) => {
    const holder = await holderOf(folders);
    if (holder === undefined) throw error;
    throw new FolderHeldError(
      `the data folder ${configuration.dataFolder} is in use by another process (${String(holder)}): stop that server, or set CLICKHOUSE_SERVER_DATA to another folder`,
      { cause: error },
    );
  });
  // From here on the engine's lock is ours, and so is the spool.
  await emptySpool(folders.spool);
  const { limits } = configuration;
  const [ingest, analyst] = await Promise.all([
    openPool(roleSetup(folders, 'ingest', limits.ingest), limits.ingest.connections),
    openPool(roleSetup(folders, 'analyst', limits.analyst), limits.analyst.connections),
  ]);
  const pools = { ingest, analyst };
  const authenticate = createAuthentication(configuration.users);
  const running = new Map<string, Running>();
  const intakeLimits = {
    spoolFolder: folders.spool,
    spoolBytesMax: configuration.spoolBytesMax,
    statementBytesMax: configuration.statementBytesMax,
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let reply = createReply(request, response, { compress: false, version: control.version });
    let queryId: string | undefined;
    try {
      checkAddressedName(request, configuration);
      const url = new URL(request.url ?? '/', 'http://server');
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (request.method === 'OPTIONS') return void response.writeHead(204, { allow: 'GET, HEAD, POST, OPTIONS' }).end();
      if (!isRead && request.method !== 'POST')
        throw new ServerError(501, 'NOT_IMPLEMENTED', `${request.method ?? ''} is not offered`, { status: 405 });
      if (isRead && (url.pathname === '/ping' || url.pathname === '/replicas_status')) return plain(response, request);
      if (url.pathname !== '/' && url.pathname !== '/query')
        throw new ServerError(404, 'NOT_FOUND', `There is no ${url.pathname} here: statements go to /`, { status: 404 });
      if (isRead && !url.searchParams.has('query')) return plain(response, request);
      const caller = authenticate(request, url.searchParams);
      const options = readOptions(url.searchParams, request);
      queryId = options.queryId ?? randomUUID();
      reply = createReply(request, response, { compress: options.compressResponse, version: control.version });
      const intake = await takeRequest(request, options.query, intakeLimits, (statement) => {
        judgeParameters(statement, options.parameters, options.database ?? DATABASE, caller.role);
        return statement.verb === 'KILL' ? KILL_VERDICT : judgeStatement(statement, caller.role, { readOnly: isRead });
      });
      try {
        await execute({ caller, options, queryId, intake, reply, response });
      } finally {
        if (intake.dataFile !== undefined) await rm(intake.dataFile, { force: true });
      }
    } catch (error) {
      if (response.destroyed) return;
      if (!(error instanceof ServerError)) onFailure(error instanceof Error ? error : new Error(String(error)));
      reply.fail(
        error instanceof ServerError
          ? error
          : new ServerError(1002, 'UNKNOWN_EXCEPTION', 'The server failed; its log says why', { cause: error }),
        queryId,
      );
    }
  }

  interface Execution {
    readonly caller: Caller;
    readonly options: RequestOptions;
    readonly queryId: string;
    readonly intake: Intake<Verdict>;
    readonly reply: Reply;
    readonly response: ServerResponse;
  }

  async function execute({ caller, options, queryId, intake, reply, response }: Execution): Promise<void> {
    const { statement, verdict } = intake;
    if (statement.verb === 'KILL') return kill(statement.text, caller, reply, queryId);
    const { isRead } = verdict;
    const job = planJob(intake, options, configuration.resultBytesMax);
    const { id: jobId, format } = job;
    const facts = (rows: number, bytes: number, elapsedMs: number): ResultFacts => ({
      queryId,
      format,
      rows: isRead ? rows : 0,
      writtenRows: isRead ? 0 : rows,
      bytes,
      elapsedMs,
    });
    const pool = pools[caller.role];
    if (running.has(queryId))
      throw new ServerError(216, 'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING', `Query with id = ${queryId} is already running`);
    if (response.destroyed) return;
    // Reads end with their reader; a write goes on, so that it is never half done because a connection broke.
    const onClose = (): void => void (isRead ? cancel(pool, jobId) : Promise.resolve()).catch(onFailure);
    response.once('close', onClose);
    running.set(queryId, { caller, jobId });
    try {
      const result = await pool.run(job, (bytes, rows) => reply.chunk(bytes, facts(rows, bytes.length, 0)));
      response.off('close', onClose);
      reply.end(result.bytes, facts(result.rows, result.bytes.length, result.elapsedMs));
    } finally {
      response.off('close', onClose);
      running.delete(queryId);
    }
  }

  /** Kills until the job has left its connection: the first KILL may come before the engine knows the query. */
  async function cancel(pool: Pool, jobId: string): Promise<void> {
    while (pool.cancel(jobId)) {
      // Written in two pieces, so that the statement does not find itself.
      await control.control(`KILL QUERY WHERE position(query, concat('r', ${literal(jobId.slice(1))})) > 0 ASYNC FORMAT Null`);
      await new Promise((resolve) => setTimeout(resolve, KILL_EVERY_MS));
    }
  }

  /** `KILL QUERY WHERE query_id = 'x'` of a driver: only a query of the same user. */
  async function kill(text: string, caller: Caller, reply: Reply, queryId: string): Promise<void> {
    const target = /^KILL\s+QUERY\s+WHERE\s+query_id\s*=\s*'([\w-]{1,100})'(?:\s+(?:A?SYNC|TEST))?$/i.exec(text)?.[1];
    if (target === undefined)
      throw new ServerError(48, 'NOT_IMPLEMENTED', "KILL is offered in one form: KILL QUERY WHERE query_id = '..'");
    const found = running.get(target);
    const mine = found !== undefined && found.caller.user === caller.user ? found : undefined;
    if (mine !== undefined) void cancel(pools[caller.role], mine.jobId).catch(onFailure);
    const line = mine === undefined ? '' : `waiting\t${target}\t${caller.user}\t\n`;
    reply.end(Buffer.from(line), {
      queryId,
      format: 'TabSeparated',
      rows: line === '' ? 0 : 1,
      writtenRows: 0,
      bytes: line.length,
      elapsedMs: 0,
    });
  }

  const server = createServer({ keepAliveTimeout: 10_000, requestTimeout: 0, maxHeaderSize: 128 * 1024 }, (request, response) => {
    respond(request, response).catch((error: unknown) => {
      onFailure(error instanceof Error ? error : new Error(String(error)));
      response.destroy();
    });
  });
  // Sockets that clients opened ahead and never used do not count as idle for Node and would hold up the stop.
  const unused = new Set<Socket>();
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', (request) => unused.delete(request.socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(configuration.port, configuration.host, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    async close(graceMs) {
      const stopped = new Promise((resolve) => server.close(resolve));
      for (const socket of unused) socket.destroy();
      // A connection that answers its last request now is kept alive by its client: it is closed as soon as it is idle.
      const sweep = setInterval(() => server.closeIdleConnections(), 20);
      const late = setTimeout(() => {
        for (const { caller, jobId } of running.values()) void cancel(pools[caller.role], jobId).catch(onFailure);
        setTimeout(() => server.closeAllConnections(), 2000).unref();
      }, graceMs);
      await stopped;
      clearTimeout(late);
      clearInterval(sweep);
      await Promise.all([ingest.close(), analyst.close()]);
      await control.close();
    },
  };
}

function plain(response: ServerResponse, request: IncomingMessage): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=UTF-8', 'x-clickhouse-server-display-name': 'stratcap' });
  response.end(request.method === 'HEAD' ? undefined : 'Ok.\n');
}
