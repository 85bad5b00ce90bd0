// Writes answers: headers as drivers expect them, whole results, streams, and errors before and in the middle of a stream.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress, constants } from 'node:zlib';
import { errorBody } from './errors.ts';
import type { ServerError } from './errors.ts';

/** What is known about a result when its headers are written. */
export interface ResultFacts {
  readonly queryId: string;
  readonly format: string;
  readonly rows: number;
  readonly writtenRows: number;
  readonly bytes: number;
  readonly elapsedMs: number;
}

/** The answer to one request; either `whole`, or `chunk`s and `end`, or `fail`. */
export interface Reply {
  /** Resolves when the reader takes more; rejects when it went away. */
  chunk(bytes: Uint8Array, facts: ResultFacts): Promise<void>;
  end(bytes: Uint8Array, facts: ResultFacts): void;
  fail(error: ServerError, queryId: string | undefined): void;
}

const CONTENT_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^(?:JSONEachRow|JSONCompactEachRow|JSONLines|NDJSON)/, 'application/x-ndjson; charset=UTF-8'],
  [/^JSON/, 'application/json; charset=UTF-8'],
  [/^CSV/, 'text/csv; charset=UTF-8; header=absent'],
  [/^(?:TabSeparated|TSV)/, 'text/tab-separated-values; charset=UTF-8'],
  [/^XML/, 'application/xml; charset=UTF-8'],
  [/^(?:Native|RowBinary|Parquet|Arrow|MsgPack|RawBLOB|BSON)/, 'application/octet-stream'],
];

function contentType(format: string): string {
  return CONTENT_TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8';
}

const STALLED_MS = 60_000;

/** Flushes each chunk, so that a reader of a stream sees rows when they come. */
function compressor(
  request: IncomingMessage,
): { readonly encoding: string; readonly stream: ReturnType<typeof createGzip> } | undefined {
  const accepted = String(request.headers['accept-encoding'] ?? '').toLowerCase();
  const flush = constants.Z_SYNC_FLUSH;
  if (/\bgzip\b/.test(accepted)) return { encoding: 'gzip', stream: createGzip({ level: 3, flush }) };
  if (/\bzstd\b/.test(accepted)) return { encoding: 'zstd', stream: createZstdCompress() };
  if (/\bbr\b/.test(accepted))
    return { encoding: 'br', stream: createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }) };
  if (/\bdeflate\b/.test(accepted)) return { encoding: 'deflate', stream: createDeflate({ level: 3, flush }) };
  return undefined;
}

/** @param options.version for the error text */
export function createReply(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly compress: boolean; readonly version: string },
): Reply {
  const tag = randomBytes(8).toString('hex');
  const packed = options.compress ? compressor(request) : undefined;
  const out: Writable = packed?.stream ?? response;
  packed?.stream.pipe(response);

  function writeHead(facts: ResultFacts, length: number | undefined): void {
    response.writeHead(200, {
      ...commonHeaders(facts.queryId),
      'content-type': contentType(facts.format),
      'x-clickhouse-format': facts.format,
      'x-clickhouse-summary': summary(facts),
      'x-clickhouse-exception-tag': tag,
      ...(packed === undefined
        ? length === undefined
          ? {}
          : { 'content-length': length }
        : { 'content-encoding': packed.encoding }),
    });
  }

  return {
    async chunk(bytes, facts) {
      if (!response.headersSent) writeHead(facts, undefined);
      if (out.write(bytes)) return;
      await new Promise<void>((resolve, reject) => {
        const settle = (outcome: () => void): void => {
          clearTimeout(stalled);
          out.off('drain', onDrain);
          response.off('close', onClose);
          outcome();
        };
        const onDrain = (): void => settle(resolve);
        const onClose = (): void => settle(() => reject(new Error('the reader went away')));
        // A reader that takes nothing would hold a connection of the engine for ever.
        const stalled = setTimeout(() => response.destroy(), STALLED_MS);
        out.once('drain', onDrain);
        response.once('close', onClose);
      });
    },
    end(bytes, facts) {
      if (!response.headersSent) writeHead(facts, bytes.length);
      out.end(request.method === 'HEAD' ? undefined : bytes);
    },
    fail(error, queryId) {
      const body = errorBody(error, options.version);
      if (response.headersSent) {
        // A client of this protocol knows the tag from the headers and looks for the block at the end of the body.
        const message = body.trimEnd();
        const block = `\r\n__exception__\r\n${tag}\r\n${message}\n${String(Buffer.byteLength(message) + 1)} ${tag}\r\n__exception__\r\n`;
        // Cut off without an end, so that a client that does not know the block fails too; a packed body must end to be readable.
        if (packed === undefined) out.write(block, () => response.destroy());
        else out.end(block);
        return;
      }
      response.writeHead(error.status, {
        ...commonHeaders(queryId),
        'content-type': 'text/plain; charset=UTF-8',
        'content-length': Buffer.byteLength(body),
        'x-clickhouse-exception-code': String(error.code),
      });
      response.end(request.method === 'HEAD' ? undefined : body);
      // What is left of a body that nobody reads is taken and dropped, so that the client gets as far as reading the answer.
      request.resume();
    },
  };
}

function commonHeaders(queryId: string | undefined): Record<string, string> {
  return {
    'x-clickhouse-server-display-name': 'stratcap',
    'x-clickhouse-timezone': 'UTC',
    'x-content-type-options': 'nosniff',
    ...(queryId === undefined ? {} : { 'x-clickhouse-query-id': queryId }),
  };
}

/** Numbers as strings; result_rows above 0 when there are rows, because JDBC takes 0 for an empty result. */
function summary(facts: ResultFacts): string {
  return JSON.stringify({
    read_rows: String(facts.rows),
    read_bytes: String(facts.bytes),
    written_rows: String(facts.writtenRows),
    written_bytes: '0',
    total_rows_to_read: '0',
    result_rows: String(facts.rows),
    result_bytes: String(facts.bytes),
    elapsed_ns: String(Math.round(facts.elapsedMs * 1e6)),
  });
}
