// Takes the body of a request: the statement into memory, the rows of an INSERT into a spool file. Rows never stand inside a
// statement that the engine parses: chdb ends inline data at a blank line and runs what follows as SQL.
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { ServerError, syntaxError } from './errors.ts';
import { decodeLz4Frames } from './lz4-frame.ts';
import { readStatement } from './statement.ts';
import type { Statement } from './statement.ts';

/** A request's statement and, for an INSERT with data, the file with its rows. */
export interface Intake<Verdict> {
  readonly verdict: Verdict;
  readonly statement: Statement;
  readonly dataFile: string | undefined;
  /** The rows of VALUES as text, for the gate; undefined when they were too many to be held, or came in another format. */
  readonly valuesText: string | undefined;
}

export interface IntakeLimits {
  readonly spoolFolder: string;
  readonly spoolBytesMax: number;
  readonly statementBytesMax: number;
}

/** Empties the spool: what a killed server left there was never acknowledged. Only for who holds the engine's lock. */
export async function emptySpool(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(path.join(folder, name), { force: true, recursive: true });
}

/**
 * Reads `query` of the address followed by the body, as one text, as ClickHouse does.
 * The caller removes `dataFile` when the INSERT has ended.
 * @param judge says what the statement may do, or throws: before a row of it is spooled
 * @throws ServerError for a statement or body that cannot be read, or is larger than the limits
 */
export async function takeRequest<Verdict>(
  request: IncomingMessage,
  query: string,
  limits: IntakeLimits,
  judge: (statement: Statement) => Verdict,
): Promise<Intake<Verdict>> {
  const source = concatenated(query, unpacked(request))[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let headBytes = 0;
  let ended = false;
  while (headBytes < limits.statementBytesMax && !ended) {
    const next = await source.next();
    ended = next.done === true;
    if (next.done !== true) {
      head.push(next.value);
      headBytes += next.value.length;
    }
  }
  const beginning = Buffer.concat(head);
  const located = locate(beginning, ended);
  const data = located.insert?.data;
  if (data === undefined) {
    if (!ended)
      throw new ServerError(
        62,
        'SYNTAX_ERROR',
        `Max query size exceeded: a statement may have ${String(limits.statementBytesMax)} bytes`,
        { status: 413 },
      );
    const statement = readStatement(decode(beginning));
    return { statement, verdict: judge(statement), dataFile: undefined, valuesText: undefined };
  }
  const statement = readStatement(decode(beginning.subarray(0, data.offset)));
  const verdict = judge(statement);
  const rows = beginning.subarray(data.offset);
  const dataFile = path.join(limits.spoolFolder, randomUUID());
  try {
    await spool(rows, source, dataFile, limits.spoolBytesMax);
    return {
      statement,
      verdict,
      dataFile,
      valuesText: ended && data.format.toLowerCase() === 'values' ? rows.toString('latin1') : undefined,
    };
  } catch (error) {
    await rm(dataFile, { force: true });
    throw error;
  }
}

/** Latin-1 keeps one character per byte, so that offsets are byte offsets whatever the rows are. */
function locate(beginning: Buffer, whole: boolean): Statement {
  try {
    return readStatement(beginning.toString('latin1'));
  } catch (error) {
    // The same complaint, but about the characters that the caller wrote.
    if (whole) readStatement(decode(beginning));
    throw error;
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw syntaxError('the statement is not UTF-8');
  }
}

async function spool(first: Buffer, rest: AsyncIterator<Buffer>, file: string, bytesMax: number): Promise<void> {
  let bytes = 0;
  async function* limited(): AsyncGenerator<Buffer> {
    for (let next: IteratorResult<Buffer> = { done: false, value: first }; next.done !== true; next = await rest.next()) {
      bytes += next.value.length;
      if (bytes > bytesMax)
        throw new ServerError(
          307,
          'TOO_MANY_BYTES',
          `The rows of one INSERT may have ${String(bytesMax)} bytes: send them in smaller batches`,
        );
      yield next.value;
    }
  }
  try {
    await pipeline(Readable.from(limited()), createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
      throw new ServerError(
        243,
        'NOT_ENOUGH_SPACE',
        'No space left on the disk of the ClickHouse server for the rows of this INSERT: free some and send it again',
        { cause: error },
      );
    throw error;
  }
}

async function* concatenated(query: string, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (query !== '') yield Buffer.from(`${query}\n`);
  yield* body;
}

// Node reads gzip members that follow one another, but drops what follows the end of the other three without a word: rows would be
// lost. There a second part is refused.
const WHOLE = { rejectGarbageAfterEnd: true };
const DECODERS = {
  gzip: () => createGunzip(),
  deflate: () => createInflate(WHOLE),
  br: () => createBrotliDecompress(WHOLE),
  zstd: () => createZstdDecompress(WHOLE),
};

/** The body with its Content-Encoding taken off. */
function unpacked(request: IncomingMessage): AsyncIterable<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity' || encoding === '') return request;
  if (encoding === 'lz4') return readDecoded(decodeLz4Frames(request), encoding);
  if (!Object.hasOwn(DECODERS, encoding))
    throw new ServerError(
      48,
      'NOT_IMPLEMENTED',
      `Content-Encoding ${encoding} is not offered: use gzip, deflate, br, zstd or lz4`,
    );
  const decoder = DECODERS[encoding as keyof typeof DECODERS]();
  pipeline(request, decoder).catch(() => undefined); // The failure also ends the decoder, whose reader reports it.
  return readDecoded(decoder, encoding);
}

async function* readDecoded(decoder: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  try {
    yield* decoder;
  } catch (error) {
    throw new ServerError(
      354,
      'ZLIB_INFLATE_FAILED',
      `The body is not valid ${encoding}: ${error instanceof Error ? error.message : String(error)}`,
      { status: 400, cause: error },
    );
  }
}
