// What the HTTP thread and a worker thread say to each other.

/** Work for one connection. */
export interface Job {
  readonly id: string;
  /** What the classifier judges: `sql`, or of an INSERT with data its head with VALUES in the place of the file. */
  readonly judged: string;
  readonly allowedClasses: readonly number[];
  /** What runs. */
  readonly sql: string;
  readonly format: string;
  readonly database: string;
  /** `param_x` by name, as they stood in the address. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Whether the chunks of this format may be joined as they come. */
  readonly stream: boolean;
  readonly resultBytesMax: number;
}

/** How a worker opens its connection. */
export interface ConnectionSetup {
  readonly folder: string;
  readonly args: readonly string[];
  /** Run in this order after the connection is open, and again after it is replaced. */
  readonly statements: readonly string[];
}

export type ToWorker =
  | { readonly kind: 'run'; readonly job: Job }
  | { readonly kind: 'control'; readonly id: string; readonly sql: string }
  /** The reader took a chunk: one more may be sent. */
  | { readonly kind: 'credit'; readonly id: string }
  /** Nobody reads the stream any more. */
  | { readonly kind: 'stop'; readonly id: string }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'open'; readonly version: string }
  | { readonly kind: 'chunk'; readonly id: string; readonly bytes: Uint8Array; readonly rows: number }
  | { readonly kind: 'done'; readonly id: string; readonly bytes: Uint8Array; readonly rows: number; readonly elapsedMs: number }
  | { readonly kind: 'failed'; readonly id: string; readonly message: string }
  /** The connection could not be opened; nothing else will come. */
  | { readonly kind: 'not-open'; readonly message: string }
  | { readonly kind: 'closed' };
