// One worker thread: one engine connection, one job at a time. Streams start synchronously on their thread (up to seconds for
// sub-queries), which is why no connection lives on the HTTP thread.
import { parentPort, workerData } from 'node:worker_threads';
import { identifier, literal } from './compose.ts';
import type { ConnectionSetup, FromWorker, Job, ToWorker } from './messages.ts';
import { loadNative } from './native.ts';
import type { ConnectionHandle, NativeChunk, StreamHandle } from './native.ts';

const CHUNKS_AHEAD = 2;
const setup = workerData as ConnectionSetup;
const native = loadNative();
let connection: ConnectionHandle;
let database = '';
let credits = 0;
let stopped = false;
let wake: (() => void) | undefined;

function send(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function run(sql: string): Promise<void> {
  await native.QueryAsyncConnection(connection, sql, 'Null');
}

async function open(): Promise<void> {
  connection = native.CreateConnection(setup.folder, setup.args);
  database = '';
  for (const statement of setup.statements) await run(statement);
}

/** After an error the partial output of the failed query would stand before the next result: one throw-away query takes it out. */
async function clean(): Promise<void> {
  try {
    await run('SELECT 1 FORMAT Null');
  } catch {
    native.CloseConnection(connection);
    await open();
  }
}

async function judge(job: Job): Promise<void> {
  const { statementCount, queryClass } = await native.DurableClassifyAsync(connection, job.judged, job.database);
  if (statementCount === 0)
    throw new Error(
      'Code: 62. DB::Exception: The statement cannot be parsed; mind where SETTINGS and FORMAT stand. (SYNTAX_ERROR)',
    );
  if (statementCount !== 1)
    throw new Error(
      `Code: 62. DB::Exception: Multi-statements are not allowed: ${String(statementCount)} statements in one request. (SYNTAX_ERROR)`,
    );
  if (!job.allowedClasses.includes(queryClass))
    throw new Error('Code: 497. DB::Exception: Not enough privileges: this kind of statement is refused. (ACCESS_DENIED)');
}

async function prepare(job: Job): Promise<void> {
  if (job.database !== database) {
    await run(`USE ${identifier(job.database)}`);
    database = job.database;
  }
  for (const [name, value] of job.parameters) await run(`SET param_${name} = ${literal(value)}`);
}

async function runJob(job: Job): Promise<void> {
  const startedAt = performance.now();
  try {
    await judge(job);
    await prepare(job);
    const { bytes, rows } = job.stream ? await stream(job) : await buffered(job);
    // A copy of its own: the addon's memory may be shared, and only whole ArrayBuffers can be handed over.
    const copy = new Uint8Array(bytes);
    send({ kind: 'done', id: job.id, bytes: copy, rows, elapsedMs: performance.now() - startedAt }, [copy.buffer]);
  } catch (error) {
    // Clean first: only then may the connection take its next job.
    await clean();
    send({ kind: 'failed', id: job.id, message: error instanceof Error ? error.message : String(error) });
  }
}

async function buffered(job: Job): Promise<{ bytes: Buffer; rows: number }> {
  const result = await native.QueryAsyncConnection(connection, job.sql, job.format);
  if (result.bytes.length > job.resultBytesMax)
    throw new Error(
      `Code: 396. DB::Exception: The result has ${String(result.bytes.length)} bytes, more than the ${String(job.resultBytesMax)} that this server holds for format ${job.format}: add LIMIT, or ask for JSONEachRow, which is streamed. (TOO_MANY_ROWS_OR_BYTES)`,
    );
  return { bytes: result.bytes, rows: result.rowsRead };
}

/** Sends chunk after chunk, never more than CHUNKS_AHEAD unread; a result of one chunk goes whole with the end. */
async function stream(job: Job): Promise<{ bytes: Buffer; rows: number }> {
  const handle = native.StreamQuery(connection, job.sql, job.format);
  credits = CHUNKS_AHEAD;
  stopped = false;
  let ended = false;
  let rows = 0;
  try {
    let chunk = await fetchChunk(handle);
    for (;;) {
      const next = chunk.done ? chunk : await fetchChunk(handle);
      rows += chunk.numRows ?? 0;
      if (next.done) {
        ended = true;
        return { bytes: chunk.bytes ?? Buffer.alloc(0), rows };
      }
      while (credits === 0 && !stopped) await new Promise<void>((resolve) => (wake = resolve));
      if (stopped) throw new Error('Code: 394. DB::Exception: The reader went away. (QUERY_WAS_CANCELLED)');
      credits -= 1;
      const copy = new Uint8Array(chunk.bytes ?? []);
      send({ kind: 'chunk', id: job.id, bytes: copy, rows }, [copy.buffer]);
      chunk = next;
    }
  } finally {
    if (!ended) native.StreamCancel(handle);
  }
}

async function fetchChunk(handle: StreamHandle): Promise<NativeChunk> {
  return await native.StreamFetch(handle);
}

let tail: Promise<void> = Promise.resolve();
parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'credit') credits += 1;
  if (message.kind === 'stop') stopped = true;
  wake?.();
  if (message.kind === 'run') tail = tail.then(() => runJob(message.job));
  if (message.kind === 'control') tail = tail.then(() => control(message.id, message.sql));
  if (message.kind === 'close') tail = tail.then(close);
});

async function control(id: string, sql: string): Promise<void> {
  try {
    await run(sql);
    send({ kind: 'done', id, bytes: new Uint8Array(), rows: 0, elapsedMs: 0 });
  } catch (error) {
    await clean();
    send({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) });
  }
}

function close(): void {
  native.CloseConnection(connection);
  send({ kind: 'closed' });
  parentPort?.close();
}

try {
  await open();
  send({ kind: 'open', version: native.EngineVersion() });
} catch (error) {
  send({ kind: 'not-open', message: error instanceof Error ? error.message : String(error) });
}
