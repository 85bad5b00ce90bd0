// The parts of a request's address: settings, parameters, database, format, id.
import type { IncomingMessage } from 'node:http';
import { checkFormat, checkSettingName } from './allowances.ts';
import { ServerError } from './errors.ts';

/** What the address and headers of a request ask for. */
export interface RequestOptions {
  readonly query: string;
  readonly database: string | undefined;
  readonly queryId: string | undefined;
  readonly defaultFormat: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
  readonly compressResponse: boolean;
  /** The caller wants nothing before the query has ended without an error. */
  readonly waitEnd: boolean;
}

/** Names of the interface, not settings of the engine. async_insert would turn an INSERT into one that is acknowledged before it is written. */
const NOT_SETTINGS = new Set(
  `query database user password query_id session_id session_timeout session_check default_format enable_http_compression
  http_zlib_compression_level compress decompress wait_end_of_query buffer_size http_write_exception_in_output_format quota_key
  stacktrace client_protocol_version send_progress_in_http_headers http_headers_progress_interval_ms add_http_cors_header
  cancel_http_readonly_queries_on_client_close async_insert wait_for_async_insert log_comment log_queries readonly role profile
  http_response_headers max_http_get_redirects http_native_compression_disable_checksumming_on_decompress retry`.split(/\s+/),
);

/** @throws ServerError for a parameter, setting or format that is none */
export function readOptions(address: URLSearchParams, request: IncomingMessage): RequestOptions {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of address) {
    if (name.startsWith('param_')) parameters.set(parameterName(name), value);
    else if (!NOT_SETTINGS.has(name)) {
      checkSettingName(name);
      settings.set(name, value);
    }
  }
  const defaultFormat = address.get('default_format') ?? header('x-clickhouse-format') ?? 'TabSeparated';
  checkFormat(defaultFormat);
  if (address.get('compress') === '1' || address.get('decompress') === '1')
    throw new ServerError(
      48,
      'NOT_IMPLEMENTED',
      'compress=1 and decompress=1 (ClickHouse frames) are not offered: use gzip by Accept-Encoding and Content-Encoding',
    );
  return {
    query: address.get('query') ?? '',
    database: address.get('database') ?? header('x-clickhouse-database'),
    queryId: checkedQueryId(address.get('query_id') ?? header('x-clickhouse-query-id')),
    defaultFormat,
    settings,
    parameters,
    compressResponse: address.get('enable_http_compression') === '1',
    waitEnd: address.get('wait_end_of_query') === '1',
  };
}

/** It goes back in a header. */
function checkedQueryId(id: string | undefined): string | undefined {
  if (id === undefined || id === '') return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(id))
    throw new ServerError(36, 'BAD_ARGUMENTS', 'query_id: give 1 to 200 printable ASCII characters without spaces');
  return id;
}

function parameterName(name: string): string {
  const bare = name.slice('param_'.length);
  if (!/^\w{1,120}$/.test(bare))
    throw new ServerError(36, 'BAD_ARGUMENTS', `Parameter ${JSON.stringify(name)}: the name may have letters, digits and _ only`);
  return bare;
}
