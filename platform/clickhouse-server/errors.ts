// Errors as a ClickHouse server reports them: a code, a type in capitals, and the HTTP status that goes with it.

/** A refusal or failure that is answered to the caller in ClickHouse's form. */
export class ServerError extends Error {
  readonly code: number;
  readonly type: string;
  readonly status: number;
  constructor(code: number, type: string, message: string, options: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ServerError';
    this.code = code;
    this.type = type;
    this.status = options.status ?? statusOfCode(code);
  }
}

/** HTTP statuses by code, after ClickHouse's exceptionCodeToHTTPStatus; 500 for the rest. */
const STATUS_OF_CODE: ReadonlyMap<number, number> = new Map([
  ...[6, 26, 27, 36, 38, 41, 43, 53, 62, 69, 72, 117, 158, 386, 396, 456, 457].map((code) => [code, 400] as const),
  ...[16, 46, 47, 50, 56, 60, 73, 78, 81, 115].map((code) => [code, 404] as const),
  ...[164, 392, 497].map((code) => [code, 403] as const),
  [159, 408],
  [202, 429],
  [243, 507],
  [307, 413],
  [48, 501],
  [516, 403],
]);

/** The HTTP status for an engine's code. */
export function statusOfCode(code: number): number {
  return STATUS_OF_CODE.get(code) ?? 500;
}

/**
 * The engine's message as an error. Its text is kept, only the paths of our own spool files are taken out: they are of no use to
 * the caller and say where the data lies.
 */
export function engineError(message: string): ServerError {
  const clean = message
    .replaceAll(/: \(in file\/uri [^)]*\)/g, '')
    .replaceAll(/ \([A-Z0-9_]+\) \(version [^)]*\)\.?/g, '')
    .replace(/: While executing File: data for INSERT was parsed from file/, ': While reading the data of the INSERT');
  const code = Number(/Code: (\d+)/.exec(clean)?.[1] ?? 1002);
  const type = [...message.matchAll(/\(([A-Z][A-Z0-9_]{2,})\)/g)].at(-1)?.[1] ?? 'UNKNOWN_EXCEPTION';
  const text = clean.replace(/^(?:Code: \d+\. DB::Exception: )+/, '').replace(/\.? ?\([A-Z][A-Z0-9_]{2,}\)[^(]*$/, '');
  return new ServerError(code, type, text);
}

/** The body of an error answer; drivers read code, message and type from this form. */
export function errorBody(error: ServerError, version: string): string {
  const end = error.message.endsWith('.') ? '' : '.';
  return `Code: ${String(error.code)}. DB::Exception: ${error.message}${end} (${error.type}) (version ${version})\n`;
}

export const authenticationFailed = (user: string): ServerError =>
  new ServerError(
    516,
    'AUTHENTICATION_FAILED',
    `${user}: Authentication failed: password is incorrect, or there is no user with such name`,
  );

export const accessDenied = (message: string): ServerError => new ServerError(497, 'ACCESS_DENIED', message);

export const syntaxError = (message: string): ServerError => new ServerError(62, 'SYNTAX_ERROR', message);
