import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { checkAddressedName, createAuthentication } from './access.ts';
import { readOptions } from './address.ts';
import { ConfigurationError, readConfiguration } from './configuration.ts';

const request = (headers: Record<string, string>): IncomingMessage => ({ headers }) as unknown as IncomingMessage;
const basic = (text: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('who is calling', () => {
  const authenticate = createAuthentication({
    ingest: { user: 'loader', password: 'pä:ss' },
    analyst: { user: 'reader', password: 'b' },
  });

  it.each([
    [basic('loader:pä:ss'), '', 'ingest'],
    [basic('reader:b'), '', 'analyst'],
    [{ 'x-clickhouse-user': 'reader', 'x-clickhouse-key': 'b' }, '', 'analyst'],
    [{}, 'user=reader&password=b', 'analyst'],
  ])('%j %s is the %s', (headers, address, role) => {
    expect(authenticate(request(headers), new URLSearchParams(address))).toMatchObject({ role });
  });

  it.each([
    [basic('loader:b')],
    [basic('reader:')],
    [basic('reader')],
    [basic(':b')],
    [{}],
    [{ authorization: 'Bearer b' }],
    [{ 'x-clickhouse-user': 'reader' }],
  ])('%j is nobody', (headers) => {
    expect(() => authenticate(request(headers), new URLSearchParams())).toThrow(
      expect.objectContaining({ code: 516, status: 403 }),
    );
  });

  it('Basic authentication counts before the address', () => {
    expect(() => authenticate(request(basic('reader:wrong')), new URLSearchParams('user=reader&password=b'))).toThrow(
      expect.objectContaining({ code: 516 }),
    );
  });
});

describe('by which name', () => {
  const configuration = { host: '10.0.0.5', allowedHosts: ['warehouse.internal'] };

  it.each([
    [{ host: '127.0.0.1:8123' }],
    [{ host: 'LOCALHOST' }],
    [{ host: '[::1]:80' }],
    [{ host: '10.0.0.5:1' }],
    [{ host: 'warehouse.internal' }],
    [{ host: 'localhost', origin: 'http://localhost:3000' }],
  ])('%j is ours', (headers) => {
    expect(() => checkAddressedName(request(headers), configuration)).not.toThrow();
  });

  it.each([
    [{}],
    [{ host: 'evil.example' }],
    [{ host: '127.0.0.1.evil.example' }],
    [{ host: 'localhost', origin: 'https://evil.example' }],
    [{ host: 'localhost', origin: 'null' }],
  ])('%j is not', (headers) => {
    expect(() => checkAddressedName(request(headers), configuration)).toThrow(expect.objectContaining({ status: 403 }));
  });
});

describe('what the address asks for', () => {
  it('settings, parameters and names of the interface are told apart', () => {
    const address = new URLSearchParams(
      'query=SELECT&database=d&param_x=1&param_y=a%0Ab&max_threads=2&async_insert=1&session_id=s&role=ingest&profile=p&readonly=0&wait_end_of_query=1&default_format=JSON&query_id=q',
    );
    const options = readOptions(address, request({}));
    expect({ ...options, settings: [...options.settings], parameters: [...options.parameters] }).toEqual({
      query: 'SELECT',
      database: 'd',
      queryId: 'q',
      defaultFormat: 'JSON',
      settings: [['max_threads', '2']],
      parameters: [
        ['x', '1'],
        ['y', 'a\nb'],
      ],
      compressResponse: false,
      waitEnd: true,
    });
  });

  it.each(['param_a-b=1', 'bad%20name=1', 'format_schema=x', 'default_format=Template', 'query_id=a%0D%0Ab', 'compress=1'])(
    '%s is refused',
    (search) => {
      expect(() => readOptions(new URLSearchParams(search), request({}))).toThrow(
        expect.objectContaining({ name: 'ServerError' }),
      );
    },
  );
});

describe('the environment', () => {
  const complete = { CLICKHOUSE_SERVER_DATA: '/data', CLICKHOUSE_INGEST_PASSWORD: 'a', CLICKHOUSE_ANALYST_PASSWORD: 'b' };

  it('has safe defaults: loopback, port 8123, two users', () => {
    expect(readConfiguration(complete)).toMatchObject({
      host: '127.0.0.1',
      port: 8123,
      allowedHosts: [],
      users: { ingest: { user: 'ingest' }, analyst: { user: 'analyst' } },
    });
  });

  it.each([
    [{ CLICKHOUSE_SERVER_DATA: undefined }, /CLICKHOUSE_SERVER_DATA/],
    [{ CLICKHOUSE_SERVER_DATA: '/data/a*b' }, /CLICKHOUSE_SERVER_DATA/],
    [{ CLICKHOUSE_SERVER_PORT: 'x' }, /CLICKHOUSE_SERVER_PORT/],
    [{ CLICKHOUSE_INGEST_PASSWORD: '' }, /CLICKHOUSE_INGEST_PASSWORD/],
    [{ CLICKHOUSE_INGEST_USER: 'analyst' }, /must differ/],
  ])('%j is refused by name', (change, message) => {
    expect(() => readConfiguration({ ...complete, ...change })).toThrow(ConfigurationError);
    expect(() => readConfiguration({ ...complete, ...change })).toThrow(message);
  });
});
