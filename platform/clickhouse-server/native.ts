// The part of chdb's native addon that this server uses, typed. The addon is used directly and not through chdb's Session,
// because each connection here has exactly one owner (a worker thread) and runs one operation at a time.
import { createRequire } from 'node:module';
import path from 'node:path';

/** Opaque handle of a connection; never used again after CloseConnection. */
export type ConnectionHandle = { readonly connection: unique symbol };
/** Opaque handle of an open result stream. */
export type StreamHandle = { readonly stream: unique symbol };

export interface NativeResult {
  readonly bytes: Buffer;
  readonly elapsed: number;
  /** Rows of the result; of an INSERT the rows written. */
  readonly rowsRead: number;
  readonly bytesRead: number;
}

export interface NativeChunk {
  readonly done: boolean;
  readonly bytes?: Buffer;
  readonly numRows?: number;
}

export interface NativeEngine {
  EngineVersion(): string;
  CreateConnection(folder: string, args: readonly string[]): ConnectionHandle;
  CloseConnection(connection: ConnectionHandle): void;
  QueryAsyncConnection(connection: ConnectionHandle, sql: string, format: string): Promise<NativeResult>;
  /** Starts on the calling thread: sub-queries run inside this call. */
  StreamQuery(connection: ConnectionHandle, sql: string, format: string): StreamHandle;
  StreamFetch(stream: StreamHandle): Promise<NativeChunk>;
  StreamCancel(stream: StreamHandle): void;
  /** ClickHouse's parser: number of statements; class 0 read, 1 write, 2 global, 3 control, 4 unknown. */
  DurableClassifyAsync(
    connection: ConnectionHandle,
    sql: string,
    database: string,
  ): Promise<{ readonly statementCount: number; readonly queryClass: number }>;
}

/** Loads the addon of this platform. */
export function loadNative(): NativeEngine {
  const require = createRequire(import.meta.url);
  const loader = path.join(path.dirname(require.resolve('chdb/package.json')), 'dist', 'loader.js');
  return (require(loader) as { loadNative(): NativeEngine }).loadNative();
}
