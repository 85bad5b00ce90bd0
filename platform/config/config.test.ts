// The environment becomes a typed configuration, or a message that names every variable, its value and the fix.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigFailure, dataFolderOf, environmentOf, loadConfig, redacted } from './config.ts';
import { envExample, VARIABLES, type VariableName } from './variables.ts';

const KEY = 'ab'.repeat(32);
const ENV: Partial<Record<VariableName, string>> = {
  KAFKA_BROKERS: '127.0.0.1:9092,127.0.0.1:9192',
  SCHEMA_REGISTRY_URL: 'http://127.0.0.1:8081/apis/ccompat/v7/',
  DATABASE_URL: 'postgres://stratcap:database-secret@127.0.0.1:5433/stratcap',
  CLICKHOUSE_URL: 'http://127.0.0.1:8123',
  CLICKHOUSE_USER: 'ingest',
  CLICKHOUSE_PASSWORD: 'ingest-secret',
  CLICKHOUSE_ANALYST_USER: 'analyst',
  CLICKHOUSE_ANALYST_PASSWORD: 'analyst-secret',
  STRATCAP_BOOKING_TOKEN: 'booking-secret-booking-secret',
  STRATCAP_COOKIE_SECRET: KEY,
  STRATCAP_KEY_STORE_KEY: KEY,
};

const failureOf = (env: NodeJS.ProcessEnv): string => {
  try {
    loadConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigFailure);
    return (error as Error).message;
  }
  throw new Error('The configuration was accepted.');
};

test('addresses alone are enough: everything else has a default', () => {
  const config = loadConfig(ENV);
  expect(config).toMatchObject({
    topicPrefix: 'stratcap.',
    partitions: 8,
    clickhouseDatabase: 'stratcap',
    logLevel: 'info',
    http: { host: '127.0.0.1', port: 8080 },
    addresses: { schemaRegistryUrl: 'http://127.0.0.1:8081/apis/ccompat/v7', clickhouseAnalyst: { user: 'analyst' } },
  });
  expect(config.keyStore.path).toBe(`${config.addresses.dataFolder}/keys`);
});

test('numbers and names given in the environment are used, and an empty variable counts as not set', () => {
  const config = loadConfig({ ...ENV, STRATCAP_PARTITIONS: '3', STRATCAP_TOPIC_PREFIX: 't1.', STRATCAP_LOG_LEVEL: '' });
  expect([config.partitions, config.topicPrefix, config.logLevel]).toEqual([3, 't1.', 'info']);
});

test('the data folder is known before there is a configuration, and is the one that the configuration says', () => {
  for (const folder of ['', 'elsewhere', '/somewhere'])
    expect(dataFolderOf({ STRATCAP_DATA: folder })).toBe(loadConfig({ ...ENV, STRATCAP_DATA: folder }).addresses.dataFolder);
  expect(dataFolderOf({})).toMatch(/\/\.stratcap$/);
});

test('the configuration cannot be changed, at any depth', () => {
  const config = loadConfig(ENV) as { http: { port: number } };
  expect(() => {
    config.http.port = 1;
  }).toThrow(TypeError);
});

test.each([
  ['STRATCAP_PARTITIONS', 'eight', "STRATCAP_PARTITIONS is 'eight'. Set it to a whole number from 1 to 1024."],
  ['STRATCAP_HTTP_PORT', '70000', "STRATCAP_HTTP_PORT is '70000'. Set it to a number from 1 to 65535."],
  [
    'STRATCAP_TOPIC_PREFIX',
    'stratcap',
    "STRATCAP_TOPIC_PREFIX is 'stratcap'. Set it to letters, digits, dots, dashes, ending in a dot or a dash.",
  ],
  ['KAFKA_BROKERS', 'localhost', "KAFKA_BROKERS is 'localhost'. Set it to host:port[,host:port]."],
  ['STRATCAP_TENANT_ID', '7', "STRATCAP_TENANT_ID is '7'. Set it to a UUID."],
])('%s set to %s is refused with its name, its value and the fix', (name, value, message) => {
  expect(failureOf({ ...ENV, [name]: value })).toBe(message);
});

test('credentials for Kafka are read whole, or refused with what is missing', () => {
  expect(loadConfig(ENV).kafkaSecurity).toMatchObject({ tls: false, mechanism: null });
  const sasl = { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_USER: 'stratcap', KAFKA_SASL_PASSWORD: 'kafka-secret' };
  const config = loadConfig({ ...ENV, KAFKA_TLS: 'on', KAFKA_TLS_CA: '/ca.pem', ...sasl });
  expect(config.kafkaSecurity).toEqual({
    tls: true,
    caFile: '/ca.pem',
    certFile: null,
    keyFile: null,
    mechanism: 'SCRAM-SHA-512',
    username: 'stratcap',
    password: 'kafka-secret',
  });
  expect(JSON.stringify(redacted(config))).not.toContain('kafka-secret');
  expect(failureOf({ ...ENV, KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_TLS_KEY: '/key.pem' })).toBe(
    "KAFKA_SASL_MECHANISM is 'PLAIN'. Set KAFKA_SASL_USER and KAFKA_SASL_PASSWORD, too.\n" +
      'Only one of KAFKA_TLS_CERT and KAFKA_TLS_KEY is set. Set both, or none.',
  );
});

test('every problem is named at once, and a wrong secret without its value', () => {
  const { KAFKA_BROKERS: _, ...rest } = ENV;
  const message = failureOf({ ...rest, STRATCAP_COOKIE_SECRET: 'too-short-a-secret', STRATCAP_LOG_LEVEL: 'loud' });
  expect(message.split('\n')).toHaveLength(3);
  expect(message).toContain('KAFKA_BROKERS is not set.');
  expect(message).toContain('STRATCAP_COOKIE_SECRET is not valid. Set it to 64 hex digits');
  expect(message).not.toContain('too-short-a-secret');
});

test('what is logged of a configuration holds no secret', () => {
  const text = JSON.stringify(redacted(loadConfig(ENV)));
  for (const secret of ['database-secret', 'ingest-secret', 'analyst-secret', 'booking-secret', KEY])
    expect(text).not.toContain(secret);
  expect(text).toContain('127.0.0.1:5433');
});

test('a role that is given the environment of a running stack reads the addresses of that stack', () => {
  const { addresses } = loadConfig(ENV);
  const secrets = { cookieSecret: 'cd'.repeat(32), keyStoreMasterKey: 'ef'.repeat(32) };
  const config = loadConfig(environmentOf({ STRATCAP_LOG_LEVEL: 'warn' }, { addresses, secrets, ports: { http: 18_080 } }));
  expect(config.addresses).toEqual(addresses);
  expect(config.http.port).toBe(18_080);
  expect(config.keyStore.masterKey).toBe(secrets.keyStoreMasterKey);
  expect(config.logLevel).toBe('warn');
});

test('.env.example lists every variable as the code knows it', () => {
  expect(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')).toBe(envExample());
  for (const name of Object.keys(VARIABLES)) expect(envExample()).toContain(`#${name}=`);
});

test('no default of a secret is printed in .env.example', () => {
  for (const [name, variable] of Object.entries(VARIABLES))
    if ('secret' in variable) expect(variable, name).not.toHaveProperty('default');
});
